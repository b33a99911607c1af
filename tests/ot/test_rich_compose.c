#include "tests/ot/expect.h"

#define OPS(parts) "{\"ops\":[" parts "]}"

static const struct {
    const char *first;
    const char *second;
    const char *both;
} cases[] = {
    {"[{\"insert\":\"A\"}]", "[{\"insert\":\"B\"}]", OPS("{\"insert\":\"BA\"}")},
    {"[{\"insert\":\"A\"}]", "[{\"retain\":1,\"attributes\":{\"b\":true,\"c\":null}}]",
     OPS("{\"attributes\":{\"b\":true},\"insert\":\"A\"}")},
    {"[{\"insert\":\"A\"}]", "[{\"delete\":1}]", OPS("")},
    {"[{\"retain\":1,\"attributes\":{\"c\":1}}]", "[{\"retain\":1,\"attributes\":{\"c\":null}}]",
     OPS("{\"attributes\":{\"c\":null},\"retain\":1}")},
    {"[{\"delete\":2}]", "[{\"insert\":\"B\"}]", OPS("{\"insert\":\"B\"},{\"delete\":2}")},
    {"[{\"insert\":\"Hello\"}]", "[{\"retain\":3},{\"insert\":\"X\"}]",
     OPS("{\"insert\":\"HelXlo\"}")},
    {"[{\"insert\":{\"e\":1}}]", "[{\"retain\":1,\"attributes\":{\"a\":1}}]",
     OPS("{\"attributes\":{\"a\":1},\"insert\":{\"e\":1}}")},
    {"[{\"retain\":4},{\"insert\":\"Hello\"}]", "[{\"delete\":9}]", OPS("{\"delete\":4}")},
    /* What the second passes by at the front stays as it was. */
    {"[{\"insert\":\"a\"},{\"insert\":\"b\"},{\"insert\":\"c\"}]", "[{\"retain\":2}]",
     OPS("{\"insert\":\"a\"},{\"insert\":\"bc\"}")},
    /* A surrogate pair cannot be cut. */
    {"[{\"insert\":\"😀\"}]", "[{\"retain\":1},{\"insert\":\"x\"}]", NULL},
};

START_TEST(two_operations_become_one)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_composed(&type_rich, cases[i].first, cases[i].second, cases[i].both);
}
END_TEST

TEST_MAIN("rich_compose", two_operations_become_one)
