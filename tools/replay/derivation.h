/* derivation - how one entry came to be what it is: its arrival form, and each operation that it
 * had to pass on its way to its seq.
 *
 * Made from the log alone, by the sequencer's own way (server/collab/rebase), so a log whose entry
 * is not what comes out was written by another build, or by one with a fault. */
#ifndef TOOLS_REPLAY_DERIVATION_H
#define TOOLS_REPLAY_DERIVATION_H

#include "base/buffer.h"
#include "tools/replay/walk.h"

/* One operation that was passed. */
struct derivation_step {
    uint64_t seq;
    struct session_key session; /* who wrote the one that was passed */
    enum side side;             /* where ours goes at the same place */
    struct buffer over;         /* the one that was passed, as sequenced: JSON */
    struct buffer result;       /* what ours was after it */
};

struct derivation {
    const struct entry *entry; /* borrowed from the walk */
    struct derivation_step *steps;
    size_t count;
    struct buffer result; /* what the entry should hold as sequenced; empty for what is no edit */
    bool equal;           /* … and it does */
};

/* Derive the entry that walk_next() gave; the walk has not stepped over it. FOLDED when what it
 * passed has left the log, CORRUPT or as transform when it cannot be derived at all. With
 * `keep_steps` false only the result is kept. Finish it when it is OK. */
MUST_CHECK enum status derivation_make(struct derivation *derivation, struct walk *walk,
                                       const struct entry *entry, bool keep_steps,
                                       struct fault *fault);
void derivation_finish(struct derivation *derivation);

#endif
