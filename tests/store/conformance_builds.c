/* Conformance: snapshots that the store builds. */
#include <string.h>

#include "tests/store/conformance_steps.h"
#include "tests/store/requests.h"

/* The content is how many entries were loaded behind which snapshot: "3+2". */
static enum status count_entries(const struct store_load *load, struct buffer *content,
                                 struct snapshot *snapshot, struct fault *fault)
{
    const struct entry *last = load->count > 0 ? &load->entries[load->count - 1] : NULL;

    (void)fault;
    buffer_append_format(content, "%u+%u", (unsigned)load->snapshot.seq, (unsigned)load->count);
    *snapshot = load->snapshot;
    snapshot->type = SPAN("text");
    snapshot->content = buffer_span(content);
    if (last != NULL) {
        snapshot->seq = last->seq;
        snapshot->epoch = last->epoch;
        snapshot->time_ms = last->time_ms;
    }
    return STATUS_OK;
}

static enum status build(struct backend *backend, uint64_t epoch, uint64_t seq, bool fold)
{
    struct store_build build = {
        .request.call = STORE_BUILD,
        .name = SPAN("notes/1"),
        .epoch = epoch,
        .seq_max = seq,
        .time_ms_max = UINT64_MAX,
        .fold = fold,
        .build = count_entries,
    };

    store_run(backend, &build.request);
    return build.request.status;
}

START_TEST(a_build_makes_the_snapshot_that_is_asked_for)
{
    struct backend *backend = conformance_open();
    uint64_t epoch = filled(backend, "notes/1", 9);

    ck_assert_int_eq(build(backend, epoch, 0, true), STATUS_OK); /* there is nothing to do */
    ck_assert_int_eq(build(backend, epoch, 4, false), STATUS_OK);
    ck_assert_int_eq(build(backend, epoch, UINT64_MAX, false), STATUS_OK);
    ck_assert_int_eq(build(backend, epoch, 9, false), STATUS_OK); /* it is there */
    expect_snapshot(backend, 4, "0+4");
    expect_snapshot(backend, 9, "4+5");
    conformance_close(backend);
}
END_TEST

START_TEST(a_build_at_a_time_is_of_the_last_entry_then)
{
    struct backend *backend = conformance_open();
    struct store_build build = {
        .request.call = STORE_BUILD,
        .name = SPAN("notes/1"),
        .seq_max = UINT64_MAX,
        .time_ms_max = 5003,
        .fold = true,
        .build = count_entries,
    };

    build.epoch = filled(backend, "notes/1", 9);
    store_run(backend, &build.request);
    ck_assert_int_eq(build.request.status, STATUS_OK);
    ck_assert_uint_eq(build.seq, 3);
    expect_snapshot(backend, 3, "0+3");
    ck_assert_int_eq(request_since(backend, "notes/1", 2, 9).request.status, STATUS_FOLDED);
    build.time_ms_max = 5002;
    store_run(backend, &build.request);
    ck_assert_int_eq(build.request.status, STATUS_FOLDED);
    conformance_close(backend);
}
END_TEST

START_TEST(a_build_that_was_given_up_folds_nothing)
{
    struct backend *backend = conformance_open();
    struct store_build build = {
        .request.call = STORE_BUILD,
        .name = SPAN("notes/1"),
        .seq_max = 9,
        .time_ms_max = UINT64_MAX,
        .fold = true,
        .build = count_entries,
        .given_up = true,
    };

    build.epoch = filled(backend, "notes/1", 9);
    store_run(backend, &build.request);
    ck_assert_int_eq(build.request.status, STATUS_LEAVING);
    ck_assert_int_eq(load_status(backend, 1), STATUS_OK);
    conformance_close(backend);
}
END_TEST

START_TEST(a_build_is_fenced)
{
    struct backend *backend = conformance_open();
    uint64_t epoch = filled(backend, "notes/1", 9);

    ck_assert_int_eq(build(backend, epoch - 1, 4, true), STATUS_FENCED);
    struct store_load load = request_load(backend, "notes/1", UINT64_MAX);
    ck_assert_uint_eq(load.snapshot.seq, 0);
    ck_assert_uint_eq(load.row.folded, 0);
    store_arena_destroy(load.arena);
    conformance_close(backend);
}
END_TEST

START_TEST(a_build_folds_and_keeps_versions_readable)
{
    struct backend *backend = conformance_open();
    uint64_t epoch = filled(backend, "notes/1", 9);

    ck_assert_int_eq(set_version(backend, epoch, "two", 2), STATUS_OK);
    ck_assert_int_eq(set_version(backend, epoch, "five", 5), STATUS_OK);
    ck_assert_int_eq(set_version(backend, epoch, "nine", 9), STATUS_OK);
    ck_assert_int_eq(build(backend, epoch, 4, false), STATUS_OK);
    ck_assert_int_eq(build(backend, epoch, 7, true), STATUS_OK);
    expect_snapshot(backend, 2, "0+2");
    expect_snapshot(backend, 5, "4+1");
    expect_snapshot(backend, 7, "4+3");
    ck_assert_int_eq(load_status(backend, 4), STATUS_FOLDED);
    ck_assert_int_eq(load_status(backend, 8), STATUS_OK);
    ck_assert_int_eq(request_since(backend, "notes/1", 6, 9).request.status, STATUS_FOLDED);
    ck_assert_int_eq(build(backend, epoch, 7, true), STATUS_OK); /* it is done */
    ck_assert_int_eq(build(backend, epoch, 6, false), STATUS_FOLDED);
    conformance_close(backend);
}
END_TEST

size_t conformance_builds(const TTest **tests)
{
    const TTest *const all[] = {
        a_build_makes_the_snapshot_that_is_asked_for, a_build_at_a_time_is_of_the_last_entry_then,
        a_build_that_was_given_up_folds_nothing,      a_build_is_fenced,
        a_build_folds_and_keeps_versions_readable,
    };

    memcpy(tests, all, sizeof(all));
    return sizeof(all) / sizeof(all[0]);
}
