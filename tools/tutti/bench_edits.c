/* Writers, each with one edit of a text in flight: all in one document (hot), or a few in each of
 * many (spread).
 *
 * Each one inserts a character at a random place of the text as it was at first, and then deletes
 * one there. So it never gets shorter than that, and any place exists at any time. */
#include "tools/tutti/bench.h"

#include <string.h>

#include "base/memory.h"
#include "ot/type.h"
#include "tools/tutti/floor.h"
#include "tools/tutti/moment.h"

static void edit(struct bench_client *client)
{
    struct buffer operation = {0};
    uint64_t at = prng_below(&client->bench->prng, client->bench->options->text_bytes);

    buffer_append_byte(&operation, '[');
    if (at > 0)
        buffer_append_format(&operation, "%llu,", (unsigned long long)at);
    buffer_append_text(&operation, client->serial % 2 == 0 ? "\"x\"]" : "{\"d\":1}]");
    bench_edit(client, buffer_span(&operation));
    buffer_finish(&operation);
}

static void begin(struct bench *bench)
{
    for (size_t i = 0; i < bench->count; i++)
        edit(&bench->clients[i]);
}

static void take_operations(struct bench_client *client, uint64_t count, uint64_t own)
{
    struct bench *bench = client->bench;

    if (bench->measuring) {
        bench->deliveries += count;
        bench->operations += own;
        if (own > 0)
            histogram_add(&bench->latencies, moment_ns() - client->sent_ns);
    }
    if (own > 0)
        edit(client);
}

bool bench_edits(const struct bench_options *options, struct bench_result *result)
{
    static struct bench bench;
    struct bench_report report;
    struct bench_ops ops = {.type = &type_text, .begin = begin, .operations = take_operations};

    size_t size = (size_t)options->text_bytes + 2; /* with its quotes */
    char *start = memory_allocate(size);

    memset(start, '.', size);
    start[0] = start[size - 1] = '"';
    ops.start = span_of(start, size);
    /* Before and after: a shared disk changes by the minute. */
    double syncs = floor_syncs(options->floor_folder, 1);
    bool ran = bench_run(&bench, options, &ops, (size_t)(options->documents * options->writers));

    memory_free(start);
    if (!ran)
        return false;
    *result = bench_result(&bench);
    syncs = (syncs + floor_syncs(options->floor_folder, 1)) / 2;
    bench_report_begin(&report, &bench);
    bench_report_figure(&report, "floor_syncs_per_second", syncs, "bare fdatasync");
    bench_report_figure(&report, "operations_per_sync",
                        syncs > 0 ? (double)bench.operations / bench.seconds / syncs : 0, "");
    bench_report_end(&report);
    return true;
}
