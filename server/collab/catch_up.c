#include "server/collab/catch_up.h"

#include "base/limits.h"
#include "server/collab/company.h"
#include "server/collab/frames.h"
#include "server/collab/hub_state.h"
#include "server/collab/log_read.h"

/* Not while a deletion lies ahead that is where this reader's document ends. */
static bool join_stream(struct reader *reader)
{
    const struct stream *stream = reader_stream(reader);
    bool ends = reader->link->dialect->ends_at_deletion;

    if (reader->seq > stream->last_seq || (ends && reader->seq < reader->document->deleted_seq) ||
        !stream_find(stream, reader->seq, &reader->at))
        return false;
    reader_move(reader, READER_STREAM);
    company_join(reader);
    reader_touch(reader);
    return true;
}

/* Put one entry before the reader. False when it was the end of the document for it. */
static bool tell(struct reader *reader, struct frames *frames, const struct entry *entry)
{
    frames_add(frames, entry);
    reader->seq = entry->seq;
    reader->epoch = entry->epoch;
    reader->document->hub->counts.deliveries++;
    return entry->kind != ENTRY_DELETE || !reader->link->dialect->ends_at_deletion;
}

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

static bool has_room(const struct link *link)
{
    return link_private_size(link) < LIMIT_FRAME_BYTES;
}

/* Entries that are in memory, up to the committed head or until the link is full. */
static bool tell_from_history(struct reader *reader)
{
    struct document *document = reader->document;
    struct frames frames = frames_for(reader);
    bool goes_on = true;

    while (goes_on && reader->seq < document->committed && has_room(reader->link))
        goes_on = tell(reader, &frames, &history_at(&document->history, reader->seq + 1)->entry);
    frames_end(&frames);
    link_touch(reader->link);
    return goes_on;
}

static void log_came(struct reader *reader, const struct log_entries *read)
{
    struct frames frames = frames_for(reader);
    bool goes_on = true;

    for (size_t i = 0; goes_on && i < read->count; i++)
        goes_on = tell(reader, &frames, &read->entries[i]);
    frames_end(&frames);
    link_touch(reader->link);
    if (!goes_on)
        reader_destroy(reader);
    else if (read->status == STATUS_FOLDED)
        reader_close(reader, STATUS_BEHIND);
    else if (read->status == STATUS_OK)
        reader_lag(reader);
}

void catch_up(struct reader *reader)
{
    const struct document *document = reader->document;

    reader_leave_lagging(reader);
    if (reader->state != READER_LOG || reader->log_read != NULL ||
        document->state != DOCUMENT_OWNED)
        return; /* whoever changes one of these lets it go on */
    while (!join_stream(reader)) {
        if (!has_room(reader->link))
            return; /* it goes on when the link has written */
        if (reader->seq + 1 < document->history.first) {
            log_read_start(reader, reader->seq, document->committed, log_came);
            return;
        }
        if (!tell_from_history(reader)) {
            reader_destroy(reader);
            return;
        }
    }
}
