/* sqlite - what only tools ask of a store in a folder; everything else is in store.h.
 *
 * The back ends are those that backend_sqlite_open() made. */
#ifndef SERVER_STORE_SQLITE_H
#define SERVER_STORE_SQLITE_H

#include "server/store/store.h"

/* The database in the folder. */
#define SQLITE_FILE_NAME "tutti.db"

/* The rows of the sessions in a document, by key, at most `count_max` from `from` on. */
struct sqlite_rows {
    struct span name;
    struct session_key from;
    size_t count_max;
    struct session_row *rows; /* out, in the arena */
    size_t count;
};
MUST_CHECK enum status backend_sqlite_rows(struct backend *backend, struct sqlite_rows *rows,
                                           struct store_arena *arena);

/* SQLite's own check of the file, page by page. CORRUPT with the first thing it found. */
MUST_CHECK enum status backend_sqlite_verify(struct backend *backend, struct fault *fault);

#endif
