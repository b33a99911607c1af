/* sim_store - the store of all nodes, in virtual time, as bad as stores can be.
 *
 *   hub --submit--> front: one request at a time, in order  --store_run()--> faulty --> memory
 *       <--done---- poll, when the node's loop runs                            |
 *                                                                      late batches land here
 *
 * A front is what one node has of it. What a request does to the data, and what its node is told,
 * are two things: a batch can fail, wholly or for one document; nobody may know what became of it,
 * and then it was written, was not, or is written later (unless the fence stops it). A node that
 * dies leaves its requests behind in the same way.
 *
 * With the trouble RESTORE a copy is kept that follows until a moment, and takes the store's place
 * at a later one: what was written between the two is lost. */
#ifndef TESTS_SIM_SIM_STORE_H
#define TESTS_SIM_SIM_STORE_H

#include "base/prng.h"
#include "server/store/carrier.h"
#include "server/store/store.h"
#include "tests/sim/sim_clock.h"

struct sim;
struct sim_node;

/* What happens to the request that is run now. */
enum sim_fate {
    SIM_FATE_GOOD,
    SIM_FATE_AWAY,         /* nothing was done */
    SIM_FATE_FAILED,       /* the first attempt of a batch fails; halves of it go well */
    SIM_FATE_CULPRIT,      /* one document of the batch fails whatever is tried */
    SIM_FATE_UNKNOWN_LOST, /* nobody knows: it was not written, … */
    SIM_FATE_UNKNOWN_DONE, /* … was, … */
    SIM_FATE_UNKNOWN_LATE  /* … or will be */
};

struct sim_late;

struct sim_store {
    struct sim *sim;
    struct prng prng;
    struct backend backend; /* what store_run() sees: `memory` with the fate of the request */
    struct backend *memory;
    struct backend *copy;     /* to be set back to; NULL when there is none */
    struct sim_timer restore; /* the copy does not follow any more, and then takes its place */
    bool copied;              /* it does not follow any more */
    enum sim_fate fate;
    struct span culprit;
    uint64_t away_until_ms;
    struct sim_late *late; /* what is still under way though its node was told that nobody knows */
};

struct sim_front {
    struct store store;
    struct sim_node *node;
    struct queue waiting; /* the first of them is under way */
    struct queue done;    /* to be reported by the next poll */
    struct sim_timer timer;
};

void sim_store_init(struct sim_store *store, struct sim *sim);
void sim_store_finish(struct sim_store *store);

/* Nothing may still land. */
bool sim_store_is_settled(const struct sim_store *store);

/* It lands, as far as the fence lets it. */
enum status sim_store_commit(struct sim_store *store, struct batch_document *documents,
                             size_t count);
enum status sim_store_claim(struct sim_store *store, struct store_claim *request);

void sim_front_init(struct sim_front *front, struct sim_node *node);

/* The node dies: what it has asked for happens or not, and its hub, about to be destroyed, is told
 * something about each request. */
void sim_front_abandon(struct sim_front *front);

#endif
