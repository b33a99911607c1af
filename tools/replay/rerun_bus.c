/* The other nodes of the first run: the bus brings what it brought, when it did. */
#include "tools/replay/rerun_inner.h"

#include "base/memory.h"
#include "server/cluster/bus_capture.h"
#include "server/cluster/cluster.h"

static void bring_members(struct rerun *rerun, struct span text)
{
    size_t count = text.size / sizeof(struct bus_member);
    struct bus_member *members = memory_zeroed(count + 1, sizeof(*members));

    if (count > 0)
        memcpy(members, text.data, count * sizeof(*members));
    for (size_t i = 0; i < count; i++)
        if (members[i].name[sizeof(members[i].name) - 1] != '\0')
            rerun_stop(rerun, RERUN_DAMAGED, "a member's name has no end");
    if (rerun->end == RERUN_WHOLE)
        rerun->bus.listener->ops->members(rerun->bus.listener, members, count);
    memory_free(members);
}

static bool is_report(const struct capture_record *record)
{
    return record->kind >= CAPTURE_SUBSCRIBED && record->kind <= CAPTURE_LOST;
}

static void bring_one(struct rerun *rerun, struct capture_record record)
{
    struct bus_listener *listener = rerun->bus.listener;

    if (record.kind == CAPTURE_SUBSCRIBED)
        listener->ops->subscribed(listener, record.text);
    else if (record.kind == CAPTURE_MESSAGE)
        listener->ops->message(listener, record.text, record.bytes);
    else if (record.kind == CAPTURE_MEMBERS)
        bring_members(rerun, record.text);
    else
        listener->ops->lost(listener);
}

/* What the bus reported at this poll: this run makes the same records while it is told. */
static size_t bring(struct bus *bus)
{
    struct rerun *rerun = container_of(bus, struct rerun, bus);
    const struct capture_record *record;

    while ((record = rerun_peek(rerun)) != NULL && is_report(record) && rerun->end == RERUN_WHOLE)
        bring_one(rerun, *record);
    return 0;
}

static void hear(struct bus *bus, struct span channel, struct span message)
{
    (void)bus; /* it is recorded */
    (void)channel;
    (void)message;
}

static void hear_channel(struct bus *bus, struct span channel)
{
    (void)bus;
    (void)channel;
}

static void hear_member(struct bus *bus, const struct bus_member *member)
{
    (void)bus;
    (void)member;
}

static void keep_bus(struct bus *bus)
{
    (void)bus;
}

static const struct bus_ops bus_ops = {.publish = hear,
                                       .subscribe = hear_channel,
                                       .unsubscribe = hear_channel,
                                       .beat = hear_member,
                                       .leave = hear_member,
                                       .poll = bring,
                                       .destroy = keep_bus};

struct peers *rerun_join(struct rerun *rerun, const struct hub_config *config)
{
    struct bus_member self = {.start = config->start};
    size_t size = strlen(rerun->node);

    if (size >= sizeof(self.name)) {
        rerun_stop(rerun, RERUN_DAMAGED, "a node's name is too long");
        return NULL;
    }
    memcpy(self.name, rerun->node, size);
    rerun->bus.ops = &bus_ops;
    rerun->bus_record = bus_capture_create_take(&rerun->bus, &rerun->second);
    rerun->cluster = cluster_create(&self, rerun->bus_record);
    return cluster_peers(rerun->cluster);
}

void rerun_on_cluster(struct rerun *rerun, const struct capture_record *record)
{
    if (rerun->cluster == NULL)
        rerun_stop(rerun, RERUN_DAMAGED, "a single node has no cluster");
    else if (record->kind == CAPTURE_MEET)
        cluster_turn(rerun->cluster, record->now_ms);
    else if (record->kind == CAPTURE_DRAIN)
        cluster_drain(rerun->cluster);
    else if (record->kind == CAPTURE_DEPART)
        cluster_leave(rerun->cluster);
    else
        rerun_stop(rerun, RERUN_DIFFERS,
                   "the bus was asked for its reports, and is not in this run");
}
