#include "ot/copy.h"

#include "base/limits.h"
#include "tests/ot/laws.h"

static struct copy copy;
static struct fault fault;

static void begin(const char *content)
{
    copy = (struct copy){0};
    copy_begin_take(&copy, law_content(&type_text, content));
}

static void edit(const char *operation)
{
    enum status status = copy_edit_take(&copy, 0, law_operation(copy.type, operation), &fault);

    ck_assert_msg(status == STATUS_OK, "%s", fault.text);
}

/* An edit that is composed with nothing. */
static void edit_apart(const char *operation)
{
    size_t fixed = copy.pending.count;
    enum status status = copy_edit_take(&copy, fixed, law_operation(copy.type, operation), &fault);

    ck_assert_msg(status == STATUS_OK, "%s", fault.text);
}

static enum status arrive(const char *who, const char *operation, enum side side)
{
    copy_forget_change(&copy);
    return copy_foreign_take(&copy, span_of_string(who), law_operation(copy.type, operation), side,
                             &fault);
}

static void foreign(const char *operation)
{
    ck_assert_int_eq(arrive("another.", operation, SIDE_SECOND), STATUS_OK);
}

static void expect(const char *confirmed, const char *view)
{
    law_expect_content(copy.confirmed, confirmed);
    law_expect_content(copy.view, view);
}

static void expect_operation(const struct operation *operation, const char *expected)
{
    struct buffer out = {0};

    ck_assert_ptr_nonnull(operation);
    copy.type->write(operation, &out);
    ck_assert_msg(span_equal(buffer_span(&out), span_of_string(expected)), "%.*s is not %s",
                  SPAN_PRINT(buffer_span(&out)), expected);
    buffer_finish(&out);
}

static void expect_other(const char *who, const char *state)
{
    struct buffer out = {0};

    ck_assert(copy_other(&copy, span_of_string(who), &out));
    ck_assert_msg(span_equal(buffer_span(&out), span_of_string(state)), "%.*s is not %s",
                  SPAN_PRINT(buffer_span(&out)), state);
    buffer_finish(&out);
}

START_TEST(an_edit_shows_at_once_and_is_pending)
{
    begin("\"abc\"");
    edit("[3,\"d\"]");
    edit("[4,\"e\"]");
    expect("\"abc\"", "\"abcde\"");
    ck_assert_uint_eq(copy.pending.count, 1);
    edit_apart("[5,\"f\"]");
    ck_assert_uint_eq(copy.pending.count, 2);
    ck_assert_int_eq(copy_edit_take(&copy, 0, law_operation(&type_text, "[9,\"x\"]"), NULL),
                     STATUS_NOT_APPLICABLE);
    expect("\"abc\"", "\"abcdef\"");
    copy_finish(&copy);
}
END_TEST

START_TEST(nothing_can_be_edited_before_there_is_a_document)
{
    copy = (struct copy){.type = &type_text};
    ck_assert_int_eq(copy_edit_take(&copy, 0, law_operation(&type_text, "[\"x\"]"), NULL),
                     STATUS_NOT_CREATED);
    copy_finish(&copy);
}
END_TEST

START_TEST(a_foreign_operation_and_what_is_pending_move_over_each_other)
{
    begin("\"abc\"");
    edit("[\"12\"]");
    foreign("[1,\"X\"]");
    expect("\"aXbc\"", "\"12aXbc\"");
    expect_operation(copy.change, "[3,\"X\"]");
    expect_operation(copy.pending.operations[0], "[\"12\"]");
    ck_assert_int_eq(arrive("another.", "[\"0\"]", SIDE_FIRST), STATUS_OK);
    expect("\"0aXbc\"", "\"120aXbc\"");
    foreign("[\"9\"]");
    expect("\"90aXbc\"", "\"9120aXbc\"");
    expect_operation(copy.pending.operations[0], "[1,\"12\"]");
    copy_finish(&copy);
}
END_TEST

START_TEST(an_operation_that_does_not_fit_changes_nothing)
{
    begin("\"abc\"");
    edit("[\"12\"]");
    ck_assert_int_eq(arrive("another.", "[9,\"x\"]", SIDE_SECOND), STATUS_NOT_APPLICABLE);
    expect("\"abc\"", "\"12abc\"");
    ck_assert_ptr_null(copy.change);
    copy_finish(&copy);
}
END_TEST

START_TEST(what_comes_by_is_pending_no_longer_and_the_view_stays)
{
    struct operation *own = law_operation(&type_text, "[\"12\"]");

    begin("\"abc\"");
    edit("[\"12\"]");
    edit_apart("[2,\"3\"]");
    ck_assert_int_eq(copy_confirm(&copy, SPAN("myself.."), own, NULL), STATUS_OK);
    expect("\"12abc\"", "\"123abc\"");
    ck_assert_uint_eq(copy.pending.count, 1);
    ck_assert_ptr_null(copy.change);
    operation_discard(own);
    copy_finish(&copy);
}
END_TEST

START_TEST(what_is_withdrawn_leaves_the_view_and_later_edits_stay)
{
    begin("\"0123\"");
    edit("[1,\"bad\",{\"d\":1}]");
    edit_apart("[2,\"good\"]");
    expect("\"0123\"", "\"0bgoodad23\"");
    ck_assert_int_eq(copy_withdraw(&copy), STATUS_OK);
    expect("\"0123\"", "\"0good123\"");
    expect_operation(copy.pending.operations[0], "[1,\"good\"]");
    edit_apart("[\"x\"]");
    ck_assert_uint_eq(copy_withdraw_all(&copy), 2);
    expect("\"0123\"", "\"0123\"");
    copy_finish(&copy);
}
END_TEST

/* A text of two pending operations, and a snapshot that has the first of them or not. */
static void expect_reload(const char *snapshot, bool has_first, const char *first, size_t pending)
{
    begin("\"01\"");
    edit("[1,\"a\"]");
    edit_apart("[2,\"b\"]");
    ck_assert_int_eq(copy_reload_take(&copy, law_content(&type_text, snapshot), has_first, &fault),
                     STATUS_OK);
    expect(snapshot, "\"X0ab1\"");
    ck_assert_uint_eq(copy.pending.count, pending);
    expect_operation(copy.pending.operations[0], first);
    copy_finish(&copy);
}

START_TEST(what_is_pending_is_rebased_to_a_snapshot)
{
    expect_reload("\"X01\"", false, "[2,\"a\"]", 2);
    expect_reload("\"X0a1\"", true, "[3,\"b\"]", 1);
}
END_TEST

/* A text with room for so many more bytes. */
static void begin_large(size_t room)
{
    struct buffer json = {0};

    buffer_append_byte(&json, '"');
    for (size_t i = room; i < LIMIT_DOCUMENT_BYTES; i++)
        buffer_append_byte(&json, 'x');
    buffer_append_text(&json, "\"");
    buffer_append_byte(&json, '\0');
    begin((const char *)json.data);
    buffer_finish(&json);
}

START_TEST(what_does_not_fit_any_more_shows_again_when_there_is_room)
{
    begin_large(10);
    edit("[\"12345678\"]");
    size_t size = copy.type->size(copy.view);

    foreign("[9,\"abcdefgh\"]");
    ck_assert_uint_eq(copy.type->size(copy.view), size); /* with theirs, without ours */
    ck_assert_ptr_null(copy.change);
    ck_assert_int_eq(copy_edit_take(&copy, 0, law_operation(&type_text, "[\"x\"]"), NULL),
                     STATUS_TOO_LARGE);
    foreign("[{\"d\":7}]");
    ck_assert_uint_eq(copy.type->size(copy.view), size - 7 + 8);
    edit("[\"x\"]");
    copy_finish(&copy);
}
END_TEST

START_TEST(where_nothing_is_transformed_the_view_is_made_again)
{
    copy = (struct copy){0};
    copy_begin_take(&copy, law_content(&type_counter, "9007199254740990"));
    edit("1");
    expect("9007199254740990", "9007199254740991");
    foreign("1"); /* ours does not fit any more */
    expect("9007199254740991", "9007199254740991");
    ck_assert_ptr_null(copy.change);
    ck_assert_int_eq(copy_withdraw(&copy), STATUS_OK);
    foreign("-5");
    expect("9007199254740986", "9007199254740986");
    expect_operation(copy.change, "-5");
    copy_finish(&copy);
}
END_TEST

START_TEST(others_move_with_the_document_and_with_what_is_pending)
{
    struct operation *own = law_operation(&type_text, "[2,\"x\"]");
    struct buffer out = {0};

    begin("\"abcd\"");
    others_put(&copy.others, SPAN("writes.."), SPAN("{\"cursor\":[2]}"));
    others_put(&copy.others, SPAN("reads..."), SPAN("{\"cursor\":[2]}"));
    edit("[\"x\"]");
    expect_other("writes..", "{\"cursor\":[3]}");
    ck_assert_int_eq(arrive("writes..", "[2,\"yy\"]", SIDE_SECOND), STATUS_OK);
    expect_other("writes..", "{\"cursor\":[5]}");
    expect_other("reads...", "{\"cursor\":[3]}");
    ck_assert_int_eq(arrive(NULL, "[\"zz\"]", SIDE_SECOND), STATUS_OK);
    expect_other("writes..", "{\"cursor\":[7]}");
    ck_assert_int_eq(copy_confirm(&copy, SPAN("myself.."), own, NULL), STATUS_OK);
    expect_other("writes..", "{\"cursor\":[7]}");
    ck_assert(!copy_other(&copy, SPAN("nobody.."), &out));
    operation_discard(own);
    copy_finish(&copy);
}
END_TEST

TEST_MAIN("copy", an_edit_shows_at_once_and_is_pending,
          nothing_can_be_edited_before_there_is_a_document,
          a_foreign_operation_and_what_is_pending_move_over_each_other,
          an_operation_that_does_not_fit_changes_nothing,
          what_comes_by_is_pending_no_longer_and_the_view_stays,
          what_is_withdrawn_leaves_the_view_and_later_edits_stay,
          what_is_pending_is_rebased_to_a_snapshot,
          what_does_not_fit_any_more_shows_again_when_there_is_room,
          where_nothing_is_transformed_the_view_is_made_again,
          others_move_with_the_document_and_with_what_is_pending)
