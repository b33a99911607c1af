#include "server/collab/link.h"

#include <string.h>

#include "base/limits.h"
#include "base/must.h"
#include "protocol/websocket.h"
#include "server/collab/audience.h"
#include "server/collab/hub_state.h"
#include "server/collab/inquiry.h"
#include "server/collab/posting.h"
#include "server/collab/question.h"
#include "server/collab/room.h"

/* Close codes of our own begin here (RFC 6455, section 7.4.2: private use). */
enum { CLOSE_CODE_FIRST = 4000, KEEP_PRIVATE_BYTES = 4096 };

struct link *hub_connect(struct hub *hub, enum dialect_kind dialect, struct span user,
                         void *context, uint64_t now_ms)
{
    struct link *link = memory_zeroed(1, sizeof(*link));

    link->number = ++hub->connections;
    hub_enter(hub, now_ms,
              (struct capture_record){
                  .kind = CAPTURE_CONNECT, .link = link->number, .number = dialect, .text = user});
    link->state = LINK_GREETING;
    link->dialect = dialect_of(dialect);
    link->hub = hub;
    link->context = context;
    buffer_append(&link->user, user);
    link->born_ms = now_ms;
    link->heard_ms = now_ms;
    link->told_ms = now_ms;
    link->moved_ms = now_ms;
    DL_APPEND(hub->links, link);
    hub->counts.links++;
    if (link->dialect->connected != NULL)
        link->dialect->connected(link);
    return link;
}

void *link_context(const struct link *link)
{
    return link->context;
}

struct reader *link_reader(const struct link *link, uint64_t channel)
{
    struct reader *reader = NULL;

    HASH_FIND(hh, link->channels, &channel, sizeof(channel), reader);
    return reader;
}

static void leave_sessions(struct link *link)
{
    if (!link->in_sessions)
        return;
    HASH_DEL(link->hub->sessions, link);
    link->in_sessions = false;
}

static void leave_overrun(struct link *link)
{
    if (!link->is_overrun)
        return;
    link->is_overrun = false;
    DL_DELETE2(link->hub->overrun, link, overrun_prev, overrun_next);
}

void link_overrun(struct link *link)
{
    if (link->is_overrun || link->state == LINK_CLOSING)
        return;
    link->is_overrun = true;
    DL_APPEND2(link->hub->overrun, link, overrun_prev, overrun_next);
}

static void leave_ready(struct link *link)
{
    if (!link->is_ready)
        return;
    link->is_ready = false;
    DL_DELETE2(link->hub->ready, link, ready_prev, ready_next);
}

/* Whatever the hub does for it. */
static void drop_everything(struct link *link)
{
    struct reader *reader;
    struct reader *next;

    inquiry_forget_all(link);
    posting_forget_all(link);
    DL_FOREACH_SAFE2 (link->readers, reader, next, link_next)
        reader_destroy(reader);
    question_forget_all(link);
    room_forget_all(link);
}

void link_disconnect(struct link *link)
{
    struct hub *hub = link->hub;

    hub_enter(hub, hub->now_ms,
              (struct capture_record){.kind = CAPTURE_DISCONNECT, .link = link->number});
    drop_everything(link);
    leave_sessions(link);
    leave_ready(link);
    leave_overrun(link);
    DL_DELETE(hub->links, link);
    hub->counts.links--;
    buffer_finish(&link->user);
    buffer_finish(&link->rest);
    buffer_finish(&link->private);
    memory_free(link);
}

struct link *link_of_session(const struct hub *hub, const struct session_key *session)
{
    struct link *link = NULL;

    HASH_FIND(hh, hub->sessions, session, sizeof(*session), link);
    return link;
}

bool link_take_session(struct link *link, const struct session_key *session)
{
    struct hub *hub = link->hub;

    if (link->in_sessions && memcmp(&link->session, session, sizeof(*session)) == 0)
        return true;
    struct link *other = link_of_session(hub, session);

    if (other != NULL && other->number > link->number) { /* this hello was long on its way */
        link_close_status(link, STATUS_TAKEN);
        return false;
    }
    if (other != NULL)
        link_close_status(other, STATUS_TAKEN); /* the newer socket wins (rule 4) */
    leave_sessions(link);
    link->session = *session;
    link->who = who_of(session);
    HASH_ADD(hh, hub->sessions, session, sizeof(link->session), link);
    link->in_sessions = true;
    link->state = LINK_OPEN;
    return true;
}

/* ---- Private output ---- */

size_t link_private_size(const struct link *link)
{
    return link->private.size - link->private_written;
}

bool link_has_room(struct link *link)
{
    bool room = !link->blocked && link_private_size(link) < LIMIT_FRAME_BYTES;

    link->starved = link->starved || !room;
    return room;
}

void link_heard(struct link *link, uint64_t now_ms)
{
    hub_enter(link->hub, now_ms,
              (struct capture_record){.kind = CAPTURE_HEARD, .link = link->number});
    link->heard_ms = now_ms;
}

bool link_is_full(const struct link *link)
{
    return link->taken.count >= LIMIT_UNRESOLVED || link->taken.bytes >= LIMIT_UNRESOLVED_BYTES;
}

bool link_wants_input(const struct link *link)
{
    return link->state != LINK_CLOSING && link_private_size(link) < LIMIT_PRIVATE_BYTES &&
           !link_is_full(link);
}

void link_touch(struct link *link)
{
    if (link->is_ready || link->blocked)
        return;
    link->is_ready = true;
    DL_APPEND2(link->hub->ready, link, ready_prev, ready_next);
}

struct buffer *link_begin(struct link *link, size_t *mark)
{
    *mark = link->dialect->one_way ? 0 : websocket_frame_begin(&link->private);
    return &link->private;
}

void link_end(struct link *link, size_t mark)
{
    if (!link->dialect->one_way)
        websocket_frame_end(&link->private, mark);
    link_touch(link);
}

/* Bytes of the frame that its reader is within. */
static size_t frame_rest(const struct reader *reader)
{
    return stream_boundary(reader_stream(reader), reader->cursor.at) - reader->cursor.at;
}

void link_keep_half(struct link *link, struct reader *reader)
{
    if (link->half != reader)
        return;
    struct stream *stream = reader_stream(reader);
    struct span rest = span_of(stream_rest(stream, reader->cursor.at).data, frame_rest(reader));

    must(link->rest.size == 0);
    buffer_append(&link->rest, rest);
    stream_advance(stream, &reader->cursor, rest.size);
    link->half = NULL;
}

void link_take_stream(struct link *link, struct reader *reader)
{
    link_keep_half(link, reader);
    buffer_append(&link->private, reader_rest(reader));
    link_touch(link);
}

/* ---- The end ---- */

/* What its readers' streams hold for it goes before the goodbye: acknowledgements are among it.
 * Whoever does not read has nothing copied for it, be it as far behind as a stream is long: it is
 * told all of that when it is back. */
static void take_streams_along(struct link *link)
{
    struct reader *reader;

    if (link->blocked)
        return;
    if (link->half != NULL)
        link_keep_half(link, link->half);
    DL_FOREACH2 (link->dirty, reader, dirty_next)
        buffer_append(&link->private, reader_rest(reader));
}

void link_close(struct link *link, uint16_t code, const char *reason)
{
    if (link->state == LINK_CLOSING)
        return;
    take_streams_along(link);
    link_abandon(link, code, reason);
}

void link_abandon(struct link *link, uint16_t code, const char *reason)
{
    drop_everything(link);
    leave_sessions(link);
    leave_overrun(link);
    if (!link->dialect->one_way)
        websocket_close_frame(&link->private, code, reason);
    link->state = LINK_CLOSING;
    link_touch(link);
}

void link_close_fault(struct link *link, enum status reason, const struct fault *why)
{
    link_close(link, (uint16_t)(CLOSE_CODE_FIRST + status_code(reason)), fault_text(why, reason));
}

void link_close_status(struct link *link, enum status reason)
{
    link_close_fault(link, reason, NULL);
}

void link_break(struct link *link, uint16_t code, const char *reason)
{
    hub_enter(link->hub, link->hub->now_ms,
              (struct capture_record){.kind = CAPTURE_BREAK,
                                      .link = link->number,
                                      .number = code,
                                      .text = span_of_string(reason)});
    link_close(link, code, reason);
}

bool link_closing(const struct link *link)
{
    return (link->state == LINK_CLOSING || link->ends) && link->rest.size == 0 &&
           link_private_size(link) == 0;
}

/* ---- Writing ---- */

/* What link_output() gives and link_written() takes, in one order. */
struct pieces {
    struct span *spans;
    size_t max;
    size_t count;
    size_t size; /* bytes of all */
};

static void add_piece(struct pieces *pieces, struct span bytes)
{
    if (bytes.size == 0 || pieces->count == pieces->max)
        return;
    pieces->spans[pieces->count++] = bytes;
    pieces->size += bytes.size;
}

/* Behind the whole stream of its document: the one whose frame was half sent does not come to it.
 */
static void add_told(const struct link *link, struct pieces *pieces)
{
    const struct reader *reader;

    DL_FOREACH2 (link->telling, reader, telling_next) {
        uint64_t place = reader->told;
        struct span bytes;

        while (reader != link->half && audience_run(reader, &place, &bytes))
            add_piece(pieces, bytes);
    }
}

size_t link_output(struct link *link, struct span *spans, size_t spans_max)
{
    struct pieces pieces = {.spans = spans, .max = spans_max};
    const struct reader *reader;

    add_piece(&pieces, buffer_span(&link->rest));
    if (link->half != NULL) {
        struct span rest = reader_rest(link->half);

        rest.size = frame_rest(link->half);
        add_piece(&pieces, rest); /* its stream goes on behind the private part, another time */
    }
    add_piece(&pieces,
              span_of(link->private.data + link->private_written, link_private_size(link)));
    DL_FOREACH2 (link->dirty, reader, dirty_next)
        if (reader != link->half)
            add_piece(&pieces, reader_rest(reader));
    add_told(link, &pieces);
    link->offered = pieces.size;
    return pieces.count;
}

/* Take up to `*size` bytes off a buffer's front. */
static void take_from(size_t available, size_t *size, size_t *taken)
{
    *taken = *size < available ? *size : available;
    *size -= *taken;
}

static void written_rest(struct link *link, size_t *size)
{
    size_t taken;

    take_from(link->rest.size, size, &taken);
    buffer_consume(&link->rest, taken);
}

static void written_half(struct link *link, size_t *size)
{
    struct reader *reader = link->half;
    size_t taken;

    if (reader == NULL)
        return;
    size_t rest = frame_rest(reader);

    take_from(rest, size, &taken);
    if (taken == rest)
        link->half = NULL;
    if (taken > 0)
        reader_advance(reader, taken);
}

static void written_private(struct link *link, size_t *size)
{
    size_t taken;

    take_from(link_private_size(link), size, &taken);
    link->private_written += taken;
    if (taken == 0 || link_private_size(link) > 0)
        return;
    link->private_written = 0;
    if (link->private.capacity > KEEP_PRIVATE_BYTES)
        buffer_finish(&link->private);
    buffer_clear(&link->private);
    question_ask_next(link);
    room_link_drained(link);
}

/* The stream of a reader whose frame was half sent was not offered. */
static void written_streams(struct link *link, const struct reader *half, size_t *size)
{
    struct reader *reader;
    struct reader *next;

    DL_FOREACH_SAFE2 (link->dirty, reader, next, dirty_next) {
        size_t taken;

        if (*size == 0)
            return;
        if (reader == half)
            continue;
        take_from(reader_rest(reader).size, size, &taken);
        if (reader_advance(reader, taken))
            link->half = reader;
    }
}

static void written_told(struct link *link, const struct reader *half, size_t *size)
{
    struct reader *reader;
    struct reader *next;

    DL_FOREACH_SAFE2 (link->telling, reader, next, telling_next)
        if (reader != half)
            audience_written(reader, size);
}

static void feed_readers(struct link *link)
{
    struct reader *reader;

    link->starved = false;
    DL_FOREACH2 (link->readers, reader, link_next)
        if (reader->state == READER_LOG)
            reader_lag(reader);
}

static bool has_output(const struct link *link)
{
    const struct reader *reader;

    if (link->rest.size > 0 || link_private_size(link) > 0 || link->dirty != NULL)
        return true;
    DL_FOREACH2 (link->telling, reader, telling_next)
        if (audience_has_more(reader))
            return true;
    return false;
}

/* What was written, for a second run to be compared with. */
static uint64_t written_hash(struct link *link, size_t size)
{
    struct span spans[LIMIT_WRITE_SPANS];

    if (link->hub->config.capture == NULL)
        return 0;
    return capture_hash(spans, link_output(link, spans, LIMIT_WRITE_SPANS), size);
}

void link_written(struct link *link, size_t size, uint64_t now_ms)
{
    const struct reader *half = link->half;

    must(size <= link->offered);
    hub_enter(link->hub, now_ms,
              (struct capture_record){.kind = CAPTURE_WRITTEN,
                                      .link = link->number,
                                      .number = size,
                                      .hash = written_hash(link, size)});
    link->blocked = size < link->offered;
    link->offered = 0;
    if (size > 0)
        link->told_ms = now_ms;
    if (size > 0 || !link->blocked)
        link->moved_ms = now_ms;
    written_rest(link, &size);
    written_half(link, &size);
    written_private(link, &size);
    written_streams(link, half, &size);
    written_told(link, half, &size);
    must(size == 0);
    if (link->starved && link_has_room(link))
        feed_readers(link);
    if (has_output(link))
        link_touch(link);
}
