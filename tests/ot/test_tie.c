#include "ot/tie.h"

#include "tests/runner.h"

/* A type made for this test: only what the rules ask for. */
static const struct type left_goes_after = {.name = "x", .left = SIDE_SECOND};

START_TEST(native_authors_of_text_go_by_who)
{
    ck_assert_int_eq(tie_rule_native(&type_text), TIE_WHO);
    ck_assert_int_eq(tie_rule_native(&type_counter), TIE_LATER);
}
END_TEST

START_TEST(the_lower_who_goes_first)
{
    ck_assert_int_eq(tie_side(&type_text, TIE_WHO, SPAN("a"), SPAN("b")), SIDE_FIRST);
    ck_assert_int_eq(tie_side(&type_text, TIE_WHO, SPAN("b"), SPAN("a")), SIDE_SECOND);
    ck_assert_int_eq(tie_side(&type_text, TIE_WHO, SPAN("\xc3"), SPAN("z")), SIDE_SECOND);
}
END_TEST

START_TEST(the_later_takes_the_side_that_the_reference_calls_left)
{
    ck_assert_int_eq(tie_side(&type_text, TIE_LATER, SPAN("z"), SPAN("a")), SIDE_FIRST);
    ck_assert_int_eq(tie_side(&left_goes_after, TIE_LATER, SPAN("a"), SPAN("z")), SIDE_SECOND);
}
END_TEST

START_TEST(over_a_composed_range_the_operation_is_second)
{
    ck_assert_int_eq(tie_side(&type_text, TIE_WHO, SPAN("a"), SPAN_NONE), SIDE_SECOND);
    ck_assert_int_eq(tie_side(&type_text, TIE_LATER, SPAN("a"), SPAN_NONE), SIDE_SECOND);
}
END_TEST

TEST_MAIN("tie", native_authors_of_text_go_by_who, the_lower_who_goes_first,
          the_later_takes_the_side_that_the_reference_calls_left,
          over_a_composed_range_the_operation_is_second)
