/* Conformance: the rows of sessions. */
#include <string.h>

#include "base/json_scan.h"
#include "tests/store/conformance_steps.h"
#include "tests/store/requests.h"

START_TEST(a_row_is_raised_and_never_lowered)
{
    struct backend *backend = conformance_open();
    uint64_t epoch = filled(backend, "notes/1", 9);

    set_row(backend, epoch, (struct session_row){.serial = 5, .seq = 4, .floor = 3});
    set_row(backend, epoch, (struct session_row){.serial = 4, .seq = 3, .floor = 9});
    expect_row(backend, (struct session_row){.serial = 5, .seq = 4, .floor = 9});
    set_row(backend, epoch, (struct session_row){.serial = 6, .seq = 7, .floor = 2});
    expect_row(backend, (struct session_row){.serial = 6, .seq = 7, .floor = 9});
    conformance_close(backend);
}
END_TEST

START_TEST(spent_serials_go_with_the_higher_serial)
{
    struct backend *backend = conformance_open();
    uint64_t epoch = filled(backend, "notes/1", 9);
    struct spent two[] = {{3, 208}, {JSON_INTEGER_MAX, 202}};
    struct spent one[] = {{1, 205}};
    uint64_t high = INT64_MAX;

    set_row(backend, epoch, (struct session_row){.serial = 2, .spent = one, .spent_count = 1});
    expect_row(backend, (struct session_row){.serial = 2, .spent = one, .spent_count = 1});
    set_row(backend, epoch, (struct session_row){.serial = high, .spent = two, .spent_count = 2});
    expect_row(backend, (struct session_row){.serial = high, .spent = two, .spent_count = 2});
    set_row(backend, epoch, (struct session_row){.serial = 4, .spent = one, .spent_count = 1});
    expect_row(backend, (struct session_row){.serial = high, .spent = two, .spent_count = 2});
    set_row(backend, epoch, (struct session_row){.serial = high});
    expect_row(backend, (struct session_row){.serial = high});
    conformance_close(backend);
}
END_TEST

START_TEST(rows_are_told_apart_by_session_and_document)
{
    struct backend *backend = conformance_open();
    struct session_row rows[] = {
        {.session = session_key_of(0), .serial = 10},
        {.session = session_key_of(1), .serial = 11},
        {.session = session_key_of(255), .serial = 12},
    };
    struct batch_document document = {.name = SPAN("notes/1"), .rows = rows, .row_count = 3};

    document.epoch = claimed(backend, "notes/1");
    claimed(backend, "notes/2");
    ck_assert_int_eq(commit_alone(backend, document), STATUS_OK);
    ck_assert_int_eq(request_session(backend, "notes/1", 7).request.status, STATUS_NOT_FOUND);
    ck_assert_int_eq(request_session(backend, "notes/2", 1).request.status, STATUS_NOT_FOUND);
    ck_assert_int_eq(request_session(backend, "notes/3", 1).request.status, STATUS_NOT_FOUND);
    for (size_t i = 0; i < 3; i++) {
        struct store_session session =
            request_session(backend, "notes/1", rows[i].session.bytes[0]);

        ck_assert_uint_eq(session.row.serial, rows[i].serial);
        ck_assert(memcmp(&session.row.session, &rows[i].session, SESSION_KEY_SIZE) == 0);
        store_arena_destroy(session.arena);
    }
    conformance_close(backend);
}
END_TEST

START_TEST(a_session_whose_public_id_another_one_has_is_told_so)
{
    struct backend *backend = conformance_open();
    struct session_row row = {.session = session_key_of(7), .serial = 1};
    struct batch_document document = {.name = SPAN("notes/1"), .rows = &row, .row_count = 1};
    struct store_session session = {
        .request.call = STORE_SESSION, .name = SPAN("notes/1"), .session = row.session};

    document.epoch = claimed(backend, "notes/1");
    ck_assert_int_eq(commit_alone(backend, document), STATUS_OK);
    for (int last = 6; last <= 8; last++) { /* before and behind the one that is there */
        session.session.bytes[SESSION_KEY_SIZE - 1] = (uint8_t)last;
        store_run(backend, &session.request);
        ck_assert_int_eq(session.request.status, last == 7 ? STATUS_OK : STATUS_WHO_TAKEN);
        store_arena_destroy(session.arena);
        session.arena = NULL;
    }
    session.session.bytes[5]++; /* the last byte of the public id */
    store_run(backend, &session.request);
    ck_assert_int_eq(session.request.status, STATUS_NOT_FOUND);
    conformance_close(backend);
}
END_TEST

size_t conformance_sessions(const TTest **tests)
{
    const TTest *const all[] = {
        a_row_is_raised_and_never_lowered,
        spent_serials_go_with_the_higher_serial,
        rows_are_told_apart_by_session_and_document,
        a_session_whose_public_id_another_one_has_is_told_so,
    };

    memcpy(tests, all, sizeof(all));
    return sizeof(all) / sizeof(all[0]);
}
