/* tutti bisect: which operation made it so? */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/json_write.h"
#include "base/memory.h"
#include "tools/replay/bisect.h"
#include "tools/replay/snapshots.h"
#include "tools/tutti/arguments.h"
#include "tools/tutti/open_store.h"
#include "tools/tutti/tutti.h"

enum { EXIT_FOUND = 0, EXIT_NEVER = 1, EXIT_TROUBLE = 2 };

struct search {
    struct bisect bisect;
    const char *text;    /* as given */
    const char *command; /* or this one's exit status tells */
    struct buffer piece; /* the text as it stands in canonical JSON, without quotes */
    bool failed;         /* the command could not be run */
};

static bool contains(struct bisect *bisect, struct span content)
{
    const struct search *search = container_of(bisect, struct search, bisect);

    return span_present(content) &&
           memmem(content.data, content.size, search->piece.data, search->piece.size) != NULL;
}

/* The command reads the content; an early end of its reading is its own affair. */
static bool succeeds(struct bisect *bisect, struct span content)
{
    struct search *search = container_of(bisect, struct search, bisect);
    FILE *pipe = popen(search->command, "w");

    if (pipe == NULL) {
        search->failed = true;
        return false;
    }
    if (content.size > 0)
        fwrite(content.data, 1, content.size, pipe);
    int ended = pclose(pipe);

    if (!WIFEXITED(ended) || WEXITSTATUS(ended) == 127)
        search->failed = true;
    return ended == 0;
}

static enum status run(struct search *search, uint64_t *seq, struct fault *fault)
{
    struct snapshots snapshots;
    struct bisect *bisect = &search->bisect;
    enum status status = snapshots_list(&snapshots, bisect->backend, bisect->name, fault);

    bisect->first = snapshots_log_begin(&snapshots);
    bisect->head = snapshots.row.head;
    snapshots_finish(&snapshots);
    if (search->text != NULL) {
        bisect->holds = contains;
        json_write_string_piece(&search->piece, span_of_string(search->text));
    } else {
        bisect->holds = succeeds;
    }
    if (status == STATUS_OK)
        status = bisect_run(bisect, seq, fault);
    if (status == STATUS_OK && search->failed)
        status = fault_set(fault, STATUS_FAILED, "%s could not be run", search->command);
    buffer_finish(&search->piece);
    return status;
}

int tutti_bisect(int argc, char **argv)
{
    struct search search = {0};
    const char *store = NULL;
    const char *document = NULL;
    const struct argument table[] = {
        {.name = "DOCUMENT", .help = "collection/id", .text = &document},
        {.name = "--store",
         .value = "STORE",
         .help = "a stopped server's folder, or postgres://…",
         .text = &store},
        {.name = "--contains",
         .value = "TEXT",
         .help = "true when the content has this text",
         .text = &search.text},
        {.name = "--exec",
         .value = "COMMAND",
         .help = "true when this exits with 0; it reads the content as JSON",
         .text = &search.command},
    };
    struct fault fault = {""};
    uint64_t seq = 0;

    if (!arguments_read(argc, argv, table, sizeof(table) / sizeof(table[0])))
        return EXIT_TROUBLE;
    if (store == NULL || (search.text == NULL) == (search.command == NULL)) {
        fputs("tutti bisect: --store is needed, and one of --contains and --exec; --help tells "
              "more\n",
              stderr);
        return EXIT_TROUBLE;
    }
    enum status status = open_store(store, &search.bisect.backend, &fault);

    if (status == STATUS_OK) {
        search.bisect.name = span_of_string(document);
        status = run(&search, &seq, &fault);
        search.bisect.backend->ops->destroy(search.bisect.backend);
    }
    if (status != STATUS_OK) {
        fprintf(stderr, "tutti bisect: %s\n", fault.text);
        return status == STATUS_NOT_FOUND ? EXIT_NEVER : EXIT_TROUBLE;
    }
    printf("seq %" PRIu64 " is the first (%" PRIu64 " contents looked at); tutti explain --store "
           "%s %s %" PRIu64 " tells more\n",
           seq, search.bisect.looked, store, document, seq);
    return EXIT_FOUND;
}
