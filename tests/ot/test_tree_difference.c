#include "tests/ot/expect.h"

#define TOP(id, key) "\"" id "\":{\"place\":[null,\"" key "\"],\"properties\":{}}"
#define BELOW(id, parent) "\"" id "\":{\"place\":[\"" parent "\",\"a0\"],\"properties\":{}}"

START_TEST(a_deletion_is_undone_with_all_that_was_below)
{
    expect_inverted(&type_tree, "{" TOP("a", "a0") "," BELOW("b", "a") "," BELOW("c", "b") "}",
                    "[{\"delete\":\"a\"}]",
                    "[{\"create\":\"a\",\"place\":[null,\"a0\"],\"properties\":{}},"
                    "{\"create\":\"b\",\"place\":[\"a\",\"a0\"],\"properties\":{}},"
                    "{\"create\":\"c\",\"place\":[\"b\",\"a0\"],\"properties\":{}}]");
}
END_TEST

START_TEST(each_component_is_undone_from_the_last_to_the_first)
{
    expect_inverted(&type_tree, "{" TOP("a", "a0") "}",
                    "[{\"set\":\"a\",\"properties\":{\"x\":1}},"
                    "{\"create\":\"b\",\"place\":[\"a\",\"a0\"],\"properties\":{}},"
                    "{\"move\":\"b\",\"place\":[null,\"a5\"]}]",
                    "[{\"move\":\"b\",\"place\":[\"a\",\"a0\"]},{\"delete\":\"b\"},"
                    "{\"properties\":{\"x\":null},\"set\":\"a\"}]");
}
END_TEST

START_TEST(parents_and_children_may_change_places)
{
    expect_difference(&type_tree, "{" TOP("a", "a0") "," BELOW("b", "a") "," BELOW("c", "b") "}",
                      "{" BELOW("a", "c") "," BELOW("b", "a") "," TOP("c", "a0") "}",
                      "[{\"move\":\"c\",\"place\":[null,\"a0\"]},"
                      "{\"move\":\"a\",\"place\":[\"c\",\"a0\"]}]");
}
END_TEST

START_TEST(what_stays_is_moved_out_before_its_parent_goes)
{
    expect_difference(&type_tree, "{" TOP("a", "a0") "," BELOW("b", "a") "}",
                      "{" TOP("b", "a1") "}",
                      "[{\"move\":\"b\",\"place\":[null,\"a1\"]},{\"delete\":\"a\"}]");
}
END_TEST

TEST_MAIN("tree_difference", a_deletion_is_undone_with_all_that_was_below,
          each_component_is_undone_from_the_last_to_the_first,
          parents_and_children_may_change_places, what_stays_is_moved_out_before_its_parent_goes)
