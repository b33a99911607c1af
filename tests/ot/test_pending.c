#include "ot/pending.h"

#include <stdio.h>

#include "base/limits.h"
#include "tests/ot/laws.h"

static void push(struct pending *pending, size_t composable_from, const char *json)
{
    pending_push_take(pending, composable_from, law_operation(&type_text, json));
}

START_TEST(what_may_be_composed_is)
{
    struct pending pending = {0};

    push(&pending, 0, "[\"a\"]");
    push(&pending, 0, "[1,\"b\"]");
    ck_assert_uint_eq(pending.count, 1);
    push(&pending, 1, "[2,\"c\"]"); /* the first one is in flight */
    push(&pending, 1, "[3,\"d\"]");
    ck_assert_uint_eq(pending.count, 2);
    law_expect_operation(pending.operations[0], "[\"ab\"]");
    law_expect_operation(pending.operations[1], "[2,\"cd\"]");
    pending_finish(&pending);
}
END_TEST

START_TEST(what_comes_to_nothing_disappears)
{
    struct pending pending = {0};

    push(&pending, 0, "[]");
    ck_assert_uint_eq(pending.count, 0);
    push(&pending, 0, "[\"a\"]");
    push(&pending, 0, "[{\"d\":1}]");
    ck_assert_uint_eq(pending.count, 0);
    pending_finish(&pending);
}
END_TEST

START_TEST(what_is_too_much_for_one_goes_next)
{
    struct pending pending = {0};

    for (int i = 0; i < 3; i++)
        pending_push_take(&pending, 0, law_operation(&type_counter, "9007199254740000"));
    ck_assert_uint_eq(pending.count, 3);
    pending_finish(&pending);
}
END_TEST

START_TEST(a_foreign_operation_passes_all)
{
    struct pending pending = {0};
    struct content *confirmed = law_content(&type_text, "\"0123\"");
    struct operation *foreign = law_operation(&type_text, "[1,{\"d\":2},\"F\"]");
    struct operation *moved;

    push(&pending, 0, "[2,\"a\"]");
    push(&pending, 1, "[3,\"b\"]");
    struct content *view = type_text.copy(confirmed);
    ck_assert(pending_replay(&pending, view));
    law_expect_content(view, "\"01ab23\"");

    ck_assert_int_eq(pending_rebase(&pending, foreign, SIDE_SECOND, &moved), STATUS_OK);
    ck_assert_int_eq(type_text.apply(view, moved, NULL), STATUS_OK);
    ck_assert_int_eq(type_text.apply(confirmed, foreign, NULL), STATUS_OK);
    ck_assert(pending_replay(&pending, confirmed));
    ck_assert(content_equal(view, confirmed));
    law_expect_content(view, "\"0abF3\"");

    operation_discard(moved);
    operation_discard(foreign);
    content_destroy(confirmed);
    content_destroy(view);
    pending_finish(&pending);
}
END_TEST

START_TEST(nothing_pending_moves_nothing)
{
    struct pending pending = {0};
    struct operation *foreign = law_operation(&type_text, "[\"F\"]");
    struct operation *moved = foreign;

    ck_assert_int_eq(pending_rebase(&pending, foreign, SIDE_SECOND, &moved), STATUS_OK);
    ck_assert_ptr_null(moved);
    operation_discard(foreign);
}
END_TEST

START_TEST(replay_leaves_out_what_does_not_fit)
{
    struct pending pending = {0};
    struct content *content = law_content(&type_counter, "9007199254740000");
    struct content *text = law_content(&type_text, "\"a\"");

    pending_push_take(&pending, 0, law_operation(&type_counter, "9007199254740000"));
    pending_push_take(&pending, 1, law_operation(&type_counter, "1"));
    ck_assert(!pending_replay(&pending, content));
    law_expect_content(content, "9007199254740001");
    pending_finish(&pending);

    push(&pending, 0, "[5,\"x\"]");
    push(&pending, 1, "[\"y\"]");
    ck_assert(!pending_replay(&pending, text));
    law_expect_content(text, "\"a\"");
    pending_finish(&pending);
    content_destroy(content);
    content_destroy(text);
}
END_TEST

START_TEST(the_first_is_taken_out_and_put_back)
{
    struct pending pending = {0};

    push(&pending, 9, "[\"a\"]");
    push(&pending, 9, "[1,\"b\"]");
    struct operation *first = pending_shift(&pending);
    law_expect_operation(first, "[\"a\"]");
    law_expect_operation(pending.operations[0], "[1,\"b\"]");
    pending_unshift_take(&pending, first);
    ck_assert_uint_eq(pending.count, 2);
    ck_assert_ptr_eq(pending.operations[0], first);
    pending_finish(&pending);
}
END_TEST

START_TEST(a_long_time_offline_leaves_few_and_is_sent_as_one)
{
    struct pending pending = {0};
    char json[32];

    for (int i = 0; i < 1000; i++) {
        snprintf(json, sizeof(json), "[%d,\"a\"]", 2 * i + 1);
        push(&pending, 0, json);
    }
    ck_assert_uint_le(pending.count, 10);
    pending_gather(&pending);
    ck_assert_uint_eq(pending.count, 1);
    ck_assert_uint_eq(pending.shares[0].edits, 1000);
    pending_finish(&pending);
}
END_TEST

START_TEST(what_a_message_has_no_room_for_goes_next)
{
    struct pending pending = {0};
    struct buffer paste = {0};

    buffer_append_text(&paste, "[\"");
    for (int i = 0; i < LIMIT_COMPOSED_BYTES / 3; i++)
        buffer_append_byte(&paste, 'x');
    buffer_append_text(&paste, "\"]");
    buffer_append_byte(&paste, 0);
    for (int i = 0; i < 5; i++)
        push(&pending, 0, (const char *)paste.data);
    pending_gather(&pending);
    ck_assert_uint_gt(pending.count, 1);
    ck_assert_uint_le(pending.shares[0].size, LIMIT_COMPOSED_BYTES);
    buffer_finish(&paste);
    pending_finish(&pending);
}
END_TEST

TEST_MAIN("pending", what_may_be_composed_is, what_comes_to_nothing_disappears,
          what_is_too_much_for_one_goes_next, a_foreign_operation_passes_all,
          nothing_pending_moves_nothing, replay_leaves_out_what_does_not_fit,
          the_first_is_taken_out_and_put_back, a_long_time_offline_leaves_few_and_is_sent_as_one,
          what_a_message_has_no_room_for_goes_next)
