/* captured - a node's short life with everything in it, recorded into memory.
 *
 * Two clients edit at one place, one is cut off and comes back, an edit is refused and another is
 * too large, a back end calls and goes away, a document is deleted, the node sends its clients away
 * and shuts down. */
#ifndef TESTS_COLLAB_CAPTURED_H
#define TESTS_COLLAB_CAPTURED_H

#include "base/buffer.h"

/* Append the capture of that life to `bytes`. */
void captured_life(struct buffer *bytes);

#endif
