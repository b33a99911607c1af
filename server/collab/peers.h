/* peers - the other nodes of a cluster, as the hub sees them. A single node has none (NULL).
 *
 * The hub knows of each document whether it is owned or followed, what is to be forwarded, and what
 * has become durable. Who owns what, and how messages travel, is server/cluster's. Calls go down
 * with values; what comes of them comes back in a later turn, through follow.h. */
#ifndef SERVER_COLLAB_PEERS_H
#define SERVER_COLLAB_PEERS_H

#include <stdbool.h>
#include <stdint.h>

struct document;
struct submission;

struct peers {
    const struct peers_ops *ops;
};

struct peers_ops {
    /* Hear what is published about the document. follow_joined() reports that it is heard, now and
     * after each loss, or that the bus is away and only the store can be read. */
    void (*follow)(struct peers *peers, struct document *document);
    /* Hear no more of it; the document is about to be freed. */
    void (*unfollow)(struct peers *peers, struct document *document);

    /* May this node claim the document, by the row it has seen (document->follow.row)? */
    bool (*may_claim)(struct peers *peers, const struct document *document);

    /* The entries `from` + 1 … `to` are durable; none when they are equal: then only the head and
     * the owner are told. */
    void (*committed)(struct peers *peers, struct document *document, uint64_t from, uint64_t to);
    /* The store's row names nobody any more: this node has given the document up. */
    void (*released)(struct peers *peers, const struct document *document);

    /* An edit of this node's clients, for the owner that the row names. */
    void (*submit)(struct peers *peers, const struct document *document,
                   const struct submission *submission);

    /* Once a second, for each document that is owned or followed. */
    void (*sweep)(struct peers *peers, struct document *document);
};

#endif
