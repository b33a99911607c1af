/* reading - asks the store what was: a document at one seq, who wrote it, a part of its
 * log, its named versions.
 *
 *   asked --its turn--> STORE_LOAD  --> the state, rebuilt --+--> answered
 *                   \-> STORE_SINCE --> entries -------------+
 *                   \-> STORE_LOAD, then STORE_SINCE again and again --> who wrote it
 *                   \-> STORE_VERSIONS --> the list ---------+  (or on to STORE_LOAD: one of them)
 *                   \-> what it is now, all of it durable and written by nobody else: from memory
 *
 * Else read from the store alone: that needs no claim, disturbs no sequencer, and shows nothing
 * that is not durable. A few readings are under way at a time, since each may hold a whole
 * document; the others wait in order. */
#ifndef SERVER_COLLAB_READING_H
#define SERVER_COLLAB_READING_H

#include <stdbool.h>

#include "server/store/store.h"

struct hub;
struct past;
struct reading;

enum reading_kind { READING_STATE, READING_LOG, READING_VERSIONS, READING_BLAME };

struct reading_query {
    struct span name; /* checked */
    enum reading_kind kind;
    struct span version; /* STATE: the seq that has this name; absent: that of the next two */
    uint64_t seq;     /* the state after this entry, UINT64_MAX: after the last durable one, … */
    uint64_t time_ms; /* … and after no entry that is later than this */
    uint64_t from;    /* the entries (BLAME: those that are named) from this one, at least 1, … */
    uint64_t to;      /* … to this one; UINT64_MAX: the last durable one */
};

/* Who asks. Embedded in what it is. */
struct asker {
    void (*answered)(struct asker *asker, const struct past *past);
};

/* Ask. The asker is told exactly once, in a later turn, unless it was forgotten; the reading is
 * gone with that. */
struct reading *reading_create(struct hub *hub, const struct reading_query *query,
                               struct asker *asker);

/* The asker is gone: nobody is told. */
void reading_forget(struct reading *reading);

/* One of them can begin; begin all that can. */
bool reading_is_due(const struct hub *hub);
void reading_start_due(struct hub *hub);

/* Nothing may be in flight in the store: free what still waits. */
void reading_destroy_all(struct hub *hub);

#endif
