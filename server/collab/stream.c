#include "server/collab/stream.h"

#include <string.h>

#include "base/memory.h"
#include "base/must.h"

/* Dead bytes are moved out when they are this many and more than the live ones: an amortised cost
 * of at most one copy a byte. */
enum { DEAD_BYTES_MIN = 16 << 10, FIRST_SLOTS = 16 };

void stream_init(struct stream *stream, uint64_t seq, uint64_t epoch)
{
    *stream = (struct stream){.first_seq = seq, .last_seq = seq, .epoch = epoch};
}

void stream_finish(struct stream *stream)
{
    buffer_finish(&stream->bytes);
    memory_free(stream->slots);
    *stream = (struct stream){0};
}

void stream_restart(struct stream *stream, uint64_t seq, uint64_t epoch)
{
    buffer_clear(&stream->bytes);
    stream->dead = 0;
    stream->end++; /* so that a cursor at the old end is lost as well */
    stream->first = stream->end;
    stream->slots_first = 0;
    stream->slots_count = 0;
    stream->first_seq = seq;
    stream->last_seq = seq;
    stream->epoch = epoch;
}

struct buffer *stream_open_slot(struct stream *stream)
{
    return &stream->bytes;
}

/* Room for one more slot: first in what the dropped ones left, else in more memory. */
static void reserve_slot(struct stream *stream)
{
    if (stream->slots_count < stream->slots_capacity)
        return;
    size_t live = stream->slots_count - stream->slots_first;

    if (stream->slots_first > 0)
        memmove(stream->slots, stream->slots + stream->slots_first, live * sizeof(*stream->slots));
    if (live * 2 >= stream->slots_capacity) {
        stream->slots_capacity = stream->slots_capacity ? stream->slots_capacity * 2 : FIRST_SLOTS;
        stream->slots =
            memory_resize(stream->slots, stream->slots_capacity * sizeof(*stream->slots));
    }
    stream->slots_first = 0;
    stream->slots_count = live;
}

void stream_close_slot(struct stream *stream, uint64_t last_seq, uint64_t epoch)
{
    must(last_seq > stream->last_seq);
    reserve_slot(stream);
    stream->end = stream->first + (stream->bytes.size - stream->dead);
    stream->slots[stream->slots_count++] =
        (struct stream_slot){.end = stream->end, .last_seq = last_seq};
    stream->last_seq = last_seq;
    stream->epoch = epoch;
}

/* The index of the first slot that ends behind `at`; slots_count when none does. */
static size_t slot_at(const struct stream *stream, uint64_t at)
{
    size_t low = stream->slots_first;
    size_t high = stream->slots_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (stream->slots[middle].end > at)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

bool stream_find(const struct stream *stream, uint64_t seq, uint64_t *at)
{
    if (seq < stream->first_seq)
        return false;
    uint64_t start = stream->first;

    if (seq >= stream->last_seq) {
        *at = stream->end;
        return true;
    }
    for (size_t i = stream->slots_count; i > stream->slots_first; i--)
        if (stream->slots[i - 1].last_seq <= seq) {
            start = stream->slots[i - 1].end;
            break;
        }
    *at = start;
    return true;
}

struct span stream_rest(const struct stream *stream, uint64_t at)
{
    must(at >= stream->first && at <= stream->end);
    if (at == stream->end)
        return SPAN_NONE;
    return span_of(stream->bytes.data + stream->dead + (at - stream->first), stream->end - at);
}

uint64_t stream_boundary(const struct stream *stream, uint64_t at)
{
    size_t slot = slot_at(stream, at);

    if (slot == stream->slots_count)
        return at;
    uint64_t start = slot > stream->slots_first ? stream->slots[slot - 1].end : stream->first;
    return at == start ? at : stream->slots[slot].end;
}

uint64_t stream_seq_at(const struct stream *stream, uint64_t at)
{
    size_t slot = slot_at(stream, at);

    return slot > stream->slots_first ? stream->slots[slot - 1].last_seq : stream->first_seq;
}

void stream_drop_before(struct stream *stream, uint64_t at)
{
    size_t slot = slot_at(stream, at);

    if (slot == stream->slots_first)
        return;
    const struct stream_slot *last = &stream->slots[slot - 1];

    stream->dead += last->end - stream->first;
    stream->first = last->end;
    stream->first_seq = last->last_seq;
    stream->slots_first = slot;
    if (stream->dead > DEAD_BYTES_MIN && stream->dead > stream->bytes.size / 2) {
        buffer_consume(&stream->bytes, stream->dead);
        stream->dead = 0;
    }
}

uint64_t stream_cut(const struct stream *stream, size_t size)
{
    if (stream->end - stream->first <= size)
        return stream->first;
    return stream_boundary(stream, stream->end - size);
}
