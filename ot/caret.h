/* caret - the positions in what somebody shows of itself, and the JSON around them.
 *
 *   {"cursor":[3,7],"name":"Anna"}
 *    before   3, 7   after
 *
 * Presence is any JSON. All that a server or another client understands of it is the member
 * `cursor` of an object, when it is an array of integers from 0: positions in the document, in the
 * unit of its type (protocol/PROTOCOL.md, "here"). They are moved as the document changes; the rest
 * stays the bytes that came. */
#ifndef OT_CARET_H
#define OT_CARET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/span.h"
#include "ot/type.h"

struct caret {
    uint8_t *bytes;     /* a copy of the state as it came */
    struct span before; /* all of it when it has no positions */
    struct span after;
    uint64_t *positions;
    size_t count;
};

/* From a state that passed json_scan(). */
void caret_init(struct caret *caret, struct span state);
void caret_finish(struct caret *caret);

/* Move the positions over an operation. `own`: it is by the one whose caret this is, so an
 * insertion right at a position takes it along. Types without positions leave it as it is. */
void caret_move(struct caret *caret, const struct operation *operation, bool own);

/* Append the state, with the positions as they are now. */
void caret_write(const struct caret *caret, struct buffer *out);

/* The same bytes would be written. */
bool caret_equal(const struct caret *a, const struct caret *b);

#endif
