#include "tests/sim/sim_drain.h"

#include "base/limits.h"
#include "tests/sim/sim.h"

static void enter(struct sim_node *node, enum sim_drain_stage stage)
{
    node->drain = (struct sim_drain){.stage = stage, .since_ms = node->sim->clock.now_ms};
}

void sim_drain_begin(struct sim_node *node)
{
    sim_trace(node->sim, "%s is drained", node->name);
    sim_tally(SIM_TALLY_DRAINED);
    enter(node, SIM_GIVES);
    cluster_drain(node->cluster);
}

static bool has_connections(const struct sim_node *node)
{
    const struct sim_socket *socket;

    DL_FOREACH (node->sim->sockets, socket)
        if (socket->node == node)
            return true;
    return false;
}

/* Load balancers need their time to notice, documents theirs to go. */
static void give(struct sim_node *node, uint64_t passed_ms)
{
    bool drained = cluster_is_drained(node->cluster);

    if (passed_ms < (drained ? LIMIT_NOTICE_MS : LIMIT_DRAIN_MS))
        return;
    sim_trace(node->sim, "%s sends its clients away", node->name);
    if (drained)
        sim_tally(SIM_TALLY_HANDED_OVER);
    hub_send_away(node->hub, LIMIT_SEND_AWAY_MS, sim_node_now(node));
    enter(node, SIM_SENDS_AWAY);
}

static void send_away(struct sim_node *node, uint64_t passed_ms)
{
    if (has_connections(node) && passed_ms < 2 * LIMIT_SEND_AWAY_MS)
        return;
    hub_shutdown(node->hub, sim_node_now(node));
    enter(node, SIM_FLUSHES);
}

bool sim_drain_step(struct sim_node *node)
{
    uint64_t passed_ms = node->sim->clock.now_ms - node->drain.since_ms;

    if (node->drain.stage == SIM_GIVES)
        give(node, passed_ms);
    else if (node->drain.stage == SIM_SENDS_AWAY)
        send_away(node, passed_ms);
    if (node->drain.stage != SIM_FLUSHES ||
        (!hub_flushed(node->hub) && passed_ms < LIMIT_SHUTDOWN_MS))
        return false;
    hub_say_goodbye(node->hub, sim_node_now(node));
    cluster_leave(node->cluster);
    return true;
}
