#include "tests/sim/sim_bus.h"

#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/must.h"
#include "base/table.h"
#include "tests/sim/sim.h"

enum {
    TRAVEL_MS = 3,
    LATE_MS = 6000,
    CUT_MS = 6000,
    SURE_MS = 20000, /* longer than a claim can lie in a stalled store */
    SALT_BUS = 3000
};

struct sim_parcel {
    struct sim_parcel *prev, *next;
    struct sim_bus *bus;
    struct sim_end *end;
    struct sim_timer timer;
    enum report_kind kind;
    struct buffer channel;
    struct buffer bytes;
};

struct sim_channel {
    struct sim_channel *prev, *next;
    struct buffer name;
};

void sim_bus_init(struct sim_bus *bus, struct sim *sim)
{
    *bus = (struct sim_bus){.sim = sim, .prng = sim_plan_prng(&sim->plan, SALT_BUS)};
}

static void parcel_destroy(struct sim_parcel *parcel)
{
    DL_DELETE(parcel->bus->parcels, parcel);
    sim_timer_stop(&parcel->bus->sim->clock, &parcel->timer);
    buffer_finish(&parcel->channel);
    buffer_finish(&parcel->bytes);
    memory_free(parcel);
}

void sim_bus_finish(struct sim_bus *bus)
{
    while (bus->parcels != NULL)
        parcel_destroy(bus->parcels);
}

/* ---- Under way ---- */

static struct sim_channel *find(const struct sim_end *end, struct span name)
{
    struct sim_channel *channel;

    DL_FOREACH (end->channels, channel)
        if (span_equal(buffer_span(&channel->name), name))
            return channel;
    return NULL;
}

static bool is_away(const struct sim_end *end)
{
    return end->node->sim->clock.now_ms < end->away_until_ms;
}

static void arrive(struct sim_timer *timer)
{
    struct sim_parcel *parcel = container_of(timer, struct sim_parcel, timer);
    struct sim_end *end = parcel->end;
    struct span channel = buffer_span(&parcel->channel);
    bool wanted = parcel->kind == REPORT_MEMBERS || find(end, channel) != NULL;

    if (!is_away(end) && wanted) {
        reports_add(&end->reports, parcel->kind, channel, buffer_span(&parcel->bytes));
        sim_node_wake(end->node);
    }
    parcel_destroy(parcel);
}

static void send(struct sim_end *end, enum report_kind kind, struct span channel, struct span bytes,
                 uint64_t after_ms)
{
    struct sim_bus *bus = &end->node->sim->bus;
    struct sim_parcel *parcel = memory_zeroed(1, sizeof(*parcel));

    parcel->bus = bus;
    parcel->end = end;
    parcel->kind = kind;
    parcel->timer.fire = arrive;
    buffer_append(&parcel->channel, channel);
    buffer_append(&parcel->bytes, bytes);
    DL_APPEND(bus->parcels, parcel);
    sim_timer_set(&bus->sim->clock, &parcel->timer, after_ms);
}

/* ---- What a node does ---- */

static struct sim_end *end_of(struct bus *bus)
{
    return container_of(bus, struct sim_end, bus);
}

static void publish(struct bus *from, struct span channel, struct span message)
{
    struct sim_end *sender = end_of(from);
    struct sim *sim = sender->node->sim;
    struct prng *prng = &sim->bus.prng;

    if (is_away(sender))
        return;
    for (unsigned i = 0; i < SIM_NODES; i++) {
        struct sim_end *end = &sim->nodes[i].end;

        if (!end->open || find(end, channel) == NULL)
            continue;
        if (sim_strikes(sim, SIM_BUS, prng, 5))
            sim_tally(SIM_TALLY_BUS_LOST);
        else
            send(end, REPORT_MESSAGE, channel, message, sim_delay(prng, TRAVEL_MS));
        if (sim_strikes(sim, SIM_BUS, prng, 5)) {
            sim_tally(SIM_TALLY_BUS_AGAIN);
            send(end, REPORT_MESSAGE, channel, message, prng_below(prng, LATE_MS));
        }
    }
}

static void subscribe(struct bus *bus, struct span name)
{
    struct sim_end *end = end_of(bus);
    struct sim_channel *channel = memory_zeroed(1, sizeof(*channel));

    must(find(end, name) == NULL);
    buffer_append(&channel->name, name);
    DL_APPEND(end->channels, channel);
    if (!is_away(end))
        send(end, REPORT_SUBSCRIBED, name, SPAN_NONE,
             sim_delay(&end->node->sim->bus.prng, TRAVEL_MS));
}

static void forget(struct sim_end *end, struct sim_channel *channel)
{
    DL_DELETE(end->channels, channel);
    buffer_finish(&channel->name);
    memory_free(channel);
}

static void unsubscribe(struct bus *bus, struct span name)
{
    struct sim_end *end = end_of(bus);
    struct sim_channel *channel = find(end, name);

    must(channel != NULL);
    forget(end, channel);
}

/* ---- Beats ---- */

static void answer(struct sim_end *end)
{
    struct sim *sim = end->node->sim;
    struct bus_member members[SIM_NODES];
    size_t count = 0;

    memset(members, 0, sizeof(members));
    for (unsigned i = 0; i < SIM_NODES; i++) {
        const struct sim_end *other = &sim->nodes[i].end;

        if (other->self.name[0] != '\0' && sim->clock.now_ms - other->beat_ms < LIMIT_MEMBER_MS)
            members[count++] = other->self;
    }
    send(end, REPORT_MEMBERS, SPAN_NONE, span_of(members, count * sizeof(*members)),
         sim_delay(&sim->bus.prng, TRAVEL_MS));
}

/* It comes back: what it had subscribed to it hears again from now on. */
static void come_back(struct sim_end *end)
{
    struct sim_channel *channel;

    end->away_until_ms = 0;
    DL_FOREACH (end->channels, channel)
        send(end, REPORT_SUBSCRIBED, buffer_span(&channel->name), SPAN_NONE,
             sim_delay(&end->node->sim->bus.prng, TRAVEL_MS));
}

static void beat(struct bus *bus, const struct bus_member *self)
{
    struct sim_end *end = end_of(bus);
    struct sim *sim = end->node->sim;
    uint64_t now_ms = sim->clock.now_ms;

    if (is_away(end))
        return;
    if (end->away_until_ms != 0)
        come_back(end);
    if (sim_strikes(sim, SIM_BUS_AWAY, &sim->bus.prng, 25)) {
        sim_trace(sim, "%s is cut off from the bus", end->node->name);
        sim_tally(SIM_TALLY_CUT_OFF);
        end->away_until_ms = now_ms + prng_below(&sim->bus.prng, CUT_MS);
        reports_add(&end->reports, REPORT_LOST, SPAN_NONE, SPAN_NONE);
        sim_node_wake(end->node);
        return;
    }
    if (now_ms - end->beat_ms >= LIMIT_MEMBER_MS)
        end->beating_ms = now_ms;
    end->beat_ms = now_ms;
    end->self = *self;
    answer(end);
}

static void leave(struct bus *bus, const struct bus_member *self)
{
    (void)self;
    end_of(bus)->self.name[0] = '\0';
}

static size_t poll(struct bus *bus)
{
    return reports_tell(&end_of(bus)->reports, bus->listener);
}

static const struct bus_ops end_ops = {
    .publish = publish,
    .subscribe = subscribe,
    .unsubscribe = unsubscribe,
    .beat = beat,
    .leave = leave,
    .poll = poll,
};

/* A life before this one may still be among the members. */
void sim_end_open(struct sim_end *end, struct sim_node *node)
{
    end->bus = (struct bus){.ops = &end_ops};
    end->node = node;
    end->away_until_ms = 0;
    end->open = true;
}

void sim_end_silence(struct sim_end *end)
{
    end->away_until_ms = UINT64_MAX;
}

void sim_end_close(struct sim_end *end)
{
    struct sim_parcel *parcel;
    struct sim_parcel *next;

    if (!end->open)
        return;
    end->open = false;
    while (end->channels != NULL)
        forget(end, end->channels);
    reports_finish(&end->reports);
    DL_FOREACH_SAFE (end->node->sim->bus.parcels, parcel, next)
        if (parcel->end == end)
            parcel_destroy(parcel);
}

bool sim_end_surely_lives(const struct sim_end *end)
{
    uint64_t now_ms = end->node->sim->clock.now_ms;

    return end->open && !end->node->asleep && now_ms - end->beat_ms < LIMIT_MEMBER_MS &&
           now_ms - end->beating_ms >= SURE_MS;
}
