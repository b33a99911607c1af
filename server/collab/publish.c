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
static void trim_stream(struct document *document, struct stream *stream)
{
    uint64_t cut = stream_cut(stream, LIMIT_STREAM_BYTES);
    uint64_t oldest = stream->end;
    struct reader *reader;
    struct reader *next;

    DL_FOREACH_SAFE (document->readers, reader, next) {
        if (!follows(reader, stream))
            continue;
        if (reader->at < cut) {
            if (reader->link->dialect->hurries)
                link_overrun(reader->link);
            (void)reader_leave_stream(reader);
        } else if (reader->at < oldest)
            oldest = reader->at;
    }
    stream_drop_before(stream, mutant_is_on(MUTANT_TRIM_BELOW_CURSOR) ? stream->end : oldest);
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

/* Bring one dialect's stream to the committed head. Nothing is encoded when nobody reads it. */
static void advance_stream(struct document *document, enum dialect_kind kind)
{
    struct stream *stream = &document->streams[kind];

    if (document->followers[kind] > 0)
        trim_stream(document, stream);
    if (document->followers[kind] > 0)
        append_frames(document, stream, dialect_of(kind));
    else
        stream_restart(stream, document->committed, document->committed_epoch);
}

/* Everybody who is not at the end has something to be written. */
static void touch_readers(struct document *document, uint64_t added)
{
    uint64_t *deliveries = &document->hub->counts.deliveries;
    struct reader *reader;
    struct reader *next;

    DL_FOREACH_SAFE (document->readers, reader, next) {
        switch (reader->state) {
        case READER_STREAM:
            *deliveries += added;
            reader_touch(reader);
            break;
        case READER_WAITING:
            if (reader_may_answer(reader))
                reader_answer(reader);
            break;
        case READER_LOG:
            reader_lag(reader);
            break;
        default:
            break;
        }
    }
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
    touch_readers(document, 0);
}

void publish_committed(struct document *document, uint64_t added)
{
    for (size_t kind = 0; added > 0 && kind < DIALECT_COUNT; kind++)
        advance_stream(document, (enum dialect_kind)kind);
    if (added > 0)
        company_advance(document);
    touch_readers(document, added);
}
