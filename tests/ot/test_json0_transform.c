#include "tests/ot/expect.h"

static const struct {
    const char *operation;
    const char *other;
    const char *first;  /* after the other, as the first */
    const char *second; /* NULL: the same */
} cases[] = {
    /* Both insert at one place: the first one's stands in front. */
    {"[{\"li\":1,\"p\":[1]}]", "[{\"li\":2,\"p\":[1]}]", "[{\"li\":1,\"p\":[1]}]",
     "[{\"li\":1,\"p\":[2]}]"},
    /* Both replace: the first one's stays, and names what it replaces. */
    {"[{\"ld\":0,\"li\":1,\"p\":[0]}]", "[{\"ld\":0,\"li\":2,\"p\":[0]}]",
     "[{\"ld\":2,\"li\":1,\"p\":[0]}]", "[]"},
    {"[{\"od\":0,\"oi\":1,\"p\":[\"a\"]}]", "[{\"od\":0,\"oi\":2,\"p\":[\"a\"]}]",
     "[{\"od\":2,\"oi\":1,\"p\":[\"a\"]}]", "[]"},
    {"[{\"oi\":1,\"p\":[\"a\"]}]", "[{\"oi\":2,\"p\":[\"a\"]}]",
     "[{\"od\":2,\"oi\":1,\"p\":[\"a\"]}]", "[]"},
    /* Below what the other deleted nothing is left to do. */
    {"[{\"na\":1,\"p\":[0,\"a\"]}]", "[{\"ld\":{\"a\":1},\"p\":[0]}]", "[]", NULL},
    {"[{\"p\":[\"s\",0],\"si\":\"x\"}]", "[{\"od\":\"abc\",\"p\":[\"s\"]}]", "[]", NULL},
    /* A deletion knows what it deletes. */
    {"[{\"ld\":{\"a\":1},\"p\":[0]}]", "[{\"na\":2,\"p\":[0,\"a\"]}]",
     "[{\"ld\":{\"a\":3},\"p\":[0]}]", NULL},
    {"[{\"od\":\"abc\",\"p\":[\"s\"]}]", "[{\"p\":[\"s\",3],\"si\":\"d\"}]",
     "[{\"od\":\"abcd\",\"p\":[\"s\"]}]", NULL},
    /* Moves: the first one's goes, of two with the same element. */
    {"[{\"lm\":3,\"p\":[0]}]", "[{\"lm\":2,\"p\":[0]}]", "[{\"lm\":3,\"p\":[2]}]", "[]"},
    {"[{\"lm\":0,\"p\":[2]}]", "[{\"li\":9,\"p\":[1]}]", "[{\"lm\":0,\"p\":[3]}]", NULL},
    {"[{\"lm\":2,\"p\":[0]}]", "[{\"ld\":1,\"p\":[0]}]", "[]", NULL},
    {"[{\"na\":1,\"p\":[0]}]", "[{\"lm\":2,\"p\":[0]}]", "[{\"na\":1,\"p\":[2]}]", NULL},
    /* A replacement of what the other deleted becomes an insertion. */
    {"[{\"ld\":1,\"li\":2,\"p\":[0]}]", "[{\"ld\":1,\"p\":[0]}]", "[{\"li\":2,\"p\":[0]}]", NULL},
    {"[{\"od\":1,\"oi\":2,\"p\":[\"a\"]}]", "[{\"od\":1,\"p\":[\"a\"]}]",
     "[{\"oi\":2,\"p\":[\"a\"]}]", NULL},
    /* The document as a whole. */
    {"[{\"od\":[],\"oi\":1,\"p\":[]}]", "[{\"od\":[],\"oi\":2,\"p\":[]}]",
     "[{\"od\":2,\"oi\":1,\"p\":[]}]", "[]"},
    {"[{\"li\":1,\"p\":[0]}]", "[{\"od\":[],\"oi\":2,\"p\":[]}]", "[]", NULL},
    /* Strings, and embedded types with the flag of their own package. */
    {"[{\"p\":[0],\"sd\":\"abc\"}]", "[{\"p\":[1],\"si\":\"X\"}]",
     "[{\"p\":[0],\"sd\":\"a\"},{\"p\":[1],\"sd\":\"bc\"}]", NULL},
    {"[{\"o\":[\"x\"],\"p\":[],\"t\":\"text-unicode\"}]",
     "[{\"o\":[\"y\"],\"p\":[],\"t\":\"text-unicode\"}]",
     "[{\"o\":[\"x\"],\"p\":[],\"t\":\"text-unicode\"}]",
     "[{\"o\":[1,\"x\"],\"p\":[],\"t\":\"text-unicode\"}]"},
    {"[{\"o\":[{\"insert\":\"x\"}],\"p\":[],\"t\":\"rich-text\"}]",
     "[{\"o\":[{\"insert\":\"y\"}],\"p\":[],\"t\":\"rich-text\"}]",
     "[{\"o\":{\"ops\":[{\"retain\":1},{\"insert\":\"x\"}]},\"p\":[],\"t\":\"rich-text\"}]",
     "[{\"o\":{\"ops\":[{\"insert\":\"x\"}]},\"p\":[],\"t\":\"rich-text\"}]"},
};

START_TEST(each_component_moves_over_each_other)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *second = cases[i].second == NULL ? cases[i].first : cases[i].second;

        expect_transformed(&type_json0, cases[i].operation, cases[i].other, SIDE_FIRST,
                           cases[i].first);
        expect_transformed(&type_json0, cases[i].operation, cases[i].other, SIDE_SECOND, second);
    }
}
END_TEST

START_TEST(what_cannot_be_of_one_document_is_refused)
{
    expect_transformed(&type_json0, "[{\"ld\":5,\"p\":[0]}]", "[{\"li\":1,\"p\":[0,1]}]",
                       SIDE_FIRST, NULL);
}
END_TEST

START_TEST(a_path_that_others_share_is_copied_before_it_changes)
{
    struct operation *operation = law_operation(&type_json0, "[{\"li\":1,\"p\":[1]}]");
    struct operation *other = law_operation(&type_json0, "[{\"li\":2,\"p\":[0]}]");
    struct operation *result;

    ck_assert_int_eq(type_json0.transform(operation, other, SIDE_FIRST, &result), STATUS_OK);
    law_expect_operation(result, "[{\"li\":1,\"p\":[2]}]");
    law_expect_operation(operation, "[{\"li\":1,\"p\":[1]}]");
    operation_discard(operation);
    operation_discard(other);
    operation_discard(result);
}
END_TEST

TEST_MAIN("json0_transform", each_component_moves_over_each_other,
          what_cannot_be_of_one_document_is_refused,
          a_path_that_others_share_is_copied_before_it_changes)
