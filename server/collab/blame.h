/* blame - who wrote what a text is at one seq, found by stepping through its log.
 *
 *     the log   | folded | before `from` | from … seq |         a creation, or a deletion,
 *     written by   nobody can tell, or       its entry          begins anew
 *                  nobody asked: seq 0
 *
 * Pure and incremental: it is given entries in any number of portions, and what it holds is bounded
 * by LIMIT_BLAME_RUNS, however long the log is. */
#ifndef SERVER_COLLAB_BLAME_H
#define SERVER_COLLAB_BLAME_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/status.h"

struct entry;
struct snapshot;
struct text_blame;
struct type;

struct blame {
    uint64_t from;           /* entries before it have no name */
    uint64_t seq;            /* stepped through up to this entry, of … */
    uint64_t epoch;          /* … this epoch … */
    uint64_t time_ms;        /* … and time */
    const struct type *type; /* NULL: there is no document */
    struct text_blame *text; /* of a text, else empty */
};

/* Begin with a snapshot, or with nothing if its seq is 0. CORRUPT with what is wrong. In any case
 * blame_finish() has to follow. */
MUST_CHECK enum status blame_init(struct blame *blame, uint64_t from,
                                  const struct snapshot *snapshot, struct fault *fault);
void blame_finish(struct blame *blame); /* a zeroed one too */

/* Step through entries, the first of which is seq + 1. TOO_LARGE when the text comes in more runs
 * than LIMIT_BLAME_RUNS; CORRUPT with what is wrong. */
MUST_CHECK enum status blame_step(struct blame *blame, const struct entry *entries, size_t count,
                                  struct fault *fault);

#endif
