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

enum { CONNECTING_MAX = 64, WARM_UP_SECONDS = 1, ANSWER_SECONDS_MAX = 10 };

void bench_fail(struct bench *bench, const char *why)
{
    if (!bench->failed)
        fprintf(stderr, "tutti bench: %s\n", why);
    bench->failed = true;
    event_base_loopbreak(bench->target.events);
}

const struct bench_dialect *bench_dialect_find(const char *name)
{
    static const struct bench_dialect *const dialects[] = {&bench_native, &bench_sharedb,
                                                           &bench_yjs};

    for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++)
        if (strcmp(name, dialects[i]->name) == 0)
            return dialects[i];
    return NULL;
}

/* ---- Clients ---- */

/* The first client of each document opens it before all others, which then find it there. */
static void connect_more(struct bench *bench)
{
    size_t first = (size_t)bench->options->documents;
    size_t most = bench->opened < first && first < bench->count ? first : bench->count;

    while (bench->connected < most &&
           bench->connected - bench->opened < (bench->opened > 0 ? CONNECTING_MAX : 1))
        bench->dialect->connect(&bench->clients[bench->connected++]);
}

void bench_document_name(const struct bench_client *client, char name[BENCH_NAME_SIZE])
{
    snprintf(name, BENCH_NAME_SIZE, "bench/%llx-%zu", (unsigned long long)client->bench->run,
             client->document);
}

void bench_opened(struct bench_client *client, uint64_t seq)
{
    struct bench *bench = client->bench;

    client->seq = seq;
    bench->opened++;
    connect_more(bench);
    if (bench->opened == bench->count) {
        bench->begun = true;
        bench->ops->begin(bench);
    }
}

void bench_took(struct bench_client *client, uint64_t count, uint64_t own)
{
    struct bench *bench = client->bench;

    if (!bench->begun)
        return;
    bench->acknowledged += own;
    bench->ops->operations(client, count, own);
    if (bench->ending && bench->acknowledged == bench->sent)
        event_base_loopbreak(bench->target.events);
}

void bench_edit(struct bench_client *client, struct span operation)
{
    if (client->bench->ending)
        return;
    client->bench->sent++;
    client->serial++;
    client->sent_ns = moment_ns();
    client->bench->dialect->edit(client, operation);
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

/* An operation that is never answered would make a load look light. */
static void wait_for_answers(struct bench *bench)
{
    bench->ending = true;
    if (bench->acknowledged < bench->sent)
        turn_for(bench, ANSWER_SECONDS_MAX);
    if (bench->acknowledged < bench->sent)
        bench_fail(bench, "not every operation was acknowledged");
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

    *bench = (struct bench){.dialect = bench_dialect_find(options->dialect),
                            .ops = ops,
                            .options = options,
                            .count = count};
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
        bench->clients[i].seq = BENCH_NOT_OPEN;
        bench->dialect->init(&bench->clients[i]);
    }
    connect_more(bench);
    while (!bench->begun && !bench->failed)
        event_base_loop(bench->target.events, EVLOOP_ONCE);
    if (!bench->failed)
        turn_for(bench, WARM_UP_SECONDS);
    if (!bench->failed)
        measure(bench);
    if (!bench->failed)
        wait_for_answers(bench);
    for (size_t i = 0; i < count; i++)
        bench->dialect->finish(&bench->clients[i]);
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
        printf("{\"bench\":\"%s\",\"url\":\"%s\"", options->kind, options->url);
    else
        printf("%s, %s\n", options->kind, options->url);
}

struct bench_result bench_result(const struct bench *bench)
{
    double operations = (double)bench->operations;

    return (struct bench_result){
        .operations_per_second = operations / bench->seconds,
        .deliveries_per_second = (double)bench->deliveries / bench->seconds,
        .p50_ms = moment_ms(histogram_percentile(&bench->latencies, 50)),
        .p99_ms = moment_ms(histogram_percentile(&bench->latencies, 99)),
        .server_cpu_us = operations > 0 ? bench->server_cpu * 1e6 / operations : 0,
        .server_rss_mb = (double)bench->server_rss / 1e6,
    };
}

void bench_report_begin(struct bench_report *report, const struct bench *bench)
{
    struct bench_result result = bench_result(bench);

    bench_report_title(report, bench->options);
    bench_report_figure(report, "clients", (double)bench->count, "");
    bench_report_figure(report, "seconds", bench->seconds, "s");
    bench_report_figure(report, "operations", (double)bench->operations, "acknowledged");
    bench_report_figure(report, "operations_per_second", result.operations_per_second, "/s");
    bench_report_figure(report, "deliveries", (double)bench->deliveries, "operations at readers");
    bench_report_figure(report, "deliveries_per_second", result.deliveries_per_second, "/s");
    bench_report_figure(report, "p50_ms", result.p50_ms, "ms");
    bench_report_figure(report, "p99_ms", result.p99_ms, "ms");
    bench_report_figure(report, "server_cpu_seconds", bench->server_cpu, "s");
    bench_report_figure(report, "server_rss_mb", result.server_rss_mb, "MB");
    bench_report_figure(report, "bench_cpu_seconds", bench->own_cpu, "s");
    bench_report_figure(report, "acknowledged_in_all", (double)bench->acknowledged,
                        "with the warm-up");
}

static void figure_ratio(struct bench_report *report, const char *name, double first, double peer)
{
    if (peer > 0)
        bench_report_figure(report, name, first / peer, "times the peer's");
}

void bench_report_ratios(struct bench_report *report, const struct bench_result *first,
                         const struct bench_result *peer)
{
    figure_ratio(report, "operations_ratio", first->operations_per_second,
                 peer->operations_per_second);
    figure_ratio(report, "deliveries_ratio", first->deliveries_per_second,
                 peer->deliveries_per_second);
    figure_ratio(report, "p50_ratio", first->p50_ms, peer->p50_ms);
    figure_ratio(report, "p99_ratio", first->p99_ms, peer->p99_ms);
    figure_ratio(report, "server_cpu_ratio", first->server_cpu_us, peer->server_cpu_us);
    figure_ratio(report, "server_rss_ratio", first->server_rss_mb, peer->server_rss_mb);
}

void bench_report_end(struct bench_report *report)
{
    if (report->json)
        printf("}\n");
}
