/* stream - the encoded frames of one document, once for all its readers.
 *
 *   first_seq                                   last_seq
 *      | slot | slot | slot                 | slot |
 *   first                                          end      offsets count from the stream's birth
 *
 * A slot is a frame of operations, with an epoch frame before it where the epoch changes; nothing
 * is ever written between the bytes of one slot. Bytes leave the front when no cursor needs them
 * any more, or when the stream is larger than LIMIT_STREAM_BYTES; a cursor that is still before
 * them has lost the stream and goes on from the log. Offsets never repeat, so a lost cursor is seen
 * by comparing two numbers. */
#ifndef SERVER_COLLAB_STREAM_H
#define SERVER_COLLAB_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/span.h"

struct stream_slot {
    uint64_t end;      /* offset behind its last byte */
    uint64_t last_seq; /* of its last operation */
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
    uint64_t first_seq; /* of the last operation before the oldest slot */
    uint64_t last_seq;  /* of the newest slot */
    uint64_t epoch;     /* of the operation at last_seq; 0 when not known */
};

/* An empty stream behind the operation `seq` of epoch `epoch`. */
void stream_init(struct stream *stream, uint64_t seq, uint64_t epoch);
void stream_finish(struct stream *stream);

/* Forget all slots and go on behind the operation `seq`; every cursor is lost but those that ask
 * anew. */
void stream_restart(struct stream *stream, uint64_t seq, uint64_t epoch);

/* Where frames are appended; what was appended counts when the slot is closed. */
struct buffer *stream_open_slot(struct stream *stream);
void stream_close_slot(struct stream *stream, uint64_t last_seq, uint64_t epoch);

/* Find the place behind the operation `seq`: the first slot that holds a later one, or the end.
 * False when operations behind `seq` have left the stream already. */
bool stream_find(const struct stream *stream, uint64_t seq, uint64_t *at);

/* The bytes from `at`, which is not lost, to the end. Borrowed until the stream changes. */
struct span stream_rest(const struct stream *stream, uint64_t at);

/* The end of the slot that holds `at`; `at` itself between two slots. */
uint64_t stream_boundary(const struct stream *stream, uint64_t at);

/* The seq of the last operation in the slots that end at or before `at`. */
uint64_t stream_seq_at(const struct stream *stream, uint64_t at);

/* Drop what lies before `at`, in whole slots. */
void stream_drop_before(struct stream *stream, uint64_t at);

/* Where the stream would begin with at most `size` bytes left. */
uint64_t stream_cut(const struct stream *stream, size_t size);

#endif
