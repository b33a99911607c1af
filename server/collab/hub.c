#include "server/collab/hub.h"

#include <stdarg.h>

#include "base/limits.h"
#include "base/must.h"
#include "protocol/websocket.h"
#include "server/collab/catch_up.h"
#include "server/collab/hub_state.h"
#include "server/collab/reading.h"
#include "server/collab/room.h"
#include "server/collab/room_peers.h"

enum { SWEEP_MS = 1000 };

struct hub *hub_create(const struct hub_config *config, struct store *store)
{
    struct hub *hub = memory_zeroed(1, sizeof(*hub));

    hub->config = *config;
    hub->store = store;
    hub->peers = config->peers;
    hub->batch.hub = hub;
    hub_enter(hub, 0,
              (struct capture_record){.kind = CAPTURE_BEGIN,
                                      .number = config->peers != NULL,
                                      .text = span_of_string(config->node),
                                      .config = *config});
    return hub;
}

void hub_destroy(struct hub *hub)
{
    struct link *link;
    struct link *next_link;
    struct document *document;
    struct document *next;

    if (hub == NULL)
        return;
    must(hub->requests == 0);
    hub_enter(hub, hub->now_ms, (struct capture_record){.kind = CAPTURE_DESTROY});
    DL_FOREACH_SAFE (hub->links, link, next_link)
        link_disconnect(link);
    reading_destroy_all(hub);
    HASH_ITER (hh, hub->documents, document, next)
        document_destroy(document);
    buffer_finish(&hub->scratch);
    memory_free(hub);
}

void hub_submit(struct hub *hub, struct store_request *request)
{
    hub->requests++;
    request->number = ++hub->submitted;
    hub->store->ops->submit(hub->store, request);
}

void hub_returned(struct hub *hub, struct store_request *request)
{
    must(hub->requests > 0);
    hub->store_away = request->status == STATUS_AWAY || request->status == STATUS_UNKNOWN;
    hub->requests--;
    if (hub->config.capture != NULL)
        capture_write_outcome(hub->config.capture, request);
}

void hub_report(struct hub *hub, const char *format, ...)
{
    struct buffer line = {0};
    va_list values;

    if (hub->config.report == NULL)
        return;
    va_start(values, format);
    buffer_append_values(&line, format, values);
    va_end(values);
    buffer_append_byte(&line, 0);
    hub->config.report((const char *)line.data);
    buffer_finish(&line);
}

bool hub_store_is_away(const struct hub *hub)
{
    return hub->store_away;
}

struct hub_counts hub_counts(const struct hub *hub)
{
    return hub->counts;
}

/* ---- Timers ---- */

/* Since when a heartbeat would be of use: nothing was said, or, where clients do not speak by
 * themselves, nothing was heard. */
static uint64_t last_sign(const struct link *link)
{
    if (!link->dialect->pings)
        return link->told_ms;
    return link->heard_ms > link->asked_ms ? link->heard_ms : link->asked_ms;
}

static void sweep_link(struct link *link)
{
    const struct hub *hub = link->hub;
    uint64_t heartbeat_ms = hub->config.heartbeat_ms;

    if (link->state == LINK_GREETING) {
        if (hub->now_ms - link->born_ms >
            LIMIT_HANDSHAKE_MS) /* slow, not wrong: it may come back */
            link_close(link, WEBSOCKET_CLOSE_GOING_AWAY, "no hello came in time");
        return;
    }
    if (link->state != LINK_OPEN)
        return;
    if (hub->now_ms - link->heard_ms > 2 * heartbeat_ms && !link->dialect->one_way) {
        link_close(link, WEBSOCKET_CLOSE_GOING_AWAY, "nothing was heard for two heartbeats");
    } else if (link->blocked && hub->now_ms - link->moved_ms > LIMIT_STALLED_MS) {
        link_abandon(link, WEBSOCKET_CLOSE_TRY_LATER, "what was sent has not been read");
    } else if (hub->now_ms - last_sign(link) >= heartbeat_ms && !link->blocked) {
        link->told_ms = hub->now_ms;
        link->asked_ms = hub->now_ms;
        link->dialect->heartbeat(link);
    }
}

/* Once a second, everything that only time makes due. */
static void sweep(struct hub *hub)
{
    struct link *link;
    struct document *document;
    struct document *next;
    struct room *room = NULL;

    if (hub->now_ms - hub->swept_ms < SWEEP_MS)
        return;
    hub->swept_ms = hub->now_ms;
    DL_FOREACH (hub->links, link)
        sweep_link(link);
    HASH_ITER (hh, hub->documents, document, next)
        document_sweep(document);
    while (hub->peers != NULL && (room = room_next(hub, room)) != NULL)
        room_sweep(room);
}

uint64_t hub_next_timeout(const struct hub *hub, uint64_t now_ms)
{
    if (hub->work != NULL || hub->lagging != NULL || hub->telling != NULL ||
        hub->rooms_telling != NULL || hub->ready != NULL || reading_is_due(hub) ||
        (hub->unsaved != NULL && !hub->batch.in_flight))
        return 0;
    if (hub->links == NULL && hub->documents == NULL)
        return UINT64_MAX;
    uint64_t due_ms = hub->swept_ms + SWEEP_MS;

    return due_ms > now_ms ? due_ms - now_ms : 0;
}

/* ---- The turn ---- */

void hub_turn(struct hub *hub, uint64_t now_ms)
{
    hub_enter(hub, now_ms, (struct capture_record){.kind = CAPTURE_TURN});
    sweep(hub);
    struct document *work = hub->work;

    /* A step may put its document, or another, into the next turn's work. */
    hub->work = NULL;
    while (work != NULL) {
        struct document *document = work;

        DL_DELETE2(work, document, work_prev, work_next);
        document->in_work = false;
        document_step(document);
    }
    batch_start(hub);
    reading_start_due(hub);
}

void hub_deliver(struct hub *hub, uint64_t now_ms)
{
    const struct reader *reader;
    size_t count = 0;

    hub_enter(hub, now_ms, (struct capture_record){.kind = CAPTURE_DELIVER});
    hub->composed = 0;
    DL_COUNT2(hub->lagging, reader, count, lagging_next);
    for (; count > 0 && hub->lagging != NULL; count--)
        catch_up(hub->lagging);
    while (hub->telling != NULL)
        company_tell(hub->telling);
    while (hub->rooms_telling != NULL)
        room_tell(hub->rooms_telling);
    while (hub->overrun != NULL)
        link_abandon(hub->overrun, WEBSOCKET_CLOSE_TRY_LATER, "too far behind");
}

struct link *hub_next_output(struct hub *hub)
{
    struct link *link = hub->ready;

    if (link == NULL)
        return NULL;
    link->is_ready = false;
    DL_DELETE2(hub->ready, link, ready_prev, ready_next);
    hub_enter(hub, hub->now_ms,
              (struct capture_record){.kind = CAPTURE_NEXT, .link = link->number});
    return link;
}

/* ---- The end ---- */

void hub_shutdown(struct hub *hub, uint64_t now_ms)
{
    struct document *document;

    hub_enter(hub, now_ms, (struct capture_record){.kind = CAPTURE_SHUTDOWN});
    hub->leaving = true;
    for (document = hub->documents; document != NULL; document = document->hh.next) {
        upkeep_give_up(document);
        document_touch(document);
    }
}

bool hub_flushed(const struct hub *hub)
{
    const struct document *document;

    if (hub->requests > 0)
        return false;
    for (document = hub->documents; document != NULL; document = document->hh.next)
        if (document->state != DOCUMENT_BROKEN && document->state != DOCUMENT_RETRYING &&
            document->state != DOCUMENT_FOLLOWED && document->state != DOCUMENT_JOINING &&
            !document->released)
            return false;
    return true;
}

void hub_send_away(struct hub *hub, uint64_t within_ms, uint64_t now_ms)
{
    struct link *link;

    hub_enter(hub, now_ms, (struct capture_record){.kind = CAPTURE_SEND_AWAY, .number = within_ms});
    DL_FOREACH (hub->links, link)
        if (link->state == LINK_OPEN)
            link->dialect->goaway(link, within_ms);
}

void hub_say_goodbye(struct hub *hub, uint64_t now_ms)
{
    struct link *link;

    hub_enter(hub, now_ms, (struct capture_record){.kind = CAPTURE_GOODBYE});
    DL_FOREACH (hub->links, link) {
        if (link->state == LINK_OPEN)
            link->dialect->goaway(link, 0);
        link_close(link, WEBSOCKET_CLOSE_GOING_AWAY, "the server is shutting down");
    }
}
