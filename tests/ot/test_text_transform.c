#include "ot/text_transform.h"

#include "tests/ot/laws.h"

static struct operation *op(const char *json)
{
    return law_operation(&type_text, json);
}

static void expect_transform(const char *operation, const char *other, const char *first,
                             const char *second)
{
    struct operation *a = op(operation);
    struct operation *b = op(other);
    struct operation *moved;

    ck_assert_int_eq(type_text.transform(a, b, SIDE_FIRST, &moved), STATUS_OK);
    law_expect_operation(moved, first);
    operation_discard(moved);
    ck_assert_int_eq(type_text.transform(a, b, SIDE_SECOND, &moved), STATUS_OK);
    law_expect_operation(moved, second);
    operation_discard(moved);
    operation_discard(a);
    operation_discard(b);
}

START_TEST(transform_moves_an_operation_over_another)
{
    expect_transform("[1,\"X\"]", "[1,\"Y\"]", "[1,\"X\"]", "[2,\"X\"]");
    expect_transform("[5,\"X\"]", "[\"😀\"]", "[6,\"X\"]", "[6,\"X\"]");
    expect_transform("[2,{\"d\":\"cde\"}]", "[3,{\"d\":1}]", "[2,{\"d\":\"ce\"}]",
                     "[2,{\"d\":\"ce\"}]");
    expect_transform("[1,{\"d\":3}]", "[2,\"Y\"]", "[1,{\"d\":1},1,{\"d\":2}]",
                     "[1,{\"d\":1},1,{\"d\":2}]");
    expect_transform("[2,\"X\"]", "[1,{\"d\":5}]", "[1,\"X\"]", "[1,\"X\"]");
    expect_transform("[{\"d\":2}]", "[{\"d\":2}]", "[]", "[]");
    expect_transform("[{\"d\":1},\"X\"]", "[{\"d\":1},\"Y\"]", "[\"X\"]", "[1,\"X\"]");
}
END_TEST

static void expect_compose(const char *first, const char *second, enum status expected,
                           const char *both)
{
    struct operation *a = op(first);
    struct operation *b = op(second);
    struct operation *composed = NULL;

    ck_assert_int_eq(type_text.compose(a, b, &composed), expected);
    if (expected == STATUS_OK)
        law_expect_operation(composed, both);
    operation_discard(composed);
    operation_discard(a);
    operation_discard(b);
}

START_TEST(compose_makes_one_of_two)
{
    expect_compose("[1,\"XY\"]", "[2,\"Z\"]", STATUS_OK, "[1,\"XZY\"]");
    expect_compose("[1,\"XY\"]", "[1,{\"d\":2}]", STATUS_OK, "[]");
    expect_compose("[1,\"X\"]", "[{\"d\":\"aXb\"}]", STATUS_OK, "[{\"d\":\"ab\"}]");
    expect_compose("[1,\"X\"]", "[{\"d\":\"aYb\"}]", STATUS_NOT_APPLICABLE, "");
    expect_compose("[{\"d\":\"a\"}]", "[{\"d\":1}]", STATUS_OK, "[{\"d\":2}]");
    expect_compose("[{\"d\":1}]", "[\"X\"]", STATUS_OK, "[\"X\",{\"d\":1}]");
    expect_compose("[]", "[7,\"X\"]", STATUS_OK, "[7,\"X\"]");
}
END_TEST

TEST_MAIN("text_transform", transform_moves_an_operation_over_another, compose_makes_one_of_two)
