#include "server/collab/publish.h"

#include "base/limits.h"
#include "server/collab/frames.h"
#include "server/collab/hub_state.h"
#include "server/collab/reader.h"

/* Drop what no cursor needs; a cursor too far behind leaves the stream. */
static void trim_stream(struct document *document)
{
    struct stream *stream = &document->stream;
    uint64_t cut = stream_cut(stream, LIMIT_STREAM_BYTES);
    uint64_t oldest = stream->end;
    struct reader *reader;

    DL_FOREACH (document->readers, reader) {
        if (reader->state != READER_STREAM)
            continue;
        if (reader->at < cut)
            reader_leave_stream(reader);
        else if (reader->at < oldest)
            oldest = reader->at;
    }
    stream_drop_before(stream, oldest);
}

/* A deletion ends the document for everybody who has it open. */
static void end_readers(struct document *document)
{
    struct reader *reader;

    DL_FOREACH (document->readers, reader)
        if (reader->state == READER_STREAM && reader->closes_at == UINT64_MAX)
            reader->closes_at = document->stream.end;
}

static void close_slot(struct document *document, struct frames *frames, uint64_t seq)
{
    frames_end(frames);
    stream_close_slot(&document->stream, seq, frames->epoch);
    document->published = seq;
}

/* One slot for each frame. */
static void append_frames(struct document *document)
{
    struct stream *stream = &document->stream;
    struct frames frames;

    frames_begin(&frames, stream_open_slot(stream), 0, stream->epoch);
    for (uint64_t seq = document->published + 1; seq <= document->committed; seq++) {
        const struct record *record = history_at(&document->history, seq);

        if (frames.open && !frames_joins(&frames, &record->entry))
            close_slot(document, &frames, seq - 1);
        frames.channel = record->channel;
        frames_add(&frames, &record->entry);
        if (!frames.open) /* a creation or a deletion has a frame of its own */
            close_slot(document, &frames, seq);
        if (record->entry.kind == ENTRY_DELETE) {
            document->deleted_seq = seq;
            end_readers(document);
        }
    }
    if (frames.open)
        close_slot(document, &frames, document->committed);
}

static bool has_cursors(const struct document *document)
{
    for (const struct reader *reader = document->readers; reader != NULL; reader = reader->next)
        if (reader->state == READER_STREAM)
            return true;
    return false;
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
            if (reader->answer_seq <= document->committed)
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

    DL_FOREACH (document->readers, reader)
        if (reader->state == READER_STREAM)
            reader_leave_stream(reader);
    stream_restart(&document->stream, document->committed, document->committed_epoch);
    document->published = document->committed;
    touch_readers(document, 0);
}

void publish_committed(struct document *document)
{
    uint64_t added = document->committed - document->published;

    if (added == 0) {
        touch_readers(document, 0);
        return;
    }
    trim_stream(document);
    if (has_cursors(document)) {
        append_frames(document);
    } else {
        stream_restart(&document->stream, document->committed, document->committed_epoch);
        document->published = document->committed;
    }
    touch_readers(document, added);
}
