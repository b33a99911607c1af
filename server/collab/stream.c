#include "server/collab/stream.h"

#include <string.h>

#include "base/memory.h"
#include "base/must.h"
#include "base/mutant.h"
#include "base/table.h"

/* Dead bytes are moved out when they are this many and more than the live ones: an amortised cost
 * of at most one copy a byte. */
enum { DEAD_BYTES_MIN = 16 << 10, FIRST_SLOTS = 16 };

void stream_init(struct stream *stream, uint64_t seq, uint64_t epoch)
{
    *stream = (struct stream){.first_seq = seq, .last_seq = seq, .epoch = epoch};
}

void stream_finish(struct stream *stream)
{
    must(stream->cursor_count == 0);
    buffer_finish(&stream->bytes);
    memory_free(stream->slots);
    *stream = (struct stream){0};
}

void stream_restart(struct stream *stream, uint64_t seq, uint64_t epoch)
{
    must(stream->cursor_count == 0);
    buffer_clear(&stream->bytes);
    stream->dead = 0;
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
    uint64_t end = stream->first + (stream->bytes.size - stream->dead);

    must(last_seq > stream->last_seq && end > stream->end);
    reserve_slot(stream);
    stream->slots[stream->slots_count++] =
        (struct stream_slot){.end = end, .last_seq = last_seq, .cursors = stream->waiting};
    stream->waiting = NULL;
    stream->end = end;
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

static uint64_t begin_of(const struct stream *stream, size_t slot)
{
    return slot > stream->slots_first ? stream->slots[slot - 1].end : stream->first;
}

/* ---- Cursors ---- */

/* The list of those that stand at `at`. */
static struct cursor **cursors_at(struct stream *stream, uint64_t at)
{
    return at == stream->end ? &stream->waiting : &stream->slots[slot_at(stream, at)].cursors;
}

bool stream_join(struct stream *stream, struct cursor *cursor, uint64_t seq)
{
    size_t slot = stream->slots_count;

    if (seq < stream->first_seq)
        return false;
    while (slot > stream->slots_first && stream->slots[slot - 1].last_seq > seq)
        slot--;
    cursor->at = begin_of(stream, slot);
    DL_APPEND(*cursors_at(stream, cursor->at), cursor);
    stream->cursor_count++;
    return true;
}

void stream_advance(struct stream *stream, struct cursor *cursor, size_t size)
{
    must(size <= stream->end - cursor->at);
    struct cursor **from = cursors_at(stream, cursor->at);
    struct cursor **to = cursors_at(stream, cursor->at + size);

    cursor->at += size;
    if (from == to)
        return;
    DL_DELETE(*from, cursor);
    DL_APPEND(*to, cursor);
}

void stream_leave(struct stream *stream, struct cursor *cursor)
{
    DL_DELETE(*cursors_at(stream, cursor->at), cursor);
    stream->cursor_count--;
}

struct cursor *stream_cursors(struct stream *stream, uint64_t at)
{
    return *cursors_at(stream, at);
}

static void drop_first_slot(struct stream *stream)
{
    const struct stream_slot *slot = &stream->slots[stream->slots_first++];

    stream->dead += slot->end - stream->first;
    stream->first = slot->end;
    stream->first_seq = slot->last_seq;
    if (stream->dead > DEAD_BYTES_MIN && stream->dead > stream->bytes.size / 2) {
        buffer_consume(&stream->bytes, stream->dead);
        stream->dead = 0;
    }
}

struct cursor *stream_trim(struct stream *stream, size_t size)
{
    while (stream->slots_first < stream->slots_count) {
        struct cursor *oldest = stream->slots[stream->slots_first].cursors;

        if (oldest != NULL && !mutant_is_on(MUTANT_TRIM_BELOW_CURSOR))
            return stream->end - stream->first > size ? oldest : NULL;
        drop_first_slot(stream);
    }
    return NULL;
}

/* ---- Places ---- */

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
    return at == begin_of(stream, slot) ? at : stream->slots[slot].end;
}

uint64_t stream_seq_at(const struct stream *stream, uint64_t at)
{
    size_t slot = slot_at(stream, at);

    return slot > stream->slots_first ? stream->slots[slot - 1].last_seq : stream->first_seq;
}
