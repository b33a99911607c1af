#include "server/store/sqlite.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/store/sqlite_inner.h"
#include "server/store/survey.h"
#include "tests/runner.h"
#include "tests/store/conformance.h"
#include "tests/store/folder.h"
#include "tests/store/requests.h"

static uint64_t test_clock(void)
{
    return 1000;
}

static struct backend *open_store(const char *folder)
{
    struct backend *backend = NULL;
    struct fault fault = {""};
    enum status status = backend_sqlite_open(folder, test_clock, &backend, &fault);

    ck_assert_msg(status == STATUS_OK, "%s", fault.text);
    return backend;
}

static void close_store(struct backend *backend)
{
    backend->ops->destroy(backend);
}

/* An open store is its files: the folder can go at once, and nothing is left behind. */
struct backend *conformance_create(store_clock_fn clock)
{
    char folder[FOLDER_PATH_SIZE];
    struct backend *backend = NULL;
    struct fault fault = {""};

    folder_new(folder);
    enum status status = backend_sqlite_open(folder, clock, &backend, &fault);
    ck_assert_msg(status == STATUS_OK, "%s", fault.text);
    folder_remove(folder);
    return backend;
}

/* ---- The folder ---- */

START_TEST(what_was_committed_is_there_after_opening_again)
{
    char folder[FOLDER_PATH_SIZE];
    uint8_t secret[STORE_SECRET_SIZE];

    folder_new(folder);
    struct backend *backend = open_store(folder);
    uint64_t epoch = filled(backend, "notes/1", 3);
    memcpy(secret, backend->secret, STORE_SECRET_SIZE);
    close_store(backend);

    backend = open_store(folder);
    struct store_load load = request_load(backend, "notes/1", UINT64_MAX);
    ck_assert_uint_eq(load.row.epoch, epoch);
    ck_assert_uint_eq(load.row.head, 3);
    ck_assert_uint_eq(load.count, 3);
    store_arena_destroy(load.arena);
    ck_assert_mem_eq(secret, backend->secret, STORE_SECRET_SIZE);
    close_store(backend);
    folder_remove(folder);
}
END_TEST

START_TEST(the_folder_is_for_its_owner_only)
{
    char folder[FOLDER_PATH_SIZE];
    struct stat found;

    folder_new(folder);
    close_store(open_store(folder));
    ck_assert_int_eq(stat(folder, &found), 0);
    ck_assert_uint_eq(found.st_mode & 0777, 0700);
    folder_remove(folder);
}
END_TEST

START_TEST(a_second_opener_is_told_the_folder_and_the_process)
{
    char folder[FOLDER_PATH_SIZE];
    char expected[FOLDER_PATH_SIZE + 64];
    struct backend *second = NULL;
    struct fault fault = {""};

    folder_new(folder);
    struct backend *backend = open_store(folder);
    ck_assert_int_eq(backend_sqlite_open(folder, test_clock, &second, &fault), STATUS_AWAY);
    ck_assert_ptr_null(second);
    snprintf(expected, sizeof(expected), "%s: the folder is in use by process %d", folder,
             (int)getpid());
    ck_assert_str_eq(fault.text, expected);
    close_store(backend);
    close_store(open_store(folder)); /* the lock goes with its holder */
    folder_remove(folder);
}
END_TEST

START_TEST(a_folder_that_cannot_be_made_is_named)
{
    struct backend *backend = NULL;
    struct fault fault = {""};

    ck_assert_int_eq(backend_sqlite_open("/dev/null/x", test_clock, &backend, &fault), STATUS_AWAY);
    ck_assert_ptr_nonnull(strstr(fault.text, "/dev/null/x: cannot make the folder"));
}
END_TEST

/* ---- More than one connection ---- */

static struct backend *open_beside(struct backend *backend)
{
    struct backend *beside = NULL;
    struct fault fault = {""};
    enum status status = backend_sqlite_open_beside(backend, &beside, &fault);

    ck_assert_msg(status == STATUS_OK, "%s", fault.text);
    return beside;
}

START_TEST(connections_see_what_the_others_have_committed)
{
    char folder[FOLDER_PATH_SIZE];

    folder_new(folder);
    struct backend *backend = open_store(folder);
    struct backend *beside = open_beside(backend);
    uint64_t epoch = filled(backend, "notes/1", 3);

    ck_assert_mem_eq(backend->secret, beside->secret, STORE_SECRET_SIZE);
    ck_assert_int_eq(append_edit(beside, "notes/1", epoch, 3), STATUS_OK);
    ck_assert_int_eq(append_edit(backend, "notes/1", epoch, 4), STATUS_OK);
    struct store_load load = request_load(beside, "notes/1", UINT64_MAX);
    ck_assert_uint_eq(load.count, 5);
    store_arena_destroy(load.arena);
    close_store(backend);
    close_store(beside);
    folder_remove(folder);
}
END_TEST

struct writer {
    pthread_t thread;
    struct backend *backend;
    const char *name;
    uint64_t edits;
};

static void *write_edits(void *argument)
{
    struct writer *writer = argument;
    uint64_t epoch = claimed(writer->backend, writer->name);

    for (uint64_t head = 0; head < writer->edits; head++)
        ck_assert_int_eq(append_edit(writer->backend, writer->name, epoch, head), STATUS_OK);
    return NULL;
}

/* They stand in line: none is told that the store is busy. */
START_TEST(two_connections_write_at_once)
{
    char folder[FOLDER_PATH_SIZE];

    folder_new(folder);
    struct backend *backend = open_store(folder);
    struct writer writers[] = {{.backend = backend, .name = "notes/1", .edits = 300},
                               {.backend = open_beside(backend), .name = "notes/2", .edits = 300}};

    for (size_t i = 0; i < 2; i++) {
        sqlite3_busy_timeout(sqlite_of(writers[i].backend)->database, 0);
        ck_assert_int_eq(pthread_create(&writers[i].thread, NULL, write_edits, &writers[i]), 0);
    }
    for (size_t i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_join(writers[i].thread, NULL), 0);
    for (size_t i = 0; i < 2; i++) {
        struct store_load load = request_load(backend, writers[i].name, UINT64_MAX);

        ck_assert_uint_eq(load.count, 300);
        store_arena_destroy(load.arena);
    }
    close_store(writers[1].backend);
    close_store(backend);
    folder_remove(folder);
}
END_TEST

/* ---- What cannot be ---- */

/* Spoil a store of one document with five entries and a session's row, and open it again. */
static struct backend *spoiled(char folder[FOLDER_PATH_SIZE], const char *sql)
{
    struct session_row row = {.session = session_key_of(1), .serial = 5, .seq = 5};
    struct batch_document document = {
        .name = SPAN("notes/1"), .head = 5, .rows = &row, .row_count = 1};

    folder_new(folder);
    struct backend *backend = open_store(folder);
    document.epoch = filled(backend, "notes/1", 5);
    ck_assert_int_eq(commit_alone(backend, document), STATUS_OK);
    close_store(backend);
    folder_spoil(folder, sql);
    return open_store(folder);
}

START_TEST(a_history_that_cannot_be_is_corrupt_and_not_handed_out)
{
    static const char *const table[] = {
        "DELETE FROM entry WHERE seq = 3",  "DELETE FROM entry WHERE seq = 5",
        "DELETE FROM entry WHERE seq = 1",  "DELETE FROM entry",
        "UPDATE entry SET session = x'00'", "UPDATE entry SET kind = 3",
        "UPDATE entry SET epoch = -1",      "UPDATE document SET head = -1",
        "UPDATE document SET folded = -1",
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        char folder[FOLDER_PATH_SIZE];
        struct backend *backend = spoiled(folder, table[i]);
        struct store_load load = request_load(backend, "notes/1", UINT64_MAX);
        struct store_since since = request_since(backend, "notes/1", 0, UINT64_MAX);

        ck_assert_int_eq(load.request.status, STATUS_CORRUPT);
        ck_assert_int_eq(since.request.status, STATUS_CORRUPT);
        ck_assert_ptr_nonnull(strstr(backend->fault.text, "notes/1: "));
        ck_assert_ptr_null(load.arena);
        close_store(backend);
        folder_remove(folder);
    }
}
END_TEST

static enum status write_large_snapshot(struct backend *backend, uint64_t epoch, uint64_t seq)
{
    static uint8_t content[300 << 10];
    struct snapshot snapshot = {.seq = seq,
                                .epoch = epoch,
                                .type = SPAN("text"),
                                .content = span_of(content, sizeof(content))};
    struct batch_document document = {
        .name = SPAN("notes/1"), .epoch = epoch, .head = seq, .snapshot = &snapshot};

    return commit_alone(backend, document);
}

/* One document with five entries, a snapshot of 128 KiB and more at 3, and a version. */
static struct backend *spoiled_rows(char folder[FOLDER_PATH_SIZE], const char *sql)
{
    struct version version = {.name = SPAN("draft"), .seq = 3, .user = SPAN("ann")};
    struct batch_document named = {
        .name = SPAN("notes/1"), .head = 5, .versions = &version, .version_count = 1};

    folder_new(folder);
    struct backend *backend = open_store(folder);
    named.epoch = filled(backend, "notes/1", 5);
    ck_assert_int_eq(write_large_snapshot(backend, named.epoch, 3), STATUS_OK);
    ck_assert_int_eq(commit_alone(backend, named), STATUS_OK);
    close_store(backend);
    folder_spoil(folder, sql);
    return open_store(folder);
}

/* As a bit that a disk has lost, in what could well be otherwise. */
START_TEST(a_row_that_is_not_what_was_written_is_corrupt_and_named)
{
    static const struct {
        const char *sql;
        enum status load; /* of the newest, */
        enum status since;
        enum status versions;
        const char *row;
    } table[] = {
        {"UPDATE entry SET arrived = x'5b2279225d' WHERE seq = 4", STATUS_CORRUPT, STATUS_CORRUPT,
         STATUS_OK, "seq 4 is damaged: "},
        {"UPDATE entry SET time_ms = time_ms + 1 WHERE seq = 2", STATUS_OK, STATUS_CORRUPT,
         STATUS_OK, "seq 2 is damaged: "},
        {"UPDATE piece SET bytes = CAST(x'01' || substr(bytes, 2) AS BLOB) WHERE place = 2",
         STATUS_CORRUPT, STATUS_OK, STATUS_OK, "snapshot 3 is damaged: "},
        {"UPDATE snapshot SET type = 'test'", STATUS_CORRUPT, STATUS_OK, STATUS_OK,
         "snapshot 3 is damaged: "},
        {"UPDATE version SET seq = 2", STATUS_OK, STATUS_OK, STATUS_CORRUPT,
         "the version of seq 2 is damaged: "},
        /* As an older version of this program has written it. */
        {"UPDATE entry SET checksum = NULL; UPDATE snapshot SET checksum = NULL, type = 'test';"
         "UPDATE version SET checksum = NULL",
         STATUS_OK, STATUS_OK, STATUS_OK, ""},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        char folder[FOLDER_PATH_SIZE];
        struct backend *backend = spoiled_rows(folder, table[i].sql);
        struct store_load load = request_load(backend, "notes/1", UINT64_MAX);
        struct store_since since = request_since(backend, "notes/1", 0, UINT64_MAX);
        struct store_versions versions = request_versions(backend, "notes/1");

        ck_assert_int_eq(load.request.status, table[i].load);
        ck_assert_int_eq(since.request.status, table[i].since);
        ck_assert_int_eq(versions.request.status, table[i].versions);
        ck_assert_ptr_nonnull(strstr(backend->fault.text, table[i].row));
        store_arena_destroy(load.arena);
        store_arena_destroy(since.arena);
        store_arena_destroy(versions.arena);
        close_store(backend);
        folder_remove(folder);
    }
}
END_TEST

START_TEST(session_rows_that_cannot_be_are_corrupt)
{
    static const char *const spents[] = {"", "[", "{}", "[1]", "[[1]]", "[[-1,2]]", "[[1,\"x\"]]"};

    for (size_t i = 0; i < sizeof(spents) / sizeof(spents[0]); i++) {
        char folder[FOLDER_PATH_SIZE];
        char sql[FOLDER_PATH_SIZE];

        snprintf(sql, sizeof(sql), "UPDATE session SET spent = '%s'", spents[i]);
        struct backend *backend = spoiled(folder, sql);
        struct store_session session = request_session(backend, "notes/1", 1);
        ck_assert_int_eq(session.request.status, STATUS_CORRUPT);
        close_store(backend);
        folder_remove(folder);
    }
}
END_TEST

/* The entry is there and the head says that it is not: the batch fails, and only its culprit. */
START_TEST(a_document_whose_entry_is_there_already_fails_alone)
{
    char folder[FOLDER_PATH_SIZE];
    struct backend *backend = spoiled(folder, "UPDATE document SET head = 4");
    uint64_t epochs[] = {claimed(backend, "notes/1"), claimed(backend, "notes/2")};
    struct entry entries[] = {edit_of(5, epochs[0], "x"), edit_of(1, epochs[1], "x")};
    struct batch_document documents[] = {
        {.name = SPAN("notes/1"), .epoch = epochs[0], .head = 4, .entries = entries, .count = 1},
        {.name = SPAN("notes/2"), .epoch = epochs[1], .entries = entries + 1, .count = 1},
    };

    ck_assert_int_eq(request_commit(backend, documents, 2), STATUS_OK);
    ck_assert_int_eq(documents[0].outcome, STATUS_FAILED);
    ck_assert_int_eq(documents[1].outcome, STATUS_OK);
    ck_assert_ptr_nonnull(strstr(backend->fault.text, "UNIQUE constraint failed"));
    close_store(backend);
    folder_remove(folder);
}
END_TEST

START_TEST(another_process_that_writes_makes_the_store_away)
{
    char folder[FOLDER_PATH_SIZE];
    char path[FOLDER_PATH_SIZE];
    sqlite3 *other = NULL;

    folder_new(folder);
    struct backend *backend = open_store(folder);
    uint64_t epoch = claimed(backend, "notes/1");
    folder_path(path, folder, SQLITE_FILE_NAME);
    ck_assert_int_eq(sqlite3_open(path, &other), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_busy_timeout(sqlite_of(backend)->database, 0);

    struct batch_document document = {.name = SPAN("notes/1"), .epoch = epoch};
    ck_assert_int_eq(request_commit(backend, &document, 1), STATUS_AWAY);
    ck_assert_int_eq(request_claim(backend, "notes/1", epoch).request.status, STATUS_AWAY);
    ck_assert_int_eq(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(append_edit(backend, "notes/1", epoch, 0), STATUS_OK);
    ck_assert_int_eq(sqlite3_close(other), SQLITE_OK);
    close_store(backend);
    folder_remove(folder);
}
END_TEST

START_TEST(the_log_does_not_grow_without_bound)
{
    char folder[FOLDER_PATH_SIZE];
    char path[FOLDER_PATH_SIZE];
    static char text[64 << 10];
    struct stat found;

    folder_new(folder);
    struct backend *backend = open_store(folder);
    uint64_t epoch = claimed(backend, "notes/1");
    for (uint64_t head = 0; head < 400; head++) {
        struct entry entry = edit_of(head + 1, epoch, "");
        struct batch_document document = {
            .name = SPAN("notes/1"), .epoch = epoch, .head = head, .entries = &entry, .count = 1};

        entry.arrived = entry.sequenced = span_of(text, sizeof(text));
        ck_assert_int_eq(commit_alone(backend, document), STATUS_OK);
    }
    folder_path(path, folder, "tutti.db-wal");
    ck_assert_int_eq(stat(path, &found), 0);
    ck_assert_int_lt(found.st_size, 6 << 20); /* 25 MiB were written */
    close_store(backend);
    folder_remove(folder);
}
END_TEST

/* ---- Pieces ---- */

static int count_rows(struct backend *backend, const char *sql)
{
    sqlite3_stmt *statement = NULL;

    ck_assert_int_eq(sqlite3_prepare_v2(sqlite_of(backend)->database, sql, -1, &statement, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    int count = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return count;
}

/* A process that ended in the middle has left pieces, and a row that says so. */
START_TEST(a_snapshot_that_was_left_unfinished_is_not_seen_and_goes_with_the_next)
{
    char folder[FOLDER_PATH_SIZE];

    folder_new(folder);
    struct backend *backend = open_store(folder);
    uint64_t epoch = filled(backend, "notes/1", 5);
    close_store(backend);
    folder_spoil(folder, "INSERT INTO snapshot VALUES (1, 3, 1000, 0, 'text', x'', -1, NULL, 0);"
                         "INSERT INTO piece VALUES (1, 3, 0, x'00'), (1, 3, 1, x'00')");
    backend = open_store(folder);
    struct store_load load = request_load(backend, "notes/1", UINT64_MAX);
    ck_assert_uint_eq(load.snapshot.seq, 0);
    ck_assert_uint_eq(load.count, 5);
    store_arena_destroy(load.arena);

    ck_assert_int_eq(write_large_snapshot(backend, epoch, 5), STATUS_OK);
    ck_assert_int_eq(count_rows(backend, "SELECT count(*) FROM snapshot"), 1);
    ck_assert_int_eq(count_rows(backend, "SELECT count(*) FROM piece"), 3);
    ck_assert_int_eq(count_rows(backend, "SELECT count(*) FROM snapshot WHERE pieced < 0"), 0);
    close_store(backend);
    folder_remove(folder);
}
END_TEST

START_TEST(pieces_go_with_their_snapshot)
{
    struct backend *backend = conformance_create(test_clock);
    uint64_t epoch = filled(backend, "notes/1", 5);
    struct batch_document fold = {.name = SPAN("notes/1"), .epoch = epoch, .head = 5, .fold = 5};

    ck_assert_int_eq(write_large_snapshot(backend, epoch, 3), STATUS_OK);
    ck_assert_int_eq(write_large_snapshot(backend, epoch, 5), STATUS_OK);
    ck_assert_int_eq(write_large_snapshot(backend, epoch, 5), STATUS_OK);
    ck_assert_int_eq(commit_alone(backend, fold), STATUS_OK);
    ck_assert_int_eq(count_rows(backend, "SELECT count(*) FROM piece WHERE seq = 3"), 0);
    struct store_load load = request_load(backend, "notes/1", UINT64_MAX);
    ck_assert_uint_eq(load.snapshot.content.size, 300 << 10);
    store_arena_destroy(load.arena);
    close_store(backend);
}
END_TEST

/* ---- What the tools ask ---- */

START_TEST(a_sound_file_is_whole)
{
    struct backend *backend = conformance_create(test_clock);

    ck_assert_int_eq(backend->survey->verify(backend, NULL), STATUS_OK);
    close_store(backend);
}
END_TEST

int main(void)
{
    const TTest *const own[] = {
        what_was_committed_is_there_after_opening_again,
        the_folder_is_for_its_owner_only,
        a_second_opener_is_told_the_folder_and_the_process,
        a_folder_that_cannot_be_made_is_named,
        connections_see_what_the_others_have_committed,
        two_connections_write_at_once,
        a_history_that_cannot_be_is_corrupt_and_not_handed_out,
        a_row_that_is_not_what_was_written_is_corrupt_and_named,
        session_rows_that_cannot_be_are_corrupt,
        a_document_whose_entry_is_there_already_fails_alone,
        another_process_that_writes_makes_the_store_away,
        the_log_does_not_grow_without_bound,
        a_snapshot_that_was_left_unfinished_is_not_seen_and_goes_with_the_next,
        pieces_go_with_their_snapshot,
        a_sound_file_is_whole,
    };
    const TTest *tests[CONFORMANCE_TESTS_MAX];
    size_t count = conformance_tests(tests);

    count += conformance_survey(tests + count);
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        tests[count++] = own[i];
    return runner_run("sqlite", tests, count);
}
