/* restore - the operation that makes a document again what it was. */
#ifndef SERVER_COLLAB_RESTORE_H
#define SERVER_COLLAB_RESTORE_H

#include "base/buffer.h"
#include "server/collab/state.h"

/* Append, as JSON, the operation from `now`, a document, to `data`, canonical JSON of another state
 * of its type. Fails as the type's create and difference do. */
MUST_CHECK enum status restore_operation(const struct state *now, struct span data,
                                         struct buffer *operation);

#endif
