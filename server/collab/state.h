/* state - what a document is at one seq: nothing, or content of a type. Replaying the log makes it.
 */
#ifndef SERVER_COLLAB_STATE_H
#define SERVER_COLLAB_STATE_H

#include "base/fault.h"
#include "ot/type.h"
#include "server/store/store.h"

struct state {
    const struct type *type; /* NULL: the document does not exist (yet, or any more) */
    struct content *content;
    uint64_t created; /* seq of the last creation or deletion that was seen; 0 = none was */
};

void state_finish(struct state *state);

/* Begin with a snapshot. CORRUPT with what is wrong when the store holds what no type can read. */
MUST_CHECK enum status state_from_snapshot(struct state *state, const struct snapshot *snapshot,
                                           struct fault *fault);

/* One entry of the log, as sequenced. CORRUPT when it cannot follow. */
MUST_CHECK enum status state_apply(struct state *state, const struct entry *entry,
                                   struct fault *fault);

/* This entry of its log was a deletion: a snapshot does not tell how old its document is. */
void state_was_deleted(struct state *state, uint64_t seq);

/* What a load of the store makes, as a snapshot of its last entry; the type is empty and the
 * content too when the document did not exist then. A store_build_fn. */
MUST_CHECK enum status state_build(const struct store_load *load, struct buffer *content,
                                   struct snapshot *snapshot, struct fault *fault);

/* The content of a creation's entry: the type and what it begins with (absent: empty). */
MUST_CHECK enum status state_read_creation(struct span arrived, const struct type **type,
                                           struct span *data, struct fault *fault);

/* Write such an entry, canonical: {"data":…,"type":…}. */
void state_write_creation(struct buffer *out, const struct type *type, struct span data);

#endif
