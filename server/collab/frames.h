/* frames - entries of a history as the frames that readers get, in the native dialect.
 *
 *   begin   add add add   end            [ch, seq, who, op, who, op, who, op]
 *
 * Used for the stream, where all readers share the bytes, and for a reader that is served from the
 * log: there is one way to write an operation. */
#ifndef SERVER_COLLAB_FRAMES_H
#define SERVER_COLLAB_FRAMES_H

#include <stdbool.h>

#include "base/buffer.h"
#include "server/store/store.h"

struct frames {
    struct buffer *out;
    uint64_t epoch; /* of the last entry written; 0 = to be told before the next one */
    uint64_t channel;
    size_t mark; /* of the open frame */
    bool open;   /* a frame of operations is being written */
};

void frames_begin(struct frames *frames, struct buffer *out, uint64_t channel, uint64_t epoch);

/* Would this entry go into the frame that is open? */
bool frames_joins(const struct frames *frames, const struct entry *entry);

/* Write the entry: into the open frame if it joins, else behind it. */
void frames_add(struct frames *frames, const struct entry *entry);

/* Close the open frame, if there is one. */
void frames_end(struct frames *frames);

#endif
