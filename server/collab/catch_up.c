#include "server/collab/catch_up.h"

#include "base/limits.h"
#include "base/must.h"
#include "base/mutant.h"
#include "server/collab/author.h"
#include "server/collab/authors.h"
#include "server/collab/company.h"
#include "server/collab/frames.h"
#include "server/collab/hub_state.h"
#include "server/collab/inquiry.h"
#include "server/collab/log_read.h"
#include "server/collab/range.h"

/* What became of one step. */
enum progress {
    PROGRESS_MORE, /* the reader came further */
    PROGRESS_WAIT, /* something else has to happen first */
    PROGRESS_GONE  /* it was the end of the reader */
};

/* Not while a deletion lies ahead that is where this reader's document ends. */
static bool join_stream(struct reader *reader)
{
    struct stream *stream = reader_stream(reader);
    bool ends = reader->link->dialect->ends_at_deletion;

    if (reader->seq > stream->last_seq || (ends && reader->seq < reader->document->deleted_seq) ||
        !stream_join(stream, &reader->cursor, reader->seq))
        return false;
    range_destroy(reader->range);
    reader->range = NULL;
    reader->lag_bytes = 0;
    reader_move(reader, READER_STREAM);
    company_join(reader);
    reader_touch(reader);
    return true;
}

/* It has come as far as it can from here: it waits for its request, has ended, or is in the stream.
 */
static bool settle(struct reader *reader)
{
    if (reader->inquiry != NULL && !reader->has_part && reader->seq >= reader->answer_seq)
        inquiry_has_part(reader);
    if (reader->inquiry != NULL)
        return reader->has_part; /* then its request lets it go on */
    if (reader->seq >= reader->until) {
        reader_destroy(reader);
        return true;
    }
    return reader->until == UINT64_MAX && join_stream(reader);
}

/* ---- How much ---- */

/* The last entry that is put before it. */
static uint64_t last_for(const struct reader *reader)
{
    uint64_t last = reader->until > reader->answer_seq ? reader->until : reader->answer_seq;

    return last < reader->document->committed ? last : reader->document->committed;
}

/* Up to which seq may it get one operation for many? Rules 3a and 3c. */
static uint64_t composable_to(const struct reader *reader)
{
    if (reader->link->dialect->composed == NULL || reader->document->now.type == NULL)
        return 0;
    if (reader->seq < reader->composable_to)
        return reader->composable_to;
    return reader_is_unresolved(reader) && !mutant_is_on(MUTANT_COMPOSE_UNRESOLVED)
               ? 0
               : reader->document->committed;
}

/* Would the entries up to `to` be many as single operations? */
static bool is_much(const struct reader *reader, uint64_t to)
{
    const struct history *history = &reader->document->history;
    size_t bytes = 0;

    if (to - reader->seq > LIMIT_SINGLE_OPERATIONS)
        return true;
    if (reader->seq + 1 < history->first)
        return false;
    for (uint64_t seq = reader->seq + 1; seq <= to; seq++)
        bytes += history_at(history, seq)->entry.sequenced.size;
    return bytes > LIMIT_FRAME_BYTES && to - reader->seq > 1;
}

static bool wants_range(const struct reader *reader)
{
    uint64_t to = composable_to(reader);

    return reader->seq >= reader->single_to && to > reader->seq && is_much(reader, to);
}

/* With `more` bytes it has got, since it was last at the head, more than the document itself. What
 * it was promised by the answer to `open` does not count. */
static bool is_too_much(struct reader *reader, size_t more)
{
    const struct state *now = &reader->document->now;

    if (reader->seq < reader->answer_seq || now->type == NULL ||
        reader->link->dialect->composed == NULL)
        return false;
    reader->lag_bytes += more;
    return reader->lag_bytes > now->type->size(now->content) + LIMIT_FRAME_BYTES;
}

/* Its client opens again and gets a snapshot. */
static enum progress give_up(struct reader *reader)
{
    struct author *author = authors_find(reader->document, &reader->link->session);

    if (author != NULL)
        author->behind = true;
    reader_close(reader, STATUS_BEHIND);
    return PROGRESS_GONE;
}

/* ---- One by one ---- */

static struct frames frames_for(struct reader *reader)
{
    return (struct frames){
        .dialect = reader->link->dialect,
        .out = &reader->link->private,
        .name = document_name(reader->document),
        .channel = reader->channel,
        .epoch = reader->epoch,
    };
}

/* Put one entry before the reader. False when it was the end of the document for it. */
static bool tell(struct reader *reader, struct frames *frames, const struct entry *entry)
{
    frames_add(frames, entry);
    reader->seq = entry->seq;
    reader->epoch = entry->epoch;
    reader->document->hub->counts.deliveries++;
    if (entry->kind == ENTRY_DELETE)
        state_was_deleted(&reader->document->now, entry->seq);
    return entry->kind != ENTRY_DELETE || !reader->link->dialect->ends_at_deletion;
}

/* Entries from `entries`, or from memory when that is NULL; the first one is the reader's next. */
static enum progress tell_all(struct reader *reader, const struct entry *entries, uint64_t to)
{
    const struct history *history = &reader->document->history;
    struct frames frames = frames_for(reader);
    uint64_t first = reader->seq + 1;
    bool ends = false;
    bool too_much = false;

    while (!ends && !too_much && reader->seq < to && link_has_room(reader->link) &&
           !wants_range(reader)) {
        uint64_t seq = reader->seq + 1;
        const struct entry *entry =
            entries != NULL ? &entries[seq - first] : &history_at(history, seq)->entry;

        too_much = is_too_much(reader, entry->sequenced.size);
        if (!too_much)
            ends = !tell(reader, &frames, entry);
    }
    frames_end(&frames);
    link_touch(reader->link);
    if (too_much)
        return give_up(reader);
    if (!ends)
        return PROGRESS_MORE;
    reader_destroy(reader);
    return PROGRESS_GONE;
}

static void singles_came(struct reader *reader, const struct log_entries *read)
{
    if (read->status == STATUS_FOLDED)
        give_up(reader);
    else if (read->status == STATUS_OK &&
             tell_all(reader, read->entries, reader->seq + read->count) == PROGRESS_MORE)
        reader_lag(reader);
}

static enum progress step_singly(struct reader *reader)
{
    struct document *document = reader->document;

    if (reader->seq + 1 >= document->history.first)
        return tell_all(reader, NULL, last_for(reader));
    log_read_start(reader, reader->seq, last_for(reader), singles_came);
    return PROGRESS_WAIT;
}

/* ---- Composed ---- */

static void range_came(struct reader *reader, const struct log_entries *read)
{
    struct range *range = reader->range;

    if (read->status == STATUS_FOLDED) {
        give_up(reader);
        return;
    }
    for (size_t i = 0; i < read->count; i++)
        if (!range_add(range, &read->entries[i]))
            break;
    reader->document->hub->composed += read->count;
    if (range->count == 0)
        reader->single_to = reader->seq + 1; /* it begins with what is never inside */
    if (read->status == STATUS_OK)
        reader_lag(reader);
}

/* Put entries up to `to` into the range, as far as they go. WAIT: some are being read, or this turn
 * has composed enough. */
static enum progress fill_range(struct reader *reader, uint64_t to)
{
    struct document *document = reader->document;
    struct range *range = reader->range;

    while (range->to < to && !range->full) {
        if (document->hub->composed >= LIMIT_COMPOSED_PER_TURN) {
            reader_lag(reader);
            return PROGRESS_WAIT;
        }
        if (range->to + 1 < document->history.first) {
            uint64_t end = document->history.first - 1;

            log_read_start(reader, range->to, to < end ? to : end, range_came);
            return PROGRESS_WAIT;
        }
        document->hub->composed +=
            range_add(range, &history_at(&document->history, range->to + 1)->entry);
    }
    return PROGRESS_MORE;
}

/* Tell as many of the range's entries as one operation may stand for. */
static enum progress tell_range(struct reader *reader)
{
    struct buffer operation = {0};
    struct range_end end = range_take(reader->range, &operation);
    bool too_much = is_too_much(reader, operation.size);

    if (!too_much) {
        reader->link->dialect->composed(reader, &end, buffer_span(&operation));
        reader->document->hub->counts.deliveries += end.count;
        reader->seq = end.to;
        reader->epoch = end.epoch;
        if (!reader->document->now.type->identity)
            reader->composed_to = end.to;
    }
    buffer_finish(&operation);
    return too_much ? give_up(reader) : PROGRESS_MORE;
}

static enum progress step_composed(struct reader *reader, uint64_t to)
{
    if (reader->range == NULL)
        reader->range = range_create(reader->document->now.type, reader->seq);
    enum progress progress = fill_range(reader, to);

    if (progress == PROGRESS_MORE && reader->range->count > 0)
        progress = tell_range(reader);
    else if (progress == PROGRESS_MORE)
        reader->single_to = reader->seq + 1; /* as in range_came() */
    return progress;
}

/* ---- Both ---- */

/* A range that the reader may not get any more, or has got, is of no use. */
static void drop_range(struct reader *reader, uint64_t to)
{
    const struct range *range = reader->range;

    if (range == NULL || (range->from == reader->seq && range->count > 0 && range->to <= to))
        return;
    range_destroy(reader->range);
    reader->range = NULL;
}

static enum progress step(struct reader *reader)
{
    uint64_t to = composable_to(reader);

    drop_range(reader, to);
    if (reader->range != NULL || wants_range(reader))
        return step_composed(reader, to);
    return step_singly(reader);
}

void catch_up(struct reader *reader)
{
    const struct document *document = reader->document;
    enum progress progress = PROGRESS_MORE;

    reader_leave_lagging(reader);
    if (reader->state != READER_LOG || reader->log_read != NULL || !document_is_live(document) ||
        document->hub->now_ms < document->retry_at_ms)
        return; /* whoever changes one of these lets it go on */
    while (progress == PROGRESS_MORE && !settle(reader))
        progress = link_has_room(reader->link) ? step(reader) : PROGRESS_WAIT;
}
