/* rebase - one operation brought over the entries that its author had not seen.
 *
 *   base   base+1   base+2            to
 *    |  op  ->  op'  ->  op''  …  ->  as sequenced
 *
 * The sequencer's way, and that of the tools that derive an entry again from its arrival form. At
 * one place the rule of the author whose operation moves decides, whoever wrote the other one. */
#ifndef SERVER_COLLAB_REBASE_H
#define SERVER_COLLAB_REBASE_H

#include "ot/tie.h"
#include "server/collab/history.h"

struct rebase {
    const struct history *history; /* holds base + 1 … to */
    const struct type *type;
    enum tie_rule rule;
    const struct session_key *session; /* the author's */
    uint64_t base;
    uint64_t to;

    /* Told after each entry that was passed; NULL when nobody wants to know. */
    void (*passed)(struct rebase *rebase, const struct entry *over, enum side side,
                   const struct operation *moved);
    uint64_t count; /* out: how many were passed */
};

/* Takes `*operation` and replaces it; on failure it is what it was before the entry that it could
 * not pass. Creations and deletions are stepped over: who has judged the base knows that they may
 * be. */
MUST_CHECK enum status rebase_run(struct rebase *rebase, struct operation **operation);

#endif
