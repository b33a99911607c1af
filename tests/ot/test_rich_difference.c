#include "tests/ot/expect.h"

#define OPS(parts) "{\"ops\":[" parts "]}"

START_TEST(the_inverse_gives_attributes_and_embeds_back)
{
    expect_inverted(
        &type_rich, "[{\"insert\":\"ab\",\"attributes\":{\"x\":1}},{\"insert\":{}}]",
        "[{\"retain\":1,\"attributes\":{\"x\":2,\"y\":1}},{\"delete\":2},{\"insert\":\"z\"}]",
        OPS("{\"attributes\":{\"x\":1,\"y\":null},\"retain\":1},"
            "{\"attributes\":{\"x\":1},\"insert\":\"b\"},{\"insert\":{}},{\"delete\":1}"));
    /* A null in a document cannot be had back by a change of attributes. */
    expect_inverted(&type_rich, "[{\"insert\":\"a\",\"attributes\":{\"x\":null}}]",
                    "[{\"retain\":1,\"attributes\":{\"x\":2}}]",
                    OPS("{\"attributes\":{\"x\":null},\"insert\":\"a\"},{\"delete\":1}"));
}
END_TEST

START_TEST(the_difference_keeps_both_ends)
{
    expect_difference(&type_rich, "[{\"insert\":\"héllo\"}]", "[{\"insert\":\"hèllo\"}]",
                      OPS("{\"retain\":1},{\"insert\":\"è\"},{\"delete\":1}"));
    expect_difference(&type_rich, "[{\"insert\":\"abc\"}]",
                      "[{\"insert\":\"ab\"},{\"insert\":\"c\",\"attributes\":{\"x\":1}}]",
                      OPS("{\"retain\":2},{\"attributes\":{\"x\":1},\"retain\":1}"));
    expect_difference(&type_rich, "[{\"insert\":{\"e\":1}},{\"insert\":\"a\"}]",
                      "[{\"insert\":{\"e\":2}},{\"insert\":\"a\"}]",
                      OPS("{\"insert\":{\"e\":2}},{\"delete\":1}"));
    expect_difference(&type_rich, "[]", "[]", OPS(""));
}
END_TEST

TEST_MAIN("rich_difference", the_inverse_gives_attributes_and_embeds_back,
          the_difference_keeps_both_ends)
