/* tutti store check STORE: look through the store of a server that is not running. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "server/store/sqlite.h"
#include "tools/tutti/store_check.h"
#include "tools/tutti/tutti.h"

/* As grep: nothing to complain about, something, or it could not be looked at. */
enum { EXIT_SOUND = 0, EXIT_PROBLEMS = 1, EXIT_TROUBLE = 2 };

/* The store is only looked at: no claim is made, so no epoch is drawn. */
static uint64_t no_clock(void)
{
    return 0;
}

/* A folder, plain or as sqlite:FOLDER. */
static const char *folder_of(const char *name)
{
    static const char scheme[] = "sqlite:";

    return strncmp(name, scheme, strlen(scheme)) == 0 ? name + strlen(scheme) : name;
}

static bool holds_a_store(const char *folder)
{
    struct buffer path = {0};

    buffer_append_format(&path, "%s/%s", folder, SQLITE_FILE_NAME);
    buffer_append_byte(&path, '\0');
    bool holds = access((const char *)path.data, R_OK | W_OK) == 0;
    buffer_finish(&path);
    return holds;
}

static int check(const char *name)
{
    const char *folder = folder_of(name);
    struct backend *backend = NULL;
    struct fault fault = {""};

    if (!holds_a_store(folder)) {
        fprintf(stderr, "tutti store: %s: there is no %s to read and write\n", folder,
                SQLITE_FILE_NAME);
        return EXIT_TROUBLE;
    }
    if (backend_sqlite_open(folder, no_clock, &backend, &fault) != STATUS_OK) {
        fprintf(stderr, "tutti store: %s\n", fault.text);
        return EXIT_TROUBLE;
    }
    struct store_check_counts counts = store_check(backend, stdout);
    backend->ops->destroy(backend);
    printf("%" PRIu64 " documents, %" PRIu64 " operations, %" PRIu64 " snapshots, %" PRIu64
           " session rows: %" PRIu64 " problems\n",
           counts.documents, counts.operations, counts.snapshots, counts.sessions, counts.problems);
    return counts.problems == 0 ? EXIT_SOUND : EXIT_PROBLEMS;
}

int tutti_store(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "check") == 0)
        return check(argv[2]);
    fputs("usage: tutti store check STORE\n\n"
          "STORE is the data folder of a server that is not running, or sqlite:FOLDER.\n"
          "Each problem is a line. Exits 0 when there is none, 1 when there are, 2 when the\n"
          "store could not be opened.\n",
          stderr);
    return EXIT_TROUBLE;
}
