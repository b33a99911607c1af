/* peers - the other nodes of a cluster, as the hub sees them. A single node has none (NULL).
 *
 * The hub knows of each document whether it is owned or followed, what is to be forwarded, and what
 * has become durable. Who owns what, and how messages travel, is server/cluster's. Calls go down
 * with values; what comes of them comes back in a later turn, through follow.h. */
#ifndef SERVER_COLLAB_PEERS_H
#define SERVER_COLLAB_PEERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "server/store/store.h"

struct document;
struct submission;

struct peers {
    const struct peers_ops *ops;
};

/* What nodes tell each other of. */
enum topic { TOPIC_DOCUMENT, TOPIC_ROOM };

/* What is said beside the history of a document (company.h), or in a channel of presence. */
enum aside_kind {
    ASIDE_HERE, /* the session shows this of itself; absent: nothing any more */
    ASIDE_SAY,  /* a signal */
    ASIDE_SHOW  /* the session shows this in a room; absent: nothing any more */
};

struct aside {
    enum aside_kind kind;
    struct session_key session; /* who says it */
    uint64_t seq;               /* HERE, SHOW: its positions are of the document at this */
    struct span json;           /* HERE, SHOW: the state; SAY: the event */
    struct span to;             /* SAY: the one to tell; absent: all */
    struct span id;             /* SHOW: the session may show several values */
    uint64_t version;           /* SHOW: of the value */
    struct span document;       /* SHOW: which one it has a range in; absent: none */
};

struct peers_ops {
    /* `on`: hear what is published about the document or room with this name. Of a document
     * follow_joined() reports that it is heard, now and after each loss, or that the bus is away
     * and only the store can be read. Else: hear no more of it; it is about to be freed. */
    void (*follow)(struct peers *peers, enum topic topic, struct span name, bool on);

    /* May this node claim the document, by the row it has seen (document->follow.row)? */
    bool (*may_claim)(struct peers *peers, const struct document *document);

    /* The entries `from` + 1 … `to` are durable; none when they are equal: then this node has
     * become the owner. */
    void (*committed)(struct peers *peers, struct document *document, uint64_t from, uint64_t to);

    /* The store's row names nobody any more: this node has given the document up. */
    void (*released)(struct peers *peers, const struct document *document);

    /* An edit of this node's clients, for the owner that the row names. */
    void (*submit)(struct peers *peers, const struct document *document,
                   const struct submission *submission);

    /* For the other nodes that have the document or room with this name, or for `node` alone when
     * it is not NULL. */
    void (*tell)(struct peers *peers, struct span name, const struct aside *aside,
                 const char *node);

    /* Once a second, for each document that is owned or followed. */
    void (*sweep)(struct peers *peers, struct document *document);
};

#endif
