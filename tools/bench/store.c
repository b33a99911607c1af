/* How many operations a second the SQLite store makes durable, by the shape of a commit.
 *
 *   bench_store [FOLDER]     one line for each shape; the folder decides which disk it is
 *
 * A commit has operations of 40 bytes in some documents, and one session's row for each of these.
 * Documents that are far apart cost pages, which is what the log and the disk have to take. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "server/store/store.h"

enum { DOCUMENTS = 1000, EACH_MAX = 100, NAME_SIZE = 16, SECONDS = 2 };

static const char operation[] = "[12345,\"forty bytes, as typed by people\"]";

struct bench {
    struct backend *backend;
    char names[DOCUMENTS][NAME_SIZE]; /* in key order */
    struct batch_document documents[DOCUMENTS];
    struct entry entries[DOCUMENTS][EACH_MAX];
    struct session_row rows[DOCUMENTS];
};

static uint64_t wall_clock(void)
{
    return (uint64_t)time(NULL) * 1000;
}

static double seconds(void)
{
    struct timespec now;

    must(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void claim(struct bench *bench, size_t at)
{
    struct store_claim claim = {
        .request.call = STORE_CLAIM, .node = "bench", .seen_epoch = UINT64_MAX};

    snprintf(bench->names[at], NAME_SIZE, "bench/%06zu", at);
    claim.name = span_of_string(bench->names[at]);
    store_run(bench->backend, &claim.request);
    must(claim.request.status == STATUS_OK);
    bench->documents[at] = (struct batch_document){
        .name = claim.name,
        .epoch = claim.row.epoch,
        .head = claim.row.head,
        .entries = bench->entries[at],
        .rows = &bench->rows[at],
        .row_count = 1,
    };
    bench->rows[at].session.bytes[0] = 1;
}

/* The next operations of a document. */
static void write_next(struct bench *bench, size_t at, size_t each)
{
    struct batch_document *document = &bench->documents[at];

    document->count = each;
    for (size_t i = 0; i < each; i++) {
        uint64_t seq = document->head + 1 + i;

        bench->entries[at][i] = (struct entry){
            .seq = seq,
            .epoch = document->epoch,
            .serial = seq,
            .base = seq - 1,
            .time_ms = wall_clock(),
            .session = bench->rows[at].session,
            .user = SPAN("ann"),
            .arrived = SPAN(operation),
            .sequenced = SPAN(operation),
        };
    }
    bench->rows[at].serial = bench->rows[at].seq = document->head + each;
}

/* What a commit is made of. */
struct shape {
    size_t documents;
    size_t each; /* operations in each of them */
};

static void commit(struct bench *bench, size_t first, struct shape shape)
{
    struct store_commit commit = {.request.call = STORE_COMMIT,
                                  .documents = bench->documents + first,
                                  .count = shape.documents};

    for (size_t at = first; at < first + shape.documents; at++)
        write_next(bench, at, shape.each);
    store_run(bench->backend, &commit.request);
    must(commit.request.status == STATUS_OK);
    for (size_t at = first; at < first + shape.documents; at++) {
        must(bench->documents[at].outcome == STATUS_OK);
        bench->documents[at].head += shape.each;
    }
}

/* Commit after commit, walking over the documents. */
static void measure(struct bench *bench, struct shape shape)
{
    double begin = seconds();
    double now = begin;
    double slowest = 0;
    size_t commits = 0;

    for (; now - begin < SECONDS; commits++) {
        double before = now;

        commit(bench, commits * shape.documents % (DOCUMENTS - shape.documents + 1), shape);
        now = seconds();
        slowest = now - before > slowest ? now - before : slowest;
    }
    double rate = (double)commits / (now - begin);
    printf(
        "%4zu documents x %3zu operations: %7.0f operations/s, %5.0f commits/s, slowest %3.0f ms\n",
        shape.documents, shape.each, rate * (double)(shape.documents * shape.each), rate,
        slowest * 1000);
}

int main(int argc, char **argv)
{
    static const struct shape shapes[] = {{1, 1}, {10, 1}, {1, 100}, {10, 10}, {100, 1}, {1000, 1}};
    const char *folder = argc > 1 ? argv[1] : "bench-store";
    struct bench *bench = memory_zeroed(1, sizeof(*bench));
    struct fault fault = {""};

    if (backend_sqlite_open(folder, wall_clock, &bench->backend, &fault) != STATUS_OK) {
        fprintf(stderr, "bench_store: %s\n", fault.text);
        return EXIT_FAILURE;
    }
    for (size_t at = 0; at < DOCUMENTS; at++)
        claim(bench, at);
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
        measure(bench, shapes[i]);
    bench->backend->ops->destroy(bench->backend);
    memory_free(bench);
    return EXIT_SUCCESS;
}
