#include "tests/ot/expect.h"

static void expect_canonical(const char *json, const char *canonical)
{
    struct operation *operation = law_operation(&type_json0, json);

    law_expect_operation(operation, canonical);
    ck_assert(law_reads_back(operation));
    operation_discard(operation);
}

START_TEST(every_kind_is_read_and_written)
{
    expect_canonical("[{\"p\":[\"a\",1.0],\"li\":1.0,\"ld\":null}]",
                     "[{\"ld\":null,\"li\":1,\"p\":[\"a\",1]}]");
    expect_canonical("[{\"p\":[],\"na\":-0.5},{\"p\":[3],\"lm\":2}]",
                     "[{\"na\":-0.5,\"p\":[]},{\"lm\":2,\"p\":[3]}]");
    expect_canonical("[{\"p\":[\"b\"],\"oi\":{\"z\":1,\"y\":2},\"od\":[]}]",
                     "[{\"od\":[],\"oi\":{\"y\":2,\"z\":1},\"p\":[\"b\"]}]");
    expect_canonical("[{\"sd\":\"x\",\"p\":[0]},{\"si\":\"\\u0000\",\"p\":[0]}]",
                     "[{\"p\":[0],\"sd\":\"x\"},{\"p\":[0],\"si\":\"\\u0000\"}]");
    expect_canonical("[{\"t\":\"text0\",\"p\":[],\"o\":[{\"p\":0,\"i\":\"x\"}]}]",
                     "[{\"o\":[{\"i\":\"x\",\"p\":0}],\"p\":[],\"t\":\"text0\"}]");
    expect_canonical("[{\"t\":\"text-unicode\",\"p\":[],\"o\":[1,\"x\"]}]",
                     "[{\"o\":[1,\"x\"],\"p\":[],\"t\":\"text-unicode\"}]");
    expect_canonical("[{\"t\":\"rich-text\",\"p\":[],\"o\":[{\"insert\":\"x\"}]}]",
                     "[{\"o\":{\"ops\":[{\"insert\":\"x\"}]},\"p\":[],\"t\":\"rich-text\"}]");
}
END_TEST

static const struct {
    const char *json;
    const char *reason;
} malformed[] = {
    {"{}", "an operation is an array"},
    {"[5]", "component 0: not an object"},
    {"[{\"p\":[],\"na\":1},{}]", "component 1: it has to do exactly one thing"},
    {"[{\"p\":[0],\"li\":1,\"oi\":1}]", "component 0: it has to do exactly one thing"},
    {"[{\"p\":[0],\"x\":1}]", "component 0: unknown member \"x\""},
    {"[{\"p\":[0],\"p\":[1],\"li\":1}]", "component 0: repeated member \"p\""},
    {"[{\"li\":1}]", "component 0: the path p has to be an array"},
    {"[{\"p\":[-1],\"li\":1}]", "component 0: a path is made of names and indexes, not -1"},
    {"[{\"p\":[0.5],\"li\":1}]", "component 0: a path is made of names and indexes, not 0.5"},
    {"[{\"p\":[\"__proto__\"],\"oi\":1}]", "component 0: a path names __proto__"},
    {"[{\"p\":[\"0\"],\"li\":1}]", "component 0: the path has to end in an index"},
    {"[{\"p\":[],\"li\":1}]", "component 0: the path has to end in an index"},
    {"[{\"p\":[0],\"oi\":1}]", "component 0: the path has to end in a name"},
    {"[{\"p\":[],\"od\":1}]", "component 0: the whole document cannot be removed"},
    {"[{\"p\":[\"0\"],\"si\":\"x\"}]", "component 0: the path has to end in an offset"},
    {"[{\"p\":[0],\"si\":1}]", "component 0: si and sd have to be strings"},
    {"[{\"p\":[],\"na\":\"1\"}]", "component 0: na has to be a number"},
    {"[{\"p\":[0],\"lm\":\"1\"}]", "component 0: lm has to be an index"},
    {"[{\"p\":[],\"t\":\"x\",\"o\":1}]", "component 0: no such embedded type: \"x\""},
    {"[{\"p\":[],\"t\":\"text0\",\"o\":1}]", "component 0: edits of a string are an array"},
    {"[{\"p\":[\"a\"],\"oi\":{\"b\":1,\"b\":2}}]", "component 0: the name \"b\" is repeated"},
};

START_TEST(a_refusal_says_what_and_where)
{
    for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
        expect_malformed(&type_json0, malformed[i].json, STATUS_MALFORMED_OPERATION,
                         malformed[i].reason);
}
END_TEST

START_TEST(the_number_of_components_is_bounded)
{
    struct buffer json = {0};
    struct fault fault = {0};

    for (int i = 0; i <= 512; i++)
        buffer_append_text(&json, i == 0 ? "[{\"p\":[],\"na\":1}" : ",{\"p\":[],\"na\":1}");
    buffer_append_byte(&json, ']');
    buffer_append_byte(&json, 0);
    ck_assert_int_eq(law_decode_status(&type_json0, (const char *)json.data, &fault),
                     STATUS_TOO_LARGE);
    buffer_finish(&json);
}
END_TEST

TEST_MAIN("json0_decode", every_kind_is_read_and_written, a_refusal_says_what_and_where,
          the_number_of_components_is_bounded)
