/* survey - what tools ask who look at all that a store holds: which documents there are, and all of
 * a document's session rows.
 *
 * A table beside that of the calls, since no server asks. A back end has it in `survey`, or NULL.
 */
#ifndef SERVER_STORE_SURVEY_H
#define SERVER_STORE_SURVEY_H

#include "server/store/store.h"

/* The names of the documents behind `after` (absent: from the first), in key order, at most
 * `count_max`. */
struct survey_names {
    struct span after;
    size_t count_max;
    struct span *names; /* out, in the arena */
    size_t count;
};

/* The rows of the sessions in a document that there is, by key, at most `count_max` from `from` on.
 */
struct survey_rows {
    struct span name;
    struct session_key from;
    size_t count_max;
    struct session_row *rows; /* out, in the arena */
    size_t count;
};

/* Blocking, with the statuses of `backend_ops`. The arena is the caller's. */
struct survey_ops {
    enum status (*names)(struct backend *backend, struct survey_names *names,
                         struct store_arena *arena);
    enum status (*rows)(struct backend *backend, struct survey_rows *rows,
                        struct store_arena *arena);
    /* Are the files whole, page by page, whatever is in them? CORRUPT with the first thing that is
     * not. NULL: they are a database server's own. */
    enum status (*verify)(struct backend *backend, struct fault *fault);
};

#endif
