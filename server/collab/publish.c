#include "server/collab/publish.h"

#include "base/limits.h"
#include "base/mutant.h"
#include "server/collab/frames.h"
#include "server/collab/hub_state.h"
#include "server/collab/reader.h"

static bool follows(const struct reader *reader, const struct stream *stream)
{
    return reader->state == READER_STREAM && reader_stream(reader) == stream;
}

/* Drop what no cursor needs; a cursor too far behind leaves the stream. */
static void trim_stream(struct stream *stream)
{
    struct cursor *cursor;

    while ((cursor = stream_trim(stream, LIMIT_STREAM_BYTES)) != NULL) {
        struct reader *reader = container_of(cursor, struct reader, cursor);

        if (reader->link->dialect->hurries)
            link_overrun(reader->link);
        (void)reader_leave_stream(reader);
    }
}

/* A deletion ends the document for everybody who has it open. */
static void end_readers(struct document *document, const struct stream *stream)
{
    struct reader *reader;

    DL_FOREACH (document->readers, reader)
        if (follows(reader, stream) && reader->closes_at == UINT64_MAX)
            reader->closes_at = stream->end;
}

static void close_slot(struct stream *stream, struct frames *frames, uint64_t seq)
{
    frames_end(frames);
    stream_close_slot(stream, seq, frames->epoch);
}

/* One slot for each frame. */
static void append_frames(struct document *document, struct stream *stream,
                          const struct dialect *dialect)
{
    struct frames frames = {
        .dialect = dialect,
        .out = stream_open_slot(stream),
        .name = document_name(document),
        .epoch = stream->epoch,
    };

    uint64_t to =
        mutant_is_on(MUTANT_DELIVER_TENTATIVE) ? document->history.head : document->committed;

    for (uint64_t seq = stream->last_seq + 1; seq <= to; seq++) {
        const struct record *record = history_at(&document->history, seq);

        if (frames.open && !frames_joins(&frames, &record->entry))
            close_slot(stream, &frames, seq - 1);
        frames.channel = record->channel;
        frames_add(&frames, &record->entry);
        if (!frames.open) /* it has a frame of its own */
            close_slot(stream, &frames, seq);
        if (record->entry.kind == ENTRY_DELETE && dialect->ends_at_deletion) {
            document->deleted_seq = seq;
            end_readers(document, stream);
        }
    }
    if (frames.open)
        close_slot(stream, &frames, to);
}

/* Those that were at the end, `at`, have something to be written. The others had it before. */
static void touch_readers(struct stream *stream, uint64_t at)
{
    struct cursor *cursor;

    DL_FOREACH (stream_cursors(stream, at), cursor)
        reader_touch(container_of(cursor, struct reader, cursor));
}

/* Bring one dialect's stream to the committed head. Nothing is encoded when nobody reads it. */
static void advance_stream(struct document *document, enum dialect_kind kind, uint64_t added)
{
    struct stream *stream = &document->streams[kind];
    uint64_t end = stream->end;

    trim_stream(stream);
    if (stream->cursor_count == 0) {
        stream_restart(stream, document->committed, document->committed_epoch);
        return;
    }
    append_frames(document, stream, dialect_of(kind));
    touch_readers(stream, end);
    document->hub->counts.deliveries += added * stream->cursor_count;
}

/* Whoever waits for what is durable by now. */
static void answer_readers(struct document *document)
{
    struct reader *reader;
    struct reader *next;

    DL_FOREACH_SAFE2 (document->unanswered, reader, next, unanswered_next)
        if (reader->state == READER_WAITING && reader_may_answer(reader))
            reader_answer(reader);
}

void publish_restart(struct document *document)
{
    struct reader *reader;
    struct reader *next;

    DL_FOREACH_SAFE (document->readers, reader, next) {
        reader->origin = ORIGIN_UNKNOWN;
        if (reader->state == READER_STREAM)
            (void)reader_leave_stream(reader);
    }
    for (size_t kind = 0; kind < DIALECT_COUNT; kind++)
        stream_restart(&document->streams[kind], document->committed, document->committed_epoch);
    company_advance(document);
    document->deleted_seq = 0;
    answer_readers(document);
}

void publish_committed(struct document *document, uint64_t added)
{
    document->published += added;
    for (size_t kind = 0; added > 0 && kind < DIALECT_COUNT; kind++)
        advance_stream(document, (enum dialect_kind)kind, added);
    if (added > 0)
        company_advance(document);
    answer_readers(document);
}
