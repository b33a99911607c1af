/* document - one history with its sequencer, its readers and its stream.
 *
 *                  claimed            loaded
 *   CLAIMING ------------> LOADING ------------> OWNED --idle--> RELEASING --released--> (gone)
 *    ^  |                    |  \                 | ^                |
 *    |  +--- store away -----+   +-- corrupt -->  | +--- (opened meanwhile: CLAIMING again)
 *    |            v                       BROKEN  |
 *    +---- RETRYING <---------- fenced, failed, unknown
 *
 * A node with peers begins by JOINING and has FOLLOWED as well (follow.h). Two heads:
 * `history.head` is what is sequenced, `committed` what is durable. Only what is durable is ever
 * shown. */
#ifndef SERVER_COLLAB_DOCUMENT_H
#define SERVER_COLLAB_DOCUMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/table.h"
#include "server/collab/company.h"
#include "server/collab/follow.h"
#include "server/collab/history.h"
#include "server/collab/hub.h"
#include "server/collab/state.h"
#include "server/collab/state_hash.h"
#include "server/collab/stream.h"
#include "server/collab/submission.h"
#include "server/collab/upkeep.h"
#include "server/store/store.h"

struct author;
struct hub;
struct reader;
struct submission;

enum document_state {
    DOCUMENT_CLAIMING,
    DOCUMENT_JOINING,
    DOCUMENT_LOADING,
    DOCUMENT_FOLLOWED,
    DOCUMENT_OWNED,
    DOCUMENT_RELEASING,
    DOCUMENT_RETRYING,
    DOCUMENT_BROKEN
};

struct document {
    enum document_state state;
    struct hub *hub;
    char *name; /* zero-terminated, for logs; name_size counts */
    size_t name_size;
    UT_hash_handle hh;                      /* in hub->documents, by name */
    struct document *work_prev, *work_next; /* in hub->work, while in_work */
    bool in_work;

    uint64_t epoch;   /* of our claim */
    uint64_t number;  /* among those of this hub, for its life */
    uint64_t channel; /* in messages; a new one after a deletion */
    struct state now; /* at history.head */
    struct history history;
    struct state_hashes hashes;  /* of states up to history.head */
    uint64_t time_ms;            /* of the entry at history.head */
    uint64_t committed;          /* the durable head */
    uint64_t published;          /* entries that became durable while it was here */
    uint64_t deleted_seq;        /* of the last deletion in a stream; 0 = none */
    uint64_t committed_epoch;    /* of the entry at `committed` */
    uint64_t generation;         /* of the batch that is being filled */
    uint64_t durable_generation; /* of the last one that is durable */
    bool in_batch;               /* a part of the batch in flight is ours */
    struct document *unsaved_prev, *unsaved_next; /* in hub->unsaved, while in_unsaved */
    bool in_unsaved;
    bool released; /* RELEASING, and the store knows no owner */

    struct author *authors;       /* by session */
    struct author *names;         /* the same by `who`; of those with an equal one the first */
    bool namesakes;               /* there are such */
    struct author *dirty_authors; /* those whose row the next batch carries */
    struct submission *inbox;     /* taken in, in order of arrival */
    struct backlog taken;         /* of its readers */
    struct submission *decided;   /* their fate is not durable yet, in order */
    struct reader *readers;
    struct reader *unanswered;            /* of these the ones that still wait for their answer */
    struct stream streams[DIALECT_COUNT]; /* filled while a reader is in it; at most committed */
    struct company company;
    struct upkeep upkeep;

    struct follow follow; /* of a node with peers */

    unsigned requests; /* in flight in the store: the document stays where it is */
    struct store_claim claim;
    struct store_load load;
    struct store_since since; /* older entries, for a late edit */
    bool fetching;            /* `since` is in flight */
    uint64_t retry_at_ms;     /* the store was away: nothing is asked before */
    uint64_t idle_since_ms;   /* no reader since */
};

/* NULL when it is not in memory. */
struct document *document_find(const struct hub *hub, struct span name);

/* Find it, or begin to claim and load it. `name` is checked. */
struct document *document_get(struct hub *hub, struct span name);

/* The same by the halves of a checked name. */
struct document *document_named(struct hub *hub, struct span collection, struct span id);

struct span document_name(const struct document *document);

/* The hub's next turn looks at it. */
void document_touch(struct document *document);

/* An edit waits in the inbox from now on. Takes the submission. */
void document_take_in(struct document *document, struct submission *submission);

/* It has something that the next batch has to carry. */
void document_unsaved(struct document *document);

/* One step: sequence what can be sequenced, answer who can be answered. Called by the hub's turn.
 */
void document_step(struct document *document);

/* Once a second: try again to reach the store, or give an idle document up. */
void document_sweep(struct document *document);

/* Give the document up. It is quiet. */
void document_release(struct document *document);

/* The outcome of the batch in flight: durable up to `head`, every fate of `generation` and before.
 */
void document_committed(struct document *document, uint64_t head, uint64_t generation);

/* The outcome of the batch in flight: not durable, or nobody knows (rule 2). What was tentative is
 * dropped, readers stay, the document is claimed and read anew. */
void document_not_committed(struct document *document);

/* The only door between states. */
void document_move(struct document *document, enum document_state state);

/* Close those who have it open and refuse what waits in the inbox. Who is still to be told that it
 * is open waits, unless it is BROKEN. */
void document_dismiss(struct document *document, enum status reason);

/* Its content is here, and it is kept up to date. */
static inline bool document_is_live(const struct document *document)
{
    return document->state == DOCUMENT_OWNED || document->state == DOCUMENT_FOLLOWED;
}

/* ---- With peers (follow.h) ---- */

/* Claim a followed document whose row may be claimed. */
void document_claim(struct document *document);

/* Read it anew from the store: it is followed then. */
void document_reload(struct document *document);

/* Another has claimed it: what is tentative is dropped, it is read anew and followed. */
void document_lose(struct document *document);

/* ---- What it asks for ---- */

/* Ask the store something for this document, and note that the answer has come. */
void document_submit(struct document *document, struct store_request *request);
void document_returned(struct document *document, struct store_request *request);

/* Nothing is waiting, tentative or in flight. */
bool document_is_quiet(const struct document *document);

/* Freed at once; it has no readers and nothing in flight. */
void document_destroy(struct document *document);

#endif
