/* tutti replay: run a recorded order of edits again, and say where it comes out differently. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "server/store/sqlite.h"
#include "tools/replay/page.h"
#include "tools/replay/replay.h"
#include "tools/tutti/arguments.h"
#include "tools/tutti/open_store.h"
#include "tools/tutti/tutti.h"

/* As grep: nothing differs, something does, or it could not be looked at. */
enum { EXIT_EQUAL = 0, EXIT_DIFFERS = 1, EXIT_TROUBLE = 2 };

/* Names that are read at once. */
enum { PAGE_SIZE = 1000 };

/* How it is told. */
struct telling {
    struct replay replay;
    bool json;
    bool wait; /* for the user, after each operation */
    struct page *page;
};

static bool tell_json(struct replay *replay, const struct account *account)
{
    struct buffer line = {0};

    (void)replay;
    account_json(account, &line);
    printf("%.*s\n", SPAN_PRINT(buffer_span(&line)));
    buffer_finish(&line);
    return true;
}

/* Enter goes on, a number goes on to that seq, q ends. */
static bool ask(struct telling *telling)
{
    char line[32];

    fputs("(Enter: next, SEQ: go on to it, q: end) ", stdout);
    fflush(stdout);
    if (fgets(line, sizeof(line), stdin) == NULL || line[0] == 'q')
        return false;
    uint64_t seq = strtoull(line, NULL, 10);

    if (seq > telling->replay.from)
        telling->replay.from = seq;
    return true;
}

static bool tell_lines(struct replay *replay, const struct account *account)
{
    struct telling *telling = container_of(replay, struct telling, replay);
    struct buffer lines = {0};

    account_lines(account, &lines);
    printf("%.*s\n", SPAN_PRINT(buffer_span(&lines)));
    buffer_finish(&lines);
    return !telling->wait || ask(telling);
}

static bool tell_page(struct replay *replay, const struct account *account)
{
    page_add(container_of(replay, struct telling, replay)->page, account);
    return true;
}

static void print_difference(struct replay *replay, const char *line)
{
    const struct telling *telling = container_of(replay, struct telling, replay);

    fprintf(telling->json ? stderr : stdout, "%s\n", line);
}

static enum status replay_one(struct telling *telling, struct span name)
{
    struct fault fault = {""};
    enum status status = replay_document(&telling->replay, name, &fault);

    if (status != STATUS_OK)
        fprintf(stderr, "tutti replay: %s\n", fault.text);
    return status;
}

static enum status replay_all(struct telling *telling)
{
    struct backend *backend = telling->replay.backend;
    struct sqlite_names names = {.count_max = PAGE_SIZE};
    struct store_arena *arena = store_arena_create();
    enum status outcome = STATUS_OK;
    enum status status;

    do {
        status = backend_sqlite_names(backend, &names, arena);
        for (size_t i = 0; status == STATUS_OK && i < names.count; i++)
            if (replay_one(telling, names.names[i]) != STATUS_OK)
                outcome = STATUS_CORRUPT;
        if (status == STATUS_OK && names.count > 0)
            names.after = names.names[names.count - 1];
    } while (status == STATUS_OK && names.count == PAGE_SIZE);
    store_arena_destroy(arena);
    return status == STATUS_OK ? outcome : status;
}

static enum status replay_to_page(struct telling *telling, const char *document, const char *path)
{
    struct page page;
    FILE *file = fopen(path, "w");

    if (file == NULL) {
        perror(path);
        return STATUS_FAILED;
    }
    telling->page = &page;
    telling->replay.tell = tell_page;
    page_begin(&page, file, span_of_string(document));
    enum status status = replay_one(telling, span_of_string(document));
    page_end(&page);
    bool written = ferror(file) == 0;
    if (fclose(file) == 0 && written)
        return status;
    perror(path);
    return STATUS_FAILED;
}

static void print_counts(const struct telling *telling)
{
    const struct replay_counts *counts = &telling->replay.counts;

    fprintf(telling->json ? stderr : stdout,
            "%" PRIu64 " documents, %" PRIu64 " operations, %" PRIu64 " of them moved over %" PRIu64
            " others, %" PRIu64 " snapshots: %" PRIu64 " differences\n",
            counts->documents, counts->operations, counts->moved, counts->passed, counts->snapshots,
            counts->differences);
}

int tutti_replay(int argc, char **argv)
{
    struct telling telling = {.replay = {.until = UINT64_MAX, .differ = print_difference}};
    const char *store = NULL;
    const char *document = NULL;
    const char *page = NULL;
    bool lines = false;
    const struct argument table[] = {
        {.name = "[DOCUMENT]", .help = "collection/id; all of them without it", .text = &document},
        {.name = "--store",
         .value = "STORE",
         .help = "data folder of a stopped server",
         .text = &store},
        {.name = "--from",
         .value = "SEQ",
         .help = "tell of the operations from here",
         .number = &telling.replay.from},
        {.name = "--until",
         .value = "SEQ",
         .help = "end behind this operation",
         .number = &telling.replay.until},
        {.name = "--lines", .help = "tell how each operation was moved", .flag = &lines},
        {.name = "--step", .help = "the same, one at a time", .flag = &telling.wait},
        {.name = "--json", .help = "the same, a JSON object a line", .flag = &telling.json},
        {.name = "--html", .value = "FILE", .help = "the same, as a page", .text = &page},
    };
    struct fault fault = {""};
    enum status status;

    if (!arguments_read(argc, argv, table, sizeof(table) / sizeof(table[0])))
        return EXIT_TROUBLE;
    if (store == NULL || (page != NULL && document == NULL)) {
        fputs("tutti replay: --store is needed, and --html needs a document; --help tells more\n",
              stderr);
        return EXIT_TROUBLE;
    }
    if (open_store(store, &telling.replay.backend, &fault) != STATUS_OK) {
        fprintf(stderr, "tutti replay: %s\n", fault.text);
        return EXIT_TROUBLE;
    }
    if (telling.json)
        telling.replay.tell = tell_json;
    else if (lines || telling.wait)
        telling.replay.tell = tell_lines;
    if (page != NULL)
        status = replay_to_page(&telling, document, page);
    else if (document != NULL)
        status = replay_one(&telling, span_of_string(document));
    else
        status = replay_all(&telling);
    telling.replay.backend->ops->destroy(telling.replay.backend);
    print_counts(&telling);
    if (status != STATUS_OK)
        return EXIT_TROUBLE;
    return telling.replay.counts.differences == 0 ? EXIT_EQUAL : EXIT_DIFFERS;
}
