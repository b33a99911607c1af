/* state_hash - what a document was at the seqs at which states are compared (rule 9).
 *
 * A hash is taken as the document's own state passes such a seq, which is at the tentative head,
 * and dropped when that entry is. The state is another one by the time that a client tells its own,
 * so the last hashes are kept; whoever is slower than that is not compared. */
#ifndef SERVER_COLLAB_STATE_HASH_H
#define SERVER_COLLAB_STATE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct state;

enum { STATE_HASHES_MAX = 8 };

struct state_hash {
    uint64_t seq;
    uint64_t hash;
    bool told; /* the operator knows that somebody had another one */
};

/* The owner of a zeroed one has none. */
struct state_hashes {
    struct state_hash list[STATE_HASHES_MAX]; /* the oldest first */
    size_t count;
};

/* Clients compare the states at the multiples of this. */
uint64_t state_check_every(const struct state *state);

/* The state is now that at `seq`: take its hash, if this is one of those. */
void state_hashes_pass(struct state_hashes *hashes, const struct state *state, uint64_t seq);

/* The entries behind `head` are dropped. */
void state_hashes_truncate(struct state_hashes *hashes, uint64_t head);

/* NULL when it is not known (any more). */
struct state_hash *state_hashes_find(struct state_hashes *hashes, uint64_t seq);

#endif
