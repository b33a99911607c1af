/* copy - a client's copy of a document: what is confirmed, what is pending, what its user sees.
 *
 *   confirmed --pending, in order--> view
 *
 * Each edit shows in the view at once. A foreign operation is applied to the confirmed content and,
 * moved over everything pending, to the view, while what is pending moves over it. Types whose
 * transform is the identity make the view again instead. Whoever else is here is kept with
 * positions in the confirmed content, which move with it.
 *
 * It knows nothing of numbers, sessions and connections: those are the peer's (peer.h). */
#ifndef OT_COPY_H
#define OT_COPY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/span.h"
#include "ot/others.h"
#include "ot/pending.h"
#include "ot/type.h"

struct copy {
    const struct type *type;   /* NULL until it is known */
    struct content *confirmed; /* NULL: not created yet; then there is no view either */
    struct content *view;
    bool view_lacks;          /* something pending does not fit into the view */
    struct operation *change; /* what the latest arrival did to the view, where that is one
                                 operation; NULL: the view stayed as it was or was made anew */
    struct pending pending;
    struct others others;
};

/* The owner of a zeroed struct has no document. */
void copy_finish(struct copy *copy);

/* The document begins with this content, and its type. */
void copy_begin_take(struct copy *copy, struct content *content);

/* ---- What its user does ---- */

/* Change the view; the operation is pending, and composed with what is so already, except for the
 * first `fixed` ones. Takes it in every outcome. NOT_CREATED, TOO_LARGE or as the type's apply:
 * nothing changes. */
MUST_CHECK enum status copy_edit_take(struct copy *copy, size_t fixed, struct operation *operation,
                                      struct fault *fault);

/* ---- What arrives ---- */

/* A new arrival: what the one before did to the view is of no interest any more. */
void copy_forget_change(struct copy *copy);

/* Somebody else's operation; `who` is absent for a range, by many. `side` is that of what is
 * pending. Takes it in every outcome. As the type's check and transform: nothing changes. */
MUST_CHECK enum status copy_foreign_take(struct copy *copy, struct span who,
                                         struct operation *operation, enum side side,
                                         struct fault *fault);

/* The first pending operation comes by, as `operation` by `who`: it is confirmed. */
MUST_CHECK enum status copy_confirm(struct copy *copy, struct span who,
                                    const struct operation *operation, struct fault *fault);

/* The first pending operation is not going to be: it leaves the view by its inverse, as a foreign
 * operation to all that was made after it. Nothing changes on failure. */
MUST_CHECK enum status copy_withdraw(struct copy *copy);

/* Everything pending was made on a document that is gone; how many operations those were. */
size_t copy_withdraw_all(struct copy *copy);

/* Go on from a snapshot; what is pending is rebased over the difference. `has_first`: the snapshot
 * has the first pending operation. Takes it in every outcome; nothing else changes on failure. */
MUST_CHECK enum status copy_reload_take(struct copy *copy, struct content *snapshot, bool has_first,
                                        struct fault *fault);

/* ---- To look at ---- */

/* Append what `who` shows, with positions in the view; false when it shows nothing. */
bool copy_other(const struct copy *copy, struct span who, struct buffer *out);

#endif
