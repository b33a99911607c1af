/* output - what goes to one socket: the hub's frames and the carrier's own, none within another.
 *
 * The hub's bytes are written from where they lie (link_output()). The carrier's own, the upgrade's
 * response and pongs, wait in a buffer and go first, unless the last write ended within one of the
 * hub's frames: then they go behind what the hub gives, which ends with a frame.
 *
 *   [ own | frame | frame | fra            the socket is full here
 *                              me | frame | own ]  */
#ifndef SERVER_NET_OUTPUT_H
#define SERVER_NET_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/must.h"

struct clock;
struct link;

/* A zeroed one is empty. */
struct output {
    struct buffer own; /* whole frames, but for what was sent of the first */
    bool cut;          /* what was written last may end within one of the hub's frames */
};

enum output_result {
    OUTPUT_DONE,  /* everything is written */
    OUTPUT_FULL,  /* the socket takes no more for now */
    OUTPUT_BROKEN /* there is nobody any more */
};

void output_finish(struct output *output);

/* Write everything that `link` and `output->own` have, in one system call if the socket takes it.
 * `*bytes` grows by what it took. */
MUST_CHECK enum output_result output_write(struct output *output, struct link *link, int descriptor,
                                           struct clock *clock, uint64_t *bytes);

#endif
