/* sim_bus - what the nodes of a simulated cluster meet in, as bad as Redis can be.
 *
 * Each message takes a time of its own, so they overtake each other; with the trouble BUS some are
 * lost, some come twice, and a copy may come seconds later. With BUS_AWAY a node is cut off for a
 * while: it neither says nor hears anything, and then has to subscribe anew. */
#ifndef TESTS_SIM_SIM_BUS_H
#define TESTS_SIM_SIM_BUS_H

#include "base/prng.h"
#include "server/bus/bus.h"
#include "server/bus/reports.h"
#include "tests/sim/sim_clock.h"

struct sim;
struct sim_node;
struct sim_parcel; /* a message under way */
struct sim_channel;

struct sim_bus {
    struct sim *sim;
    struct prng prng;
    struct sim_parcel *parcels;
};

/* What one life of a node has of it. */
struct sim_end {
    struct bus bus;
    struct sim_node *node;
    struct sim_channel *channels; /* subscribed */
    struct reports reports;       /* for its next poll */
    struct bus_member self;       /* as its beats say; name "" = it has not beaten */
    uint64_t beat_ms;             /* the last one … */
    uint64_t beating_ms;          /* … and since when they come without a break */
    uint64_t away_until_ms;
    bool open;
};

void sim_bus_init(struct sim_bus *bus, struct sim *sim);
void sim_bus_finish(struct sim_bus *bus);

void sim_end_open(struct sim_end *end, struct sim_node *node);
/* It dies: nothing is published any more. Then it is closed. */
void sim_end_silence(struct sim_end *end);
void sim_end_close(struct sim_end *end); /* one that is not open is allowed */

/* It has beaten without a break for so long that nobody may call it gone, whatever was delayed. */
bool sim_end_surely_lives(const struct sim_end *end);

#endif
