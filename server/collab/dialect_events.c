/* The dialect of server-sent events (HTML Living Standard, 9.2): a document and what is done to it,
 * for whoever only reads along.
 *
 *   event: snapshot             id: EPOCH-SEQ   data: the document, as the API reads it
 *   event: operation            id: EPOCH-SEQ   data: the entry, as the API lists it
 *   event: closed                               data: {"code":…,"text":…}; the stream ends
 *
 * The client is a browser's EventSource, which comes back by itself and says the last id that it
 * saw. Its one message is not its own: `open` in the words of `tutti.v1`, made of its request. */
#include <inttypes.h>

#include "base/json_object.h"
#include "base/must.h"
#include "protocol/api.h"
#include "protocol/native.h"
#include "server/collab/arrival.h"
#include "server/collab/dialect.h"
#include "server/collab/frames.h"
#include "server/collab/hub_state.h"
#include "server/collab/past.h"

static void receive(struct link *link, struct span text)
{
    struct message message = {0};
    struct native_place place = {0};
    enum status status = native_decode(text, &link->hub->scratch, &message, &place, NULL);

    must(status == STATUS_OK && message.kind == MESSAGE_OPEN);
    link->state = LINK_OPEN; /* nobody greets: it writes nothing, so it needs no session */
    arrival_handle(link, &message);
}

/* ---- Events ---- */

static void begin_event(struct buffer *out, const char *kind, uint64_t epoch, uint64_t seq)
{
    buffer_append_format(out, "event: %s\nid: %" PRIu64 "-%" PRIu64 "\ndata: ", kind, epoch, seq);
}

/* What is told is JSON on one line. */
static void end_event(struct buffer *out)
{
    buffer_append_text(out, "\n\n");
}

static void opened(const struct reader *reader, const struct opened *opened, struct buffer *out)
{
    const struct document *document = reader->document;
    struct api_document words = {
        .name = document_name(document),
        .type = span_of_string(document->now.type->name),
        .seq = opened->seq,
        .epoch = opened->epoch,
        .time_ms = document->time_ms,
        .data = opened->snapshot,
    };

    if (!span_present(opened->snapshot))
        return; /* it goes on where it was */
    begin_event(out, "snapshot", opened->epoch, opened->seq);
    api_write_document(out, &words);
    end_event(out);
}

static void closed(struct reader *reader, enum status reason)
{
    struct link *link = reader->link;
    size_t mark;
    struct buffer *out = link_begin(link, &mark);

    buffer_append_text(out, "event: closed\ndata: ");
    api_write_error(out, status_code(reason), status_text(reason));
    end_event(out);
    link_end(link, mark);
    link->ends = true;
}

/* A comment, which keeps what lies between from taking the connection for dead. */
static void heartbeat(struct link *link)
{
    size_t mark;

    buffer_append_text(link_begin(link, &mark), ":\n\n");
    link_end(link, mark);
}

static void goaway(struct link *link, uint64_t within_ms)
{
    (void)link; /* the end of the stream says it */
    (void)within_ms;
}

static void entry(struct frames *frames, const struct entry *entry)
{
    begin_event(frames->out, "operation", entry->epoch, entry->seq);
    past_write_entry(entry, frames->out);
    end_event(frames->out);
    frames->epoch = entry->epoch;
}

const struct dialect dialect_events = {
    .kind = DIALECT_EVENTS,
    .one_way = true,
    .receive = receive,
    .opened = opened,
    .closed = closed,
    .goaway = goaway,
    .heartbeat = heartbeat,
    .entry = entry,
};
