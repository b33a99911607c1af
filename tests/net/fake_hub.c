#include "tests/net/fake_hub.h"

#include <inttypes.h>

#include "base/memory.h"
#include "base/table.h"
#include "protocol/websocket.h"
#include "server/collab/call.h"

struct link {
    struct hub *hub;
    void *context;
    struct buffer private; /* echoes and the close frame */
    size_t at;             /* in the hub's stream */
    bool in_stream;        /* what was sent last may end within a frame of the stream */
    bool ending;
    bool due; /* in hub->due: hub_next_output() has yet to name it */
    struct link *prev, *next;
    struct link *due_prev, *due_next;
};

struct hub {
    struct link *links;
    struct link *due;
    struct buffer stream;
    struct buffer last;
    size_t received;
    size_t heard;
    bool hold;
    bool shut_down;
};

struct hub *fake_hub_create(void)
{
    return memory_zeroed(1, sizeof(struct hub));
}

struct hub *hub_create(const struct hub_config *config, struct store *store)
{
    (void)config;
    (void)store;
    return fake_hub_create();
}

void hub_destroy(struct hub *hub)
{
    must(hub->links == NULL);
    buffer_finish(&hub->stream);
    buffer_finish(&hub->last);
    memory_free(hub);
}

size_t fake_hub_received(const struct hub *hub)
{
    return hub->received;
}

struct span fake_hub_last(const struct hub *hub)
{
    return buffer_span(&hub->last);
}

size_t fake_hub_heard(const struct hub *hub)
{
    return hub->heard;
}

size_t fake_hub_links(const struct hub *hub)
{
    struct link *link;
    size_t count;

    DL_COUNT(hub->links, link, count);
    return count;
}

static void set_due(struct link *link, bool due)
{
    if (link->due == due)
        return;
    link->due = due;
    if (due)
        DL_APPEND2(link->hub->due, link, due_prev, due_next);
    else
        DL_DELETE2(link->hub->due, link, due_prev, due_next);
}

static void set_all_due(struct hub *hub)
{
    struct link *link;

    DL_FOREACH (hub->links, link)
        set_due(link, true);
}

void fake_hub_hold(struct hub *hub, bool hold)
{
    hub->hold = hold;
    set_all_due(hub);
}

void fake_hub_stream(struct hub *hub, struct span frames)
{
    buffer_append(&hub->stream, frames);
    set_all_due(hub);
}

void fake_hub_rewind(struct hub *hub)
{
    struct link *link;

    DL_FOREACH (hub->links, link) {
        must(link->at == hub->stream.size);
        link->at = 0;
    }
    buffer_clear(&hub->stream);
}

/* ---- Links ---- */

struct link *hub_connect(struct hub *hub, enum dialect_kind dialect, struct span user,
                         void *context, uint64_t now_ms)
{
    struct link *link = memory_zeroed(1, sizeof(*link));

    (void)dialect;
    (void)user;
    (void)now_ms;
    link->hub = hub;
    link->context = context;
    link->at = hub->stream.size;
    DL_APPEND(hub->links, link);
    set_due(link, true);
    return link;
}

void *link_context(const struct link *link)
{
    return link->context;
}

void link_receive(struct link *link, struct span message, uint64_t now_ms)
{
    (void)now_ms;
    link->hub->received++;
    buffer_clear(&link->hub->last);
    buffer_append(&link->hub->last, message);
    if (link->ending)
        return;
    if (span_equal(message, SPAN("\"bye\"")))
        link_break(link, WEBSOCKET_CLOSE_NORMAL, "");
    else if (span_equal(message, SPAN("\"break\"")))
        link_break(link, WEBSOCKET_CLOSE_PROTOCOL, "as you like");
    else
        websocket_frame(&link->private, WEBSOCKET_TEXT, message);
    set_due(link, true);
}

void link_receive_oversized(struct link *link, struct span beginning, uint64_t size,
                            uint64_t now_ms)
{
    struct buffer told = {0};

    buffer_append_format(&told, "%zu of %" PRIu64 " bytes", beginning.size, size);
    link_receive(link, buffer_span(&told), now_ms);
    buffer_finish(&told);
}

void link_break(struct link *link, uint16_t code, const char *reason)
{
    if (link->ending)
        return;
    websocket_close_frame(&link->private, code, reason);
    link->ending = true;
    set_due(link, true);
}

void link_disconnect(struct link *link)
{
    set_due(link, false);
    DL_DELETE(link->hub->links, link);
    buffer_finish(&link->private);
    memory_free(link);
}

void link_heard(struct link *link, uint64_t now_ms)
{
    link->hub->heard++;
    (void)now_ms;
}

bool link_wants_input(const struct link *link)
{
    return !link->hub->hold && link->private.size <= LIMIT_PRIVATE_BYTES;
}

/* ---- Output ---- */

static struct span stream_rest(const struct link *link)
{
    return span_of(link->hub->stream.data + link->at, link->hub->stream.size - link->at);
}

struct link *hub_next_output(struct hub *hub)
{
    struct link *link = hub->due;

    if (link != NULL)
        set_due(link, false);
    return link;
}

size_t link_output(struct link *link, struct span *spans, size_t spans_max)
{
    struct span private = buffer_span(&link->private);
    struct span stream = link->hub->stream.size > 0 ? stream_rest(link) : SPAN("");
    struct span first = link->in_stream ? stream : private;
    struct span second = link->in_stream ? private : stream;
    size_t count = 0;

    must(spans_max >= 2);
    if (first.size > 0)
        spans[count++] = first;
    if (second.size > 0)
        spans[count++] = second;
    return count;
}

void link_written(struct link *link, size_t size, uint64_t now_ms)
{
    size_t stream = link->hub->stream.size - link->at;
    size_t of_private = size < link->private.size ? size : link->private.size;

    (void)now_ms;
    if (link->in_stream)
        of_private = size > stream ? size - stream : 0;
    buffer_consume(&link->private, of_private);
    link->at += size - of_private;
    link->in_stream = link->at < link->hub->stream.size && (link->in_stream || size > of_private);
}

bool link_closing(const struct link *link)
{
    return link->ending && link->private.size == 0;
}

/* ---- The turn and the end ---- */

void hub_turn(struct hub *hub, uint64_t now_ms)
{
    (void)hub;
    (void)now_ms;
}

void hub_deliver(struct hub *hub, uint64_t now_ms)
{
    (void)hub;
    (void)now_ms;
}

uint64_t hub_next_timeout(const struct hub *hub, uint64_t now_ms)
{
    (void)hub;
    (void)now_ms;
    return UINT64_MAX;
}

void hub_shutdown(struct hub *hub, uint64_t now_ms)
{
    (void)now_ms;
    hub->shut_down = true;
}

bool hub_flushed(const struct hub *hub)
{
    return hub->shut_down;
}

void hub_say_goodbye(struct hub *hub, uint64_t now_ms)
{
    struct link *link;

    (void)now_ms;
    DL_FOREACH (hub->links, link)
        link_break(link, WEBSOCKET_CLOSE_GOING_AWAY, "");
}

/* ---- Calls: nobody answers ---- */

struct call *call_create(struct hub *hub, const struct api_request *request, struct span user,
                         struct caller *caller, uint64_t now_ms)
{
    (void)hub;
    (void)request;
    (void)user;
    (void)caller;
    (void)now_ms;
    return NULL;
}

void call_forget(struct call *call)
{
    (void)call;
}
