/* The tool `tutti`: a name, then what that subcommand understands. */
#include "tools/tutti/tutti.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mutant.h"

/* One line for each subcommand, in the order of their names. */
static const struct {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"bench", "measure a running server beside what the machine can do", tutti_bench},
    {"bisect", "find the operation from which on something is true of a document", tutti_bisect},
    {"explain", "tell how one operation came to be what it is", tutti_explain},
    {"import", "bring the documents of a ShareDB database into a store", tutti_import},
    {"ot", "answer questions about operations, one JSON object a line", tutti_ot},
    {"reduce", "find the smallest order of edits that still goes wrong", tutti_reduce},
    {"replay", "run a capture again, or derive a store's operations, and compare", tutti_replay},
    {"store", "check what is stored; migrate a cluster's tables", tutti_store},
    {"trace", "type a recording into a running server, check the result", tutti_trace},
    {"what-if", "exchange two edits and show what that changes", tutti_what_if},
};

enum { COMMANDS_COUNT = sizeof(commands) / sizeof(commands[0]) };

static void print_usage(FILE *out)
{
    fputs("usage: tutti COMMAND [ARGUMENT...]\n\n", out);
    for (size_t i = 0; i < COMMANDS_COUNT; i++)
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";

    if (!mutant_choose(getenv("TUTTI_MUTANT"))) {
        fputs("tutti: TUTTI_MUTANT names no mutant of this build\n", stderr);
        return EXIT_FAILURE;
    }
    for (size_t i = 0; i < COMMANDS_COUNT; i++)
        if (strcmp(commands[i].name, name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    if (strcmp(name, "--help") == 0) {
        print_usage(stdout);
        return EXIT_SUCCESS;
    }
    if (argc > 1)
        fprintf(stderr, "tutti: there is no command %s\n", name);
    print_usage(stderr);
    return EXIT_FAILURE;
}
