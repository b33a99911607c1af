/* tuttid - the server: one process, one loop, everything wired together.
 *
 *   options -> loop -> store (on its worker) -> hub -> connections -> http, inspector */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/must.h"
#include "base/mutant.h"
#include "server/bus/bus.h"
#include "server/cluster/bus_capture.h"
#include "server/cluster/cluster.h"
#include "server/collab/hub.h"
#include "server/net/address.h"
#include "server/net/bundles.h"
#include "server/net/capture_file.h"
#include "server/net/clock.h"
#include "server/net/connections.h"
#include "server/net/http.h"
#include "server/net/inspector.h"
#include "server/net/log.h"
#include "server/net/loop.h"
#include "server/net/options.h"
#include "server/net/readiness.h"
#include "server/store/store.h"

enum { EXIT_USAGE = 2, NODE_NAME_SIZE = 64 };

/* Each reader is a descriptor: take as many as the system allows us. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    must(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        log_write(LOG_WARN, "cannot raise the number of open files", NULL);
}

static void warn_of_open_doors(const struct options *options, const struct address *address)
{
    char where[ADDRESS_TEXT_SIZE];

    address_write(address, where);
    log_write(LOG_WARN,
              "no authentication: whoever reaches this address may read and change every document",
              log_fields(log_text("address", where)));
    if (!address_is_loopback(address))
        log_write(LOG_WARN,
                  "no encryption: bound beyond this machine, put a proxy with TLS in front of it",
                  log_fields(log_text("address", where)));
    if (options->capture != NULL)
        log_write(LOG_WARN, "everything that clients say is recorded, their secrets among it",
                  log_fields(log_text("capture", options->capture)));
    for (size_t i = 0; i < options->origins_count; i++)
        if (strcmp(options->origins[i], "*") == 0)
            log_write(LOG_WARN,
                      "any origin: every web page may connect from its visitors' browsers", NULL);
}

static void warn_of_inspector(const struct address *address)
{
    char where[ADDRESS_TEXT_SIZE];

    address_write(address, where);
    if (!address_is_loopback(address))
        log_write(LOG_WARN,
                  "the inspector has no authentication: whoever reaches it sees what is written in "
                  "every document",
                  log_fields(log_text("address", where)));
}

/* As this machine's own user reaches it. */
static void write_near(const struct address *address, char out[ADDRESS_TEXT_SIZE])
{
    bool ipv6 = address->storage.ss_family == AF_INET6;

    if (address_is_any(address))
        snprintf(out, ADDRESS_TEXT_SIZE, "%s:%u", ipv6 ? "[::1]" : "127.0.0.1",
                 address_port(address));
    else
        address_write(address, out);
}

static void print_banner(const struct options *options, const struct loop_parts *parts)
{
    char where[ADDRESS_TEXT_SIZE];

    write_near(http_address(parts->http), where);
    printf("tuttid %s\n", TUTTI_VERSION);
    if (options->store == OPTIONS_STORE_MEMORY)
        printf("  store    memory (nothing is kept)\n");
    else if (options->store == OPTIONS_STORE_POSTGRES)
        printf("  store    postgres\n"); /* its URL may hold a password */
    else
        printf("  store    sqlite in %s\n", options->store_path);
    if (options->bus != NULL)
        printf("  bus      redis\n");
    printf("  clients  ws://%s/\n", where);
    printf("  demo     http://%s/\n", where);
    if (parts->inspector != NULL) {
        write_near(inspector_address(parts->inspector), where);
        printf("  inspect  http://%s/\n", where);
    }
    printf("ready\n");
    fflush(stdout);
}

/* The store's clock, for epochs; called on its own thread. */
static uint64_t store_now_ms(void)
{
    struct clock clock = {0};

    return clock_now_ms(&clock);
}

/* The connection for one lane; the first one has opened the store. */
static enum status open_lane(const struct options *options, struct backend *first,
                             struct backend **lane, struct fault *fault)
{
    if (options->store == OPTIONS_STORE_POSTGRES)
        return backend_postgres_open(options->store_path, NULL, lane, fault);
    if (first == NULL)
        return backend_sqlite_open(options->store_path, store_now_ms, lane, fault);
    return backend_sqlite_open_beside(first, lane, fault);
}

/* None when one of them cannot be made. */
static enum status open_lanes(const struct options *options, struct backend *lanes[STORE_LANES],
                              struct fault *fault)
{
    enum status status = STATUS_OK;

    for (size_t lane = 0; lane < STORE_LANES && status == STATUS_OK; lane++)
        status = open_lane(options, lanes[0], &lanes[lane], fault);
    if (status == STATUS_OK)
        return status;
    for (size_t lane = 0; lane < STORE_LANES; lane++)
        if (lanes[lane] != NULL)
            lanes[lane]->ops->destroy(lanes[lane]);
    return status;
}

static enum status open_store(const struct options *options, struct loop *loop,
                              uint8_t secret[STORE_SECRET_SIZE], struct store **store,
                              struct fault *fault)
{
    struct backend *lanes[STORE_LANES] = {NULL};
    enum status status = STATUS_OK;

    if (options->store == OPTIONS_STORE_MEMORY)
        lanes[STORE_LANE_COMMIT] = backend_memory_create(store_now_ms);
    else
        status = open_lanes(options, lanes, fault);
    if (status != STATUS_OK)
        return status;
    memcpy(secret, lanes[STORE_LANE_COMMIT]->secret, STORE_SECRET_SIZE);
    *store = store_worker_create_take(lanes, loop_wake, loop);
    return STATUS_OK;
}

/* What the hub has to tell is about a document or the store, and never good news. */
static void report(const char *line)
{
    log_write(LOG_WARN, line, NULL);
}

/* What runs, in the order in which it is made. */
struct node {
    char name[NODE_NAME_SIZE];
    struct bundles bundles;
    struct loop *loop;
    struct loop_parts parts;
    struct readiness readiness;
    struct capture_file *capture; /* NULL: nothing is captured */
};

/* The others, if there are any to be. */
static enum status join(struct node *node, const struct options *options, struct hub_config *hub,
                        struct fault *fault)
{
    struct loop_parts *parts = &node->parts;
    const struct bus_redis_config config = {.url = options->bus,
                                            .events = loop_events(node->loop),
                                            .wake = loop_wake,
                                            .context = node->loop};
    struct bus_member self = {.start = hub->start};

    if (options->bus == NULL)
        return STATUS_OK;
    if (options->store != OPTIONS_STORE_POSTGRES)
        return fault_set(fault, STATUS_FAILED, "a cluster (--bus) needs --store postgres://…");
    enum status status = bus_redis_create(&config, &parts->bus, fault);
    if (status != STATUS_OK)
        return status;
    if (hub->capture != NULL)
        parts->bus = bus_capture_create_take(parts->bus, hub->capture);
    memcpy(self.name, node->name, strlen(node->name) + 1);
    parts->cluster = cluster_create(&self, parts->bus);
    hub->peers = cluster_peers(parts->cluster);
    return STATUS_OK;
}

/* What kind of store it is; where, may be a secret. */
static const char *store_kind(const struct options *options)
{
    static const char *const kinds[] = {
        [OPTIONS_STORE_MEMORY] = "memory",
        [OPTIONS_STORE_SQLITE] = "sqlite",
        [OPTIONS_STORE_POSTGRES] = "postgres",
    };

    return kinds[options->store];
}

static enum status start_inspector(struct node *node, const struct options *options,
                                   struct fault *fault)
{
    struct loop_parts *parts = &node->parts;
    const struct inspector_config config = {
        .events = loop_events(node->loop),
        .hub = parts->hub,
        .cluster = parts->cluster,
        .connections = parts->connections,
        .readiness = &node->readiness,
        .clock = loop_clock(node->loop),
        .place = options->admin,
        .node = node->name,
        .version = TUTTI_VERSION,
        .store = store_kind(options),
    };
    struct address address;

    if (options->admin == NULL)
        return STATUS_OK;
    enum status status = address_read(options->admin, &address, fault);
    if (status == STATUS_OK)
        status = inspector_create(&config, &address, &parts->inspector, fault);
    if (status == STATUS_OK)
        warn_of_inspector(inspector_address(parts->inspector));
    return status;
}

static enum status start(struct node *node, const struct options *options,
                         const struct address *address, struct fault *fault)
{
    struct loop_parts *parts = &node->parts;
    struct hub_config hub = {.node = node->name,
                             .heartbeat_ms = LIMIT_HEARTBEAT_MS,
                             .idle_ms = LIMIT_IDLE_DOCUMENT_MS,
                             .keep_operations = options->keep_operations,
                             .keep_ms = options->keep_ms,
                             .report = report};

    if (options->node != NULL)
        memcpy(node->name, options->node, strlen(options->node) + 1);
    else
        must(gethostname(node->name, sizeof(node->name) - 1) == 0);
    must(getrandom(&hub.start, sizeof(hub.start), 0) == sizeof(hub.start));
    node->loop = loop_create();
    enum status status = open_store(options, node->loop, hub.secret, &parts->store, fault);
    if (status != STATUS_OK)
        return status;
    if (options->store == OPTIONS_STORE_SQLITE) {
        bundles_init(&node->bundles, options->store_path);
        hub.keeper = &node->bundles.keeper;
    }
    if (options->capture != NULL) {
        status = capture_file_create(options->capture, options->capture_part_bytes, &node->capture,
                                     fault);
        if (status != STATUS_OK)
            return status;
        hub.capture = capture_file_capture(node->capture);
    }
    status = join(node, options, &hub, fault);
    if (status != STATUS_OK)
        return status;
    parts->hub = hub_create(&hub, parts->store);
    if (parts->cluster != NULL)
        cluster_attach(parts->cluster, parts->hub);
    parts->readiness = &node->readiness;
    parts->connections =
        connections_create(loop_events(node->loop), parts->hub, loop_clock(node->loop));

    const struct http_config http = {
        .events = loop_events(node->loop),
        .connections = parts->connections,
        .hub = parts->hub,
        .readiness = &node->readiness,
        .clock = loop_clock(node->loop),
        .origins = {(const char *const *)options->origins, options->origins_count}};
    status = http_create(&http, address, &parts->http, fault);
    if (status == STATUS_OK)
        status = start_inspector(node, options, fault);
    return status;
}

/* Whatever start() has made. */
static void finish(struct node *node)
{
    inspector_destroy(node->parts.inspector);
    http_destroy(node->parts.http);
    connections_destroy(node->parts.connections);
    if (node->parts.hub != NULL)
        hub_destroy(node->parts.hub);
    cluster_destroy(node->parts.cluster);
    if (node->parts.bus != NULL)
        node->parts.bus->ops->destroy(node->parts.bus);
    if (node->parts.store != NULL)
        node->parts.store->ops->destroy(node->parts.store);
    capture_file_destroy(node->capture);
    loop_destroy(node->loop);
}

static int run(const struct options *options)
{
    struct node node = {0};
    struct address address;
    struct fault fault;

    raise_descriptor_limit();
    enum status status = address_read(options->listen, &address, &fault);
    if (status == STATUS_OK)
        status = start(&node, options, &address, &fault);
    if (status == STATUS_OK) {
        warn_of_open_doors(options, http_address(node.parts.http));
        print_banner(options, &node.parts);
        if (!loop_run(node.loop, &node.parts)) {
            log_write(LOG_ERROR, "ended before everything was durable", NULL);
            _Exit(EXIT_FAILURE); /* requests are in flight: nothing of theirs may be freed */
        }
        log_write(LOG_INFO, "goodbye", NULL);
    } else {
        log_write(LOG_ERROR, fault.text, NULL);
    }
    finish(&node);
    return status == STATUS_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Tests of the whole server break a rule in it (base/mutant.h). */
static void break_a_rule(void)
{
#ifdef MUTANTS
    must(mutant_choose(getenv("TUTTI_MUTANT")));
#endif
}

int main(int argc, char **argv)
{
    struct options options;
    struct fault fault;
    int code = EXIT_SUCCESS;

    break_a_rule();
    if (options_read(&options, argc, argv, getenv, &fault) != STATUS_OK) {
        fprintf(stderr, "tuttid: %s\n", fault.text);
        code = EXIT_USAGE;
    } else if (options.help) {
        options_print_help(stdout);
    } else if (options.version) {
        printf("tuttid %s\n", TUTTI_VERSION);
    } else {
        code = run(&options);
    }
    options_finish(&options);
    return code;
}
