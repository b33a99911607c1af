#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/must.h"
#include "server/store/postgres_inner.h"
#include "tests/runner.h"
#include "tests/store/conformance.h"
#include "tests/store/postgres_place.h"
#include "tests/store/requests.h"

static struct postgres_server server;

/* A test is a process, with one store at a time. */
struct backend *conformance_create(store_clock_fn clock)
{
    static struct postgres_place place;

    if (place.server == NULL)
        postgres_place_new(&place, &server);
    else
        postgres_place_empty(&place);
    return postgres_place_open(place.url, clock);
}

static void close_store(struct backend *backend)
{
    backend->ops->destroy(backend);
}

/* ---- Opening ---- */

START_TEST(it_opens_only_what_was_migrated)
{
    char url[POSTGRES_URL_SIZE];
    struct backend *backend = NULL;
    struct fault fault = {""};

    postgres_server_execute(&server, "CREATE SCHEMA bare");
    postgres_server_url(&server, "bare", url);
    ck_assert_int_eq(backend_postgres_open(url, NULL, &backend, &fault), STATUS_AWAY);
    ck_assert_ptr_nonnull(strstr(fault.text, "tutti store migrate"));
    ck_assert_int_eq(backend_postgres_migrate(url, &fault), STATUS_OK);
    ck_assert_int_eq(backend_postgres_migrate(url, &fault), STATUS_OK); /* nothing to do */
    close_store(postgres_place_open(url, NULL));

    postgres_server_execute(&server, "UPDATE bare.tutti SET version = 99, oldest = 1");
    close_store(postgres_place_open(url, NULL)); /* a newer one that still works with us */
    postgres_server_execute(&server, "UPDATE bare.tutti SET oldest = 99");
    ck_assert_int_eq(backend_postgres_open(url, NULL, &backend, &fault), STATUS_CORRUPT);
    ck_assert_ptr_nonnull(strstr(fault.text, "newer"));
}
END_TEST

START_TEST(what_cannot_be_reached_is_said)
{
    struct backend *backend = NULL;
    struct fault fault = {""};

    ck_assert_int_eq(
        backend_postgres_open("postgres://tutti@127.0.0.1:1/none", NULL, &backend, &fault),
        STATUS_AWAY);
    ck_assert_ptr_nonnull(strstr(fault.text, "PostgreSQL: "));
    ck_assert_int_eq(backend_postgres_open("nonsense", NULL, &backend, &fault), STATUS_AWAY);
}
END_TEST

START_TEST(two_nodes_share_one_secret_and_one_clock)
{
    struct postgres_place place;

    postgres_place_new(&place, &server);
    struct backend *first = postgres_place_open(place.url, NULL);
    struct backend *second = postgres_place_open(place.url, NULL);
    uint64_t epoch = claimed(first, "notes/1");

    ck_assert_mem_eq(first->secret, second->secret, STORE_SECRET_SIZE);
    ck_assert_uint_gt(epoch, 1600000000000);
    ck_assert_uint_gt(claimed(second, "notes/1"), epoch);
    close_store(first);
    close_store(second);
}
END_TEST

/* ---- Two nodes ---- */

START_TEST(who_claimed_last_is_the_only_one_who_writes)
{
    struct postgres_place place;

    postgres_place_new(&place, &server);
    struct backend *first = postgres_place_open(place.url, NULL);
    struct backend *second = postgres_place_open(place.url, NULL);
    uint64_t old = filled(first, "notes/1", 2);
    uint64_t epoch = claimed(second, "notes/1");

    ck_assert_int_eq(append_edit(first, "notes/1", old, 2), STATUS_FENCED);
    ck_assert_int_eq(append_edit(second, "notes/1", epoch, 2), STATUS_OK);
    close_store(first);
    close_store(second);
}
END_TEST

/* ---- Loss ---- */

/* … and wait until they are gone. */
static const char kill_all[] = "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity"
                               " WHERE application_name = 'tuttid'";

/* Nothing was sent on the old one, so nothing is in doubt: not even a commit. */
START_TEST(a_connection_that_ended_while_it_was_idle_is_replaced_unnoticed)
{
    struct postgres_place place;

    postgres_place_new(&place, &server);
    struct backend *backend = postgres_place_open(place.url, NULL);
    uint64_t epoch = claimed(backend, "notes/1");

    postgres_server_execute(&server, kill_all);
    ck_assert_int_eq(append_edit(backend, "notes/1", epoch, 0), STATUS_OK);
    postgres_server_execute(&server, kill_all);
    ck_assert_uint_gt(claimed(backend, "notes/1"), epoch);
    ck_assert_str_eq(backend->fault.text, "");
    close_store(backend);
}
END_TEST

/* A connection for each lane, as a node has: the first request on each finds that it has ended. */
START_TEST(a_restart_between_two_requests_is_not_noticed)
{
    struct postgres_server own;
    char url[POSTGRES_URL_SIZE];

    postgres_server_create(&own);
    postgres_server_url(&own, "public", url);
    ck_assert_int_eq(backend_postgres_migrate(url, NULL), STATUS_OK);
    struct backend *claims = postgres_place_open(url, NULL);
    struct backend *commits = postgres_place_open(url, NULL);
    struct backend *reads = postgres_place_open(url, NULL);
    uint64_t epoch = filled(commits, "notes/1", 2);

    postgres_server_stop(&own);
    postgres_server_start(&own);
    ck_assert_int_eq(append_edit(commits, "notes/1", epoch, 2), STATUS_OK);
    struct store_load load = request_load(reads, "notes/1", UINT64_MAX);
    ck_assert_int_eq(load.request.status, STATUS_OK);
    ck_assert_uint_eq(load.row.head, 3);
    store_arena_destroy(load.arena);
    ck_assert_int_eq(request_claim(claims, "notes/1", epoch).request.status, STATUS_OK);
    ck_assert_str_eq(claims->fault.text, "");
    close_store(claims);
    close_store(commits);
    close_store(reads);
    postgres_server_destroy(&own);
}
END_TEST

/* In a child: as soon as somebody waits for the lock that this connection holds, they are ended,
 * and then it lets go. */
static pid_t kill_who_waits(const char *url, const char *lock)
{
    int ready[2];
    char byte = 0;

    must(pipe(ready) == 0);
    pid_t pid = fork();
    must(pid >= 0);
    if (pid == 0) {
        PGconn *other = PQconnectdb(url);
        PGresult *locked = PQexec(other, lock);

        must(PQresultStatus(locked) == PGRES_TUPLES_OK ||
             PQresultStatus(locked) == PGRES_COMMAND_OK);
        must(write(ready[1], &byte, 1) == 1);
        postgres_server_execute(&server,
                                "DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM pg_stat_activity WHERE"
                                " application_name = 'tuttid' AND wait_event_type = 'Lock')"
                                " LOOP PERFORM pg_stat_clear_snapshot(); END LOOP; END $$");
        postgres_server_execute(&server, kill_all);
        _exit(0);
    }
    must(read(ready[0], &byte, 1) == 1);
    close(ready[0]);
    close(ready[1]);
    return pid;
}

static void await(pid_t pid)
{
    int code = 0;

    must(waitpid(pid, &code, 0) == pid && code == 0);
}

/* A node that waits for a lock dies there: its transaction never happened, which it cannot know. */
START_TEST(a_commit_that_was_lost_on_its_way_is_unknown_and_not_done_again)
{
    struct postgres_place place;

    postgres_place_new(&place, &server);
    struct backend *backend = postgres_place_open(place.url, NULL);
    uint64_t epoch = claimed(backend, "notes/1");
    pid_t killer = kill_who_waits(place.url, "BEGIN; SELECT * FROM document FOR UPDATE");

    ck_assert_int_eq(append_edit(backend, "notes/1", epoch, 0), STATUS_UNKNOWN);
    ck_assert_str_ne(backend->fault.text, "");
    await(killer);
    struct store_claim claim = request_claim(backend, "notes/1", epoch);
    ck_assert_int_eq(claim.request.status, STATUS_OK);
    ck_assert_uint_eq(claim.row.head, 0);
    close_store(backend);
}
END_TEST

START_TEST(a_read_that_was_lost_on_its_way_is_done_again)
{
    struct postgres_place place;

    postgres_place_new(&place, &server);
    struct backend *backend = postgres_place_open(place.url, NULL);
    filled(backend, "notes/1", 2);
    pid_t killer = kill_who_waits(place.url, "BEGIN; LOCK TABLE entry");
    struct store_load load = request_load(backend, "notes/1", UINT64_MAX);

    ck_assert_int_eq(load.request.status, STATUS_OK);
    ck_assert_uint_eq(load.count, 2);
    ck_assert_str_eq(backend->fault.text, "");
    store_arena_destroy(load.arena);
    await(killer);
    close_store(backend);
}
END_TEST

START_TEST(while_the_server_is_down_every_call_is_away)
{
    struct postgres_server own;
    char url[POSTGRES_URL_SIZE];

    postgres_server_create(&own);
    postgres_server_url(&own, "public", url);
    ck_assert_int_eq(backend_postgres_migrate(url, NULL), STATUS_OK);
    struct backend *backend = postgres_place_open(url, NULL);
    uint64_t epoch = filled(backend, "notes/1", 2);
    struct batch_document document = {.name = SPAN("notes/1"), .epoch = epoch, .head = 2};

    postgres_server_stop(&own);
    ck_assert_int_eq(request_commit(backend, &document, 1), STATUS_AWAY);
    ck_assert_ptr_nonnull(strstr(backend->fault.text, "PostgreSQL: "));
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(request_load(backend, "notes/1", UINT64_MAX).request.status, STATUS_AWAY);

    postgres_server_start(&own);
    struct store_claim claim;
    do { /* the next attempt to connect comes after a while */
        claim = request_claim(backend, "notes/1", UINT64_MAX);
    } while (claim.request.status == STATUS_AWAY);
    ck_assert_int_eq(claim.request.status, STATUS_OK);
    ck_assert_uint_eq(claim.row.head, 2);
    close_store(backend);
    postgres_server_destroy(&own);
}
END_TEST

START_TEST(a_statement_that_is_refused_changes_nothing)
{
    struct postgres_place place;

    postgres_place_new(&place, &server);
    struct backend *backend = postgres_place_open(place.url, NULL);
    uint64_t epoch = filled(backend, "notes/1", 1);
    struct batch_document document = {
        .name = SPAN("notes/1"), .epoch = epoch, .head = 1, .fold = 1, .release = true};

    ck_assert_int_eq(commit_alone(backend, document), STATUS_FAILED);
    ck_assert_ptr_nonnull(strstr(backend->fault.text, "a fold needs a snapshot"));
    struct store_load load = request_load(backend, "notes/1", UINT64_MAX);
    ck_assert_str_eq(load.row.owner, "node-1");
    ck_assert_uint_eq(load.row.folded, 0);
    store_arena_destroy(load.arena);
    close_store(backend);
}
END_TEST

static void expect_reads(struct backend *backend, enum status load_status, enum status since_status,
                         enum status versions_status)
{
    struct store_load load = request_load(backend, "notes/1", UINT64_MAX);
    struct store_since since = request_since(backend, "notes/1", 0, UINT64_MAX);
    struct store_versions versions = request_versions(backend, "notes/1");

    ck_assert_int_eq(load.request.status, load_status);
    ck_assert_int_eq(since.request.status, since_status);
    ck_assert_int_eq(versions.request.status, versions_status);
    store_arena_destroy(load.arena);
    store_arena_destroy(since.arena);
    store_arena_destroy(versions.arena);
}

/* As a bit that a disk has lost, in what could well be otherwise: no trigger sees that. */
START_TEST(a_row_that_is_not_what_was_written_is_corrupt_and_named)
{
    static const struct {
        const char *sql;
        enum status load;
        enum status since;
        enum status versions;
        const char *row;
    } table[] = {
        {"UPDATE entry SET arrived = '[\"y\"]' WHERE seq = 4", STATUS_CORRUPT, STATUS_CORRUPT,
         STATUS_OK, "seq 4 is damaged: "},
        {"UPDATE snapshot SET content = '\"y\"'", STATUS_CORRUPT, STATUS_OK, STATUS_OK,
         "snapshot 3 is damaged: "},
        {"UPDATE version SET seq = 2", STATUS_OK, STATUS_OK, STATUS_CORRUPT,
         "the version of seq 2 is damaged: "},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct postgres_place place;
        char sql[200];

        postgres_place_new(&place, &server);
        struct backend *backend = postgres_place_open(place.url, NULL);
        fill_notes(backend);
        expect_reads(backend, STATUS_OK, STATUS_OK, STATUS_OK);
        snprintf(sql, sizeof(sql), "SET session_replication_role = replica; %s", table[i].sql);
        postgres_place_execute(&place, sql);
        expect_reads(backend, table[i].load, table[i].since, table[i].versions);
        ck_assert_ptr_nonnull(strstr(backend->fault.text, table[i].row));
        close_store(backend);
    }
}
END_TEST

/* While nodes are replaced one by one, the older ones write rows and replace those of newer ones,
 * and know nothing of checksums. */
START_TEST(what_an_older_program_writes_has_no_checksum)
{
    struct postgres_place place;

    postgres_place_new(&place, &server);
    struct backend *backend = postgres_place_open(place.url, NULL);
    fill_notes(backend);
    postgres_place_execute(&place,
                           "UPDATE version SET seq = 2; UPDATE snapshot SET content = '\"y\"';"
                           "UPDATE entry SET checksum = NULL, arrived = '[\"y\"]'");
    expect_reads(backend, STATUS_OK, STATUS_OK, STATUS_OK);
    close_store(backend);
}
END_TEST

int main(void)
{
    const TTest *tests[CONFORMANCE_TESTS_MAX + 16];
    size_t count = conformance_tests(tests);

    count += conformance_survey(tests + count);

    tests[count++] = it_opens_only_what_was_migrated;
    tests[count++] = what_cannot_be_reached_is_said;
    tests[count++] = two_nodes_share_one_secret_and_one_clock;
    tests[count++] = who_claimed_last_is_the_only_one_who_writes;
    tests[count++] = a_connection_that_ended_while_it_was_idle_is_replaced_unnoticed;
    tests[count++] = a_restart_between_two_requests_is_not_noticed;
    tests[count++] = a_commit_that_was_lost_on_its_way_is_unknown_and_not_done_again;
    tests[count++] = a_read_that_was_lost_on_its_way_is_done_again;
    tests[count++] = while_the_server_is_down_every_call_is_away;
    tests[count++] = a_statement_that_is_refused_changes_nothing;
    tests[count++] = a_row_that_is_not_what_was_written_is_corrupt_and_named;
    tests[count++] = what_an_older_program_writes_has_no_checksum;
    postgres_server_create(&server);
    int code = runner_run("postgres", tests, count);
    postgres_server_destroy(&server);
    return code;
}
