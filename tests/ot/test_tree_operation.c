#include "tests/ot/expect.h"

#define SET(id, properties) "{\"properties\":{" properties "},\"set\":\"" id "\"}"

START_TEST(only_what_is_set_again_goes)
{
    expect_composed(&type_tree, "[" SET("a", "\"x\":1,\"y\":2") "," SET("b", "\"x\":1") "]",
                    "[" SET("a", "\"x\":3") "]",
                    "[" SET("a", "\"y\":2") "," SET("b", "\"x\":1") "," SET("a", "\"x\":3") "]");
    expect_composed(&type_tree, "[" SET("a", "\"x\":1") "]", "[" SET("a", "\"x\":null") "]",
                    "[" SET("a", "\"x\":null") "]");
    expect_composed(&type_tree, "[{\"move\":\"a\",\"place\":[null,\"a0\"]},{\"delete\":\"b\"}]",
                    "[{\"move\":\"a\",\"place\":[null,\"a1\"]},{\"delete\":\"a\"}]",
                    "[{\"move\":\"a\",\"place\":[null,\"a0\"]},{\"delete\":\"b\"},"
                    "{\"move\":\"a\",\"place\":[null,\"a1\"]},{\"delete\":\"a\"}]");
}
END_TEST

START_TEST(the_transform_is_the_identity)
{
    expect_transformed(&type_tree, "[{\"delete\":\"a\"}]", "[{\"delete\":\"a\"}]", SIDE_SECOND,
                       "[{\"delete\":\"a\"}]");
}
END_TEST

TEST_MAIN("tree_operation", only_what_is_set_again_goes, the_transform_is_the_identity)
