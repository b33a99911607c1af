#include "tools/tutti/store_check.h"

#include <stdio.h>
#include <unistd.h>

#include "tests/runner.h"
#include "tests/store/folder.h"
#include "tests/tools/store_check_damage.h"

static uint64_t test_clock(void)
{
    return 1000;
}

static struct backend *open_folder(const char *folder)
{
    struct backend *backend = NULL;
    struct fault fault = {""};
    enum status status = backend_sqlite_open(folder, test_clock, &backend, &fault);

    ck_assert_msg(status == STATUS_OK, "%s", fault.text);
    return backend;
}

/* ---- The kinds of damage ---- */

/* A test has one store at a time. */
static char damaged[FOLDER_PATH_SIZE];

struct backend *damage_create(void)
{
    folder_new(damaged);
    return open_folder(damaged);
}

struct backend *damage_spoil_take(struct backend *backend, const char *sql)
{
    backend->ops->destroy(backend);
    folder_spoil(damaged, sql);
    return open_folder(damaged);
}

void damage_remove_take(struct backend *backend)
{
    backend->ops->destroy(backend);
    folder_remove(damaged);
}

/* The only one that is SQLite's alone; nothing else is looked for then. */
START_TEST(a_file_that_is_not_whole_is_named)
{
    char printed[400] = "";
    FILE *out = fmemopen(printed, sizeof(printed), "w");
    struct store_check_counts counts;
    struct backend *backend = damage_create();

    damage_fill(backend);
    backend = damage_spoil_take(
        backend, "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql,"
                 " 'owner TEXT NOT NULL', 'owner TEXT NOT NULL CHECK (owner = ''x'')')"
                 " WHERE name = 'document'");
    ck_assert_int_eq(store_check(backend, out, &counts, NULL), STATUS_OK);
    ck_assert_int_eq(fclose(out), 0);
    ck_assert_msg(strncmp(printed, "tutti.db: ", 10) == 0, "%s", printed);
    ck_assert_uint_eq(counts.problems, 1);
    ck_assert_uint_eq(counts.documents, 0);
    damage_remove_take(backend);
}
END_TEST

/* ---- The subcommand ---- */

START_TEST(the_exit_code_tells_sound_from_damaged_from_unopened)
{
    char folder[FOLDER_PATH_SIZE];
    char url[FOLDER_PATH_SIZE + 16];

    folder_new(folder);
    snprintf(url, sizeof(url), "sqlite:%s", folder);
    ck_assert_int_eq(damage_run_check(NULL), 2);
    ck_assert_int_eq(damage_run_check(folder), 2);
    ck_assert_int_ne(access(folder, F_OK), 0); /* a check makes nothing */

    struct backend *backend = open_folder(folder);
    damage_fill(backend);
    ck_assert_int_eq(damage_run_check(folder), 2); /* the server is running */
    backend->ops->destroy(backend);
    ck_assert_int_eq(damage_run_check(folder), 0);
    ck_assert_int_eq(damage_run_check(url), 0);
    folder_spoil(folder, "DELETE FROM session");
    ck_assert_int_eq(damage_run_check(url), 1);
    folder_remove(folder);
}
END_TEST

int main(void)
{
    const TTest *tests[DAMAGE_TESTS_MAX + 2];
    size_t count = damage_tests(tests);

    tests[count++] = a_file_that_is_not_whole_is_named;
    tests[count++] = the_exit_code_tells_sound_from_damaged_from_unopened;
    return runner_run("store_check", tests, count);
}
