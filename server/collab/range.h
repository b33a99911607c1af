/* range - one operation for many entries of a history, composed as a balanced tree.
 *
 *   entries    a b c d e f g      each joins the one before it as soon as both stand for equally
 *              \_/ \_/ \_/ |      many entries, like the carry of a binary counter; what is left
 *               \___/   |  |      is joined when the range is taken
 *                 |     |  |
 *   links        abcd   ef g
 *
 * An entry goes through as many compositions as the tree is high. One after the other would be
 * quadratic: each would walk over all that was composed before it.
 *
 * A range ends where its operation would be larger than a frame, or have more components than its
 * type allows, or overflow; it crosses no creation and no deletion. What was put behind that place
 * is kept and begins the next range, so that nothing is read twice. */
#ifndef SERVER_COLLAB_RANGE_H
#define SERVER_COLLAB_RANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "ot/type.h"
#include "server/store/store.h"

enum { RANGE_LINKS_MAX = 64 }; /* twice the bits of any count of entries that fits in memory */

/* One operation for some neighbours. */
struct range_link {
    struct operation *operation;
    uint64_t count; /* of entries */
    uint64_t to;    /* seq of the last one … */
    uint64_t epoch; /* … and its epoch */
    size_t size;    /* bytes of its JSON, or more */
};

struct range {
    const struct type *type;
    uint64_t from;                            /* seq of the last entry before it */
    uint64_t to;                              /* of the last one put in */
    struct range_link links[RANGE_LINKS_MAX]; /* neighbours, the oldest first */
    size_t count;                             /* of links */
    bool full; /* it ends here, or before: nothing more goes in before a take */
};

/* An empty range behind the entry `from`. */
struct range *range_create(const struct type *type, uint64_t from);
void range_destroy(struct range *range); /* NULL allowed */

/* Put in the next entry, number `to` + 1. False when it does not belong (a creation, a deletion, an
 * operation of another type) or the range is full: it ends before that entry. */
bool range_add(struct range *range, const struct entry *entry);

/* Append the JSON of one operation for as many of the entries as it may stand for, from the first
 * one on, and say where it ends. The range goes on behind that. It is not empty. */
struct range_end {
    uint64_t to;
    uint64_t epoch; /* of that entry */
    uint64_t count; /* of entries */
};
struct range_end range_take(struct range *range, struct buffer *out);

#endif
