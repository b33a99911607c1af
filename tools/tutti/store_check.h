/* store_check - whether what a store holds can be, and says the same in all of its tables.
 *
 * Of each document: its operations are numbered without gaps up to the head; epochs and times never
 * fall; each can be applied to what the ones before it made; each snapshot is, byte for byte, what
 * the log makes up to it; each named version is of a seq that there is; each session's row agrees
 * with what the log has of that session; and operations, snapshots and versions are what was
 * written, by their checksums.
 *
 * All of that is of one moment: of a store that nobody writes to, or of one that stands still for
 * who looks (backend_postgres_look()). */
#ifndef TOOLS_TUTTI_STORE_CHECK_H
#define TOOLS_TUTTI_STORE_CHECK_H

#include <stdint.h>
#include <stdio.h>

#include "server/store/store.h"

struct store_check_counts {
    uint64_t documents;
    uint64_t operations;
    uint64_t snapshots;
    uint64_t versions;
    uint64_t sessions; /* rows: a session counts in each document */
    uint64_t problems;
};

/* Look through all that the back end, one with a survey, holds; each problem is a line in `out`.
 * AWAY: the store was lost on the way, and why; the counts are of what was seen before. */
MUST_CHECK enum status store_check(struct backend *backend, FILE *out,
                                   struct store_check_counts *counts, struct fault *fault);

#endif
