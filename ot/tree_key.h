/* tree_key - keys between keys: the position of an object among its siblings.
 *
 * A key is read as a number: a letter that says how many digits the integer part has, these, and a
 * fraction without zeros at its end; all in base 62. Keys sort as bytes, and between two there is
 * always another: "a0" < "a0V" < "a1" < … < "az" < "b00". The keys are those of the package
 * fractional-indexing 4, after "Implementing Fractional Indexing" (D. Greenspan 2020). */
#ifndef OT_TREE_KEY_H
#define OT_TREE_KEY_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/must.h"
#include "base/span.h"

/* Is it a key? */
bool tree_key_check(struct span key);

/* Append the key that the package generates between `a` and `b`; an absent one stands for the
 * beginning or the end. False when they are equal, or the integer parts are used up: there is no
 * key then. */
MUST_CHECK bool tree_key_between(struct span a, struct span b, struct buffer *out);

#endif
