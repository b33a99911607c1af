/* replay - a document's log derived again, entry by entry, and compared with what it holds.
 *
 * Every edit is brought from its arrival form to its seq by the sequencer's own way; what comes out
 * has to be the bytes that the log holds. Every snapshot on the way has to be what the log made. */
#ifndef TOOLS_REPLAY_REPLAY_H
#define TOOLS_REPLAY_REPLAY_H

#include "tools/replay/account.h"

struct replay_counts {
    uint64_t documents;
    uint64_t operations;
    uint64_t moved;       /* edits that had to pass others */
    uint64_t passed;      /* … and how many, in all */
    uint64_t snapshots;   /* that were compared */
    uint64_t differences; /* entries and snapshots that are not what comes out */
};

struct replay {
    struct backend *backend;
    uint64_t from;  /* tell of the entries from this seq … */
    uint64_t until; /* … to this one, where the replay ends */
    struct replay_counts counts;

    /* Told of each entry from `from` on; false ends the replay. NULL: only differences are told. */
    bool (*tell)(struct replay *replay, const struct account *account);
    /* Told of each difference, in a line without its end. */
    void (*differ)(struct replay *replay, const char *line);
};

/* Replay one document from its first entry that is not folded. The status is about the store: a
 * difference is told and counted, and is no failure. */
MUST_CHECK enum status replay_document(struct replay *replay, struct span name,
                                       struct fault *fault);

#endif
