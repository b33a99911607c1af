/* The bus of one process: what is published is put before each subscribed bus at its next poll. It
 * loses nothing; the simulator's wrapper does. */
#include "base/limits.h"
#include "base/must.h"
#include "base/table.h"
#include "server/bus/bus.h"
#include "server/bus/reports.h"

struct subscription {
    UT_hash_handle hh;
    size_t size;
    uint8_t channel[];
};

struct local {
    struct bus bus;
    struct bus_exchange *exchange;
    struct local *prev, *next; /* in exchange->buses */
    struct subscription *subscriptions;
    struct reports reports;
};

struct beat {
    struct beat *prev, *next;
    struct bus_member member;
    uint64_t at_ms;
};

struct bus_exchange {
    bus_clock_fn clock;
    struct local *buses;
    struct beat *beats;
};

static struct local *local_of(struct bus *bus)
{
    return container_of(bus, struct local, bus);
}

static struct subscription *find(const struct local *local, struct span channel)
{
    struct subscription *subscription;

    HASH_FIND(hh, local->subscriptions, channel.data, channel.size, subscription);
    return subscription;
}

static void local_publish(struct bus *bus, struct span channel, struct span message)
{
    struct local *to;

    DL_FOREACH (local_of(bus)->exchange->buses, to)
        if (find(to, channel) != NULL)
            reports_add(&to->reports, REPORT_MESSAGE, channel, message);
}

static void local_subscribe(struct bus *bus, struct span channel)
{
    struct local *local = local_of(bus);
    struct subscription *subscription = memory_allocate(sizeof(*subscription) + channel.size);

    must(find(local, channel) == NULL);
    subscription->size = channel.size;
    memcpy(subscription->channel, channel.data, channel.size);
    HASH_ADD_KEYPTR(hh, local->subscriptions, subscription->channel, channel.size, subscription);
    reports_add(&local->reports, REPORT_SUBSCRIBED, channel, SPAN_NONE);
}

static void local_unsubscribe(struct bus *bus, struct span channel)
{
    struct local *local = local_of(bus);
    struct subscription *subscription = find(local, channel);

    must(subscription != NULL);
    HASH_DEL(local->subscriptions, subscription);
    memory_free(subscription);
}

/* ---- Members ---- */

static bool same_member(const struct bus_member *a, const struct bus_member *b)
{
    return a->start == b->start && strcmp(a->name, b->name) == 0;
}

static void remove_beats(struct bus_exchange *exchange, const struct bus_member *gone)
{
    uint64_t now_ms = exchange->clock();
    struct beat *beat;
    struct beat *next;

    DL_FOREACH_SAFE (exchange->beats, beat, next) {
        if (!same_member(&beat->member, gone) && now_ms - beat->at_ms < LIMIT_MEMBER_MS)
            continue;
        DL_DELETE(exchange->beats, beat);
        memory_free(beat);
    }
}

static void local_beat(struct bus *bus, const struct bus_member *self)
{
    struct local *local = local_of(bus);
    struct bus_exchange *exchange = local->exchange;
    struct beat *beat = memory_zeroed(1, sizeof(*beat));
    size_t count = 0;

    remove_beats(exchange, self);
    beat->member = *self;
    beat->at_ms = exchange->clock();
    DL_APPEND(exchange->beats, beat);
    DL_COUNT(exchange->beats, beat, count);

    struct bus_member *members = memory_zeroed(count, sizeof(*members));
    count = 0;
    DL_FOREACH (exchange->beats, beat)
        members[count++] = beat->member;
    reports_add(&local->reports, REPORT_MEMBERS, SPAN_NONE,
                span_of(members, count * sizeof(*members)));
    memory_free(members);
}

static void local_leave(struct bus *bus, const struct bus_member *self)
{
    remove_beats(local_of(bus)->exchange, self);
}

/* ---- The table ---- */

static size_t local_poll(struct bus *bus)
{
    return reports_tell(&local_of(bus)->reports, bus->listener);
}

static void local_destroy(struct bus *bus)
{
    struct local *local = local_of(bus);
    struct subscription *subscription;
    struct subscription *next;

    HASH_ITER (hh, local->subscriptions, subscription, next) {
        HASH_DEL(local->subscriptions, subscription);
        memory_free(subscription);
    }
    reports_finish(&local->reports);
    DL_DELETE(local->exchange->buses, local);
    memory_free(local);
}

static const struct bus_ops local_ops = {
    .publish = local_publish,
    .subscribe = local_subscribe,
    .unsubscribe = local_unsubscribe,
    .beat = local_beat,
    .leave = local_leave,
    .poll = local_poll,
    .destroy = local_destroy,
};

struct bus *bus_local_create(struct bus_exchange *exchange)
{
    struct local *local = memory_zeroed(1, sizeof(*local));

    local->bus.ops = &local_ops;
    local->exchange = exchange;
    DL_APPEND(exchange->buses, local);
    return &local->bus;
}

struct bus_exchange *bus_exchange_create(bus_clock_fn clock)
{
    struct bus_exchange *exchange = memory_zeroed(1, sizeof(*exchange));

    exchange->clock = clock;
    return exchange;
}

void bus_exchange_destroy(struct bus_exchange *exchange)
{
    struct beat *beat;
    struct beat *next;

    must(exchange->buses == NULL);
    DL_FOREACH_SAFE (exchange->beats, beat, next)
        memory_free(beat);
    memory_free(exchange);
}
