/* tutti bench - load on a running server, and what it makes of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/tutti/arguments.h"
#include "tools/tutti/bench.h"
#include "tools/tutti/tutti.h"

enum { IN_FLIGHT_MAX = 1000, CLIENTS_MAX = 100000, EDITS_MAX = 10000000 };

static const struct {
    const char *kind;
    int (*run)(const struct bench_options *options);
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

int tutti_bench(int argc, char **argv)
{
    struct bench_options options = {
        .url = TUTTI_URL,
        .floor_folder = ".",
        .seconds = 10,
        .documents = 0,
        .writers = 2,
        .readers = 100,
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
        {"--seconds", "N", "of measuring; 10 if not given", NULL, &options.seconds, NULL},
        {"--writers", "N", "of each document; 2 if not given", NULL, &options.writers, NULL},
        {"--readers", "N", "of fanout; 100 if not given", NULL, &options.readers, NULL},
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
        !in_range("--in-flight", options.in_flight, IN_FLIGHT_MAX))
        return EXIT_FAILURE;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(options.kind, kinds[i].kind) == 0)
            return kinds[i].run(&options);
    fprintf(stderr, "tutti bench: no benchmark '%s'; --help tells which there are\n", options.kind);
    return EXIT_FAILURE;
}
