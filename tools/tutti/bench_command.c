/* tutti bench - load on a running server, and what it makes of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/tutti/arguments.h"
#include "tools/tutti/bench.h"
#include "tools/tutti/tutti.h"

enum { IN_FLIGHT_MAX = 1000, CLIENTS_MAX = 100000, EDITS_MAX = 10000000, TEXT_MAX = 1000000 };

typedef bool bench_fn(const struct bench_options *options, struct bench_result *result);

static const struct {
    const char *kind;
    bench_fn *run;
} kinds[] = {
    {"fanout", bench_fanout},
    {"hot", bench_edits},
    {"offline", bench_offline},
    {"spread", bench_edits},
};

static bool in_range(const char *what, uint64_t value, uint64_t most)
{
    if (value >= 1 && value <= most)
        return true;
    fprintf(stderr, "tutti bench: %s: 1 to %llu\n", what, (unsigned long long)most);
    return false;
}

/* Both servers one after the other, and the ratio of what they did. */
static bool compare(const struct bench_options *options, bench_fn *run)
{
    struct bench_options peer_options = *options;
    struct bench_result first;
    struct bench_result peer;
    struct bench_report report;

    peer_options.url = options->peer_url;
    if (!run(options, &first) || !run(&peer_options, &peer))
        return false;
    bench_report_title(&report, options);
    bench_report_ratios(&report, &first, &peer);
    bench_report_end(&report);
    return true;
}

static bool run(const struct bench_options *options, bench_fn *kind)
{
    struct bench_result result;

    return options->peer_url != NULL ? compare(options, kind) : kind(options, &result);
}

static bool is_dialect(const char *name)
{
    if (bench_dialect_find(name) != NULL)
        return true;
    fprintf(stderr, "tutti bench: --dialect: native, sharedb or yjs, not %s\n", name);
    return false;
}

/* What the dialect and the comparison can do. */
static bool fit_together(const struct bench_options *options)
{
    const struct bench_dialect *dialect = bench_dialect_find(options->dialect);
    bool offline = strcmp(options->kind, "offline") == 0;

    if (offline && (dialect != &bench_native || options->peer_url != NULL))
        fprintf(stderr, "tutti bench: offline is native alone, and has no --peer\n");
    else if (dialect == &bench_sharedb && options->in_flight > 1)
        fprintf(stderr, "tutti bench: a ShareDB client has one operation in flight\n");
    else if (options->peer_url != NULL && options->server_pid > 0)
        fprintf(stderr, "tutti bench: with --peer, each server is found by its port\n");
    else
        return true;
    return false;
}

int tutti_bench(int argc, char **argv)
{
    struct bench_options options = {
        .url = TUTTI_URL,
        .floor_folder = ".",
        .seconds = 10,
        .documents = 0,
        .writers = 2,
        .readers = 100,
        .dialect = bench_native.name,
        .text_bytes = 1024,
        .in_flight = 1,
        .edits = 10000,
        .others = 10000,
    };
    const struct argument table[] = {
        {"hot|fanout|spread|offline", NULL,
         "writers of one text | readers of one counter | writers of many texts | one who was away; "
         "`ot` alone: what the types cost, workloads on standard input",
         NULL, NULL, &options.kind},
        {"--url", "URL", "the server; " TUTTI_URL " if not given", NULL, NULL, &options.url},
        {"--peer", "URL", "another server of the same dialect: both are measured, and compared",
         NULL, NULL, &options.peer_url},
        {"--dialect", "NAME", "native, sharedb, or yjs (y-websocket's); native if not given", NULL,
         NULL, &options.dialect},
        {"--seconds", "N", "of measuring; 10 if not given", NULL, &options.seconds, NULL},
        {"--writers", "N", "of each document; 2 if not given", NULL, &options.writers, NULL},
        {"--readers", "N", "of fanout; 100 if not given", NULL, &options.readers, NULL},
        {"--text", "BYTES", "that hot and spread begin with; 1,024 if not given", NULL,
         &options.text_bytes, NULL},
        {"--in-flight", "N", "operations of fanout's writer; 1 if not given", NULL,
         &options.in_flight, NULL},
        {"--edits", "N", "of offline, by the client that is away; 10,000 if not given", NULL,
         &options.edits, NULL},
        {"--others", "N", "of offline, by the other one meanwhile; 10,000 if not given", NULL,
         &options.others, NULL},
        {"--documents", "N", "of spread; 100 if not given", NULL, &options.documents, NULL},
        {"--server-pid", "PID", "whose CPU and memory; who listens on the port if not given", NULL,
         &options.server_pid, NULL},
        {"--floor-folder", "DIR", "on the disk of the store; . if not given", NULL, NULL,
         &options.floor_folder},
        {"--unordered", NULL, "sharedb: operations of others may come late, or not at all",
         &options.unordered, NULL, NULL},
        {"--json", NULL, "one JSON object", &options.json, NULL, NULL},
    };

    if (argc == 2 && strcmp(argv[1], "ot") == 0)
        return bench_types();
    if (!arguments_read(argc, argv, table, sizeof(table) / sizeof(table[0])))
        return EXIT_FAILURE;
    if (strcmp(options.kind, "spread") != 0)
        options.documents = 1;
    else if (options.documents == 0)
        options.documents = 100;
    if (!in_range("--seconds", options.seconds, 86400) ||
        !in_range("--writers", options.writers, CLIENTS_MAX) ||
        !in_range("--readers", options.readers, CLIENTS_MAX) ||
        !in_range("--documents", options.documents, CLIENTS_MAX) ||
        !in_range("--edits", options.edits, EDITS_MAX) ||
        !in_range("--others", options.others, EDITS_MAX) ||
        !in_range("--text", options.text_bytes, TEXT_MAX) ||
        !in_range("--in-flight", options.in_flight, IN_FLIGHT_MAX) ||
        !is_dialect(options.dialect) || !fit_together(&options))
        return EXIT_FAILURE;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(options.kind, kinds[i].kind) == 0)
            return run(&options, kinds[i].run) ? EXIT_SUCCESS : EXIT_FAILURE;
    fprintf(stderr, "tutti bench: no benchmark '%s'; --help tells which there are\n", options.kind);
    return EXIT_FAILURE;
}
