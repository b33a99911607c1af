/* Conformance: folding. */
#include <string.h>

#include "tests/store/conformance_steps.h"
#include "tests/store/requests.h"

START_TEST(a_fold_needs_a_snapshot_at_or_above_it)
{
    struct backend *backend = conformance_open();
    uint64_t epoch = filled(backend, "notes/1", 9);
    struct snapshot snapshot = {
        .seq = 7, .epoch = epoch, .type = SPAN("text"), .content = SPAN("\"x\"")};
    struct batch_document both = {.name = SPAN("notes/1"), .epoch = epoch, .head = 9, .fold = 8};

    ck_assert_int_eq(fold_to(backend, epoch, 5), STATUS_FAILED);
    ck_assert_str_eq(backend->fault.text, "notes/1: a fold needs a snapshot");
    ck_assert_int_eq(set_snapshot(backend, epoch, 4, "text", "\"x\""), STATUS_OK);
    ck_assert_int_eq(fold_to(backend, epoch, 5), STATUS_FAILED);
    ck_assert_int_eq(load_status(backend, 1), STATUS_OK); /* nothing has gone */
    ck_assert_int_eq(fold_to(backend, epoch, 3), STATUS_OK);
    ck_assert_int_eq(fold_to(backend, epoch, 4), STATUS_OK);
    both.snapshot = &snapshot;
    ck_assert_int_eq(commit_alone(backend, both), STATUS_FAILED);
    both.fold = 7;
    ck_assert_int_eq(commit_alone(backend, both), STATUS_OK);
    ck_assert_int_eq(fold_to(backend, epoch - 1, 1), STATUS_FENCED);
    conformance_close(backend);
}
END_TEST

START_TEST(folded_entries_are_gone_and_the_document_stays)
{
    struct backend *backend = conformance_open();
    uint64_t epoch = filled(backend, "notes/1", 9);

    ck_assert_int_eq(set_snapshot(backend, epoch, 2, "text", "\"two\""), STATUS_OK);
    ck_assert_int_eq(set_snapshot(backend, epoch, 5, "text", "\"five\""), STATUS_OK);
    ck_assert_int_eq(fold_to(backend, epoch, 4), STATUS_OK);
    for (uint64_t seq = 0; seq <= 9; seq++) {
        enum status since = seq < 4 ? STATUS_FOLDED : STATUS_OK;
        struct store_since range = request_since(backend, "notes/1", seq, 9);

        ck_assert_int_eq(range.request.status, since);
        ck_assert_uint_eq(range.count, since == STATUS_OK ? 9 - seq : 0);
        ck_assert_uint_eq(range.row.folded, since == STATUS_OK ? 4 : 0);
        store_arena_destroy(range.arena);
        ck_assert_int_eq(load_status(backend, seq),
                         seq == 0 || seq >= 5 ? STATUS_OK : STATUS_FOLDED);
        ck_assert_int_eq(request_load_at(backend, "notes/1", UINT64_MAX, 5000).request.status,
                         STATUS_FOLDED);
    }
    struct store_load load = request_load(backend, "notes/1", UINT64_MAX);
    ck_assert_uint_eq(load.row.folded, 4);
    ck_assert_uint_eq(load.row.head, 9);
    ck_assert_uint_eq(load.snapshot.seq, 5);
    ck_assert_uint_eq(load.count, 4);
    store_arena_destroy(load.arena);
    ck_assert_int_eq(append_edit(backend, "notes/1", epoch, 9), STATUS_OK);
    conformance_close(backend);
}
END_TEST

START_TEST(a_fold_is_never_taken_back)
{
    struct backend *backend = conformance_open();
    uint64_t epoch = filled(backend, "notes/1", 9);

    ck_assert_int_eq(set_snapshot(backend, epoch, 6, "text", "\"six\""), STATUS_OK);
    ck_assert_int_eq(fold_to(backend, epoch, 6), STATUS_OK);
    ck_assert_int_eq(fold_to(backend, epoch, 3), STATUS_OK);
    struct store_claim claim = request_claim(backend, "notes/1", epoch);
    ck_assert_uint_eq(claim.row.folded, 6);
    conformance_close(backend);
}
END_TEST

START_TEST(a_fold_keeps_the_snapshots_that_versions_name)
{
    struct backend *backend = conformance_open();
    uint64_t epoch = filled(backend, "notes/1", 9);

    ck_assert_int_eq(set_snapshot(backend, epoch, 2, "text", "\"two\""), STATUS_OK);
    ck_assert_int_eq(set_snapshot(backend, epoch, 3, "text", "\"three\""), STATUS_OK);
    ck_assert_int_eq(set_snapshot(backend, epoch, 6, "text", "\"six\""), STATUS_OK);
    ck_assert_int_eq(set_version(backend, epoch, "kept", 3), STATUS_OK);
    ck_assert_int_eq(set_version(backend, epoch, "lost", 4), STATUS_OK);
    ck_assert_int_eq(fold_to(backend, epoch, 6), STATUS_OK);
    expect_versions(backend, "notes/1", "kept 3, lost 4");
    ck_assert_int_eq(load_status(backend, 2), STATUS_FOLDED);
    ck_assert_int_eq(load_status(backend, 4), STATUS_FOLDED);
    struct store_load load = request_load(backend, "notes/1", 3);
    ck_assert_int_eq(load.request.status, STATUS_OK);
    ck_assert_uint_eq(load.snapshot.seq, 3);
    expect_span(load.snapshot.content, "\"three\"");
    ck_assert_uint_eq(load.count, 0);
    store_arena_destroy(load.arena);
    conformance_close(backend);
}
END_TEST

START_TEST(a_fold_keeps_the_rows_of_sessions)
{
    struct backend *backend = conformance_open();
    uint64_t epoch = filled(backend, "notes/1", 9);

    set_row(backend, epoch, (struct session_row){.serial = 5, .seq = 4, .floor = 3});
    ck_assert_int_eq(set_snapshot(backend, epoch, 9, "text", "\"nine\""), STATUS_OK);
    ck_assert_int_eq(fold_to(backend, epoch, 9), STATUS_OK);
    expect_row(backend, (struct session_row){.serial = 5, .seq = 4, .floor = 3});
    conformance_close(backend);
}
END_TEST

size_t conformance_folds(const TTest **tests)
{
    const TTest *const all[] = {
        a_fold_needs_a_snapshot_at_or_above_it,
        folded_entries_are_gone_and_the_document_stays,
        a_fold_is_never_taken_back,
        a_fold_keeps_the_snapshots_that_versions_name,
        a_fold_keeps_the_rows_of_sessions,
    };

    memcpy(tests, all, sizeof(all));
    return sizeof(all) / sizeof(all[0]);
}
