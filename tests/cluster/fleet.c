#include "tests/cluster/fleet.h"

#include <stdio.h>
#include <string.h>

#include <check.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/must.h"
#include "server/cluster/bus_capture.h"
#include "server/collab/capture.h"

enum { STEP_MS = 50, START_MS = 1000000 };

static uint64_t clock_ms;
static char owner[64];

static uint64_t read_clock(void)
{
    return clock_ms;
}

/* ---- The store: one for all ---- */

static struct fleet_node *node_of_store(struct store *store)
{
    return container_of(store, struct fleet_node, store);
}

static void submit(struct store *store, struct store_request *request)
{
    queue_append(&node_of_store(store)->waiting, request);
}

static bool writes(const struct store_request *request)
{
    return request->call == STORE_CLAIM || request->call == STORE_COMMIT;
}

static size_t poll_store(struct store *store)
{
    struct fleet_node *node = node_of_store(store);
    struct queue due = queue_take_all(&node->waiting);
    struct store_request *request;
    size_t count = 0;

    for (; (request = queue_take(&due)) != NULL; count++) {
        store_run(node->fleet->backend, request);
        if (node->unsure > 0) {
            node->unsure--;
            request->status = writes(request) ? STATUS_UNKNOWN : STATUS_FAILED;
        }
        request->done(request);
    }
    return count;
}

static const struct store_ops store_ops = {.submit = submit, .poll = poll_store};

/* ---- The bus: the local one, with losses ---- */

static struct fleet_node *node_of_bus(struct bus *bus)
{
    return container_of(bus, struct fleet_node, bus);
}

static bool takes_one(unsigned *count)
{
    bool some = *count > 0;

    *count -= some;
    return some;
}

static void hold(struct fleet_node *node, struct span channel, struct span message)
{
    buffer_append(&node->held_channel, channel);
    buffer_append(&node->held_message, message);
}

static void publish_held(struct fleet_node *node)
{
    if (node->held_channel.size > 0)
        node->exchange_end->ops->publish(node->exchange_end, buffer_span(&node->held_channel),
                                         buffer_span(&node->held_message));
    buffer_clear(&node->held_channel);
    buffer_clear(&node->held_message);
}

static void bus_publish(struct bus *bus, struct span channel, struct span message)
{
    struct fleet_node *node = node_of_bus(bus);

    if (takes_one(&node->losing) || node->cut_off)
        return;
    if (node->held_channel.size == 0 && takes_one(&node->late)) {
        hold(node, channel, message);
        return;
    }
    node->exchange_end->ops->publish(node->exchange_end, channel, message);
    if (takes_one(&node->twice))
        node->exchange_end->ops->publish(node->exchange_end, channel, message);
    publish_held(node);
}

static void bus_subscribe(struct bus *bus, struct span channel)
{
    struct fleet_node *node = node_of_bus(bus);

    node->exchange_end->ops->subscribe(node->exchange_end, channel);
}

static void bus_unsubscribe(struct bus *bus, struct span channel)
{
    struct fleet_node *node = node_of_bus(bus);

    node->exchange_end->ops->unsubscribe(node->exchange_end, channel);
}

static void bus_beat(struct bus *bus, const struct bus_member *self)
{
    struct fleet_node *node = node_of_bus(bus);

    if (!node->cut_off)
        node->exchange_end->ops->beat(node->exchange_end, self);
}

static void bus_leave(struct bus *bus, const struct bus_member *self)
{
    struct fleet_node *node = node_of_bus(bus);

    node->exchange_end->ops->leave(node->exchange_end, self);
}

static size_t bus_poll(struct bus *bus)
{
    struct fleet_node *node = node_of_bus(bus);

    node->exchange_end->listener = bus->listener;
    return node->exchange_end->ops->poll(node->exchange_end);
}

static void bus_destroy(struct bus *bus)
{
    struct fleet_node *node = node_of_bus(bus);

    node->exchange_end->ops->destroy(node->exchange_end);
}

static const struct bus_ops bus_ops = {
    .publish = bus_publish,
    .subscribe = bus_subscribe,
    .unsubscribe = bus_unsubscribe,
    .beat = bus_beat,
    .leave = bus_leave,
    .poll = bus_poll,
    .destroy = bus_destroy,
};

/* ---- Nodes ---- */

static void start(struct fleet *fleet, size_t index)
{
    struct fleet_node *node = &fleet->nodes[index];
    struct hub_config config = {.heartbeat_ms = LIMIT_HEARTBEAT_MS,
                                .idle_ms = LIMIT_IDLE_DOCUMENT_MS};

    *node = (struct fleet_node){.fleet = fleet, .store = {.ops = &store_ops}};
    node->bus.ops = &bus_ops;
    node->exchange_end = bus_local_create(fleet->exchange);
    snprintf(node->self.name, sizeof(node->self.name), "n%zu", index);
    node->self.start = ++clock_ms;
    node->outer = &node->bus;
    if (fleet->captures != NULL) {
        config.capture = &fleet->captures[index];
        node->outer = bus_capture_create_take(&node->bus, config.capture);
    }
    node->cluster = cluster_create(&node->self, node->outer);
    memset(config.secret, 7, sizeof(config.secret)); /* the same public ids in every run */
    config.node = node->self.name;
    config.start = node->self.start;
    config.peers = cluster_peers(node->cluster);
    node->world.now_ms = fleet->now_ms;
    node->world.hub = hub_create(&config, &node->store);
    cluster_attach(node->cluster, node->world.hub);
}

static void turn(struct fleet_node *node)
{
    struct hub *hub = node->world.hub;
    struct link *link;

    if (hub == NULL || node->stopped)
        return;
    node->world.now_ms = node->fleet->now_ms;
    cluster_turn(node->cluster, node->world.now_ms);
    node->store.ops->poll(&node->store);
    hub_turn(hub, node->world.now_ms);
    hub_deliver(hub, node->world.now_ms);
    while ((link = hub_next_output(hub)) != NULL)
        client_write(link_context(link));
}

void fleet_pass(struct fleet *fleet, uint64_t ms)
{
    for (uint64_t end_ms = fleet->now_ms + ms; fleet->now_ms < end_ms;) {
        fleet->now_ms += STEP_MS;
        clock_ms += STEP_MS;
        for (int rounds = 0; rounds < 8; rounds++)
            for (size_t i = 0; i < FLEET_NODES; i++)
                turn(&fleet->nodes[i]);
    }
}

void fleet_init(struct fleet *fleet)
{
    fleet_init_captured(fleet, NULL);
}

void fleet_init_captured(struct fleet *fleet, struct capture *captures)
{
    *fleet = (struct fleet){.now_ms = START_MS, .captures = captures};
    clock_ms = START_MS;
    fleet->backend = backend_memory_create(read_clock);
    fleet->exchange = bus_exchange_create(read_clock);
    for (size_t i = 0; i < FLEET_NODES; i++)
        start(fleet, i);
    fleet_pass(fleet, LIMIT_GONE_MS + 1000);
}

/* What it asked the store for is done, as it would be if it had been sent. */
static void stop(struct fleet_node *node)
{
    if (node->world.hub == NULL)
        return;
    while (poll_store(&node->store) > 0)
        continue;
    node->cut_off = true;
    hub_destroy(node->world.hub);
    cluster_destroy(node->cluster);
    node->outer->ops->destroy(node->outer);
    buffer_finish(&node->held_channel);
    buffer_finish(&node->held_message);
    node->world.hub = NULL;
}

void fleet_kill(struct fleet *fleet, size_t node)
{
    stop(&fleet->nodes[node]);
}

void fleet_finish(struct fleet *fleet)
{
    for (size_t i = 0; i < FLEET_NODES; i++)
        stop(&fleet->nodes[i]);
    bus_exchange_destroy(fleet->exchange);
    fleet->backend->ops->destroy(fleet->backend);
}

/* ---- What the store has ---- */

/* The caller destroys its arena. */
static struct store_load load_of(struct fleet *fleet, const char *document)
{
    struct store_load load = {.request = {.call = STORE_LOAD},
                              .name = span_of_string(document),
                              .seq_max = UINT64_MAX,
                              .time_ms_max = UINT64_MAX};

    store_run(fleet->backend, &load.request);
    return load;
}

static struct document_row row_of(struct fleet *fleet, const char *document)
{
    struct store_load load = load_of(fleet, document);

    store_arena_destroy(load.arena);
    return load.row;
}

const char *fleet_owner(struct fleet *fleet, const char *document)
{
    const struct document_row row = row_of(fleet, document);

    memcpy(owner, row.owner, sizeof(owner));
    return owner;
}

size_t fleet_owner_index(struct fleet *fleet, const char *document)
{
    const char *name = fleet_owner(fleet, document);

    ck_assert_msg(name[0] == 'n', "%s is owned by \"%s\"", document, name);
    return (size_t)(name[1] - '0');
}

uint64_t fleet_head(struct fleet *fleet, const char *document)
{
    return row_of(fleet, document).head;
}

static uint64_t claim(struct backend *backend, size_t node, const char *document,
                      uint64_t seen_epoch)
{
    char name[16];

    snprintf(name, sizeof(name), "n%zu", node);
    struct store_claim claim = {.request = {.call = STORE_CLAIM},
                                .name = span_of_string(document),
                                .node = name,
                                .seen_epoch = seen_epoch};

    store_run(backend, &claim.request);
    must(claim.request.status == STATUS_OK);
    return claim.row.epoch;
}

void fleet_claim_unheard(struct fleet *fleet, size_t node, const char *document)
{
    (void)claim(fleet->backend, node, document, row_of(fleet, document).epoch);
}

void fleet_set_back(struct fleet *fleet, size_t node, const char *document)
{
    struct backend *backend = backend_memory_create(read_clock);
    struct store_load load = load_of(fleet, document);
    uint64_t later_ms = clock_ms;

    must(load.count > 0);
    clock_ms = load.entries[load.count - 1].epoch;
    struct batch_document part = {.name = span_of_string(document),
                                  .epoch = claim(backend, node, document, 0),
                                  .entries = load.entries,
                                  .count = load.count};
    struct store_commit commit = {
        .request = {.call = STORE_COMMIT}, .documents = &part, .count = 1};

    store_run(backend, &commit.request);
    must(part.outcome == STATUS_OK);
    clock_ms = later_ms;
    store_arena_destroy(load.arena);
    fleet->backend->ops->destroy(fleet->backend);
    fleet->backend = backend;
}
