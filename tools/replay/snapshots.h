/* snapshots - those that a store keeps of one document, in the order of their seqs. */
#ifndef TOOLS_REPLAY_SNAPSHOTS_H
#define TOOLS_REPLAY_SNAPSHOTS_H

#include "server/store/store.h"

struct snapshots {
    struct backend *backend; /* borrowed */
    struct span name;        /* borrowed */
    struct document_row row;
    uint64_t *seqs; /* from the newest on; those from `left` on were passed */
    size_t left;
    uint64_t seq_max;          /* what is still to be found is not above */
    uint64_t step;             /* over what cannot be read; 0 when the last could */
    struct store_arena *arena; /* of the snapshot that was given last */
};

/* Find them all, or fail at the first thing on the way that cannot be read. Finish it in every
 * case. */
MUST_CHECK enum status snapshots_list(struct snapshots *snapshots, struct backend *backend,
                                      struct span name, struct fault *fault);
void snapshots_finish(struct snapshots *snapshots);

/* The same step by step, for who looks at a damaged store: begin, then find one after the other,
 * from the newest on, while there are `more`. After CORRUPT it goes on below what is damaged, and
 * may pass over some that are sound. */
MUST_CHECK enum status snapshots_begin(struct snapshots *snapshots, struct backend *backend,
                                       struct span name, struct fault *fault);
MUST_CHECK enum status snapshots_find(struct snapshots *snapshots, bool *more, struct fault *fault);

/* The seq behind which the log can be replayed: 0, or that of the oldest snapshot that a fold has
 * left. Asked before snapshots_at(). */
uint64_t snapshots_log_begin(const struct snapshots *snapshots);

/* The snapshot at exactly `seq`, NOT_FOUND when there is none; asked for in rising order. Its bytes
 * are borrowed until the next call. */
MUST_CHECK enum status snapshots_at(struct snapshots *snapshots, uint64_t seq,
                                    struct snapshot *snapshot, struct fault *fault);

#endif
