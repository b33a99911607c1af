/* options - what `tuttid` can be told, from one table.
 *
 * Each row is a flag (`--listen`) and the variable of the environment that stands for it
 * (`TUTTI_LISTEN`); a flag wins. The help text is printed from the same rows. */
#ifndef SERVER_NET_OPTIONS_H
#define SERVER_NET_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/fault.h"

enum options_store { OPTIONS_STORE_MEMORY, OPTIONS_STORE_SQLITE, OPTIONS_STORE_POSTGRES };

struct options {
    char *listen; /* HOST:PORT */
    char *admin;  /* the same, of the inspector; NULL: there is none */
    enum options_store store;
    char *store_path; /* the folder of OPTIONS_STORE_SQLITE, the URL of OPTIONS_STORE_POSTGRES */
    char *bus;        /* where the nodes of a cluster meet; NULL: a single node */
    char *node;       /* this node's name in the store; NULL: the host's */
    uint64_t keep_operations; /* of each document's history at least; 0: by age, or all */
    uint64_t keep_ms;         /* 0: by number, or all */
    char **origins;           /* allowed besides the server's own host */
    size_t origins_count;
    char *capture; /* a new file; NULL: nothing is captured */
    uint64_t capture_part_bytes;
    bool help;
    bool version;
};

/* A node's name has to fit the store's row of a document. */
enum { OPTIONS_NODE_SIZE_MAX = 63 };

/* getenv() is one. */
typedef char *(*options_environment_fn)(const char *name);

/* Defaults, then the environment, then the arguments (the first is the program's name). FAILED with
 * a sentence that names the nearest known option when one is wrong. `options` needs
 * options_finish() in every case. */
MUST_CHECK enum status options_read(struct options *options, int argc, char *const *argv,
                                    options_environment_fn environment, struct fault *fault);
void options_finish(struct options *options);

void options_print_help(FILE *out);

#endif
