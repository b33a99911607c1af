/* frames - entries of a history as the frames that readers get, in the words of a dialect.
 *
 *   add add add   end            [ch, seq, who, op, who, op, who, op]
 *
 * Used for the streams, where all readers share the bytes, and for a reader that is served from the
 * log: there is one way to write an operation. */
#ifndef SERVER_COLLAB_FRAMES_H
#define SERVER_COLLAB_FRAMES_H

#include <stdbool.h>

#include "base/buffer.h"
#include "server/collab/dialect.h"
#include "server/store/store.h"

/* The caller names the first five and leaves the rest zero. */
struct frames {
    const struct dialect *dialect;
    struct buffer *out;
    struct span name; /* of the document; borrowed */
    uint64_t channel; /* its number in the next entry's frame */
    uint64_t epoch;   /* of the last entry written; 0 = to be told before the next one */
    size_t mark;      /* of the open frame */
    bool open;        /* a frame of entries is being written */
};

/* Would this entry go into the frame that is open? */
bool frames_joins(const struct frames *frames, const struct entry *entry);

/* Write the entry: into the open frame if it joins, else behind it. */
void frames_add(struct frames *frames, const struct entry *entry);

/* Close the open frame, if there is one. */
void frames_end(struct frames *frames);

#endif
