#include "server/cluster/node_entries.h"

#include "base/limits.h"
#include "base/memory.h"
#include "protocol/node_message.h"
#include "server/collab/history.h"
#include "tests/runner.h"

static void append(struct history *history, const char *arrived, const char *sequenced)
{
    struct entry entry = {.seq = history->head + 1,
                          .epoch = 9,
                          .serial = 4,
                          .time_ms = 1700000000000,
                          .kind = ENTRY_EDIT,
                          .rule = 1,
                          .user = SPAN("anna"),
                          .arrived = span_of_string(arrived),
                          .sequenced = span_of_string(sequenced)};

    history_append_take(history, record_create_take(&entry, 1, NULL));
}

START_TEST(entries_travel_whole)
{
    struct history history;
    struct buffer body = {0};
    size_t count = 0;

    history_init(&history, 6);
    append(&history, "[1]", "[1]");
    append(&history, "[1]", "[2]");
    node_entries_write(&body, &history, 6, 8);
    const struct node_message message = {
        .kind = NODE_ENTRIES, .seq = 7, .flags = 2, .body = buffer_span(&body)};
    struct entry *entries = node_entries_read(&message, &count);

    ck_assert_ptr_nonnull(entries);
    ck_assert_uint_eq(count, 2);
    ck_assert_uint_eq(entries[0].seq, 7);
    ck_assert(entry_is_as_it_arrived(&entries[0]));
    ck_assert_uint_eq(entries[1].seq, 8);
    ck_assert(span_equal(entries[1].sequenced, SPAN("[2]")));
    ck_assert(span_equal(entries[1].user, SPAN("anna")));
    ck_assert_uint_eq(entries[1].time_ms, 1700000000000);
    memory_free(entries);
    buffer_finish(&body);
    history_finish(&history);
}
END_TEST

START_TEST(what_does_not_have_what_it_says_is_refused)
{
    struct history history;
    struct buffer body = {0};
    size_t count = 0;

    history_init(&history, 0);
    append(&history, "[1]", "[1]");
    node_entries_write(&body, &history, 0, 1);
    struct node_message message = {
        .kind = NODE_ENTRIES, .seq = 1, .flags = 2, .body = buffer_span(&body)};

    ck_assert_ptr_null(node_entries_read(&message, &count)); /* one is missing */
    message.flags = 0;
    ck_assert_ptr_null(node_entries_read(&message, &count)); /* one is too many */
    message.flags = LIMIT_BATCH_ENTRIES + 1;
    ck_assert_ptr_null(node_entries_read(&message, &count));
    message.flags = 1;
    message.seq = 0;
    ck_assert_ptr_null(node_entries_read(&message, &count));
    buffer_finish(&body);
    history_finish(&history);
}
END_TEST

TEST_MAIN("node_entries", entries_travel_whole, what_does_not_have_what_it_says_is_refused)
