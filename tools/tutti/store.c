/* tutti store check STORE: look through what a store holds.
 * tutti store migrate URL: make the tables of a cluster, or bring them up to this version. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/tutti/open_store.h"
#include "tools/tutti/store_check.h"
#include "tools/tutti/tutti.h"

/* As grep: nothing to complain about, something, or it could not be looked at. */
enum { EXIT_SOUND = 0, EXIT_PROBLEMS = 1, EXIT_TROUBLE = 2 };

static int trouble(const struct fault *fault)
{
    fprintf(stderr, "tutti store: %s\n", fault->text);
    return EXIT_TROUBLE;
}

static int check(const char *name)
{
    struct backend *backend = NULL;
    struct store_check_counts counts;
    struct fault fault = {""};

    if (open_store(name, &backend, &fault) != STATUS_OK)
        return trouble(&fault);
    enum status status = store_check(backend, stdout, &counts, &fault);
    backend->ops->destroy(backend);
    if (status != STATUS_OK) {
        fprintf(stderr,
                "tutti store: it was lost at document %" PRIu64
                ", and is not checked to its end:\n",
                counts.documents);
        return trouble(&fault);
    }
    printf("%" PRIu64 " documents, %" PRIu64 " operations, %" PRIu64 " snapshots, %" PRIu64
           " versions, %" PRIu64 " session rows: %" PRIu64 " problems\n",
           counts.documents, counts.operations, counts.snapshots, counts.versions, counts.sessions,
           counts.problems);
    return counts.problems == 0 ? EXIT_SOUND : EXIT_PROBLEMS;
}

static int migrate(const char *url)
{
    struct fault fault = {""};

    if (backend_postgres_migrate(url, &fault) != STATUS_OK)
        return trouble(&fault);
    puts("the tables are those of this version");
    return EXIT_SOUND;
}

int tutti_store(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "migrate") == 0)
        return migrate(argv[2]);
    if (argc == 3 && strcmp(argv[1], "check") == 0)
        return check(argv[2]);
    fputs("usage: tutti store check STORE\n"
          "       tutti store migrate URL\n\n"
          "STORE is the data folder of a server that is not running, or sqlite:FOLDER, or the\n"
          "URL of a cluster's database, whose servers may run: it is checked as it was at one\n"
          "moment, nothing is written, and nobody waits. Each problem is a line. Exits 0 when\n"
          "there is none, 1 when there are, 2 when it could not be looked at to its end.\n\n"
          "URL is that of a PostgreSQL database (postgres://…): its tables are made, or brought\n"
          "up to this version. Servers may run meanwhile.\n",
          stderr);
    return EXIT_TROUBLE;
}
