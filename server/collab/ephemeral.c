#include "server/collab/ephemeral.h"

#include <string.h>

#include "base/memory.h"
#include "protocol/websocket.h"

/* Frames are numbered from this; 0 is nowhere. More memory than KEEP_BYTES is given back. */
enum { FIRST_PLACE = 1, FIRST_FRAMES = 8, KEEP_BYTES = 16 << 10 };

void ephemeral_finish(struct ephemeral *ephemeral)
{
    buffer_finish(&ephemeral->bytes);
    memory_free(ephemeral->frames);
    *ephemeral = (struct ephemeral){0};
}

void ephemeral_restart(struct ephemeral *ephemeral)
{
    if (ephemeral->bytes.capacity > KEEP_BYTES)
        buffer_finish(&ephemeral->bytes);
    buffer_clear(&ephemeral->bytes);
    ephemeral->retired += ephemeral->count;
    ephemeral->count = 0;
    ephemeral->whole = 0;
}

void ephemeral_begin_changes(struct ephemeral *ephemeral)
{
    ephemeral->whole = ephemeral->count;
}

struct buffer *ephemeral_begin_frame(struct ephemeral *ephemeral, size_t *mark)
{
    *mark = websocket_frame_begin(&ephemeral->bytes);
    return &ephemeral->bytes;
}

void ephemeral_end_frame(struct ephemeral *ephemeral, size_t mark, const struct session_key *author)
{
    websocket_frame_end(&ephemeral->bytes, mark);
    if (ephemeral->count == ephemeral->capacity) {
        ephemeral->capacity = ephemeral->capacity > 0 ? 2 * ephemeral->capacity : FIRST_FRAMES;
        ephemeral->frames =
            memory_resize(ephemeral->frames, ephemeral->capacity * sizeof(*ephemeral->frames));
    }
    ephemeral->frames[ephemeral->count++] =
        (struct ephemeral_frame){.end = ephemeral->bytes.size, .author = *author};
}

uint64_t ephemeral_whole(const struct ephemeral *ephemeral)
{
    return ephemeral->retired + FIRST_PLACE;
}

uint64_t ephemeral_changes(const struct ephemeral *ephemeral)
{
    return ephemeral_whole(ephemeral) + ephemeral->whole;
}

uint64_t ephemeral_end(const struct ephemeral *ephemeral)
{
    return ephemeral_whole(ephemeral) + ephemeral->count;
}

/* The index of the frame at a place. */
static size_t index_of(const struct ephemeral *ephemeral, uint64_t place)
{
    must(place >= ephemeral_whole(ephemeral) && place <= ephemeral_end(ephemeral));
    return place - ephemeral_whole(ephemeral);
}

static bool is_own(const struct ephemeral *ephemeral, size_t frame,
                   const struct session_key *reader)
{
    return memcmp(&ephemeral->frames[frame].author, reader, sizeof(*reader)) == 0;
}

static size_t begin_of(const struct ephemeral *ephemeral, size_t frame)
{
    return frame > 0 ? ephemeral->frames[frame - 1].end : 0;
}

static size_t skip_own(const struct ephemeral *ephemeral, size_t frame,
                       const struct session_key *reader)
{
    while (frame < ephemeral->count && is_own(ephemeral, frame, reader))
        frame++;
    return frame;
}

bool ephemeral_run(const struct ephemeral *ephemeral, const struct session_key *reader,
                   uint64_t *place, struct span *bytes)
{
    size_t first = skip_own(ephemeral, index_of(ephemeral, *place), reader);
    size_t behind = first;

    while (behind < ephemeral->count && !is_own(ephemeral, behind, reader))
        behind++;
    *place = ephemeral_whole(ephemeral) + skip_own(ephemeral, behind, reader);
    if (behind == first)
        return false;
    *bytes = span_of(ephemeral->bytes.data + begin_of(ephemeral, first),
                     begin_of(ephemeral, behind) - begin_of(ephemeral, first));
    return true;
}

uint64_t ephemeral_step(const struct ephemeral *ephemeral, const struct session_key *reader,
                        uint64_t place, size_t *size, struct span *half)
{
    size_t frame = skip_own(ephemeral, index_of(ephemeral, place), reader);

    *half = SPAN_NONE;
    while (*size > 0 && frame < ephemeral->count) {
        size_t begin = begin_of(ephemeral, frame);
        size_t whole = ephemeral->frames[frame].end - begin;

        if (*size < whole) {
            *half = span_of(ephemeral->bytes.data + begin + *size, whole - *size);
            *size = whole;
        }
        *size -= whole;
        frame = skip_own(ephemeral, frame + 1, reader);
    }
    return ephemeral_whole(ephemeral) + frame;
}
