#include "tests/sim/sim.h"

#include <stdio.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/mutant.h"

/* Everything has to be at rest this long after the trouble has ended: connections that nobody was
 * told of are found dead, late bytes arrive, everybody comes back once or twice. */
enum { REST_MS = 60000, RARE = 40, RARE_FACTOR = 30 };

/* Whether all is at rest is asked so often: it costs more than a step. */
enum { LOOK_MS = 100 };

bool sim_strikes(const struct sim *sim, enum sim_trouble trouble, struct prng *prng,
                 uint64_t once_in)
{
    return sim->plan.has[trouble] && prng_below(prng, once_in) == 0 && !sim->healed;
}

uint64_t sim_delay(struct prng *prng, uint64_t usual_ms)
{
    uint64_t most_ms = prng_below(prng, RARE) == 0 ? usual_ms * RARE_FACTOR : usual_ms;

    return prng_below(prng, most_ms + 1);
}

/* ---- What is said ---- */

static void say_time(const struct sim *sim, FILE *to)
{
    fprintf(to, "%6llu %9.3f s  ", (unsigned long long)sim->step, (double)sim->clock.now_ms / 1000);
}

void sim_trace(const struct sim *sim, const char *format, ...)
{
    va_list values;

    if (!sim->traced)
        return;
    say_time(sim, stdout);
    va_start(values, format);
    vprintf(format, values);
    va_end(values);
    putchar('\n');
}

void sim_fail(const struct sim *sim, const char *format, ...)
{
    va_list values;

    fflush(stdout);
    say_time(sim, stderr);
    va_start(values, format);
    vfprintf(stderr, format, values);
    va_end(values);
    fputc('\n', stderr);
    sim_plan_reproduce(&sim->plan);
    _exit(1);
}

/* ---- One run ---- */

static void begin(struct sim *sim)
{
    const struct sim_plan *plan = &sim->plan;

    sim_store_init(&sim->store, sim);
    sim_bus_init(&sim->bus, sim);
    for (unsigned i = 0; i < plan->documents; i++)
        sim->logs[i] = sim_log_create(sim, i);
    for (unsigned i = 0; i < SIM_NODES; i++)
        sim_node_init(&sim->nodes[i], sim, i);
    for (unsigned i = 0; i < (plan->cluster ? SIM_NODES : 1); i++)
        sim_node_start(&sim->nodes[i]);
    sim->serving = plan->cluster ? NULL : &sim->nodes[0];
    for (unsigned i = 0; i < plan->clients; i++)
        sim->clients[i] = sim_client_create(sim, i);
}

static void step(struct sim *sim)
{
    sim->step++;
    sim_tally(SIM_TALLY_STEP);
    must(sim_clock_step(&sim->clock));
    sim_socket_bury(sim);
}

static void pass(struct sim *sim, uint64_t ms)
{
    for (uint64_t until_ms = sim->clock.now_ms + ms; sim->clock.now_ms < until_ms;)
        step(sim);
}

static void heal(struct sim *sim)
{
    sim_trace(sim, "the trouble is over");
    sim->healed = true;
    for (unsigned i = 0; i < SIM_NODES; i++)
        sim_node_heal(&sim->nodes[i]);
}

static bool is_at_rest(const struct sim *sim)
{
    if (!sim_store_is_settled(&sim->store))
        return false;
    for (unsigned i = 0; i < sim->plan.clients; i++)
        for (unsigned at = 0; at < sim->plan.documents; at++)
            if (!sim_editor_is_settled(&sim->clients[i]->editors[at]) ||
                !sim_presence_is_settled(&sim->clients[i]->editors[at]))
                return false;
    return true;
}

_Noreturn static void fail_restless(const struct sim *sim)
{
    struct buffer where = {0};

    for (unsigned i = 0; i < sim->plan.clients; i++)
        for (unsigned at = 0; at < sim->plan.documents; at++)
            sim_editor_describe(&sim->clients[i]->editors[at], &where);
    for (unsigned i = 0; i < SIM_NODES; i++)
        sim_node_describe(&sim->nodes[i], &where);
    sim_fail(sim, "%d s after the trouble not everything is acknowledged and read:%.*s",
             REST_MS / 1000, SPAN_PRINT(buffer_span(&where)));
}

static void check_end(const struct sim *sim)
{
    for (unsigned at = 0; at < sim->plan.documents; at++) {
        struct sim_log *log = sim->logs[at];

        sim_log_check_store(log, sim->store.memory);
        for (unsigned i = 0; i < sim->plan.clients; i++) {
            const struct sim_client *client = sim->clients[i];

            sim_log_expect(log, log->head, peer_confirmed(client->editors[at].peer), client->name);
            sim_log_expect(log, log->head, peer_view(client->editors[at].peer), client->name);
        }
    }
}

static void end(struct sim *sim)
{
    for (unsigned i = 0; i < sim->plan.clients; i++)
        sim_client_destroy(sim->clients[i]);
    for (unsigned i = 0; i < SIM_NODES; i++)
        sim_node_finish(&sim->nodes[i]);
    sim_socket_bury(sim);
    sim_bus_finish(&sim->bus);
    sim_store_finish(&sim->store);
    for (unsigned i = 0; i < sim->plan.documents; i++)
        sim_log_destroy(sim->logs[i]);
    sim_presence_forget(sim);
    sim_clock_finish(&sim->clock);
}

void sim_run(const struct sim_plan *plan, bool traced)
{
    struct sim sim = {.plan = *plan, .traced = traced};

    begin(&sim);
    while (sim.step < plan->steps)
        step(&sim);
    heal(&sim);
    uint64_t latest_ms = sim.clock.now_ms + REST_MS;

    while (!is_at_rest(&sim)) {
        if (sim.clock.now_ms > latest_ms)
            fail_restless(&sim);
        pass(&sim, LOOK_MS);
    }
    check_end(&sim);
    sim_trace(&sim, "all is well");
    end(&sim);
}
