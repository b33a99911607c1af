#include "server/net/inspector_log.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/http.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/table.h"
#include "server/collab/inspection_log.h"
#include "server/net/headers.h"
#include "server/net/inspector_json.h"

struct watcher {
    struct watcher *prev, *next; /* in log->watchers */
    struct inspector_log *log;
    struct evhttp_request *request;
    struct buffer name;
    uint64_t next_seq; /* the first that it was not told; 0: some of the newest */
    struct event heartbeat;
};

struct inspector_log {
    struct event_base *events;
    const struct hub *hub;
    struct watcher *watchers;
    size_t count;
    struct buffer text; /* of the events that are being written */
};

static struct bufferevent *stream_of(const struct watcher *watcher)
{
    return evhttp_connection_get_bufferevent(evhttp_request_get_connection(watcher->request));
}

/* ---- Telling ---- */

/* What has been written goes to the watcher's socket. */
static void send_text(struct watcher *watcher)
{
    struct buffer *text = &watcher->log->text;
    struct evbuffer *chunk = evbuffer_new();

    must(chunk != NULL);
    must(evbuffer_add(chunk, text->data, text->size) == 0);
    evhttp_send_reply_chunk(watcher->request, chunk);
    evbuffer_free(chunk);
    buffer_clear(text);
}

static void write_missed(struct buffer *text, uint64_t count, uint64_t next)
{
    buffer_append_text(text, "event: missed\ndata: ");
    inspector_json_missed(text, count, next);
    buffer_append_text(text, "\n\n");
}

static void write_entry(struct buffer *text, const struct inspected_entry *entry)
{
    buffer_append_text(text, "event: operation\nid: ");
    buffer_append_unsigned(text, entry->entry->seq);
    buffer_append_text(text, "\ndata: ");
    inspector_json_entry(text, entry);
    buffer_append_text(text, "\n\n");
}

static uint64_t newest_of(const struct inspected_log *log)
{
    uint64_t count = log->committed + 1 - log->first;

    return count > LIMIT_INSPECTOR_ENTRIES ? log->committed + 1 - LIMIT_INSPECTOR_ENTRIES
                                           : log->first;
}

/* As much as its socket has room for. */
static void step(struct watcher *watcher)
{
    struct buffer *text = &watcher->log->text;
    size_t waiting = evbuffer_get_length(bufferevent_get_output(stream_of(watcher)));
    struct inspected_log log;

    if (!inspection_log(watcher->log->hub, buffer_span(&watcher->name), &log) || !log.live)
        return;
    if (watcher->next_seq == 0)
        watcher->next_seq = newest_of(&log);
    if (watcher->next_seq > log.committed + 1) /* asked for too early, or the store was restored */
        watcher->next_seq = log.committed + 1;
    if (waiting >= LIMIT_INSPECTOR_BYTES || watcher->next_seq > log.committed)
        return;
    if (watcher->next_seq < log.first) {
        write_missed(text, log.first - watcher->next_seq, log.first);
        watcher->next_seq = log.first;
    }
    while (watcher->next_seq <= log.committed && waiting + text->size < LIMIT_INSPECTOR_BYTES) {
        const struct inspected_entry entry = inspection_entry(&log, watcher->next_seq++);

        write_entry(text, &entry);
    }
    send_text(watcher);
}

void inspector_log_turn(struct inspector_log *log)
{
    struct watcher *watcher;

    DL_FOREACH (log->watchers, watcher)
        step(watcher);
}

static void on_heartbeat(evutil_socket_t descriptor, short what, void *context)
{
    struct watcher *watcher = context;

    (void)descriptor;
    (void)what;
    buffer_append_text(&watcher->log->text, ":\n\n");
    send_text(watcher);
}

/* ---- Coming and going ---- */

static void on_connection_freed(struct evhttp_connection *connection, void *context)
{
    struct watcher *watcher = context;

    (void)connection;
    if (evhttp_request_get_connection(watcher->request) == NULL)
        evhttp_send_reply_end(watcher->request); /* evhttp leaves it to us when the client left */
    event_del(&watcher->heartbeat);
    DL_DELETE(watcher->log->watchers, watcher);
    watcher->log->count--;
    buffer_finish(&watcher->name);
    memory_free(watcher);
}

/* It says nothing more, and may be silent; whoever does not read for long is cut. */
static void prepare_stream(struct watcher *watcher)
{
    const struct timeval patience = {.tv_sec = LIMIT_STALLED_MS / 1000};
    const struct timeval pulse = {.tv_sec = LIMIT_HEARTBEAT_MS / 1000};
    struct event_base *events = watcher->log->events;
    struct bufferevent *stream = stream_of(watcher);

    bufferevent_set_timeouts(stream, NULL, &patience);
    bufferevent_setwatermark(stream, EV_READ, 0, LIMIT_INSPECTOR_INPUT_BYTES);
    event_assign(&watcher->heartbeat, events, -1, EV_PERSIST, on_heartbeat, watcher);
    must(event_add(&watcher->heartbeat, &pulse) == 0);
    evhttp_connection_set_closecb(evhttp_request_get_connection(watcher->request),
                                  on_connection_freed, watcher);
}

enum status inspector_log_watch(struct inspector_log *log, struct evhttp_request *request,
                                struct span name, uint64_t from)
{
    struct inspected_log seen;

    if (!inspection_log(log->hub, name, &seen))
        return STATUS_NO_PATH;
    if (log->count == LIMIT_INSPECTOR_WATCHERS)
        return STATUS_BUSY;
    struct watcher *watcher = memory_zeroed(1, sizeof(*watcher));

    watcher->log = log;
    watcher->request = request;
    watcher->next_seq = from;
    buffer_append(&watcher->name, name);
    DL_APPEND(log->watchers, watcher);
    log->count++;
    prepare_stream(watcher);
    headers_set(request, "Cache-Control", "no-store");
    headers_set(request, "Content-Type", "text/event-stream");
    headers_set(request, "X-Content-Type-Options", "nosniff");
    evhttp_send_reply_start(request, HTTP_OK, "OK");
    return STATUS_OK;
}

struct inspector_log *inspector_log_create(struct event_base *events, const struct hub *hub)
{
    struct inspector_log *log = memory_zeroed(1, sizeof(*log));

    log->events = events;
    log->hub = hub;
    return log;
}

void inspector_log_destroy(struct inspector_log *log)
{
    if (log == NULL)
        return;
    must(log->watchers == NULL);
    buffer_finish(&log->text);
    memory_free(log);
}
