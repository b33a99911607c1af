/* inspection_log - the durable entries of a document that are in memory, and what each one was
 * moved over on its way.
 *
 *   first                         committed
 *     |  what can be shown            |      tentative ones are never shown
 *
 * What an entry passed follows from its base: nothing is noted while nobody looks. */
#ifndef SERVER_COLLAB_INSPECTION_LOG_H
#define SERVER_COLLAB_INSPECTION_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/span.h"
#include "server/store/store.h"

struct document;
struct hub;

/* Good until the next call into the hub. */
struct inspected_log {
    const struct document *document;
    bool live;      /* false: it is being loaded, nothing below says anything */
    uint64_t first; /* committed + 1 when there is none */
    uint64_t committed;
};

/* An entry that was passed. */
struct inspected_step {
    uint64_t seq;
    struct who who;
};

struct inspected_entry {
    const struct entry *entry; /* borrowed, as the log is */
    struct who who;
    bool path_known;        /* false: of a document that was deleted since, or is being read anew */
    uint64_t path_left_off; /* so many were passed before the first of `path` */
    size_t path_count;
    struct inspected_step path[LIMIT_INSPECTED_PATH];
};

/* False when the document is not loaded. */
bool inspection_log(const struct hub *hub, struct span name, struct inspected_log *log);

/* The entry `seq` of a live one, from `first` to `committed`. */
struct inspected_entry inspection_entry(const struct inspected_log *log, uint64_t seq);

#endif
