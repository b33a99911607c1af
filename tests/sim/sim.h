/* sim - the whole server in one process, from one seed.
 *
 *   sim_client --- sim_socket --- sim_node --- sim_store
 *    session,       bytes both     the hub,      batches that succeed late, fail, are fenced,
 *    sim_editor     ways, cut      as it is      or have an unknown outcome
 *    for each       anywhere                        |
 *    document          .                            v
 *        +------- sees nothing but what is in ... sim_log: what is durable, and what it makes
 *
 * The hub, the client half and the wire are the real ones; what lies between them is played here,
 * in virtual time. A step is one timer of the clock. After `plan.steps` of them the trouble ends
 * and everything has to come to rest: all edits acknowledged, all copies equal, byte for byte.
 *
 * Held after every step (by whom): seq without gaps, each serial and each edit once, in the order
 * of its author (sim_log); nothing is seen before it is durable, and as the same bytes; nothing
 * acknowledged is lost (sim_editor against sim_log); memory stays bounded (sim_node). */
#ifndef TESTS_SIM_SIM_H
#define TESTS_SIM_SIM_H

#include "tests/sim/sim_bus.h"
#include "tests/sim/sim_client.h"
#include "tests/sim/sim_clock.h"
#include "tests/sim/sim_log.h"
#include "tests/sim/sim_node.h"
#include "tests/sim/sim_plan.h"
#include "tests/sim/sim_socket.h"
#include "tests/sim/sim_store.h"
#include "tests/sim/sim_tally.h"

enum { SIM_NODES = 3, SIM_HEARTBEAT_MS = 2000, SIM_IDLE_MS = 3000 };

struct sim_shown;

struct sim {
    struct sim_plan plan;
    struct sim_clock clock;
    uint64_t step;
    uint64_t edits; /* numbers given to them so far */
    bool healed;    /* the trouble is over */
    bool traced;    /* say what happens */

    struct sim_store store;
    struct sim_bus bus; /* of a cluster */
    struct sim_node nodes[SIM_NODES];
    struct sim_node *serving; /* where clients connect; in a cluster: NULL, any */
    struct sim_client *clients[SIM_CLIENTS_MAX];
    struct sim_log *logs[SIM_DOCUMENTS_MAX];
    struct sim_socket *sockets;
    struct sim_shown *shown; /* what people showed of themselves, the latest first */
};

/* Run one seed to its end. It does not return when something is broken: the failure is said with
 * the line that reproduces it, and the process exits with 1. */
void sim_run(const struct sim_plan *plan, bool traced);

/* Does this kind of trouble strike here, once in so many times? Never when the plan is without it,
 * or the trouble is over. */
bool sim_strikes(const struct sim *sim, enum sim_trouble trouble, struct prng *prng,
                 uint64_t once_in);

/* A rule of the server is broken. */
_Noreturn void sim_fail(const struct sim *sim, const char *format, ...) PRINTF_LIKE(2, 3);

/* A line of the schedule, for --trace. */
void sim_trace(const struct sim *sim, const char *format, ...) PRINTF_LIKE(2, 3);

/* How long something takes: mostly `usual_ms`, now and then much longer. */
uint64_t sim_delay(struct prng *prng, uint64_t usual_ms);

#endif
