/* upkeep - when a document gets a snapshot, and when older operations leave its log.
 *
 *       folded        snapshot        snapshot         committed
 *   gone  |  kept as long as the |   readable from    |   seq grows ->
 *         |  retention says      |   the one below    |
 *
 * Both are asked of the store, which builds them from what is durable, beside everything else: no
 * commit, no turn and no reader waits. So a document opens from its newest snapshot and a short
 * piece of its log, however long it is, and is read at any seq for as little. */
#ifndef SERVER_COLLAB_UPKEEP_H
#define SERVER_COLLAB_UPKEEP_H

#include <stdbool.h>
#include <stdint.h>

struct document;
struct store_load;
struct upkeep_job; /* a build that the store has been asked for */

struct upkeep {
    uint64_t snapshot_seq; /* of the newest snapshot that is known to be in the store */
    uint64_t bytes;        /* of the committed entries behind it, as the log keeps them */
    uint64_t folded;       /* entries up to here have left the log */
    uint64_t fold_at_ms;   /* whether more of them may go is looked at again */
    uint64_t retry_at_ms;  /* the last build failed: nothing is asked before */
    struct upkeep_job *job;
};

/* The document was loaded: this is what the store has of it. */
void upkeep_loaded(struct document *document, const struct store_load *load);

/* So many entries below the committed head, which are in the history, became durable. */
void upkeep_committed(struct document *document, uint64_t added);

/* Ask the store for what is due, if the document is ours and nothing is being built. */
void upkeep_look(struct document *document);

/* A build is under way: the document stays. */
bool upkeep_is_busy(const struct document *document);

/* The node is leaving: what is being built is not wanted any more and comes back soon. */
void upkeep_give_up(struct document *document);

#endif
