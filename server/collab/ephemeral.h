/* ephemeral - what the latest turn told the readers of a document beside its history: frames, once
 * for all of them, kept until a turn tells something again.
 *
 *     | [] [] [] [] | [] [] [] [] [] [] [] |       a place is the number of a frame
 *     the whole     the changes            end
 *
 * Whoever knows everything told before begins at the changes, everybody else at the whole. A reader
 * that was not written to in time has no place any more: it skips, and begins at the whole of a
 * later turn. So nothing is ever kept for a slow one. Nobody is told its own frames. */
#ifndef SERVER_COLLAB_EPHEMERAL_H
#define SERVER_COLLAB_EPHEMERAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/span.h"
#include "server/store/store.h"

/* The place of a reader that has none: it needs the whole. */
enum { EPHEMERAL_NOWHERE = 0 };

struct ephemeral_frame {
    size_t end; /* offset behind its last byte */
    struct session_key author;
};

/* The owner of a zeroed one has told nothing yet. */
struct ephemeral {
    struct buffer bytes;
    struct ephemeral_frame *frames;
    size_t count;
    size_t capacity;
    size_t whole;     /* so many of them are the whole; the others are the changes */
    uint64_t retired; /* frames of all turns before */
};

void ephemeral_finish(struct ephemeral *ephemeral);

/* ---- Telling ---- */

/* The frames of the turn before are no more. What is told first is the whole … */
void ephemeral_restart(struct ephemeral *ephemeral);

/* … and from now on the changes. */
void ephemeral_begin_changes(struct ephemeral *ephemeral);

/* Append one WebSocket frame between begin and end. */
struct buffer *ephemeral_begin_frame(struct ephemeral *ephemeral, size_t *mark);
void ephemeral_end_frame(struct ephemeral *ephemeral, size_t mark,
                         const struct session_key *author);

/* ---- Reading: `reader` is the session that reads ---- */

uint64_t ephemeral_whole(const struct ephemeral *ephemeral);
uint64_t ephemeral_changes(const struct ephemeral *ephemeral);
uint64_t ephemeral_end(const struct ephemeral *ephemeral);

/* The bytes from `place` up to a frame of the reader's own, and the place behind them; the place
 * stands behind own frames afterwards. False at the end. Borrowed until the next turn. */
bool ephemeral_run(const struct ephemeral *ephemeral, const struct session_key *reader,
                   uint64_t *place, struct span *bytes);

/* Step over `*size` bytes from `place`, as ephemeral_run() gives them; what is left of `*size` is
 * behind the end. When the last frame was begun only, `half` is its rest, and is stepped over. */
uint64_t ephemeral_step(const struct ephemeral *ephemeral, const struct session_key *reader,
                        uint64_t place, size_t *size, struct span *half);

#endif
