/* The check of a cluster's store, in a PostgreSQL of our own. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/must.h"
#include "tests/runner.h"
#include "tests/store/postgres_place.h"
#include "tests/store/requests.h"
#include "tests/tools/store_check_damage.h"
#include "tools/tutti/store_check.h"

static struct postgres_server server;
static struct postgres_place place; /* a test has one store at a time */

static uint64_t test_clock(void)
{
    return 1000;
}

static struct backend *open_place(void)
{
    struct backend *backend = NULL;
    struct fault fault = {""};
    enum status status = backend_postgres_open(place.url, test_clock, &backend, &fault);

    ck_assert_msg(status == STATUS_OK, "%s", fault.text);
    return backend;
}

static struct backend *look_at_place(void)
{
    struct backend *backend = NULL;
    struct fault fault = {""};
    enum status status = backend_postgres_look(place.url, &backend, &fault);

    ck_assert_msg(status == STATUS_OK, "%s", fault.text);
    return backend;
}

/* ---- The kinds of damage ---- */

struct backend *damage_create(void)
{
    if (place.server == NULL)
        postgres_place_new(&place, &server);
    else
        postgres_place_empty(&place);
    return open_place();
}

/* No trigger sees it, as none sees a disk that loses a bit. */
struct backend *damage_spoil_take(struct backend *backend, const char *sql)
{
    struct buffer own = {0};

    backend->ops->destroy(backend);
    buffer_append_text(&own, "SET session_replication_role = replica; ");
    while (*sql != '\0') {
        if (strncmp(sql, "x'", 2) == 0) {
            buffer_append_text(&own, "'\\x");
            sql += 2;
        } else if (strncmp(sql, "user", 4) == 0) {
            buffer_append_text(&own, "author");
            sql += 4;
        } else {
            buffer_append_byte(&own, (uint8_t)*sql++);
        }
    }
    buffer_append_byte(&own, '\0');
    postgres_place_execute(&place, (const char *)own.data);
    buffer_finish(&own);
    return look_at_place();
}

void damage_remove_take(struct backend *backend)
{
    backend->ops->destroy(backend);
}

/* ---- While servers are at work ---- */

/* All that changes from one commit to the next: the head, the log, a session's row, a snapshot, a
 * version, what is folded; now and then the epoch, and which documents there are. */
static void write_on(struct backend *backend, uint64_t seq)
{
    static uint64_t epoch = 1000;
    char name[32];
    struct entry entry = edit_of(seq, epoch, "[\"y\"]");
    struct session_row row = {.session = session_key_of(1), .serial = seq, .seq = seq};
    struct batch_document document = {.name = SPAN("notes/1"),
                                      .epoch = epoch,
                                      .head = seq - 1,
                                      .entries = &entry,
                                      .count = 1,
                                      .rows = &row,
                                      .row_count = 1};

    ck_assert_int_eq(commit_alone(backend, document), STATUS_OK);
    if (seq % 8 == 0) {
        struct buffer content = {0};
        struct snapshot snapshot = {
            .seq = seq, .epoch = epoch, .time_ms = entry.time_ms, .type = SPAN("text")};
        struct version version = {.name = SPAN("latest"), .seq = seq, .time_ms = entry.time_ms};

        buffer_append_byte(&content, '"');
        for (uint64_t i = 1; i < seq; i++)
            buffer_append_byte(&content, 'y');
        buffer_append_byte(&content, '"');
        snapshot.content = buffer_span(&content);
        ck_assert_int_eq(
            commit_alone(backend, (struct batch_document){.name = SPAN("notes/1"),
                                                          .epoch = epoch,
                                                          .head = seq,
                                                          .snapshot = &snapshot,
                                                          .versions = &version,
                                                          .version_count = 1,
                                                          .fold = seq > 32 ? seq - 8 : 0}),
            STATUS_OK);
        buffer_finish(&content);
        snprintf(name, sizeof(name), "notes/%d", (int)seq);
        claimed(backend, name);
        epoch = claimed(backend, "notes/1");
    }
}

/* Write until somebody ends it. */
static pid_t start_writer(void)
{
    pid_t pid = fork();

    must(pid >= 0);
    if (pid > 0)
        return pid;
    struct backend *backend = open_place();
    for (uint64_t seq = 2;; seq++)
        write_on(backend, seq);
}

static void end_writer(pid_t pid)
{
    int code = 0;

    must(kill(pid, SIGKILL) == 0);
    must(waitpid(pid, &code, 0) == pid);
    ck_assert_msg(WIFSIGNALED(code), "the writer failed"); /* not by itself */
}

START_TEST(a_store_that_is_written_to_all_the_time_is_sound)
{
    enum { CHECKS = 20 };
    struct entry entry = edit_of(1, 1000, "{\"type\":\"text\"}");
    uint64_t seq = 0;
    struct backend *backend = damage_create();

    entry.kind = ENTRY_CREATE;
    entry.serial = 0;
    ck_assert_int_eq(
        commit_alone(backend, (struct batch_document){.name = SPAN("notes/1"),
                                                      .epoch = claimed(backend, "notes/1"),
                                                      .entries = &entry,
                                                      .count = 1}),
        STATUS_OK);
    pid_t writer = start_writer();
    for (int i = 0; i < CHECKS;) {
        struct store_check_counts counts;
        struct backend *at_work = look_at_place();
        struct store_load load = request_load(at_work, "notes/1", UINT64_MAX);

        ck_assert_int_eq(load.request.status, STATUS_OK);
        ck_assert_int_eq(store_check(at_work, stderr, &counts, NULL), STATUS_OK);
        ck_assert_uint_eq(counts.problems, 0);
        i += load.row.head > seq; /* something else than the last time */
        seq = load.row.head;
        store_arena_destroy(load.arena);
        at_work->ops->destroy(at_work);
    }
    end_writer(writer);
    ck_assert_uint_gt(seq, 40); /* it was folded on the way */
    backend->ops->destroy(backend);
}
END_TEST

/* ---- When it is lost ---- */

static ssize_t cut_off(void *line, const char *text, size_t size)
{
    snprintf(line, 200, "%.*s", (int)size, text);
    postgres_server_execute(&server, "SELECT pg_terminate_backend(pid, 60000)"
                                     " FROM pg_stat_activity WHERE application_name = 'tutti'");
    return (ssize_t)size;
}

/* It is, as soon as the first problem is told; nothing that follows is one. */
START_TEST(a_store_that_is_lost_on_the_way_is_not_said_to_be_sound)
{
    char line[200] = "";
    struct store_check_counts counts;
    struct fault fault = {""};
    struct backend *backend = damage_create();

    damage_fill(backend);
    backend = damage_spoil_take(backend, "UPDATE version SET seq = 7");
    FILE *out = fopencookie(line, "w", (cookie_io_functions_t){.write = cut_off});
    ck_assert_ptr_nonnull(out);
    ck_assert_int_eq(setvbuf(out, NULL, _IOLBF, 0), 0);
    ck_assert_int_eq(store_check(backend, out, &counts, &fault), STATUS_AWAY);
    ck_assert_int_eq(fclose(out), 0);
    ck_assert_msg(strncmp(line, "notes/1: ", 9) == 0, "%s", line);
    ck_assert_ptr_nonnull(strstr(fault.text, "PostgreSQL: "));
    ck_assert_uint_eq(counts.problems, 1);
    ck_assert_uint_eq(counts.documents, 1);
    damage_remove_take(backend);
}
END_TEST

/* ---- The subcommand ---- */

START_TEST(the_exit_code_tells_sound_from_damaged_from_unopened)
{
    char none[POSTGRES_URL_SIZE];
    char longer[POSTGRES_URL_SIZE + 8];

    postgres_server_url(&server, "no_such_schema", none);
    ck_assert_int_eq(damage_run_check(none), 2);
    struct backend *backend = damage_create();
    damage_fill(backend); /* and stays open, as a server does */
    ck_assert_int_eq(damage_run_check(place.url), 0);
    snprintf(longer, sizeof(longer), "postgresql%s", strchr(place.url, ':'));
    ck_assert_int_eq(damage_run_check(longer), 0);
    postgres_place_execute(&place, "DELETE FROM session");
    ck_assert_int_eq(damage_run_check(place.url), 1);
    backend->ops->destroy(backend);
}
END_TEST

int main(void)
{
    const TTest *tests[DAMAGE_TESTS_MAX + 3];
    size_t count = damage_tests(tests);

    tests[count++] = a_store_that_is_written_to_all_the_time_is_sound;
    tests[count++] = a_store_that_is_lost_on_the_way_is_not_said_to_be_sound;
    tests[count++] = the_exit_code_tells_sound_from_damaged_from_unopened;
    postgres_server_create(&server);
    int code = runner_run("store_check_postgres", tests, count);
    postgres_server_destroy(&server);
    return code;
}
