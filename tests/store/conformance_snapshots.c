/* Conformance: snapshots, and documents as they were. */
#include <string.h>

#include "base/memory.h"
#include "tests/store/conformance_steps.h"
#include "tests/store/requests.h"

/* What load gives at each `seq_max`, when there are snapshots at 3 and 6 below the head 9. */
START_TEST(a_load_is_the_newest_snapshot_and_the_entries_after_it)
{
    static const struct {
        uint64_t seq_max;
        uint64_t snapshot;
        uint64_t last;
    } table[] = {
        {0, 0, 0}, {2, 0, 2}, {3, 3, 3},  {5, 3, 5},
        {6, 6, 6}, {9, 6, 9}, {10, 6, 9}, {UINT64_MAX, 6, 9},
    };
    struct backend *backend = conformance_open();
    uint64_t epoch = filled(backend, "notes/1", 9);

    /* The later one first: the order of writing does not matter. */
    ck_assert_int_eq(set_snapshot(backend, epoch, 6, "text", "\"six\""), STATUS_OK);
    ck_assert_int_eq(set_snapshot(backend, epoch, 3, "text", "\"three\""), STATUS_OK);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct store_load load = request_load(backend, "notes/1", table[i].seq_max);

        ck_assert_int_eq(load.request.status, STATUS_OK);
        ck_assert_uint_eq(load.row.head, 9);
        ck_assert_uint_eq(load.snapshot.seq, table[i].snapshot);
        if (load.snapshot.seq > 0) {
            ck_assert_uint_eq(load.snapshot.epoch, epoch);
            ck_assert_uint_eq(load.snapshot.time_ms, 5000 + load.snapshot.seq);
            ck_assert_uint_eq(load.snapshot.created, load.snapshot.seq - 1);
            expect_span(load.snapshot.type, "text");
            expect_span(load.snapshot.content, load.snapshot.seq == 3 ? "\"three\"" : "\"six\"");
        }
        ck_assert_uint_eq(load.count, table[i].last - table[i].snapshot);
        for (size_t at = 0; at < load.count; at++)
            ck_assert_uint_eq(load.entries[at].seq, table[i].snapshot + 1 + at);
        store_arena_destroy(load.arena);
    }
    conformance_close(backend);
}
END_TEST

START_TEST(a_second_snapshot_at_a_seq_replaces_the_first)
{
    struct backend *backend = conformance_open();
    uint64_t epoch = filled(backend, "notes/1", 9);

    ck_assert_int_eq(set_snapshot(backend, epoch, 9, "text", "\"first\""), STATUS_OK);
    ck_assert_int_eq(set_snapshot(backend, epoch, 9, "text", "\"second\""), STATUS_OK);
    struct store_load load = request_load(backend, "notes/1", UINT64_MAX);
    expect_span(load.snapshot.content, "\"second\"");
    store_arena_destroy(load.arena);
    conformance_close(backend);
}
END_TEST

START_TEST(a_snapshot_may_say_that_the_document_does_not_exist)
{
    struct backend *backend = conformance_open();
    uint64_t epoch = filled(backend, "notes/1", 9);

    ck_assert_int_eq(set_snapshot(backend, epoch, 9, "", ""), STATUS_OK);
    struct store_load load = request_load(backend, "notes/1", UINT64_MAX);
    ck_assert_uint_eq(load.snapshot.seq, 9);
    expect_span(load.snapshot.type, "");
    expect_span(load.snapshot.content, "");
    store_arena_destroy(load.arena);
    conformance_close(backend);
}
END_TEST

START_TEST(a_snapshot_comes_with_the_entry_it_is_of)
{
    struct backend *backend = conformance_open();
    uint64_t epoch = claimed(backend, "notes/1");
    struct entry entry = edit_of(1, epoch, "[\"x\"]");
    struct snapshot snapshot = {
        .seq = 1, .epoch = epoch, .type = SPAN("text"), .content = SPAN("\"x\"")};
    struct batch_document document = {.name = SPAN("notes/1"),
                                      .epoch = epoch,
                                      .entries = &entry,
                                      .count = 1,
                                      .snapshot = &snapshot};

    ck_assert_int_eq(commit_alone(backend, document), STATUS_OK);
    struct store_load load = request_load(backend, "notes/1", UINT64_MAX);
    ck_assert_uint_eq(load.snapshot.seq, 1);
    ck_assert_uint_eq(load.count, 0);
    store_arena_destroy(load.arena);
    conformance_close(backend);
}
END_TEST

/* Entry `seq` has the time 5000 + seq. */
START_TEST(a_load_at_a_time_ends_before_the_first_younger_entry)
{
    static const struct {
        uint64_t time_ms_max;
        uint64_t seq_max;
        uint64_t snapshot;
        uint64_t last;
    } table[] = {
        {0, UINT64_MAX, 0, 0},    {5000, UINT64_MAX, 0, 0}, {5002, UINT64_MAX, 0, 2},
        {5003, UINT64_MAX, 3, 3}, {5005, UINT64_MAX, 3, 5}, {5006, UINT64_MAX, 6, 6},
        {9999, UINT64_MAX, 6, 9}, {9999, 4, 3, 4},          {5004, 9, 3, 4},
    };
    struct backend *backend = conformance_open();
    uint64_t epoch = filled(backend, "notes/1", 9);

    ck_assert_int_eq(set_snapshot(backend, epoch, 3, "text", "\"three\""), STATUS_OK);
    ck_assert_int_eq(set_snapshot(backend, epoch, 6, "text", "\"six\""), STATUS_OK);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct store_load load =
            request_load_at(backend, "notes/1", table[i].seq_max, table[i].time_ms_max);

        ck_assert_int_eq(load.request.status, STATUS_OK);
        ck_assert_uint_eq(load.row.head, 9);
        ck_assert_uint_eq(load.snapshot.seq, table[i].snapshot);
        ck_assert_uint_eq(load.count, table[i].last - table[i].snapshot);
        store_arena_destroy(load.arena);
    }
    conformance_close(backend);
}
END_TEST

/* Large ones may be written in another way. */
START_TEST(snapshots_of_any_size_are_given_back)
{
    static const size_t sizes[] = {1, 128 << 10, (128 << 10) + 1, 3 << 20};
    struct backend *backend = conformance_open();
    uint64_t epoch = filled(backend, "notes/1", 9);

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char *text = memory_zeroed(sizes[i] + 1, 1);

        for (size_t at = 0; at < sizes[i]; at++)
            text[at] = (char)('a' + (at + at / 1000) % 26);
        ck_assert_int_eq(set_snapshot(backend, epoch, 4, "text", text), STATUS_OK); /* replaces */
        ck_assert_int_eq(set_snapshot(backend, epoch - 1, 4, "text", "x"), STATUS_FENCED);
        ck_assert_int_eq(set_snapshot(backend, epoch - 1, 5, "text", text), STATUS_FENCED);
        ck_assert_int_eq(set_snapshot(backend, epoch, 6 + i % 3, "text", text), STATUS_OK);
        expect_snapshot(backend, 4, text);
        expect_snapshot(backend, 6 + i % 3, text);
        struct store_load load = request_load(backend, "notes/1", 5);
        ck_assert_uint_eq(load.snapshot.seq, 4);
        store_arena_destroy(load.arena);
        memory_free(text);
    }
    ck_assert_int_eq(fold_to(backend, epoch, 8), STATUS_OK);
    ck_assert_int_eq(load_status(backend, 4), STATUS_FOLDED);
    conformance_close(backend);
}
END_TEST

size_t conformance_snapshots(const TTest **tests)
{
    const TTest *const all[] = {
        a_load_is_the_newest_snapshot_and_the_entries_after_it,
        a_second_snapshot_at_a_seq_replaces_the_first,
        a_snapshot_may_say_that_the_document_does_not_exist,
        a_snapshot_comes_with_the_entry_it_is_of,
        a_load_at_a_time_ends_before_the_first_younger_entry,
        snapshots_of_any_size_are_given_back,
    };

    memcpy(tests, all, sizeof(all));
    return sizeof(all) / sizeof(all[0]);
}
