/* held - what a client knows already and its user has not seen yet.
 *
 *   what the user sees  --item 1-->  .  --item 2-->  the client's view
 *
 * The user types on the left, the client's view is on the right: an edit is moved over the items on
 * its way, and they over it. What the user gets to see leaves at the front. */
#ifndef TOOLS_TUTTI_HELD_H
#define TOOLS_TUTTI_HELD_H

#include <stddef.h>

#include "base/fault.h"
#include "base/span.h"

struct operation;
struct held_item;

struct held {
    struct held_item *items;
    size_t count;
    size_t capacity;
};

/* The owner of a zeroed struct holds nothing. */
void held_finish(struct held *held);

/* One more change of the client's view, by `who` (8 bytes), known by `number`; numbers rise. The
 * operation is taken. */
void held_add_take(struct held *held, struct operation *operation, struct span who, size_t number);

/* The user gets to see everything up to `number`. */
void held_show(struct held *held, size_t number);

/* Bring an edit of the user, who is `who`, to the client's view. Takes it; the result is the
 * caller's. Fails as the type's transform does; what is held is then of no more use. */
MUST_CHECK enum status held_edit_take(struct held *held, struct span who, struct operation *edit,
                                      struct operation **result);

#endif
