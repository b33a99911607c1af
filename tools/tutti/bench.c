#include "tools/tutti/bench.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>

#include <event2/event.h>

#include "base/memory.h"
#include "ot/type.h"
#include "tools/tutti/moment.h"
#include "tools/tutti/process.h"

enum { CONNECTING_MAX = 64, WARM_UP_SECONDS = 1, NAME_SIZE = 64 };

static void fail(struct bench *bench, const char *why)
{
    if (!bench->failed)
        fprintf(stderr, "tutti bench: %s\n", why);
    bench->failed = true;
    event_base_loopbreak(bench->target.events);
}

/* ---- Clients ---- */

static void connect_more(struct bench *bench)
{
    while (bench->connected < bench->count &&
           bench->connected - bench->opened < (bench->opened > 0 ? CONNECTING_MAX : 1))
        client_connect(&bench->clients[bench->connected++].client);
}

static void on_ready(struct client *client)
{
    struct bench_client *self = container_of(client, struct bench_client, client);
    struct bench *bench = self->bench;
    struct buffer out = {0};
    char name[NAME_SIZE];

    snprintf(name, sizeof(name), "bench/%llx-%zu", (unsigned long long)bench->run, self->document);
    struct message_open open = {
        .name = span_of_string(name),
        .type = span_of_string(bench->ops->type->name),
        .create = true,
        .data = bench->ops->start,
    };
    native_open(&out, &open);
    client_send(client, &out);
    buffer_finish(&out);
}

static void take_opened(struct bench_client *self, const struct native_event *event)
{
    struct bench *bench = self->bench;

    self->channel = event->channel;
    self->seq = event->seq;
    bench->opened++;
    connect_more(bench);
    if (bench->opened == bench->count) {
        bench->begun = true;
        bench->ops->begin(bench);
    }
}

static void take_operations(struct bench_client *self, const struct native_event *event)
{
    struct native_operations_walk walk;
    struct span who;
    struct span operation;
    uint64_t seq;
    uint64_t count = 0;
    uint64_t own = 0;

    native_operations_walk_init(&walk, event);
    while (native_operations_walk_next(&walk, &seq, &who, &operation)) {
        if (seq <= self->seq)
            continue;
        if (seq != self->seq + 1) {
            fail(self->bench, "the stream has a gap");
            return;
        }
        self->seq = seq;
        count++;
        own += span_equal(who, client_who(&self->client));
    }
    self->fate += own;
    if (self->bench->begun)
        self->bench->ops->operations(self, count, own);
}

static void on_event(struct client *client, const struct native_event *event)
{
    struct bench_client *self = container_of(client, struct bench_client, client);
    char why[FAULT_TEXT_SIZE];

    switch (event->kind) {
    case NATIVE_OPENED:
        take_opened(self, event);
        return;
    case NATIVE_OPERATIONS:
        take_operations(self, event);
        return;
    case NATIVE_REFUSED:
    case NATIVE_CLOSED:
        snprintf(why, sizeof(why), "the server refused: %d %.*s", event->code,
                 SPAN_PRINT(event->text));
        fail(self->bench, why);
        return;
    default:
        return;
    }
}

static bool on_peek(struct client *client, struct span text)
{
    container_of(client, struct bench_client, client)->bytes += text.size;
    return false;
}

static void on_lost(struct client *client)
{
    fail(container_of(client, struct bench_client, client)->bench, "a connection was lost");
}

static void on_failed(struct client *client, const char *why)
{
    fail(container_of(client, struct bench_client, client)->bench, why);
}

static const struct client_ops client_ops = {
    .ready = on_ready,
    .event = on_event,
    .lost = on_lost,
    .failed = on_failed,
    .peek = on_peek,
};

void bench_edit(struct bench_client *client, struct span operation)
{
    struct buffer out = {0};

    native_edit(&out, client->channel, ++client->serial, client->seq, operation);
    client->sent_ns = moment_ns();
    client_send(&client->client, &out);
    buffer_finish(&out);
}

/* ---- The run ---- */

static int server_pid(const struct bench *bench)
{
    const struct sockaddr_in *address = (const struct sockaddr_in *)&bench->target.address;

    /* The port is at the same place for both families. */
    return bench->options->server_pid > 0 ? (int)bench->options->server_pid
                                          : process_listening_on(ntohs(address->sin_port));
}

static double own_cpu(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void turn_for(struct bench *bench, uint64_t seconds)
{
    struct timeval duration = {.tv_sec = (time_t)seconds};

    event_base_loopexit(bench->target.events, &duration);
    event_base_dispatch(bench->target.events);
}

static uint64_t all_bytes(const struct bench *bench)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < bench->count; i++)
        bytes += bench->clients[i].bytes;
    return bytes;
}

static void measure(struct bench *bench)
{
    int pid = server_pid(bench);
    double server_before = process_usage(pid).cpu_seconds;
    double own_before = own_cpu();
    uint64_t bytes_before = all_bytes(bench);

    bench->begin_ns = moment_ns();
    bench->measuring = true;
    turn_for(bench, bench->options->seconds);
    bench->measuring = false;
    bench->seconds = moment_seconds(moment_ns() - bench->begin_ns);
    struct process_usage after = process_usage(pid);

    bench->delivered_bytes = all_bytes(bench) - bytes_before;
    bench->own_cpu = own_cpu() - own_before;
    bench->server_cpu = after.cpu_seconds - server_before;
    bench->server_rss = after.rss_bytes;
}

static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

bool bench_run(struct bench *bench, const struct bench_options *options,
               const struct bench_ops *ops, size_t count)
{
    struct fault fault;

    *bench = (struct bench){.ops = ops, .options = options, .count = count};
    raise_descriptor_limit();
    must(getrandom(&bench->run, sizeof(bench->run), 0) == sizeof(bench->run));
    prng_init(&bench->prng, bench->run);
    if (wire_target_init(&bench->target, options->url, &fault) != STATUS_OK) {
        fprintf(stderr, "tutti bench: %s\n", fault.text);
        return false;
    }
    bench->clients = memory_zeroed(count, sizeof(*bench->clients));
    for (size_t i = 0; i < count; i++) {
        bench->clients[i].bench = bench;
        bench->clients[i].document = i % options->documents;
        client_init(&bench->clients[i].client, &bench->target, &client_ops);
    }
    connect_more(bench);
    while (!bench->begun && !bench->failed)
        event_base_loop(bench->target.events, EVLOOP_ONCE);
    if (!bench->failed)
        turn_for(bench, WARM_UP_SECONDS);
    if (!bench->failed)
        measure(bench);
    for (size_t i = 0; i < count; i++)
        client_finish(&bench->clients[i].client);
    memory_free(bench->clients);
    wire_target_finish(&bench->target);
    return !bench->failed;
}

/* ---- The report ---- */

void bench_report_figure(struct bench_report *report, const char *name, double value,
                         const char *unit)
{
    bool whole = value == (double)(uint64_t)value;
    int decimals = whole ? 0 : value < 10 ? 3 : value < 1000 ? 1 : 0;

    if (report->json) {
        printf("%s\"%s\":%.*f", report->any ? "," : "{", name, decimals, value);
        report->any = true;
        return;
    }
    printf("  %-24s %12.*f %s\n", name, decimals, value, unit);
}

void bench_report_title(struct bench_report *report, const struct bench_options *options)
{
    *report = (struct bench_report){.json = options->json, .any = true};
    if (options->json)
        printf("{\"bench\":\"%s\"", options->kind);
    else
        printf("%s\n", options->kind);
}

void bench_report_begin(struct bench_report *report, const struct bench *bench)
{
    const struct bench_options *options = bench->options;
    double operations = (double)bench->operations;

    bench_report_title(report, options);
    bench_report_figure(report, "clients", (double)bench->count, "");
    bench_report_figure(report, "seconds", bench->seconds, "s");
    bench_report_figure(report, "operations", operations, "acknowledged");
    bench_report_figure(report, "operations_per_second", operations / bench->seconds, "/s");
    bench_report_figure(report, "deliveries", (double)bench->deliveries, "operations at readers");
    bench_report_figure(report, "deliveries_per_second", (double)bench->deliveries / bench->seconds,
                        "/s");
    bench_report_figure(report, "p50_ms", moment_ms(histogram_percentile(&bench->latencies, 50)),
                        "ms");
    bench_report_figure(report, "p99_ms", moment_ms(histogram_percentile(&bench->latencies, 99)),
                        "ms");
    bench_report_figure(report, "server_cpu_seconds", bench->server_cpu, "s");
    bench_report_figure(report, "server_rss_mb", (double)bench->server_rss / 1e6, "MB");
    bench_report_figure(report, "bench_cpu_seconds", bench->own_cpu, "s");
}

void bench_report_end(struct bench_report *report)
{
    if (report->json)
        printf("}\n");
}
