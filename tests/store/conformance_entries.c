/* Conformance: the log, and what an entry keeps. */
#include <string.h>

#include "base/json_scan.h"
#include "base/memory.h"
#include "tests/store/conformance_steps.h"
#include "tests/store/model.h"
#include "tests/store/requests.h"

/* ---- Ranges ---- */

START_TEST(since_gives_a_range_within_the_log)
{
    static const struct {
        uint64_t from;
        uint64_t to;
        size_t count_max;
        size_t count;
    } table[] = {
        {0, 5, 100, 5}, {0, UINT64_MAX, 100, 5},
        {2, 4, 100, 2}, {4, 9, 100, 1},
        {5, 9, 100, 0}, {7, 9, 100, 0},
        {3, 2, 100, 0}, {1, 5, 2, 2},
        {1, 5, 0, 0},   {UINT64_MAX, UINT64_MAX, 100, 0},
    };
    struct backend *backend = conformance_open();

    filled(backend, "notes/1", 5);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct store_since since = {
            .request.call = STORE_SINCE,
            .name = SPAN("notes/1"),
            .from = table[i].from,
            .to = table[i].to,
            .count_max = table[i].count_max,
        };

        store_run(backend, &since.request);
        ck_assert_int_eq(since.request.status, STATUS_OK);
        ck_assert_uint_eq(since.count, table[i].count);
        for (size_t at = 0; at < since.count; at++)
            ck_assert_uint_eq(since.entries[at].seq, table[i].from + 1 + at);
        store_arena_destroy(since.arena);
    }
    conformance_close(backend);
}
END_TEST

START_TEST(an_unknown_document_is_not_found)
{
    struct backend *backend = conformance_open();

    ck_assert_int_eq(request_load(backend, "notes/1", UINT64_MAX).request.status, STATUS_NOT_FOUND);
    ck_assert_int_eq(request_since(backend, "notes/1", 0, 9).request.status, STATUS_NOT_FOUND);
    ck_assert_int_eq(request_session(backend, "notes/1", 1).request.status, STATUS_NOT_FOUND);
    conformance_close(backend);
}
END_TEST

/* ---- What an entry keeps ---- */

static void round_trip(struct entry entry)
{
    struct backend *backend = conformance_open();
    struct batch_document document = {.name = SPAN("notes/1"), .entries = &entry, .count = 1};

    document.epoch = claimed(backend, "notes/1");
    entry.seq = 1;
    ck_assert_int_eq(commit_alone(backend, document), STATUS_OK);
    struct store_since since = request_since(backend, "notes/1", 0, 1);
    ck_assert_uint_eq(since.count, 1);
    ck_assert(model_entry_equal(&since.entries[0], &entry));
    store_arena_destroy(since.arena);
    conformance_close(backend);
}

START_TEST(an_entry_keeps_every_field)
{
    round_trip((struct entry){
        .epoch = 999,
        .serial = INT64_MAX,
        .base = INT64_MAX - 1,
        .time_ms = INT64_MAX - 2,
        .session = session_key_of(200),
        .kind = ENTRY_EDIT,
        .rule = 1,
        .user = SPAN("ann \0 b\xff"),
        .arrived = SPAN("[\"as it came\0\"]"),
        .sequenced = SPAN("[1,\"as it came\"]"),
    });
}
END_TEST

START_TEST(a_deletion_by_nobody_has_empty_fields)
{
    round_trip((struct entry){.epoch = 1, .kind = ENTRY_DELETE});
    round_trip((struct entry){.epoch = 1, .kind = ENTRY_DELETE, .user = SPAN("")});
    round_trip((struct entry){.epoch = 1, .arrived = SPAN("x"), .sequenced = SPAN("")});
    round_trip((struct entry){.epoch = 1, .arrived = SPAN(""), .sequenced = SPAN("x")});
}
END_TEST

START_TEST(an_entry_of_a_megabyte_and_a_snapshot_of_sixteen)
{
    enum { OPERATION = 1 << 20, CONTENT = 16 << 20 };
    struct backend *backend = conformance_open();
    uint64_t epoch = claimed(backend, "notes/1");
    char *text = memory_allocate(CONTENT);
    struct entry entry = edit_of(1, epoch, "");
    struct snapshot snapshot = {.seq = 1, .epoch = epoch, .type = SPAN("text")};
    struct batch_document document = {.name = SPAN("notes/1"),
                                      .epoch = epoch,
                                      .entries = &entry,
                                      .count = 1,
                                      .snapshot = &snapshot};

    memset(text, 'x', CONTENT);
    entry.arrived = span_of(text, OPERATION);
    entry.sequenced = span_of(text + 1, OPERATION + 1);
    snapshot.content = span_of(text, CONTENT);
    ck_assert_int_eq(commit_alone(backend, document), STATUS_OK);

    struct store_since since = request_since(backend, "notes/1", 0, 1);
    struct store_load load = request_load(backend, "notes/1", UINT64_MAX);
    ck_assert(model_entry_equal(&since.entries[0], &entry));
    ck_assert(span_equal(load.snapshot.content, snapshot.content));
    store_arena_destroy(since.arena);
    store_arena_destroy(load.arena);
    memory_free(text);
    conformance_close(backend);
}
END_TEST

/* SQL, printf and C strings in a name are bytes like others, and a prefix is another name. */
START_TEST(names_may_have_odd_bytes)
{
    const struct span names[] = {
        SPAN("n/"),         SPAN("n/'); DROP TABLE entry; --"),
        SPAN("n/%s%n"),     SPAN("n/A"),
        SPAN("n/a"),        SPAN("n/a\0"),
        SPAN("n/a\0b"),     SPAN("n/\xc3\xa9"),
        SPAN("n/\xff\xfe"),
    };
    enum { COUNT = sizeof(names) / sizeof(names[0]) };
    struct backend *backend = conformance_open();

    for (size_t i = 0; i < COUNT; i++) {
        struct store_claim claim = {.request.call = STORE_CLAIM, .name = names[i], .node = "n"};

        conformance_now = 1000 + i;
        store_run(backend, &claim.request);
        ck_assert_int_eq(claim.request.status, STATUS_OK);
    }
    for (size_t i = 0; i < COUNT; i++) {
        struct store_load load = {.request.call = STORE_LOAD, .name = names[i]};

        store_run(backend, &load.request);
        ck_assert_int_eq(load.request.status, STATUS_OK);
        ck_assert_uint_eq(load.row.epoch, 1000 + i);
        store_arena_destroy(load.arena);
    }
    conformance_close(backend);
}
END_TEST

START_TEST(an_answer_outlives_what_is_written_later)
{
    struct backend *backend = conformance_open();
    uint64_t epoch = filled(backend, "notes/1", 9);

    ck_assert_int_eq(set_snapshot(backend, epoch, 5, "text", "\"first\""), STATUS_OK);
    struct store_load load = request_load(backend, "notes/1", UINT64_MAX);
    ck_assert_int_eq(set_snapshot(backend, epoch, 5, "text", "\"other\""), STATUS_OK);
    for (uint64_t head = 9; head < 100; head++)
        ck_assert_int_eq(append_edit(backend, "notes/1", epoch, head), STATUS_OK);
    conformance_close(backend);
    expect_span(load.snapshot.content, "\"first\"");
    ck_assert_uint_eq(load.count, 4);
    expect_span(load.entries[3].user, "ann");
    store_arena_destroy(load.arena);
}
END_TEST

START_TEST(the_secret_is_drawn)
{
    struct backend *backend = conformance_open();
    struct backend *other = conformance_open();
    uint8_t nothing[STORE_SECRET_SIZE] = {0};

    ck_assert_mem_ne(backend->secret, nothing, STORE_SECRET_SIZE);
    ck_assert_mem_ne(backend->secret, other->secret, STORE_SECRET_SIZE);
    conformance_close(backend);
    conformance_close(other);
}
END_TEST

size_t conformance_entries(const TTest **tests)
{
    const TTest *const all[] = {
        since_gives_a_range_within_the_log,
        an_unknown_document_is_not_found,
        an_entry_keeps_every_field,
        a_deletion_by_nobody_has_empty_fields,
        an_entry_of_a_megabyte_and_a_snapshot_of_sixteen,
        names_may_have_odd_bytes,
        an_answer_outlives_what_is_written_later,
        the_secret_is_drawn,
    };

    memcpy(tests, all, sizeof(all));
    return sizeof(all) / sizeof(all[0]);
}
