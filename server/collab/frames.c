#include "server/collab/frames.h"

#include "base/limits.h"

bool frames_joins(const struct frames *frames, const struct entry *entry)
{
    return frames->open && entry->kind == ENTRY_EDIT && entry->epoch == frames->epoch &&
           frames->out->size - frames->mark < LIMIT_FRAME_BYTES;
}

void frames_end(struct frames *frames)
{
    if (!frames->open)
        return;
    frames->dialect->entries_end(frames);
    frames->open = false;
}

void frames_add(struct frames *frames, const struct entry *entry)
{
    if (!frames_joins(frames, entry))
        frames_end(frames);
    frames->dialect->entry(frames, entry);
    frames->epoch = entry->epoch;
}
