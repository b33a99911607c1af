/* sharedb_mend - what came from a ShareDB client and is not fit to be read, made so.
 *
 * A client sends an operation again until it is answered, so that also of one that we do not take
 * we have to find out which it was. */
#ifndef PROTOCOL_SHAREDB_MEND_H
#define PROTOCOL_SHAREDB_MEND_H

#include "base/buffer.h"
#include "base/span.h"

/* Append a copy in which half surrogate pairs, which JavaScript sends as escapes, are U+FFFD; whole
 * ones may go with them. Returns all that `out` holds. */
struct span sharedb_mend(struct span text, struct buffer *out);

/* Append the members that came whole of an object that was cut off: it ends at the last comma
 * between two of them. What was no JSON is none afterwards. Returns all that `out` holds. */
struct span sharedb_close(struct span beginning, struct buffer *out);

#endif
