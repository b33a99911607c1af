/* cluster_state - what the modules of a node among others share. Not for anyone outside
 * server/cluster. */
#ifndef SERVER_CLUSTER_CLUSTER_STATE_H
#define SERVER_CLUSTER_CLUSTER_STATE_H

#include "base/buffer.h"
#include "base/memory.h"
#include "protocol/node_message.h"
#include "server/bus/bus.h"
#include "server/cluster/membership.h"
#include "server/cluster/visitors.h"
#include "server/collab/peers.h"

struct hub;

struct cluster {
    struct peers peers;
    struct bus_listener listener;
    struct bus *bus;
    struct hub *hub;
    struct bus_member self; /* leaving, once it drains */
    struct membership membership;
    struct visitors visitors;
    struct buffer channel; /* of the message that is being sent */
    struct buffer message;
    uint64_t now_ms;
    uint64_t beat_ms; /* the last one; 0 = none */
};

static inline struct cluster *cluster_of(struct peers *peers)
{
    return container_of(peers, struct cluster, peers);
}

static inline const struct cluster *cluster_of_const(const struct peers *peers)
{
    return container_of(peers, const struct cluster, peers);
}

/* To all who follow the document or room that the message is about, and to one node. */
void cluster_say(struct cluster *cluster, const struct node_message *message);
void cluster_say_to(struct cluster *cluster, const char *node, const struct node_message *message);

/* NULL is nobody. */
bool cluster_is_self(const struct cluster *cluster, const char *node);

#endif
