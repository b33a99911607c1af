/* Conformance: what the tools ask. */
#include "server/store/survey.h"

#include <string.h>

#include "tests/store/conformance.h"
#include "tests/store/conformance_steps.h"
#include "tests/store/requests.h"

static void expect_names(struct backend *backend, struct survey_names *names, const char *first,
                         const char *second)
{
    struct store_arena *arena = store_arena_create();

    ck_assert_int_eq(backend->survey->names(backend, names, arena), STATUS_OK);
    ck_assert_uint_eq(names->count, second != NULL ? 2 : 1);
    expect_span(names->names[0], first);
    if (second != NULL)
        expect_span(names->names[1], second);
    store_arena_destroy(arena);
}

START_TEST(names_are_listed_in_pages)
{
    struct backend *backend = conformance_open();
    struct survey_names names = {.count_max = 2};

    claimed(backend, "c");
    claimed(backend, "a");
    claimed(backend, "b");
    expect_names(backend, &names, "a", "b");
    names.after = SPAN("b");
    expect_names(backend, &names, "c", NULL);
    conformance_close(backend);
}
END_TEST

START_TEST(session_rows_are_listed_in_pages)
{
    struct backend *backend = conformance_open();
    struct store_arena *arena = store_arena_create();
    struct spent spent = {.serial = 9, .code = 208};
    struct session_row written[] = {
        {.session = session_key_of(1), .serial = 7},
        {.session = session_key_of(2), .serial = 8},
        {.session = session_key_of(3), .serial = 9, .floor = 4, .spent = &spent, .spent_count = 1},
    };
    struct batch_document document = {.name = SPAN("b"), .rows = written, .row_count = 3};
    struct survey_rows rows = {.name = SPAN("b"), .count_max = 2};

    claimed(backend, "a");
    document.epoch = claimed(backend, "b");
    ck_assert_int_eq(commit_alone(backend, document), STATUS_OK);

    ck_assert_int_eq(backend->survey->rows(backend, &rows, arena), STATUS_OK);
    ck_assert_uint_eq(rows.count, 2);
    ck_assert_mem_eq(&rows.rows[1].session, &written[1].session, SESSION_KEY_SIZE);
    ck_assert_uint_eq(rows.rows[1].serial, 8);
    rows.from = session_key_of(3);
    ck_assert_int_eq(backend->survey->rows(backend, &rows, arena), STATUS_OK);
    ck_assert_uint_eq(rows.count, 1);
    ck_assert_uint_eq(rows.rows[0].floor, 4);
    ck_assert_uint_eq(rows.rows[0].spent_count, 1);
    ck_assert_uint_eq(rows.rows[0].spent[0].serial, 9);
    rows.name = SPAN("a");
    ck_assert_int_eq(backend->survey->rows(backend, &rows, arena), STATUS_OK);
    ck_assert_uint_eq(rows.count, 0);
    store_arena_destroy(arena);
    conformance_close(backend);
}
END_TEST

size_t conformance_survey(const TTest **tests)
{
    const TTest *const all[] = {
        names_are_listed_in_pages,
        session_rows_are_listed_in_pages,
    };

    memcpy(tests, all, sizeof(all));
    return sizeof(all) / sizeof(all[0]);
}
