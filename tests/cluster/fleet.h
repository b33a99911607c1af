/* fleet - several whole nodes in one process: one memory store, one bus that can lose what is said,
 * one clock that the test turns. Clients are those of tests/collab/world.h. */
#ifndef TESTS_CLUSTER_FLEET_H
#define TESTS_CLUSTER_FLEET_H

#include "base/buffer.h"
#include "server/bus/bus.h"
#include "server/cluster/cluster.h"
#include "server/store/carrier.h"
#include "tests/collab/world.h"

enum { FLEET_NODES = 3 };

struct fleet;

struct fleet_node {
    struct fleet *fleet;
    struct world world; /* what its clients know: the hub, and the time */
    struct store store;
    struct queue waiting;
    struct bus bus; /* passes on to … */
    struct bus *exchange_end;
    struct bus *outer; /* what the cluster uses: `bus`, or one that records it */
    struct cluster *cluster;
    struct bus_member self;
    bool stopped;               /* no turns: it hears and says nothing */
    bool cut_off;               /* from the bus */
    unsigned losing;            /* so many of its next messages are lost, … */
    unsigned twice;             /* … come twice, … */
    unsigned late;              /* … come after the one that follows */
    struct buffer held_channel; /* of one that is late */
    struct buffer held_message;
    unsigned unsure; /* what became of so many of its next requests to the store, it is not told */
};

struct fleet {
    struct backend *backend;
    struct bus_exchange *exchange;
    struct fleet_node nodes[FLEET_NODES];
    uint64_t now_ms;
    struct capture *captures; /* one for each node; NULL: they are not captured */
};

/* All nodes are up and know each other. */
void fleet_init(struct fleet *fleet);
void fleet_init_captured(struct fleet *fleet, struct capture *captures);
void fleet_finish(struct fleet *fleet);

/* Time passes, in steps of a beat or less; each node takes its turns. */
void fleet_pass(struct fleet *fleet, uint64_t ms);

/* A node dies without a word. */
void fleet_kill(struct fleet *fleet, size_t node);

/* Who the store's row names; "" when nobody is, or there is no document. */
const char *fleet_owner(struct fleet *fleet, const char *document);

/* The node that the row names. */
size_t fleet_owner_index(struct fleet *fleet, const char *document);

/* The committed head in the store. */
uint64_t fleet_head(struct fleet *fleet, const char *document);

/* The row names this node from now on, which neither it nor anybody else is told: a claim that came
 * late, or whose node died before it knew. */
void fleet_claim_unheard(struct fleet *fleet, size_t node, const char *document);

/* The store is set back to before the latest claim, with one that named this node, while the nodes
 * live. What is committed stays. */
void fleet_set_back(struct fleet *fleet, size_t node, const char *document);

#endif
