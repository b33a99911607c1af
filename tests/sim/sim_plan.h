/* sim_plan - what one run has: how many of everything, and which kinds of trouble.
 *
 * A seed draws its plan. Each kind of trouble is there or not, so that some runs have one kind in
 * plenty and no other to hide it behind. What a plan has can be lowered by options, which is how a
 * failing seed is made small. A kind that is added at the end of the table leaves the plans of all
 * seeds as they were, but for itself. */
#ifndef TESTS_SIM_SIM_PLAN_H
#define TESTS_SIM_SIM_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/prng.h"

/* X(trouble, name, what happens) */
#define SIM_TROUBLE_TABLE(X)                                                                       \
    X(DELAY, "delay", "bytes take seconds to arrive")                                              \
    X(CUT, "cut", "connections break and lose what is under way, anywhere in a frame")             \
    X(HALF_OPEN, "half-open", "one end of a broken connection is not told")                        \
    X(SLOW, "slow", "readers take few bytes, and those late")                                      \
    X(CRASH, "crash", "the node dies at any point of a turn and starts again")                     \
    X(TAKEOVER, "takeover", "the node stops for a while; another serves, and it wakes up later")   \
    X(STALL, "stall", "the store takes seconds")                                                   \
    X(AWAY, "away", "the store cannot be reached for a while")                                     \
    X(FAIL, "fail", "batches fail, whole or for one document")                                     \
    X(UNKNOWN, "unknown", "nobody knows what became of a batch; it may land later")                \
    X(CLOCK, "clock", "clocks jump: a node's forward, the store's either way")                     \
    X(STRAY, "stray", "clients make a fault, and have another state than they should")             \
    X(SPOIL, "spoil", "clients send what is no operation or too large, under a good serial")       \
    X(LEAVE, "leave", "clients go for good, others come")                                          \
    X(BUS, "bus", "messages between nodes are lost, come twice, or seconds late")                  \
    X(BUS_AWAY, "bus-away", "nodes are cut off from the bus for a while")                          \
    X(DELETE, "delete", "people delete whole documents, which others are writing in")              \
    X(RESTORE, "restore", "the store is set back to an earlier moment, and all nodes start again") \
    X(DRAIN, "drain", "nodes of a cluster hand over, send their clients away, and start again")

enum sim_trouble {
#define SIM_TROUBLE_NAME(trouble, name, what) SIM_##trouble,
    SIM_TROUBLE_TABLE(SIM_TROUBLE_NAME)
#undef SIM_TROUBLE_NAME
        SIM_TROUBLE_COUNT
};

enum { SIM_CLIENTS_MAX = 6, SIM_DOCUMENTS_MAX = 4, SIM_STEPS_MAX = 100000 };

struct sim_plan {
    uint64_t seed;
    uint64_t steps; /* events before the trouble ends */
    unsigned clients;
    unsigned documents;
    bool cluster; /* three nodes at once; else one, which others take over from */
    bool has[SIM_TROUBLE_COUNT];
    const char *mutant; /* the rule that is broken in this process; NULL: none */
};

struct sim_plan sim_plan_draw(uint64_t seed);

/* Take a kind of trouble out by its name. */
MUST_CHECK bool sim_plan_leave_out(struct sim_plan *plan, const char *name);

/* Say on stderr how to run it again. Safe enough for a signal handler that ends the process. */
void sim_plan_reproduce(const struct sim_plan *plan);

/* The options that make this plan from its seed: "--seed 17 --steps 90 --without cut". */
void sim_plan_write(const struct sim_plan *plan, struct buffer *out);

const char *sim_trouble_name(enum sim_trouble trouble);
const char *sim_trouble_text(enum sim_trouble trouble);

/* A stream of random numbers of its own for everything that draws: what one of them does more or
 * less leaves the others as they were, which keeps a failure alive while it is made small. */
struct prng sim_plan_prng(const struct sim_plan *plan, uint64_t salt);

#endif
