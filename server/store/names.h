/* names - which documents a store has, for tools that look at all of them.
 *
 * Not among the calls of a back end: no server asks. */
#ifndef SERVER_STORE_NAMES_H
#define SERVER_STORE_NAMES_H

#include "server/store/store.h"

/* The names of the documents behind `after` (absent: from the first), in key order, at most
 * `count_max`. The arena is the caller's. */
struct store_names {
    struct span after;
    size_t count_max;
    struct span *names; /* out, in the arena */
    size_t count;
};

/* Of a back end that backend_sqlite_open() made; of one that backend_postgres_open() made. */
MUST_CHECK enum status backend_sqlite_names(struct backend *backend, struct store_names *names,
                                            struct store_arena *arena);
MUST_CHECK enum status backend_postgres_names(struct backend *backend, struct store_names *names,
                                              struct store_arena *arena);

#endif
