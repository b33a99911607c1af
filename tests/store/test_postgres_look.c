/* Who looks at a store in PostgreSQL while others write to it. */
#include <stdio.h>
#include <string.h>

#include "server/store/survey.h"
#include "tests/runner.h"
#include "tests/store/postgres_place.h"
#include "tests/store/requests.h"

static struct postgres_server server;

static struct backend *look(const char *url)
{
    struct backend *backend = NULL;
    struct fault fault = {""};
    enum status status = backend_postgres_look(url, &backend, &fault);

    ck_assert_msg(status == STATUS_OK, "%s", fault.text);
    return backend;
}

/* Each way to read finds what fill_notes() has made, and nothing else. */
static void load_filled(struct backend *backend)
{
    struct store_load load = request_load(backend, "notes/1", UINT64_MAX);

    ck_assert_int_eq(load.request.status, STATUS_OK);
    ck_assert_uint_eq(load.row.head, 5);
    ck_assert_uint_eq(load.snapshot.seq, 3);
    store_arena_destroy(load.arena);
}

static void since_filled(struct backend *backend)
{
    struct store_since since = request_since(backend, "notes/1", 0, UINT64_MAX);

    ck_assert_int_eq(since.request.status, STATUS_OK);
    ck_assert_uint_eq(since.count, 5);
    store_arena_destroy(since.arena);
}

static void session_filled(struct backend *backend)
{
    ck_assert_int_eq(request_session(backend, "notes/1", 1).request.status, STATUS_NOT_FOUND);
}

static void versions_filled(struct backend *backend)
{
    struct store_versions versions = request_versions(backend, "notes/1");

    ck_assert_int_eq(versions.request.status, STATUS_OK);
    ck_assert_uint_eq(versions.count, 1);
    store_arena_destroy(versions.arena);
}

static void names_filled(struct backend *backend)
{
    struct store_arena *arena = store_arena_create();
    struct survey_names names = {.count_max = 9};

    ck_assert_int_eq(backend->survey->names(backend, &names, arena), STATUS_OK);
    ck_assert_uint_eq(names.count, 1);
    store_arena_destroy(arena);
}

static void rows_filled(struct backend *backend)
{
    struct store_arena *arena = store_arena_create();
    struct survey_rows rows = {.name = SPAN("notes/1"), .count_max = 9};

    ck_assert_int_eq(backend->survey->rows(backend, &rows, arena), STATUS_OK);
    ck_assert_uint_eq(rows.count, 0);
    store_arena_destroy(arena);
}

static void (*const reads[])(struct backend *) = {
    load_filled, since_filled, session_filled, versions_filled, names_filled, rows_filled,
};
enum { READS = sizeof(reads) / sizeof(reads[0]) };

/* Behind fill_notes(): one of everything more, but what is taken away. */
static void go_on(struct backend *backend)
{
    struct session_row row = {.session = session_key_of(1), .serial = 6, .seq = 6};
    struct snapshot snapshot = {.seq = 6, .type = SPAN("text"), .content = SPAN("\"z\"")};
    struct version gone = {.name = SPAN("draft")};
    struct batch_document document = {.name = SPAN("notes/1"), .head = 6, .fold = 6};

    claimed(backend, "notes/2");
    document.epoch = claimed(backend, "notes/1");
    document.rows = &row;
    document.row_count = 1;
    document.snapshot = &snapshot;
    document.versions = &gone;
    document.version_count = 1;
    ck_assert_int_eq(append_edit(backend, "notes/1", document.epoch, 5), STATUS_OK);
    ck_assert_int_eq(commit_alone(backend, document), STATUS_OK);
}

START_TEST(who_looks_sees_one_moment_whatever_is_written)
{
    struct postgres_place place;

    postgres_place_new(&place, &server);
    struct backend *writer = postgres_place_open(place.url, NULL);
    fill_notes(writer);
    struct backend *backend = look(place.url);
    go_on(writer);
    for (size_t i = 0; i < READS; i++)
        reads[i](backend);
    writer->ops->destroy(writer);
    backend->ops->destroy(backend);
}
END_TEST

/* When it was opened, and after each read, every table is free and can be changed. */
START_TEST(who_looks_is_in_nobodys_way)
{
    static const char change[] =
        "BEGIN; SET LOCAL lock_timeout = '1s';"
        "LOCK TABLE tutti, document, entry, session, snapshot, version, secret"
        " IN ACCESS EXCLUSIVE MODE;"
        "ALTER TABLE entry ADD COLUMN more%zu BIGINT NOT NULL DEFAULT 7; COMMIT";
    struct postgres_place place;
    char sql[300];

    postgres_place_new(&place, &server);
    struct backend *writer = postgres_place_open(place.url, NULL);
    fill_notes(writer);
    struct backend *backend = look(place.url);
    for (size_t i = 0; i < READS; i++) {
        snprintf(sql, sizeof(sql), change, i);
        postgres_place_execute(&place, sql);
        reads[i](backend);
    }
    snprintf(sql, sizeof(sql), change, (size_t)READS);
    postgres_place_execute(&place, sql);
    writer->ops->destroy(writer);
    backend->ops->destroy(backend);
}
END_TEST

/* It makes no tables, draws no secret, and claims nothing. */
START_TEST(who_looks_writes_nothing)
{
    struct postgres_place place;
    char url[POSTGRES_URL_SIZE];
    struct backend *backend = NULL;
    struct fault fault = {""};

    postgres_server_execute(&server, "CREATE SCHEMA foreign_one");
    postgres_server_url(&server, "foreign_one", url);
    ck_assert_int_eq(backend_postgres_look(url, &backend, &fault), STATUS_AWAY);
    ck_assert_ptr_nonnull(strstr(fault.text, "no tables of Tutti's"));
    postgres_server_execute(&server, "DROP SCHEMA foreign_one RESTRICT"); /* it is still empty */

    postgres_place_new(&place, &server);
    backend = look(place.url);
    ck_assert_int_ne(request_claim(backend, "notes/1", UINT64_MAX).request.status, STATUS_OK);
    ck_assert_ptr_nonnull(strstr(backend->fault.text, "read-only transaction"));
    backend->ops->destroy(backend);
    postgres_place_execute(&place, "CREATE TABLE nothing (is_there BIGINT CHECK (is_there = 0));"
                                   "INSERT INTO nothing SELECT count(*) FROM document;"
                                   "INSERT INTO nothing SELECT count(*) FROM secret");
}
END_TEST

START_TEST(who_looks_is_told_of_tables_of_another_version)
{
    struct postgres_place place;
    struct backend *backend = NULL;
    struct fault fault = {""};

    postgres_place_new(&place, &server);
    postgres_place_execute(&place, "UPDATE tutti SET version = 1");
    ck_assert_int_eq(backend_postgres_look(place.url, &backend, &fault), STATUS_AWAY);
    ck_assert_ptr_nonnull(strstr(fault.text, "the tables have version 1, this program needs"));
    postgres_place_execute(&place, "UPDATE tutti SET version = 99, oldest = 99");
    ck_assert_int_eq(backend_postgres_look(place.url, &backend, &fault), STATUS_CORRUPT);
    ck_assert_ptr_nonnull(strstr(fault.text, "needs a newer program"));
}
END_TEST

/* Its moment is gone: another connection would see another one. */
START_TEST(who_looks_and_is_cut_off_sees_nothing_any_more)
{
    struct postgres_place place;

    postgres_place_new(&place, &server);
    struct backend *writer = postgres_place_open(place.url, NULL);
    fill_notes(writer);
    struct backend *backend = look(place.url);
    ck_assert(!backend->lost);
    postgres_server_execute(&server, "SELECT pg_terminate_backend(pid, 60000)"
                                     " FROM pg_stat_activity WHERE application_name = 'tutti'");
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(request_load(backend, "notes/1", UINT64_MAX).request.status, STATUS_AWAY);
    ck_assert(backend->lost);
    ck_assert_ptr_nonnull(strstr(backend->fault.text, "PostgreSQL: "));
    load_filled(writer);
    writer->ops->destroy(writer);
    backend->ops->destroy(backend);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        who_looks_sees_one_moment_whatever_is_written,
        who_looks_is_in_nobodys_way,
        who_looks_writes_nothing,
        who_looks_is_told_of_tables_of_another_version,
        who_looks_and_is_cut_off_sees_nothing_any_more,
    };

    postgres_server_create(&server);
    int code = runner_run("postgres_look", tests, sizeof(tests) / sizeof(tests[0]));
    postgres_server_destroy(&server);
    return code;
}
