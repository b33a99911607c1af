/* The dialect `tutti.v1` (protocol/PROTOCOL.md). */
#include "base/must.h"
#include "protocol/native.h"
#include "protocol/websocket.h"
#include "server/collab/arrival.h"
#include "server/collab/dialect.h"
#include "server/collab/frames.h"
#include "server/collab/hub_state.h"
#include "server/collab/past.h"
#include "server/collab/range.h"
#include "server/collab/state.h"

static void receive(struct link *link, struct span text)
{
    struct message message = {0};
    struct native_place place = {0};
    struct fault fault;
    enum status status;

    fault.text[0] = '\0';
    status = native_decode(text, &link->hub->scratch, &message, &place, &fault);
    if (status == STATUS_OK)
        arrival_handle(link, &message);
    else
        arrival_unreadable(link, &place, status, &fault);
}

static bool oversized(struct link *link, struct span beginning, struct fault *why)
{
    struct native_place place = native_find_place(beginning);

    if (place.channel == 0)
        return false;
    arrival_unreadable(link, &place, STATUS_TOO_LARGE, why);
    return true;
}

/* ---- Private ---- */

static void refused(struct reader *reader, const struct outcome *outcome)
{
    size_t mark;
    bool is_overload = outcome->status == STATUS_BUSY || outcome->status == STATUS_AWAY;
    struct native_refused refused = {
        .channel = reader->channel,
        .serial = outcome->serial,
        .code = status_code(outcome->status),
        .text = fault_text(outcome->why, outcome->status),
        .seq = outcome->seq,
        .retry_after_ms = is_overload ? LIMIT_RETRY_AFTER_MS : 0,
    };

    native_refused(link_begin(reader->link, &mark), &refused);
    link_end(reader->link, mark);
}

static void closed(struct reader *reader, enum status reason)
{
    bool told = reader->in_channels;
    size_t mark;
    struct buffer *out = link_begin(reader->link, &mark);

    native_closed(out, told ? reader->channel : 0,
                  told ? SPAN_NONE : document_name(reader->document), status_code(reason),
                  status_text(reason));
    link_end(reader->link, mark);
}

static void diverged(struct reader *reader, uint64_t seq)
{
    size_t mark;

    native_diverged(link_begin(reader->link, &mark), reader->channel, seq);
    link_end(reader->link, mark);
}

static void goaway(struct link *link, uint64_t within_ms)
{
    size_t mark;

    native_goaway(link_begin(link, &mark), 0, within_ms);
    link_end(link, mark);
}

static void heartbeat(struct link *link)
{
    size_t mark;

    native_heartbeat(link_begin(link, &mark));
    link_end(link, mark);
}

/* ---- The past ---- */

static void write_state(struct buffer *out, uint64_t request, const struct past *past)
{
    struct native_past state = {.seq = past->seq, .epoch = past->epoch, .time_ms = past->time_ms};

    if (past->type != NULL) {
        state.type = span_of_string(past->type->name);
        state.snapshot = past->content;
    }
    native_history_state(out, request, &state);
}

static void write_blame(struct buffer *out, uint64_t request, const struct past *past)
{
    native_blame_begin(out, request,
                       &(struct native_past){.seq = past->seq,
                                             .epoch = past->epoch,
                                             .time_ms = past->time_ms,
                                             .type = span_of_string(past->type->name)});
    past_write_runs(past, out);
    native_blame_end(out);
}

static void write_log(struct buffer *out, uint64_t request, const struct past *past)
{
    native_history_begin(out, request);
    past_write_entries(past, out);
    native_history_end(out, past->next);
}

static void history(struct link *link, const struct message *asked, const struct past *past)
{
    uint64_t request = asked->read.request;
    size_t mark;
    struct buffer *out = link_begin(link, &mark);

    if (past->status != STATUS_OK)
        native_history_failed(out, request, status_code(past->status), status_text(past->status));
    else if (past->is_log)
        write_log(out, request, past);
    else if (past->blame != NULL)
        write_blame(out, request, past);
    else
        write_state(out, request, past);
    link_end(link, mark);
}

/* ---- Answers ---- */

static void opened(const struct reader *reader, const struct opened *opened, struct buffer *out)
{
    const struct document *document = reader->document;
    struct native_opened words = {
        .channel = document->channel,
        .name = document_name(document),
        .seq = opened->seq,
        .type = span_of_string(document->now.type->name),
        .snapshot = opened->snapshot,
        .serial = opened->serial,
        .epoch = opened->epoch,
        .check_every = opened->check_every,
        .reload = opened->reload,
    };

    native_opened(out, &words);
}

/* ---- Beside the history ---- */

static void nobody(const struct told *told, struct buffer *out)
{
    native_here_nobody(out, told->channel, told->seq);
}

static void here(const struct told *told, struct buffer *out)
{
    native_here(out, told->channel, told->seq, span_of(told->who.text, WHO_SIZE), told->state);
}

static void said(const struct told *told, struct buffer *out)
{
    native_say(out, told->channel, span_of(told->who.text, WHO_SIZE), told->event);
}

/* ---- Entries: one frame holds as many neighbours as fit ---- */

static void write_epoch(struct frames *frames, uint64_t epoch)
{
    size_t mark = websocket_frame_begin(frames->out);

    native_epoch(frames->out, frames->channel, epoch);
    websocket_frame_end(frames->out, mark);
}

static void write_creation(struct frames *frames, const struct entry *entry)
{
    const struct type *type = NULL;
    struct span data = SPAN_NONE;
    enum status status = state_read_creation(entry->arrived, &type, &data, NULL);

    must(status == STATUS_OK); /* it was applied before it was written */
    size_t mark = websocket_frame_begin(frames->out);
    struct who who = who_of(&entry->session);

    native_made(frames->out, frames->channel, entry->seq, span_of(who.text, WHO_SIZE),
                span_of_string(type->name), data);
    websocket_frame_end(frames->out, mark);
}

static void write_deletion(struct frames *frames)
{
    size_t mark = websocket_frame_begin(frames->out);

    native_closed(frames->out, frames->channel, SPAN_NONE, status_code(STATUS_DELETED),
                  status_text(STATUS_DELETED));
    websocket_frame_end(frames->out, mark);
}

static void write_edit(struct frames *frames, const struct entry *entry)
{
    struct who who = who_of(&entry->session);

    if (!frames->open) {
        frames->mark = websocket_frame_begin(frames->out);
        native_operations_begin(frames->out, frames->channel, entry->seq);
        frames->open = true;
    }
    native_operations_add(frames->out, span_of(who.text, WHO_SIZE), entry->sequenced);
}

static void entry(struct frames *frames, const struct entry *entry)
{
    if (entry->epoch != frames->epoch)
        write_epoch(frames, entry->epoch);
    switch (entry->kind) {
    case ENTRY_CREATE:
        write_creation(frames, entry);
        break;
    case ENTRY_DELETE:
        write_deletion(frames);
        break;
    default:
        write_edit(frames, entry);
        break;
    }
}

static void entries_end(struct frames *frames)
{
    native_operations_end(frames->out);
    websocket_frame_end(frames->out, frames->mark);
}

static void composed(struct reader *reader, const struct range_end *end, struct span operation)
{
    size_t mark;

    native_composed(link_begin(reader->link, &mark), reader->channel, end->to, operation,
                    end->epoch);
    link_end(reader->link, mark);
}

const struct dialect dialect_native = {
    .kind = DIALECT_NATIVE,
    .ends_at_deletion = true,
    .receive = receive,
    .oversized = oversized,
    .refused = refused,
    .closed = closed,
    .diverged = diverged,
    .history = history,
    .goaway = goaway,
    .heartbeat = heartbeat,
    .opened = opened,
    .nobody = nobody,
    .here = here,
    .said = said,
    .entry = entry,
    .entries_end = entries_end,
    .composed = composed,
};
