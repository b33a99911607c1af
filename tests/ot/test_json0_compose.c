#include "tests/ot/expect.h"

static const struct {
    const char *first;
    const char *second;
    const char *both;
} cases[] = {
    {"[{\"na\":1,\"p\":[]}]", "[{\"na\":-3,\"p\":[]}]", "[{\"na\":-2,\"p\":[]}]"},
    {"[{\"na\":1,\"p\":[0]}]", "[{\"na\":2,\"p\":[1]}]",
     "[{\"na\":1,\"p\":[0]},{\"na\":2,\"p\":[1]}]"},
    {"[{\"li\":1,\"p\":[0]}]", "[{\"ld\":1,\"p\":[0]}]", "[]"},
    {"[{\"li\":[],\"p\":[0]}]", "[{\"ld\":[],\"p\":[0]}]",
     "[{\"li\":[],\"p\":[0]},{\"ld\":[],\"p\":[0]}]"},
    {"[{\"ld\":0,\"li\":1,\"p\":[0]}]", "[{\"ld\":1,\"p\":[0]}]", "[{\"ld\":0,\"p\":[0]}]"},
    {"[{\"od\":1,\"p\":[\"a\"]}]", "[{\"oi\":2,\"p\":[\"a\"]}]",
     "[{\"od\":1,\"oi\":2,\"p\":[\"a\"]}]"},
    {"[{\"oi\":1,\"p\":[\"a\"]}]", "[{\"od\":1,\"oi\":2,\"p\":[\"a\"]}]",
     "[{\"oi\":2,\"p\":[\"a\"]}]"},
    {"[{\"oi\":1,\"p\":[\"a\"]}]", "[{\"od\":1,\"p\":[\"a\"]}]", "[]"},
    {"[{\"na\":1,\"p\":[0]}]", "[{\"lm\":0,\"p\":[0]}]", "[{\"na\":1,\"p\":[0]}]"},
    {"[{\"p\":[0],\"si\":\"ac\"}]", "[{\"p\":[1],\"si\":\"b\"}]", "[{\"p\":[0],\"si\":\"abc\"}]"},
    {"[{\"p\":[2],\"sd\":\"c\"}]", "[{\"p\":[1],\"sd\":\"b\"}]", "[{\"p\":[1],\"sd\":\"bc\"}]"},
    {"[{\"p\":[2],\"sd\":\"c\"}]", "[{\"p\":[2],\"si\":\"b\"}]",
     "[{\"p\":[2],\"sd\":\"c\"},{\"p\":[2],\"si\":\"b\"}]"},
    {"[{\"o\":[\"x\"],\"p\":[],\"t\":\"text-unicode\"}]",
     "[{\"o\":[1,\"y\"],\"p\":[],\"t\":\"text-unicode\"}]",
     "[{\"o\":[\"xy\"],\"p\":[],\"t\":\"text-unicode\"}]"},
};

START_TEST(neighbours_at_one_path_are_joined)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_composed(&type_json0, cases[i].first, cases[i].second, cases[i].both);
}
END_TEST

START_TEST(a_composed_operation_is_bounded)
{
    struct buffer json = {0};
    struct operation *many, *one, *both = NULL;

    for (int i = 0; i < 512; i++)
        buffer_append_format(&json, "%s{\"p\":[%d],\"na\":1}", i == 0 ? "[" : ",", i);
    buffer_append_byte(&json, ']');
    buffer_append_byte(&json, 0);
    many = law_operation(&type_json0, (const char *)json.data);
    one = law_operation(&type_json0, "[{\"p\":[0],\"na\":1}]");
    ck_assert_int_eq(type_json0.compose(many, one, &both), STATUS_TOO_LARGE);
    ck_assert_ptr_null(both);
    operation_discard(many);
    operation_discard(one);
    buffer_finish(&json);
}
END_TEST

TEST_MAIN("json0_compose", neighbours_at_one_path_are_joined, a_composed_operation_is_bounded)
