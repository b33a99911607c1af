#include "server/collab/reader.h"

#include "base/must.h"
#include "server/collab/company.h"
#include "server/collab/hub_state.h"
#include "server/collab/log_read.h"
#include "server/collab/range.h"

static const bool moves[][READER_CLOSED + 1] = {
    [READER_OPENING] = {[READER_WAITING] = true, [READER_LOG] = true, [READER_CLOSED] = true},
    [READER_WAITING] = {[READER_OPENING] = true, [READER_LOG] = true, [READER_CLOSED] = true},
    [READER_LOG] = {[READER_STREAM] = true, [READER_CLOSED] = true},
    [READER_STREAM] = {[READER_LOG] = true, [READER_CLOSED] = true},
    [READER_CLOSED] = {false},
};

static bool is_answered(enum reader_state state)
{
    return state != READER_OPENING && state != READER_WAITING;
}

void reader_move(struct reader *reader, enum reader_state state)
{
    size_t *readers = reader->document->hub->readers;

    must(moves[reader->state][state]);
    if (reader->state == READER_STREAM)
        stream_leave(reader_stream(reader), &reader->cursor);
    if (!is_answered(reader->state) && is_answered(state))
        DL_DELETE2(reader->document->unanswered, reader, unanswered_prev, unanswered_next);
    readers[reader->state]--;
    readers[state]++;
    reader->state = state;
}

/* ---- Lists ---- */

static void leave_dirty(struct reader *reader)
{
    if (!reader->is_dirty)
        return;
    reader->is_dirty = false;
    DL_DELETE2(reader->link->dirty, reader, dirty_prev, dirty_next);
}

void reader_leave_lagging(struct reader *reader)
{
    if (!reader->is_lagging)
        return;
    reader->is_lagging = false;
    DL_DELETE2(reader->document->hub->lagging, reader, lagging_prev, lagging_next);
}

void reader_lag(struct reader *reader)
{
    must(reader->state == READER_LOG);
    if (reader->is_lagging)
        return;
    reader->is_lagging = true;
    DL_APPEND2(reader->document->hub->lagging, reader, lagging_prev, lagging_next);
}

/* ---- Its client's edits ---- */

static void refuse(struct reader *reader, const struct outcome *outcome)
{
    bool for_now = status_class(outcome->status) == STATUS_RETRY;

    if (for_now && outcome->serial > reader->own_serial &&
        (reader->refused_now == 0 || outcome->serial < reader->refused_now))
        reader->refused_now = outcome->serial;
    reader->link->dialect->refused(reader, outcome);
}

/* They have their fate, or nobody waits for it any more. */
static void take_off(struct reader *reader, struct backlog part)
{
    bool full = link_is_full(reader->link);

    backlog_take_off(&reader->taken, part);
    backlog_take_off(&reader->link->taken, part);
    backlog_take_off(&reader->document->taken, part);
    if (full && !link_is_full(reader->link))
        link_touch(reader->link); /* its carrier reads on */
}

void reader_take_in(struct reader *reader, const struct submission *submission)
{
    if (reader->pending <= submission->serial)
        reader->pending = 0; /* from here on it is one that was taken in */
    backlog_add(&reader->taken, submission->operation.size);
    backlog_add(&reader->link->taken, submission->operation.size);
    backlog_add(&reader->document->taken, submission->operation.size);
}

/* The stream acknowledges; only what it does not bring has to be said. */
static void told(struct submitter *submitter, const struct outcome *outcome)
{
    struct reader *reader = container_of(submitter, struct reader, submitter);

    must(reader->taken.count > 0);
    take_off(reader, (struct backlog){.count = 1, .bytes = outcome->size});
    if (outcome->status == STATUS_OK || outcome->status == STATUS_REPEATED)
        reader_expect_own(reader, outcome->serial, outcome->seq);
    if (outcome->status == STATUS_OK || outcome->status == STATUS_SERIAL_GAP)
        return;
    if (outcome->status == STATUS_REPEATED && outcome->seq > reader_place(reader))
        return;
    refuse(reader, outcome);
}

void reader_refuse_for_now(struct reader *reader, uint64_t serial, enum status reason)
{
    must(status_class(reason) == STATUS_RETRY);
    reader->document->hub->counts.refused++;
    refuse(reader, &(struct outcome){.serial = serial, .status = reason});
}

void reader_expect_own(struct reader *reader, uint64_t serial, uint64_t seq)
{
    if (reader->own_seq < seq)
        reader->own_seq = seq;
    if (reader->own_serial < serial)
        reader->own_serial = serial;
    if (reader->pending <= serial)
        reader->pending = 0;
    if (reader->refused_now <= serial)
        reader->refused_now = 0;       /* an earlier copy of it has come through */
    if (reader->serial_next <= serial) /* its client sees it come by, and goes on behind it */
        reader->serial_next = serial + 1;
}

void reader_expect_session(const struct document *document, const struct session_key *session,
                           uint64_t serial, uint64_t seq)
{
    const struct link *link = link_of_session(document->hub, session);
    struct reader *reader;

    if (link == NULL)
        return;
    DL_FOREACH2 (link->readers, reader, link_next)
        if (reader->document == document)
            reader_expect_own(reader, serial, seq);
}

bool reader_is_unresolved(const struct reader *reader)
{
    return reader->taken.count > 0 || reader->refused_now != 0 || reader->pending != 0 ||
           reader->own_seq > reader_place(reader);
}

/* ---- Coming and going ---- */

static struct reader *create(struct link *link, struct document *document)
{
    struct reader *reader = memory_zeroed(1, sizeof(*reader));

    reader->submitter.told = told;
    reader->state = READER_OPENING;
    reader->document = document;
    reader->link = link;
    reader->closes_at = UINT64_MAX;
    reader->until = UINT64_MAX;
    document->hub->readers[READER_OPENING]++;
    DL_APPEND(document->readers, reader);
    DL_APPEND2(document->unanswered, reader, unanswered_prev, unanswered_next);
    DL_APPEND2(link->readers, reader, link_prev, link_next);
    link->reader_count++;
    document_touch(document);
    return reader;
}

/* link_reader() finds it from now on. */
static void join_channels(struct reader *reader, uint64_t channel)
{
    reader->channel = channel;
    HASH_ADD(hh, reader->link->channels, channel, sizeof(reader->channel), reader);
    reader->in_channels = true;
}

static void leave_channels(struct reader *reader)
{
    if (!reader->in_channels)
        return;
    reader->in_channels = false;
    HASH_DEL(reader->link->channels, reader);
}

struct reader *reader_create(struct link *link, struct document *document,
                             const struct message_open *open)
{
    struct reader *reader = create(link, document);

    reader->type = span_present(open->type) ? type_find(open->type) : NULL;
    reader->create = open->create;
    reader->has_data = span_present(open->data);
    buffer_append(&reader->data, open->data);
    reader->from = open->from;
    reader->from_epoch = open->epoch;
    reader->in_flight = open->pending;
    reader->diverged = open->diverged;
    return reader;
}

void reader_destroy(struct reader *reader)
{
    struct document *document = reader->document;
    struct link *link = reader->link;

    must(reader->inquiry == NULL);
    link_keep_half(link, reader);
    leave_dirty(reader);
    reader_leave_lagging(reader);
    company_leave(reader);
    reader_move(reader, READER_CLOSED);
    submission_forget(document->inbox, &reader->submitter);
    submission_forget(document->decided, &reader->submitter);
    take_off(reader, reader->taken);
    log_read_forget(reader->log_read);
    leave_channels(reader);
    DL_DELETE(document->readers, reader);
    DL_DELETE2(link->readers, reader, link_prev, link_next);
    link->reader_count--;
    document->idle_since_ms = document->hub->now_ms;
    buffer_finish(&reader->data);
    buffer_finish(&reader->answer);
    range_destroy(reader->range);
    memory_free(reader);
}

void reader_close(struct reader *reader, enum status reason)
{
    reader->link->dialect->closed(reader, reason);
    reader_destroy(reader);
}

bool reader_may_answer(const struct reader *reader)
{
    const struct document *document = reader->document;

    return reader->answer_seq <= document->committed &&
           reader->answer_generation <= document->durable_generation;
}

static void send_answer(struct reader *reader)
{
    struct link *link = reader->link;
    size_t mark;

    buffer_append(link_begin(link, &mark), buffer_span(&reader->answer));
    link_end(link, mark);
    buffer_finish(&reader->answer);
    join_channels(reader, reader->channel);
    if (reader->pending_refusal == STATUS_OK)
        return;
    link->dialect->refused(
        reader, &(struct outcome){.serial = reader->in_flight, .status = reader->pending_refusal});
}

void reader_answer(struct reader *reader)
{
    must(reader_may_answer(reader));
    buffer_finish(&reader->data);
    reader_move(reader, READER_LOG);
    reader_lag(reader);
    if (reader->inquiry == NULL)
        send_answer(reader);
}

/* ---- By name ---- */

void reader_subscribe(struct link *link, struct document *document, struct inquiry *inquiry,
                      uint64_t from)
{
    struct reader *reader = create(link, document);

    reader->inquiry = inquiry;
    reader->from = from;
    join_channels(reader, document->number);
}

void reader_fetch(struct link *link, struct document *document, struct inquiry *inquiry,
                  uint64_t from)
{
    struct reader *reader = create(link, document);

    reader->inquiry = inquiry;
    reader->from = from;
    reader->until = 0;
}

void reader_post(struct link *link, struct document *document, uint64_t from, uint64_t until)
{
    struct reader *reader = create(link, document);

    must(until <= document->committed);
    reader->seq = from;
    reader->until = until;
    reader_move(reader, READER_LOG);
    reader_lag(reader);
}

void reader_unfollow(struct reader *reader)
{
    leave_channels(reader);
    if (reader->state == READER_STREAM) {
        link_take_stream(reader->link, reader);
        reader_destroy(reader);
    } else {
        reader->until = reader_is_live(reader) ? reader->document->committed : 0;
    }
}

bool reader_will_bring(const struct reader *reader, uint64_t seq)
{
    switch (reader->state) {
    case READER_OPENING:
        return reader->from < seq;
    case READER_WAITING:
        return reader->answer_seq < seq;
    default:
        return reader_place(reader) < seq;
    }
}

/* ---- In the stream ---- */

struct stream *reader_stream(const struct reader *reader)
{
    return &reader->document->streams[reader->link->dialect->kind];
}

/* It may have joined within a frame: then it has had what the frame begins with. */
static uint64_t place_in_stream(const struct reader *reader, uint64_t at)
{
    uint64_t seq = stream_seq_at(reader_stream(reader), at);

    return seq > reader->seq ? seq : reader->seq;
}

uint64_t reader_place(const struct reader *reader)
{
    switch (reader->state) {
    case READER_STREAM:
        return place_in_stream(reader, reader->cursor.at);
    case READER_LOG:
        return reader->seq;
    default:
        return 0;
    }
}

void reader_touch(struct reader *reader)
{
    must(reader->state == READER_STREAM);
    if (reader->is_dirty || reader->cursor.at == reader_stream(reader)->end)
        return;
    reader->is_dirty = true;
    DL_APPEND2(reader->link->dirty, reader, dirty_prev, dirty_next);
    link_touch(reader->link);
}

struct span reader_rest(const struct reader *reader)
{
    struct span rest = stream_rest(reader_stream(reader), reader->cursor.at);

    if (reader->closes_at != UINT64_MAX)
        rest.size = reader->closes_at - reader->cursor.at;
    return rest;
}

bool reader_advance(struct reader *reader, size_t size)
{
    struct stream *stream = reader_stream(reader);
    const struct cursor *cursor = &reader->cursor;

    stream_advance(stream, &reader->cursor, size);
    if (cursor->at == reader->closes_at) {
        reader_destroy(reader);
        return false;
    }
    if (cursor->at == stream->end)
        leave_dirty(reader);
    return stream_boundary(stream, cursor->at) != cursor->at;
}

bool reader_leave_stream(struct reader *reader)
{
    const struct stream *stream = reader_stream(reader);

    uint64_t boundary = stream_boundary(stream, reader->cursor.at);

    must(reader->state == READER_STREAM);
    if (boundary == reader->closes_at) {
        reader_destroy(reader);
        return false;
    }
    reader->seq = place_in_stream(reader, boundary);
    reader->epoch = 0;
    reader->closes_at = UINT64_MAX; /* the log has the deletion as well */
    link_keep_half(reader->link, reader);
    leave_dirty(reader);
    reader_move(reader, READER_LOG);
    audience_leave(reader);
    reader_lag(reader);
    return true;
}
