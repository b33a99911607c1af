#include "server/collab/history.h"

#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "tests/runner.h"

static struct record *record(uint64_t seq, const char *arrived, const char *sequenced)
{
    struct entry entry = {.seq = seq, .kind = ENTRY_EDIT, .user = SPAN("anna")};

    entry.arrived = span_of_string(arrived);
    entry.sequenced = sequenced == NULL ? entry.arrived : span_of_string(sequenced);
    return record_create_take(&entry, 1, NULL);
}

/* Entries `first` to `head` behind an empty history. */
static struct history filled(uint64_t first, uint64_t head)
{
    struct history history;

    history_init(&history, first - 1);
    for (uint64_t seq = first; seq <= head; seq++)
        history_append_take(&history, record(seq, "[\"x\"]", NULL));
    return history;
}

START_TEST(keeps_what_an_entry_points_to)
{
    char arrived[] = "[1,\"x\"]";
    char sequenced[] = "[2,\"x\"]";
    struct record *kept = record(1, arrived, sequenced);

    memset(arrived, '-', sizeof(arrived));
    memset(sequenced, '-', sizeof(sequenced));
    ck_assert(span_equal(kept->entry.user, SPAN("anna")));
    ck_assert(span_equal(kept->entry.arrived, SPAN("[1,\"x\"]")));
    ck_assert(span_equal(kept->entry.sequenced, SPAN("[2,\"x\"]")));
    record_destroy(kept);
    record_destroy(NULL);
}
END_TEST

START_TEST(keeps_an_operation_that_was_not_moved_once)
{
    struct record *kept = record(1, "[1,\"x\"]", NULL);

    ck_assert_ptr_eq(kept->entry.sequenced.data, kept->entry.arrived.data);
    record_destroy(kept);
}
END_TEST

START_TEST(grows_at_both_ends)
{
    struct history history = filled(50, 60);

    for (uint64_t seq = 49; seq >= 1; seq--)
        history_prepend_take(&history, record(seq, "[\"y\"]", NULL));
    for (uint64_t seq = 61; seq <= 200; seq++)
        history_append_take(&history, record(seq, "[\"z\"]", NULL));
    ck_assert_uint_eq(history.first, 1);
    ck_assert_uint_eq(history.head, 200);
    for (uint64_t seq = 1; seq <= 200; seq++)
        ck_assert_uint_eq(history_at(&history, seq)->entry.seq, seq);
    history_finish(&history);
}
END_TEST

START_TEST(decodes_an_operation_once)
{
    struct history history = filled(1, 1);
    const struct operation *operation = history_operation(&history, 1, &type_text);

    ck_assert_ptr_nonnull(operation);
    ck_assert_ptr_eq(history_operation(&history, 1, &type_text), operation);
    history_finish(&history);
}
END_TEST

START_TEST(has_no_operation_for_a_deletion)
{
    struct entry entry = {.seq = 1, .kind = ENTRY_DELETE};
    struct history history;

    history_init(&history, 0);
    history_append_take(&history, record_create_take(&entry, 1, NULL));
    ck_assert_ptr_null(history_operation(&history, 1, &type_text));
    history_finish(&history);
}
END_TEST

START_TEST(forgets_what_was_not_made_durable)
{
    struct history history = filled(1, 20);
    size_t bytes = history.bytes;

    history_truncate(&history, 12);
    ck_assert_uint_eq(history.head, 12);
    ck_assert_uint_eq(history.bytes, bytes / 20 * 12);
    history_append_take(&history, record(13, "[\"other\"]", NULL));
    ck_assert(span_equal(history_at(&history, 13)->entry.arrived, SPAN("[\"other\"]")));
    history_truncate(&history, 0);
    ck_assert_uint_eq(history.bytes, 0);
    history_finish(&history);
}
END_TEST

START_TEST(drops_the_oldest_entries_when_they_are_too_many)
{
    struct history history = filled(1, LIMIT_HISTORY_ENTRIES + 100);

    history_trim(&history, 30); /* somebody needs what is behind 30 */
    ck_assert_uint_eq(history.first, 31);
    history_trim(&history, history.head);
    ck_assert_uint_eq(history.head + 1 - history.first, LIMIT_HISTORY_ENTRIES);
    history_trim(&history, history.head);
    ck_assert_uint_eq(history.head + 1 - history.first, LIMIT_HISTORY_ENTRIES);
    history_finish(&history);
}
END_TEST

START_TEST(drops_the_oldest_entries_when_they_are_too_large)
{
    enum { ENTRIES = 10 };
    size_t size = LIMIT_HISTORY_BYTES / 4;
    char *large = memory_allocate(size + 1);
    struct history history;

    memset(large, 'x', size);
    large[size] = 0;
    history_init(&history, 0);
    for (uint64_t seq = 1; seq <= ENTRIES; seq++)
        history_append_take(&history, record(seq, large, NULL));
    history_trim(&history, ENTRIES);
    ck_assert_uint_eq(history.first, ENTRIES - 2); /* three fit, with their heads */
    ck_assert_uint_le(history.bytes, LIMIT_HISTORY_BYTES);
    history_finish(&history);
    memory_free(large);
}
END_TEST

TEST_MAIN("history", keeps_what_an_entry_points_to, keeps_an_operation_that_was_not_moved_once,
          grows_at_both_ends, decodes_an_operation_once, has_no_operation_for_a_deletion,
          forgets_what_was_not_made_durable, drops_the_oldest_entries_when_they_are_too_many,
          drops_the_oldest_entries_when_they_are_too_large)
