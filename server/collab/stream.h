/* stream - the encoded frames of one document, once for all its readers, and where these are in it.
 *
 *   first_seq                                   last_seq
 *      | slot | slot | slot                 | slot |
 *   first  ^      ^                                ^ end    offsets count from the stream's birth
 *          |      two cursors that lag             the others, which wait for the next slot
 *
 * A slot is a frame of operations, with an epoch frame before it where the epoch changes; nothing
 * is ever written between the bytes of one slot. Bytes leave the front when no cursor needs them
 * any more; a cursor that is too far behind has to leave for that.
 *
 * A cursor stands in the list of its slot, or of those at the end. So whoever appends finds those
 * that wait, and whoever trims those that hold it up, without a look at any other: a reader that
 * does not read costs nothing but its cursor. */
#ifndef SERVER_COLLAB_STREAM_H
#define SERVER_COLLAB_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/span.h"

/* How far a reader was sent the stream. */
struct cursor {
    uint64_t at;
    struct cursor *prev, *next; /* among those in its slot, or at the end */
};

struct stream_slot {
    uint64_t end;      /* offset behind its last byte */
    uint64_t last_seq; /* of its last operation */
    struct cursor *cursors;
};

struct stream {
    struct buffer bytes; /* `dead` bytes that were dropped already, then first … end */
    size_t dead;
    uint64_t first;            /* offset of the oldest live byte */
    uint64_t end;              /* offset behind the last byte of the newest slot */
    struct stream_slot *slots; /* of the live bytes, oldest first */
    size_t slots_first;        /* index of the oldest */
    size_t slots_count;        /* index behind the newest */
    size_t slots_capacity;
    uint64_t first_seq;     /* of the last operation before the oldest slot */
    uint64_t last_seq;      /* of the newest slot */
    uint64_t epoch;         /* of the operation at last_seq; 0 when not known */
    struct cursor *waiting; /* cursors at the end */
    size_t cursor_count;
};

/* An empty stream behind the operation `seq` of epoch `epoch`. */
void stream_init(struct stream *stream, uint64_t seq, uint64_t epoch);
void stream_finish(struct stream *stream);

/* Forget all slots and go on behind the operation `seq`. No cursor is in it. */
void stream_restart(struct stream *stream, uint64_t seq, uint64_t epoch);

/* Where frames are appended; what was appended, at least a byte, counts when the slot is closed:
 * the cursors that were at the end are in it then. */
struct buffer *stream_open_slot(struct stream *stream);
void stream_close_slot(struct stream *stream, uint64_t last_seq, uint64_t epoch);

/* Place a cursor behind the operation `seq`: at the first slot that holds a later one, or at the
 * end. False when operations behind `seq` have left the stream already. */
bool stream_join(struct stream *stream, struct cursor *cursor, uint64_t seq);

/* It goes `size` bytes on; out of the stream. */
void stream_advance(struct stream *stream, struct cursor *cursor, size_t size);
void stream_leave(struct stream *stream, struct cursor *cursor);

/* The cursors in the slot that begins at `at`, or at the end; NULL = none. */
struct cursor *stream_cursors(struct stream *stream, uint64_t at);

/* Drop the slots before the oldest cursor. One that is in none of the newest slots, `size` bytes of
 * them, is given back and has to leave: call again until it is NULL. */
struct cursor *stream_trim(struct stream *stream, size_t size);

/* The bytes from `at`, which is not dropped, to the end. Borrowed until the stream changes. */
struct span stream_rest(const struct stream *stream, uint64_t at);

/* The end of the slot that holds `at`; `at` itself between two slots. */
uint64_t stream_boundary(const struct stream *stream, uint64_t at);

/* The seq of the last operation in the slots that end at or before `at`. */
uint64_t stream_seq_at(const struct stream *stream, uint64_t at);

#endif
