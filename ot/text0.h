/* text0 - edits of a string inside json0: insertions and deletions at UTF-16 offsets, applied one
 * after the other. The results are those of the text0 type inside ot-json0 1.1.0.
 *
 *   {"p":3,"i":"abc"}   insert at 3            {"p":3,"d":"abc"}   delete these three units at 3
 *
 * No part may begin or end within a surrogate pair: that is NOT_APPLICABLE, wherever it shows. */
#ifndef OT_TEXT0_H
#define OT_TEXT0_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/span.h"
#include "ot/pairwise.h"
#include "ot/value.h"

struct text0_part {
    bool insert;       /* else delete */
    uint64_t at_utf16; /* where, after all earlier parts */
    uint64_t utf16;    /* units of the text */
    json_t *text;      /* what is inserted, or what has to be there */
};

/* Its parts in a `struct components`. */
extern const struct pairwise text0_pairwise;

/* A part with its own reference to `text`. */
struct text0_part text0_part_make(bool insert, uint64_t at_utf16, json_t *text);

/* Parts from a JSON array that was scanned. MALFORMED_OPERATION; the list is then empty. */
MUST_CHECK enum status text0_decode(struct span json, struct components *parts,
                                    struct fault *fault);

/* Append the canonical JSON array. */
void text0_write(const struct components *parts, struct buffer *out);

/* The string after all parts, as a new value. */
MUST_CHECK enum status text0_apply(const json_t *string, const struct components *parts,
                                   json_t **result, struct fault *fault);

/* Join `part` with the earlier part `last` when they touch; false when they stay two. */
MUST_CHECK enum status text0_merge(struct text0_part *last, const struct text0_part *part,
                                   bool *merged);

void text0_invert(const struct components *parts, struct components *result);

#endif
