/* tutti replay: run a recorded order of edits again, and say where it comes out differently. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "server/store/survey.h"
#include "tools/replay/captured.h"
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
    bool wait;    /* for the user, after each operation */
    bool records; /* print those of a capture */
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

/* The worst that became of one of them. */
static enum status replay_stored(struct telling *telling)
{
    struct backend *backend = telling->replay.backend;
    struct survey_names names = {.count_max = PAGE_SIZE};
    struct store_arena *arena = store_arena_create();
    enum status outcome = STATUS_OK;
    enum status status;

    do {
        status = backend->survey->names(backend, &names, arena);
        for (size_t i = 0; status == STATUS_OK && i < names.count; i++)
            if (replay_one(telling, names.names[i]) != STATUS_OK)
                outcome = STATUS_CORRUPT;
        if (status == STATUS_OK && names.count > 0)
            names.after = names.names[names.count - 1];
    } while (status == STATUS_OK && names.count == PAGE_SIZE);
    store_arena_destroy(arena);
    return status == STATUS_OK ? outcome : status;
}

static enum status replay_gathered(struct telling *telling, const struct gathered *gathered)
{
    enum status outcome = STATUS_OK;
    struct span name;

    for (size_t i = 0; span_present(name = gathered_name(gathered, i)); i++)
        if (replay_one(telling, name) != STATUS_OK)
            outcome = STATUS_CORRUPT;
    return outcome;
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

/* What was asked for. */
struct request {
    const char *store;
    const char *capture;
    const char *document; /* NULL: all of them */
    const char *page;
};

static enum status replay_documents(struct telling *telling, const struct request *request,
                                    const struct gathered *gathered)
{
    if (request->page != NULL)
        return replay_to_page(telling, request->document, request->page);
    if (request->document != NULL)
        return replay_one(telling, span_of_string(request->document));
    return gathered != NULL ? replay_gathered(telling, gathered) : replay_stored(telling);
}

static enum status replay_store(struct telling *telling, const struct request *request)
{
    struct fault fault = {""};
    enum status status = open_store(request->store, &telling->replay.backend, &fault);

    if (status != STATUS_OK) {
        fprintf(stderr, "tutti replay: %s\n", fault.text);
        return status;
    }
    status = replay_documents(telling, request, NULL);
    telling->replay.backend->ops->destroy(telling->replay.backend);
    return status;
}

/* The same code on the same calls first; then what it stored, derived again. */
static enum status replay_capture(struct telling *telling, const struct request *request)
{
    struct captured captured = {.records = telling->records ? stdout : NULL};
    struct fault fault = {""};
    enum status status = captured_run(&captured, request->capture, &fault);

    if (status == STATUS_OK) {
        captured_tell(&captured, telling->json ? stderr : stdout);
        telling->replay.backend = gathered_backend(captured.gathered);
        status = replay_documents(telling, request, captured.gathered);
        if (captured.rerun.end == RERUN_DIFFERS || captured.rerun.end == RERUN_DAMAGED)
            telling->replay.counts.differences++;
    } else {
        fprintf(stderr, "tutti replay: %s\n", fault.text);
    }
    captured_finish(&captured);
    return status;
}

/* What is needed for it is there; with --store the only word is a document. */
static bool make_sense(struct request *request)
{
    if (request->store != NULL && request->document == NULL) {
        request->document = request->capture;
        request->capture = NULL;
    }
    if ((request->store == NULL) == (request->capture == NULL))
        fputs("tutti replay: a FILE or a --store is needed; --help tells more\n", stderr);
    else if (request->page != NULL && request->document == NULL)
        fputs("tutti replay: --html needs a DOCUMENT; --help tells more\n", stderr);
    else
        return true;
    return false;
}

int tutti_replay(int argc, char **argv)
{
    struct telling telling = {.replay = {.until = UINT64_MAX, .differ = print_difference}};
    struct request request = {0};
    bool lines = false;
    const struct argument table[] = {
        {.name = "[FILE]", .help = "a capture; its parts are found", .text = &request.capture},
        {.name = "[DOCUMENT]", .help = "collection/id; all without it", .text = &request.document},
        {.name = "--store",
         .value = "STORE",
         .help = "not a FILE: a stopped server's folder, or postgres://…",
         .text = &request.store},
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
        {.name = "--html", .value = "PAGE", .help = "the same, as a page", .text = &request.page},
        {.name = "--records", .help = "print each record of FILE", .flag = &telling.records},
    };
    enum status status;

    if (!arguments_read(argc, argv, table, sizeof(table) / sizeof(table[0])) ||
        !make_sense(&request))
        return EXIT_TROUBLE;
    if (telling.json)
        telling.replay.tell = tell_json;
    else if (lines || telling.wait)
        telling.replay.tell = tell_lines;
    status = request.store != NULL ? replay_store(&telling, &request)
                                   : replay_capture(&telling, &request);
    if (status != STATUS_OK)
        return EXIT_TROUBLE;
    print_counts(&telling);
    return telling.replay.counts.differences == 0 ? EXIT_EQUAL : EXIT_DIFFERS;
}
