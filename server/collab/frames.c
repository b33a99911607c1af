#include "server/collab/frames.h"

#include "base/limits.h"
#include "base/must.h"
#include "protocol/native.h"
#include "protocol/websocket.h"
#include "server/collab/state.h"

void frames_begin(struct frames *frames, struct buffer *out, uint64_t channel, uint64_t epoch)
{
    *frames = (struct frames){.out = out, .channel = channel, .epoch = epoch};
}

bool frames_joins(const struct frames *frames, const struct entry *entry)
{
    return frames->open && entry->kind == ENTRY_EDIT && entry->epoch == frames->epoch &&
           frames->out->size - frames->mark < LIMIT_FRAME_BYTES;
}

void frames_end(struct frames *frames)
{
    if (!frames->open)
        return;
    native_operations_end(frames->out);
    websocket_frame_end(frames->out, frames->mark);
    frames->open = false;
}

static void write_epoch(struct frames *frames, uint64_t epoch)
{
    size_t mark = websocket_frame_begin(frames->out);

    native_epoch(frames->out, frames->channel, epoch);
    websocket_frame_end(frames->out, mark);
    frames->epoch = epoch;
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

void frames_add(struct frames *frames, const struct entry *entry)
{
    struct who who = who_of(&entry->session);

    if (!frames_joins(frames, entry))
        frames_end(frames);
    if (entry->epoch != frames->epoch)
        write_epoch(frames, entry->epoch);
    switch (entry->kind) {
    case ENTRY_CREATE:
        write_creation(frames, entry);
        return;
    case ENTRY_DELETE:
        write_deletion(frames);
        return;
    default:
        break;
    }
    if (!frames->open) {
        frames->mark = websocket_frame_begin(frames->out);
        native_operations_begin(frames->out, frames->channel, entry->seq);
        frames->open = true;
    }
    native_operations_add(frames->out, span_of(who.text, WHO_SIZE), entry->sequenced);
}
