/* tuttid - the server: one process, one loop, everything wired together.
 *
 *   options -> loop -> store (on its worker) -> hub -> connections -> http */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/must.h"
#include "server/collab/hub.h"
#include "server/net/address.h"
#include "server/net/clock.h"
#include "server/net/connections.h"
#include "server/net/http.h"
#include "server/net/log.h"
#include "server/net/loop.h"
#include "server/net/options.h"
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
    for (size_t i = 0; i < options->origins_count; i++)
        if (strcmp(options->origins[i], "*") == 0)
            log_write(LOG_WARN,
                      "any origin: every web page may connect from its visitors' browsers", NULL);
}

static void print_banner(const struct options *options, const struct address *address)
{
    bool any = address_is_any(address);
    bool ipv6 = address->storage.ss_family == AF_INET6;
    char where[ADDRESS_TEXT_SIZE];

    if (any)
        snprintf(where, sizeof(where), "%s:%u", ipv6 ? "[::1]" : "127.0.0.1",
                 address_port(address));
    else
        address_write(address, where);
    printf("tuttid %s\n", TUTTI_VERSION);
    if (options->store == OPTIONS_STORE_MEMORY)
        printf("  store    memory (nothing is kept)\n");
    else
        printf("  store    sqlite in %s\n", options->store_path);
    printf("  clients  ws://%s/\n", where);
    printf("  demo     http://%s/\n", where);
    printf("ready\n");
    fflush(stdout);
}

/* The store's clock, for epochs; called on its own thread. */
static uint64_t store_now_ms(void)
{
    struct clock clock = {0};

    return clock_now_ms(&clock);
}

static enum status open_backend(const struct options *options, struct backend **backend,
                                struct fault *fault)
{
    if (options->store == OPTIONS_STORE_SQLITE)
        return backend_sqlite_open(options->store_path, store_now_ms, backend, fault);
    *backend = backend_memory_create(store_now_ms);
    return STATUS_OK;
}

/* Wire the parts to `loop` and turn until the end. Gives whether all became durable. */
static enum status serve(const struct options *options, struct loop *loop, struct backend *backend,
                         bool *flushed, struct fault *fault)
{
    char node[NODE_NAME_SIZE] = "";
    struct hub_config config = {.node = node,
                                .heartbeat_ms = LIMIT_HEARTBEAT_MS,
                                .idle_ms = LIMIT_IDLE_DOCUMENT_MS,
                                .snapshot_entries = LIMIT_SNAPSHOT_ENTRIES};
    struct address address;
    struct loop_parts parts;

    must(gethostname(node, sizeof(node) - 1) == 0);
    enum status status = backend->ops->secret(backend, config.secret);
    parts.store = store_worker_create_take(backend, loop_wake, loop);
    if (status != STATUS_OK) {
        parts.store->ops->destroy(parts.store);
        return fault_set(fault, status, "the store does not give its secret: %s",
                         status_text(status));
    }
    parts.hub = hub_create(&config, parts.store);
    parts.connections = connections_create(loop_events(loop), parts.hub, loop_clock(loop));

    const struct http_config http = {.events = loop_events(loop),
                                     .connections = parts.connections,
                                     .origins = (const char *const *)options->origins,
                                     .origins_count = options->origins_count};
    *flushed = true;
    status = address_read(options->listen, &address, fault);
    if (status == STATUS_OK)
        status = http_create(&http, &address, &parts.http, fault);
    if (status == STATUS_OK) {
        warn_of_open_doors(options, http_address(parts.http));
        print_banner(options, http_address(parts.http));
        *flushed = loop_run(loop, &parts);
        if (!*flushed)
            return STATUS_OK; /* requests are in flight: only the process' end is safe */
        http_destroy(parts.http);
    }
    connections_destroy(parts.connections);
    hub_destroy(parts.hub);
    parts.store->ops->destroy(parts.store);
    return status;
}

static int run(const struct options *options)
{
    struct backend *backend;
    struct fault fault;
    bool flushed;

    raise_descriptor_limit();
    enum status status = open_backend(options, &backend, &fault);
    if (status == STATUS_OK) {
        struct loop *loop = loop_create();

        status = serve(options, loop, backend, &flushed, &fault);
        if (status == STATUS_OK && !flushed) {
            log_write(LOG_ERROR, "ended before everything was durable", NULL);
            _Exit(EXIT_FAILURE);
        }
        loop_destroy(loop);
    }
    if (status != STATUS_OK) {
        log_write(LOG_ERROR, fault.text, NULL);
        return EXIT_FAILURE;
    }
    log_write(LOG_INFO, "everything is durable, goodbye", NULL);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    struct options options;
    struct fault fault;
    int code = EXIT_SUCCESS;

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
