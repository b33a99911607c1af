#include <stdio.h>
#include <sys/stat.h>

#include "server/store/sqlite.h"
#include "server/store/sqlite_inner.h"
#include "tests/runner.h"
#include "tests/store/folder.h"
#include "tests/store/requests.h"

static uint64_t test_clock(void)
{
    return 1000;
}

/* ---- Refused ---- */

static void expect_refused(const char *folder, const char *reason)
{
    struct backend *backend = NULL;
    struct fault fault = {""};

    ck_assert_int_eq(backend_sqlite_open(folder, test_clock, &backend, &fault), STATUS_CORRUPT);
    ck_assert_msg(strstr(fault.text, reason) != NULL, "%s", fault.text);
}

START_TEST(a_newer_version_and_another_programs_file_are_left_alone)
{
    char folder[FOLDER_PATH_SIZE];
    struct backend *backend = NULL;

    folder_new(folder);
    ck_assert_int_eq(backend_sqlite_open(folder, test_clock, &backend, NULL), STATUS_OK);
    backend->ops->destroy(backend);
    folder_spoil(folder, "PRAGMA user_version = 99");
    expect_refused(folder, "version 99, newer than");
    folder_remove(folder);

    folder_new(folder);
    folder_spoil(folder, "PRAGMA application_id = 7; CREATE TABLE theirs (x)");
    expect_refused(folder, "not one of Tutti's");
    folder_remove(folder);
}
END_TEST

START_TEST(a_file_that_is_no_database_is_refused)
{
    char folder[FOLDER_PATH_SIZE];
    char path[FOLDER_PATH_SIZE];

    folder_new(folder);
    ck_assert_int_eq(mkdir(folder, 0700), 0);
    folder_path(path, folder, SQLITE_FILE_NAME);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    for (int i = 0; i < 1000; i++)
        fputs("no database ", file);
    ck_assert_int_eq(fclose(file), 0);
    expect_refused(folder, "not a database");
    folder_remove(folder);
}
END_TEST

/* ---- Older versions ---- */

/* A store as version 1 wrote it: one document with three entries, a snapshot of the second, a
 * session's row and a secret. Never changed: such stores are out there. */
static const char version_1[] =
    "PRAGMA application_id = 1416983668; PRAGMA user_version = 1;"
    "CREATE TABLE document (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " epoch INTEGER NOT NULL, head INTEGER NOT NULL, owner TEXT NOT NULL) STRICT;"
    "CREATE TABLE entry (document INTEGER NOT NULL, seq INTEGER NOT NULL,"
    " epoch INTEGER NOT NULL, session BLOB NOT NULL, serial INTEGER NOT NULL,"
    " base INTEGER NOT NULL, time_ms INTEGER NOT NULL, kind INTEGER NOT NULL,"
    " rule INTEGER NOT NULL, user TEXT NOT NULL, arrived BLOB NOT NULL, sequenced BLOB,"
    " PRIMARY KEY (document, seq)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE session (document INTEGER NOT NULL, session BLOB NOT NULL,"
    " serial INTEGER NOT NULL, seq INTEGER NOT NULL, floor INTEGER NOT NULL, spent TEXT NOT NULL,"
    " PRIMARY KEY (document, session)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE snapshot (document INTEGER NOT NULL, seq INTEGER NOT NULL,"
    " epoch INTEGER NOT NULL, time_ms INTEGER NOT NULL, type TEXT NOT NULL, content BLOB NOT NULL,"
    " PRIMARY KEY (document, seq)) STRICT;"
    "CREATE TABLE secret (one INTEGER PRIMARY KEY CHECK (one = 1), bytes BLOB NOT NULL) STRICT;"
    "INSERT INTO document VALUES (1, 'notes/1', 900, 3, 'node-1');"
    "INSERT INTO entry VALUES (1, 1, 900, zeroblob(16), 0, 0, 5001, 1, 1, 'ann',"
    " CAST('{\"type\":\"text\"}' AS BLOB), NULL);"
    "INSERT INTO entry VALUES (1, 2, 900, x'01010101010101010101010101010101', 1, 1, 5002, 0, 1,"
    " 'ann', CAST('[\"x\"]' AS BLOB), NULL);"
    "INSERT INTO entry VALUES (1, 3, 900, x'01010101010101010101010101010101', 2, 1, 5003, 0, 1,"
    " 'ann', CAST('[\"y\"]' AS BLOB), CAST('[1,\"y\"]' AS BLOB));"
    "INSERT INTO session VALUES (1, x'01010101010101010101010101010101', 2, 3, 1, '[[1,208]]');"
    "INSERT INTO snapshot VALUES (1, 2, 900, 5002, 'text', CAST('\"x\"' AS BLOB));"
    "INSERT INTO secret VALUES (1, "
    "x'5555555555555555555555555555555555555555555555555555555555555555')";

static struct backend *open_version_1(const char *folder)
{
    struct backend *backend = NULL;
    struct fault fault = {""};

    folder_spoil(folder, version_1);
    enum status status = backend_sqlite_open(folder, test_clock, &backend, &fault);
    ck_assert_msg(status == STATUS_OK, "%s", fault.text);
    return backend;
}

START_TEST(a_store_of_version_1_is_read_as_it_was)
{
    char folder[FOLDER_PATH_SIZE];

    folder_new(folder);
    struct backend *backend = open_version_1(folder);
    struct store_load load = request_load(backend, "notes/1", UINT64_MAX);
    ck_assert_uint_eq(load.row.epoch, 900);
    ck_assert_uint_eq(load.row.head, 3);
    ck_assert_uint_eq(load.row.folded, 0);
    ck_assert_uint_eq(load.snapshot.seq, 2);
    ck_assert(span_equal(load.snapshot.content, SPAN("\"x\"")));
    ck_assert_uint_eq(load.count, 1);
    ck_assert(span_equal(load.entries[0].sequenced, SPAN("[1,\"y\"]")));
    struct store_session session = request_session(backend, "notes/1", 1);
    ck_assert_uint_eq(session.row.serial, 2);
    ck_assert_uint_eq(session.row.spent_count, 1);
    ck_assert_uint_eq(backend->secret[0], 0x55);
    store_arena_destroy(load.arena);
    store_arena_destroy(session.arena);
    backend->ops->destroy(backend);
    folder_remove(folder);
}
END_TEST

START_TEST(a_store_of_version_1_takes_what_is_new)
{
    char folder[FOLDER_PATH_SIZE];
    struct version version = {.name = SPAN("first"), .seq = 2, .user = SPAN("ann")};

    folder_new(folder);
    struct backend *backend = open_version_1(folder);
    struct batch_document document = {
        .name = SPAN("notes/1"),
        .epoch = claimed(backend, "notes/1"),
        .head = 3,
        .versions = &version,
        .version_count = 1,
        .fold = 2,
    };
    ck_assert_int_eq(commit_alone(backend, document), STATUS_OK);
    ck_assert_int_eq(append_edit(backend, "notes/1", document.epoch, 3), STATUS_OK);
    backend->ops->destroy(backend);

    /* And it stays what it became. */
    ck_assert_int_eq(backend_sqlite_open(folder, test_clock, &backend, NULL), STATUS_OK);
    struct store_load load = request_load(backend, "notes/1", UINT64_MAX);
    ck_assert_uint_eq(load.row.folded, 2);
    ck_assert_uint_eq(load.count, 2);
    struct store_versions versions = request_versions(backend, "notes/1");
    ck_assert_uint_eq(versions.count, 1);
    store_arena_destroy(load.arena);
    store_arena_destroy(versions.arena);
    backend->ops->destroy(backend);
    folder_remove(folder);
}
END_TEST

/* A step that cannot be done leaves the file at its version. */
START_TEST(a_migration_is_done_whole_or_not_at_all)
{
    char folder[FOLDER_PATH_SIZE];
    struct backend *backend = NULL;
    struct fault fault = {""};

    folder_new(folder);
    folder_spoil(folder, version_1);
    folder_spoil(folder, "CREATE TABLE version (theirs)");
    ck_assert_int_eq(backend_sqlite_open(folder, test_clock, &backend, &fault), STATUS_AWAY);
    ck_assert_msg(strstr(fault.text, "table version already exists") != NULL, "%s", fault.text);
    folder_spoil(folder, "DROP TABLE version");
    ck_assert_int_eq(backend_sqlite_open(folder, test_clock, &backend, &fault), STATUS_OK);
    backend->ops->destroy(backend);
    folder_remove(folder);
}
END_TEST

TEST_MAIN("sqlite_schema", a_newer_version_and_another_programs_file_are_left_alone,
          a_file_that_is_no_database_is_refused, a_store_of_version_1_is_read_as_it_was,
          a_store_of_version_1_takes_what_is_new, a_migration_is_done_whole_or_not_at_all)
