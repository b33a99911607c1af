/* pairwise - transform for operations that are lists of components, applied one after the other.
 *
 * The type knows how one component moves over one other; the list follows. Each step of the grid
 * moves both, because the next row needs the right one after all lefts, and the next column the
 * left one after all rights:
 *
 *              left 1      left 2
 *            o---------->o---------->o
 *    right 1 |           |           |       all of left over all of right,
 *            o---------->o---------->o       all of right over all of left
 *    right 2 |           |           |
 *            o---------->o---------->o
 *
 * Cost: the product of the two counts. Results are those of ot-json0's bootstrapTransform. */
#ifndef OT_PAIRWISE_H
#define OT_PAIRWISE_H

#include <stddef.h>

#include "base/must.h"
#include "base/status.h"
#include "ot/type.h"

/* A list of components; a zeroed one is empty. */
struct components {
    void *items;
    size_t count;
    size_t capacity;
};

/* What a type knows about its components. They are structs of `size` bytes. */
struct pairwise {
    size_t size;

    /* Make `to` another reference to what `from` holds. */
    void (*share)(void *to, const void *from);
    void (*finish)(void *component);

    /* Add a component behind the list, merged with the last one where the type merges. */
    enum status (*append)(struct components *list, const void *component);

    /* Append to `list` what `component` is after `other`, as `side`. */
    enum status (*transform)(struct components *list, const void *component, const void *other,
                             enum side side);
};

void *components_at(const struct pairwise *kind, const struct components *list, size_t index);

/* The last component; NULL when the list is empty. */
void *components_last(const struct pairwise *kind, const struct components *list);

/* Add another reference, unmerged. */
void components_push(const struct pairwise *kind, struct components *list, const void *component);

/* Add the component itself, unmerged. */
void components_push_take(const struct pairwise *kind, struct components *list,
                          const void *component);

void components_pop(const struct pairwise *kind, struct components *list);
void components_clear(const struct pairwise *kind, struct components *list);
void components_finish(const struct pairwise *kind, struct components *list);

/* Append all of `more`, merged. */
MUST_CHECK enum status components_append_all(const struct pairwise *kind, struct components *list,
                                             const struct components *more);

/* `operation` after `other`. The result, a zeroed list before, is the caller's to finish, in a
 * failure as well. TOO_LARGE when components split beyond LIMIT_SPLIT_COMPONENTS. */
MUST_CHECK enum status pairwise_transform(const struct pairwise *kind,
                                          const struct components *operation,
                                          const struct components *other, enum side side,
                                          struct components *result);

#endif
