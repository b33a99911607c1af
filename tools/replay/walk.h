/* walk - one document's log, an entry at a time, with the state that the entries before it made.
 *
 *    snapshot … at        entry
 *    |  state  |            |  walk_next() reads it, walk_step() applies it
 *
 * Reads a store that nobody serves, by its back end's calls; what it has passed it keeps as long as
 * LIMIT_HISTORY_ENTRIES says, and reads again what is older. */
#ifndef TOOLS_REPLAY_WALK_H
#define TOOLS_REPLAY_WALK_H

#include "server/collab/history.h"
#include "server/collab/state.h"

struct walk {
    struct backend *backend; /* borrowed */
    struct span name;        /* borrowed */
    uint64_t head;           /* of the document */
    struct state state;      /* after the entry `seq` */
    uint64_t seq;
    struct history history;  /* entries up to `seq`, and the one that walk_next() gave */
    struct store_since page; /* read ahead */
    size_t page_at;
};

/* Stand behind the entry `seq`, or behind the last one when there are fewer. NOT_FOUND when the
 * store has no such document, FOLDED when it has folded that part; else as the back end says. The
 * reason is in `fault`. Finish it in every case. */
MUST_CHECK enum status walk_begin(struct walk *walk, struct backend *backend, struct span name,
                                  uint64_t seq, struct fault *fault);
void walk_finish(struct walk *walk);

/* The next entry, borrowed until the walk goes on; NOT_FOUND behind the last one. */
MUST_CHECK enum status walk_next(struct walk *walk, const struct entry **entry,
                                 struct fault *fault);

/* Apply the entry that walk_next() gave: the state is then that after it. */
MUST_CHECK enum status walk_step(struct walk *walk, struct fault *fault);

/* Have the entries from `seq` on in the history. FOLDED when they have left the log. */
MUST_CHECK enum status walk_reach_back(struct walk *walk, uint64_t seq, struct fault *fault);

#endif
