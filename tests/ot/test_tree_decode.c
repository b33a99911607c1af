#include "tests/ot/expect.h"

static const struct {
    const char *json;
    const char *reason;
} malformed[] = {
    {"{}", "an operation is an array"},
    {"[5]", "component 0: not an object"},
    {"[{\"delete\":\"a\"},{\"delete\":\"a b\"}]",
     "component 1: an id has 1 to 64 letters, digits, -, _ and ."},
    {"[{\"delete\":\"__proto__\"}]", "component 0: an id has 1 to 64 letters, digits, -, _ and ."},
    {"[{\"move\":\"a\",\"place\":[null]}]", "component 0: a place is [parent, key]"},
    {"[{\"move\":\"a\",\"place\":[null,\"a00\"]}]",
     "component 0: the second part of a place is a key such as \"a0\""},
    {"[{\"move\":\"a\"}]", "component 0: it is one of {create, place, properties}, {move, place}, "
                           "{set, properties}, {delete}"},
    {"[{\"set\":\"a\",\"properties\":5}]", "component 0: properties are an object"},
    {"[{\"set\":\"a\",\"properties\":{\"__proto__\":1}}]",
     "component 0: no property may be called __proto__"},
    {"[{\"set\":\"a\",\"set\":\"a\",\"properties\":{}}]",
     "component 0: unknown or repeated member \"set\""},
    {"[{\"create\":\"a\",\"place\":[null,\"a0\"],\"properties\":{\"x\":null}}]",
     "component 0: a property that is null has to be left out"},
};

START_TEST(a_refusal_says_what_and_where)
{
    for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
        expect_malformed(&type_tree, malformed[i].json, STATUS_MALFORMED_OPERATION,
                         malformed[i].reason);
}
END_TEST

START_TEST(every_kind_is_read_and_written)
{
    struct operation *operation = law_operation(
        &type_tree,
        "[{\"properties\":{\"y\":1,\"x\":2.0},\"place\":[\"p\",\"a0\"],\"create\":\"a\"},"
        "{\"set\":\"a\",\"properties\":{\"x\":null}},"
        "{\"place\":[null,\"a1\"],\"move\":\"a\"},{\"delete\":\"a\"}]");

    law_expect_operation(operation,
                         "[{\"create\":\"a\",\"place\":[\"p\",\"a0\"],\"properties\":{\"x\":2,"
                         "\"y\":1}},{\"properties\":{\"x\":null},\"set\":\"a\"},"
                         "{\"move\":\"a\",\"place\":[null,\"a1\"]},{\"delete\":\"a\"}]");
    ck_assert(law_reads_back(operation));
    operation_discard(operation);
}
END_TEST

TEST_MAIN("tree_decode", a_refusal_says_what_and_where, every_kind_is_read_and_written)
