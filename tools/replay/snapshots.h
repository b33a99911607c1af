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
    struct store_arena *arena; /* of the snapshot that was given last */
};

/* Find them. Finish it in every case. */
MUST_CHECK enum status snapshots_list(struct snapshots *snapshots, struct backend *backend,
                                      struct span name, struct fault *fault);
void snapshots_finish(struct snapshots *snapshots);

/* The seq behind which the log can be replayed: 0, or that of the oldest snapshot that a fold has
 * left. Asked before snapshots_at(). */
uint64_t snapshots_log_begin(const struct snapshots *snapshots);

/* The snapshot at exactly `seq`, if there is one; asked for in rising order. Its bytes are borrowed
 * until the next call. */
bool snapshots_at(struct snapshots *snapshots, uint64_t seq, struct snapshot *snapshot);

#endif
