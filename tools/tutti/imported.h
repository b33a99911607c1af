/* imported - one document of another server on its way into a store.
 *
 *   lines, in the order of their versions  -->  history and state in memory  -->  one batch
 *
 * All of it becomes durable in one transaction, or nothing. Where the history begins with a
 * snapshot, what came before counts as folded away. */
#ifndef TOOLS_TUTTI_IMPORTED_H
#define TOOLS_TUTTI_IMPORTED_H

#include <stdbool.h>

#include "server/collab/state.h"
#include "server/store/store.h"

struct dump_line;
struct source_row;

/* A zeroed one is a document that nothing is known of. */
struct imported {
    uint64_t version; /* what the lines so far have made */
    uint64_t begun;   /* the version of the snapshot that it begins with; 0 = with nothing */
    uint64_t time_ms;
    struct state state;
    struct buffer beginning; /* content of that snapshot, if operations follow it */
    const struct type *beginning_type;
    uint64_t beginning_ms;
    struct entry *entries; /* 1, 2, …, version */
    size_t room;
    struct source_row *sources;
    struct store_arena *arena;
};

/* One more line. What it cannot follow, or what a type does not take, is told in `fault`; then the
 * document is of no more use. */
MUST_CHECK enum status imported_add(struct imported *imported, const struct dump_line *line,
                                    struct fault *fault);

/* Put it into the store under this name. REPEATED when the store has it already: the same content
 * at the same version. Anything else but OK: nothing was written, and `fault` says why. */
MUST_CHECK enum status imported_store(struct imported *imported, struct span name,
                                      struct backend *backend, struct fault *fault);

/* It is zeroed afterwards. */
void imported_finish(struct imported *imported);

#endif
