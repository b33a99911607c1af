/* sim_drain - a node of a cluster leaves in order, as the loop of server/net has it leave.
 *
 *   STAYS --begin--> GIVES --documents are gone, or time is up--> SENDS AWAY --clients are gone, or
 *   time is up--> FLUSHES --all is durable--> (it ends, and starts again) */
#ifndef TESTS_SIM_SIM_DRAIN_H
#define TESTS_SIM_SIM_DRAIN_H

#include <stdbool.h>
#include <stdint.h>

struct sim_node;

enum sim_drain_stage { SIM_STAYS, SIM_GIVES, SIM_SENDS_AWAY, SIM_FLUSHES };

struct sim_drain {
    enum sim_drain_stage stage;
    uint64_t since_ms; /* by the simulator's clock */
};

void sim_drain_begin(struct sim_node *node);

/* Between two turns of the node. True when it has said its last word, and ends. */
bool sim_drain_step(struct sim_node *node);

#endif
