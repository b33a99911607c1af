#include "tools/tutti/held.h"

#include "ot/tie.h"
#include "tests/ot/laws.h"

#define ME SPAN("me------")
#define LOWER SPAN("aa------")
#define HIGHER SPAN("zz------")

/* The user's edit as the client's view takes it. */
static void expect_edit(struct held *held, const char *edit, const char *expected)
{
    struct operation *result;
    struct buffer out = {0};

    ck_assert_int_eq(held_edit_take(held, ME, law_operation(&type_text, edit), &result), STATUS_OK);
    type_text.write(result, &out);
    ck_assert_msg(span_equal(buffer_span(&out), span_of_string(expected)), "%.*s is not %s",
                  SPAN_PRINT(buffer_span(&out)), expected);
    operation_discard(result);
    buffer_finish(&out);
}

static void hold(struct held *held, const char *operation, struct span who, size_t number)
{
    held_add_take(held, law_operation(&type_text, operation), who, number);
}

START_TEST(an_edit_passes_when_nothing_is_held)
{
    struct held held = {0};

    expect_edit(&held, "[3,\"x\"]", "[3,\"x\"]");
    held_finish(&held);
}
END_TEST

/* "abc": the client knows of X in front and of b gone, the user types behind b. */
START_TEST(an_edit_moves_over_what_the_user_has_not_seen)
{
    struct held held = {0};

    hold(&held, "[\"X\"]", HIGHER, 1);
    hold(&held, "[2,{\"d\":1}]", HIGHER, 2);
    expect_edit(&held, "[2,\"y\"]", "[2,\"y\"]");
    expect_edit(&held, "[3,\"z\"]", "[3,\"z\"]");
    held_finish(&held);
}
END_TEST

START_TEST(what_is_held_moves_over_an_edit)
{
    struct held held = {0};

    hold(&held, "[2,\"X\"]", HIGHER, 1);
    expect_edit(&held, "[\"12\"]", "[\"12\"]");
    expect_edit(&held, "[5,\"y\"]", "[6,\"y\"]"); /* behind X, which is at 4 by now */
    expect_edit(&held, "[3,\"z\"]", "[3,\"z\"]");
    held_finish(&held);
}
END_TEST

START_TEST(what_is_shown_no_longer_moves_an_edit)
{
    struct held held = {0};

    hold(&held, "[\"X\"]", HIGHER, 3);
    hold(&held, "[\"Y\"]", HIGHER, 7);
    held_show(&held, 2);
    ck_assert_uint_eq(held.count, 2);
    held_show(&held, 6);
    ck_assert_uint_eq(held.count, 1);
    expect_edit(&held, "[1,\"z\"]", "[2,\"z\"]");
    held_show(&held, 7);
    ck_assert_uint_eq(held.count, 0);
    expect_edit(&held, "[2,\"z\"]", "[2,\"z\"]");
    held_finish(&held);
}
END_TEST

START_TEST(the_lower_author_goes_first)
{
    struct held held = {0};

    hold(&held, "[1,\"L\"]", LOWER, 1);
    expect_edit(&held, "[1,\"m\"]", "[2,\"m\"]");
    held_finish(&held);
    hold(&held, "[1,\"H\"]", HIGHER, 1);
    expect_edit(&held, "[1,\"m\"]", "[1,\"m\"]");
    held_finish(&held);
}
END_TEST

START_TEST(many_changes_are_held)
{
    struct held held = {0};

    for (size_t number = 1; number <= 40; number++)
        hold(&held, "[\"X\"]", HIGHER, number);
    expect_edit(&held, "[1,\"y\"]", "[41,\"y\"]");
    held_finish(&held);
}
END_TEST

TEST_MAIN("held", an_edit_passes_when_nothing_is_held,
          an_edit_moves_over_what_the_user_has_not_seen, what_is_held_moves_over_an_edit,
          what_is_shown_no_longer_moves_an_edit, the_lower_author_goes_first, many_changes_are_held)
