/* One writer counts, with so many operations in flight; many readers follow. A delivery is one
 * operation at one reader. */
#include "tools/tutti/bench.h"

#include <string.h>

#include "base/must.h"
#include "ot/type.h"
#include "tools/tutti/floor.h"
#include "tools/tutti/moment.h"

enum { FLOOR_SECONDS = 3, SENT_MAX = 4096 };

/* When each operation was sent, by its serial. The writer's first one takes the seq after the one
 * that it opened at, and nobody else writes. */
static uint64_t sent_ns[SENT_MAX];
static uint64_t first_seq;
static uint64_t first_serial;
static struct span one; /* the operation that counts one more */

static void count_on(struct bench_client *writer, uint64_t count)
{
    for (; count > 0; count--) {
        bench_edit(writer, one);
        sent_ns[writer->serial % SENT_MAX] = writer->sent_ns;
    }
}

static void begin(struct bench *bench)
{
    first_seq = bench->clients[0].seq + 1;
    first_serial = bench->clients[0].serial + 1;
    count_on(&bench->clients[0], bench->options->in_flight);
}

static void take_operations(struct bench_client *client, uint64_t count, uint64_t own)
{
    struct bench *bench = client->bench;
    bool reader = client != &bench->clients[0];

    if (bench->measuring && reader && count > 0) {
        uint64_t oldest = client->seq - count + 1;
        uint64_t serial = oldest - first_seq + first_serial;

        bench->deliveries += count;
        histogram_add(&bench->latencies, moment_ns() - sent_ns[serial % SENT_MAX]);
    }
    if (own > 0) {
        bench->operations += bench->measuring ? own : 0;
        count_on(client, own);
    }
}

/* Neither ShareDB nor Yjs has counters: what is as small in theirs. */
static void choose_operation(struct bench_ops *ops, const struct bench_dialect *dialect)
{
    if (dialect == &bench_sharedb) {
        ops->type = &type_json0;
        ops->start = SPAN("{\"n\":0}");
        one = SPAN("[{\"p\":[\"n\"],\"na\":1}]");
    } else if (dialect == &bench_yjs) {
        ops->type = &type_text;
        ops->start = SPAN("\"\"");
        one = SPAN("[\"x\"]");
    } else {
        ops->type = &type_counter;
        ops->start = SPAN("0");
        one = SPAN("1");
    }
}

/* `syncs` is what the disk did before. */
static void report_floor(struct bench_report *report, const struct bench *bench, double syncs)
{
    const struct bench_options *options = bench->options;
    double rate = (double)bench->deliveries / bench->seconds;
    double delivered = (double)bench->deliveries + (double)bench->operations;
    double size = delivered > 0 ? (double)bench->delivered_bytes / delivered : 0;
    size_t message = size >= 1 ? (size_t)(size + 0.5) : 1;
    struct floor_fanout floor =
        floor_fanout(options->readers, options->in_flight, message, FLOOR_SECONDS);
    double cpu_us = bench->deliveries > 0 ? bench->server_cpu * 1e6 / (double)bench->deliveries : 0;

    syncs = (syncs + floor_syncs(options->floor_folder, 1)) / 2;
    bench_report_figure(report, "bytes_per_delivery", size, "bytes");
    bench_report_figure(report, "server_cpu_us", cpu_us, "us a delivery");
    bench_report_figure(report, "floor_cpu_us", floor.cpu_us, "us a delivery, bare event + send");
    bench_report_figure(report, "floor_deliveries_per_second", floor.per_second, "/s, the same");
    bench_report_figure(report, "ratio_to_floor",
                        floor.per_second > 0 ? rate / floor.per_second : 0, "");
    bench_report_figure(report, "floor_syncs_per_second", syncs, "bare fdatasync");
}

bool bench_fanout(const struct bench_options *options, struct bench_result *result)
{
    static struct bench bench;
    struct bench_report report;
    struct bench_ops ops = {.begin = begin, .operations = take_operations};

    must(options->in_flight < SENT_MAX);
    choose_operation(&ops, bench_dialect_find(options->dialect));
    double syncs = floor_syncs(options->floor_folder, 1);
    if (!bench_run(&bench, options, &ops, (size_t)options->readers + 1))
        return false;
    *result = bench_result(&bench);
    bench_report_begin(&report, &bench);
    report_floor(&report, &bench, syncs);
    bench_report_end(&report);
    return true;
}
