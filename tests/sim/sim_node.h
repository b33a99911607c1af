/* sim_node - one server process: a hub and the loop around it.
 *
 *   UP --crash--> DOWN --some time--> UP
 *    |
 *    +--takeover--> ASLEEP --some time--> UP, while another node serves --> DOWN
 *
 * In a cluster all nodes serve: one that falls asleep is taken over from by the others, if it
 * sleeps for long enough, and wakes up among them; one that is drained (sim_drain) goes DOWN in
 * order.
 *
 * The loop is the one of server/net: take in what has arrived, poll the store, turn, deliver,
 * write. A crash strikes between any two of them, also when some connections have been written and
 * others not. A node that was taken over wakes up with what had arrived before it fell asleep:
 * copies of edits that their clients have sent to the other node since. */
#ifndef TESTS_SIM_SIM_NODE_H
#define TESTS_SIM_SIM_NODE_H

#include "base/prng.h"
#include "server/cluster/cluster.h"
#include "server/collab/hub.h"
#include "tests/sim/sim_bus.h"
#include "tests/sim/sim_drain.h"
#include "tests/sim/sim_store.h"

struct sim;
struct sim_client;

struct sim_node {
    struct sim *sim;
    char name[16];
    struct prng prng;
    struct sim_front front;
    struct sim_end end;      /* of a cluster */
    struct cluster *cluster; /* NULL: a single node */
    uint64_t start;          /* of the latest life, modulo SIM_NODES the node's index */
    uint64_t born_ms;        /* it began, … */
    uint64_t died_ms;        /* … and the last one before that ended */
    struct hub *hub;         /* NULL: DOWN */
    struct sim_drain drain;  /* of a cluster: it is about to leave */
    struct prng drains;      /* … for which it draws apart, as a later trouble */
    bool asleep;             /* … and `loop` wakes it up */
    bool replaced;           /* another node serves; it goes down some time after it woke up */
    uint64_t ahead_ms;       /* of its clock to the simulator's */
    struct sim_timer loop;   /* the next turn */
    struct sim_timer change; /* the next start or end */
};

void sim_node_init(struct sim_node *node, struct sim *sim, unsigned index);
void sim_node_finish(struct sim_node *node);

/* Where a client connects next. */
struct sim_node *sim_node_for_client(struct sim *sim, struct prng *prng);

void sim_node_start(struct sim_node *node);
void sim_node_crash(struct sim_node *node);

/* Something has come up for its loop. */
void sim_node_wake(struct sim_node *node);

uint64_t sim_node_now(const struct sim_node *node);

/* What it holds of each document, for a failure. */
void sim_node_describe(const struct sim_node *node, struct buffer *out);

/* The trouble is over: a node that was replaced goes, the one that serves is up. */
void sim_node_heal(struct sim_node *node);

#endif
