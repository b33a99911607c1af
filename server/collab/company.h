/* company - who else has a document open, and what they say to each other: presence and signals.
 *
 *   here, say  -->  table, signals  -- company_tell(), once a turn -->  ephemeral frames
 *
 * They go beside the history, not through it: what is told is of the seq that the readers in the
 * stream are sent at that moment, and it is written to a reader behind everything up to that seq or
 * not at all. A reader that is behind skips it and is told the whole table when it is there (rule
 * 8). Nothing here keeps a document in memory. */
#ifndef SERVER_COLLAB_COMPANY_H
#define SERVER_COLLAB_COMPANY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "protocol/message.h"
#include "server/collab/audience.h"
#include "server/collab/hub.h"
#include "server/collab/presence.h"

struct aside;
struct document;
struct reader;
struct signal;

struct company {
    struct presence presence;
    struct signal *signals; /* said to all in this turn */
    size_t signals_size;    /* bytes of their events */
    uint64_t seq;           /* the committed head that values were moved to */
    struct audience audiences[DIALECT_COUNT];
    struct document *telling_prev, *telling_next; /* in hub->telling, while is_telling */
    bool is_telling;
};

/* ---- What a client says ---- */

void company_here(struct reader *reader, const struct message_here *here);
void company_say(struct reader *reader, const struct message_say *say);

/* ---- With peers ---- */

/* Something was said at another node, which `node` is the start of. Borrowed. */
void company_hear(struct document *document, uint64_t node, const struct aside *aside);

/* Tell the node with this name, or all when it is NULL, what this node's sessions show. */
void company_share(const struct document *document, const char *node);

/* Some of what other nodes said may have been missed: what they do not say again goes. */
void company_doubt(struct document *document);

/* A node is gone, and what it was told goes along. */
void company_lose(struct document *document, uint64_t node);

/* ---- What becomes of a reader ---- */

/* It has joined the stream: it is told who is here. */
void company_join(struct reader *reader);

/* It is going away, and so is what it shows. */
void company_leave(struct reader *reader);

/* ---- What becomes of a document ---- */

/* More is committed and in the streams: values move along, and readers that were not told yet skip,
 * since what they have not been told is of an older seq. */
void company_advance(struct document *document);

/* Once a second: take away what was not renewed. */
void company_sweep(struct document *document);

/* The next deliver tells what has changed, or tells somebody the whole. */
void company_touch(struct document *document);

/* Tell what has changed, in every dialect that is followed. Called once for each document in
 * hub->telling by hub_deliver(). */
void company_tell(struct document *document);

/* The document is freed. */
void company_finish(struct document *document);

#endif
