/* pending - what a client did to a document and has not had confirmed: operations in order, the
 * first made on the confirmed content, each other one on what those before it left.
 *
 *   confirmed --0--> . --1--> . --2--> what the user sees
 *
 * A foreign operation on the confirmed content is moved over all of them, and they over it.
 *
 * Edits are composed like the digits of a binary counter carry: two neighbours become one when they
 * stand for equally many. So a long time offline costs n log n, and leaves some log n operations to
 * be moved. Before they are sent they are gathered to as few as the limits allow. */
#ifndef OT_PENDING_H
#define OT_PENDING_H

#include <stddef.h>

#include "ot/type.h"

/* What one of the operations stands for. */
struct pending_share {
    size_t edits;
    size_t size; /* bytes of its JSON, roughly */
};

struct pending {
    struct operation **operations;
    struct pending_share *shares; /* in parallel */
    size_t count;
    size_t capacity;
};

/* The owner of a zeroed struct has none. */
void pending_finish(struct pending *pending);

/* Put an operation at the end. Those from number `composable_from` on may be composed with it,
 * where their type can and a message has room. What comes to nothing disappears. */
void pending_push_take(struct pending *pending, size_t composable_from,
                       struct operation *operation);

/* Compose the first one with as many behind it as the type and a message have room for. */
void pending_gather(struct pending *pending);

/* Take the first one out; it is the caller's. */
struct operation *pending_shift(struct pending *pending);

/* Put it back. */
void pending_unshift_take(struct pending *pending, struct operation *operation);

/* Move all of them over `foreign`, made on the confirmed content, and `foreign` over them: `moved`
 * is the caller's and applies to what the user sees; NULL when nothing is pending. `side` is that
 * of the pending operations. Nothing changes on failure. */
MUST_CHECK enum status pending_rebase(struct pending *pending, const struct operation *foreign,
                                      enum side side, struct operation **moved);

/* Apply all of them. False when one did not fit: it is left out and so, unless the type's transform
 * is the identity, are those after it. */
bool pending_replay(const struct pending *pending, struct content *content);

#endif
