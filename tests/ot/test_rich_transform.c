#include "tests/ot/expect.h"

#define OPS(parts) "{\"ops\":[" parts "]}"

static const struct {
    const char *operation;
    const char *other;
    const char *first;
    const char *second; /* NULL: the same */
} cases[] = {
    {"[{\"insert\":\"A\"}]", "[{\"insert\":\"BB\"}]", OPS("{\"insert\":\"A\"}"),
     OPS("{\"retain\":2},{\"insert\":\"A\"}")},
    {"[{\"retain\":1,\"attributes\":{\"a\":1,\"b\":2}}]",
     "[{\"retain\":1,\"attributes\":{\"a\":3}}]",
     OPS("{\"attributes\":{\"a\":1,\"b\":2},\"retain\":1}"),
     OPS("{\"attributes\":{\"b\":2},\"retain\":1}")},
    {"[{\"retain\":1,\"attributes\":{\"a\":1}}]", "[{\"delete\":1}]", OPS(""), NULL},
    {"[{\"delete\":3}]", "[{\"retain\":1},{\"insert\":\"x\"},{\"delete\":1}]",
     OPS("{\"delete\":1},{\"retain\":1},{\"delete\":1}"), NULL},
    {"[{\"retain\":2},{\"insert\":{\"e\":1}}]", "[{\"delete\":3}]", OPS("{\"insert\":{\"e\":1}}"),
     NULL},
};

START_TEST(each_operation_moves_over_the_other)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *second = cases[i].second == NULL ? cases[i].first : cases[i].second;

        expect_transformed(&type_rich, cases[i].operation, cases[i].other, SIDE_FIRST,
                           cases[i].first);
        expect_transformed(&type_rich, cases[i].operation, cases[i].other, SIDE_SECOND, second);
    }
}
END_TEST

static uint64_t moved(const char *json, uint64_t position, bool own)
{
    struct operation *operation = law_operation(&type_rich, json);
    uint64_t result = type_rich.move_position(operation, position, own);

    operation_discard(operation);
    return result;
}

START_TEST(a_cursor_stays_with_its_text)
{
    ck_assert_uint_eq(moved("[{\"retain\":2},{\"insert\":\"xx\"}]", 1, false), 1);
    ck_assert_uint_eq(moved("[{\"retain\":2},{\"insert\":\"xx\"}]", 2, false), 2);
    ck_assert_uint_eq(moved("[{\"retain\":2},{\"insert\":\"xx\"}]", 2, true), 4);
    ck_assert_uint_eq(moved("[{\"retain\":2},{\"insert\":\"xx\"}]", 3, false), 5);
    ck_assert_uint_eq(moved("[{\"retain\":1},{\"delete\":3}]", 2, false), 1);
    ck_assert_uint_eq(moved("[{\"retain\":1},{\"delete\":3}]", 5, false), 2);
}
END_TEST

TEST_MAIN("rich_transform", each_operation_moves_over_the_other, a_cursor_stays_with_its_text)
