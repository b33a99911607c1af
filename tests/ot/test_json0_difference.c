#include "tests/ot/expect.h"

START_TEST(small_changes_are_small)
{
    expect_difference(&type_json0, "{\"a\":1,\"b\":2}", "{\"a\":1,\"b\":3}",
                      "[{\"od\":2,\"oi\":3,\"p\":[\"b\"]}]");
    expect_difference(&type_json0, "{\"a\":1}", "{\"b\":1}",
                      "[{\"od\":1,\"p\":[\"a\"]},{\"oi\":1,\"p\":[\"b\"]}]");
    expect_difference(&type_json0, "[1,2,3]", "[1,3]", "[{\"ld\":2,\"p\":[1]}]");
    expect_difference(&type_json0, "[1,3]", "[1,2,4,3]",
                      "[{\"li\":2,\"p\":[1]},{\"li\":4,\"p\":[2]}]");
    expect_difference(&type_json0, "[[\"a😀c\"]]", "[[\"a😁c\"]]",
                      "[{\"p\":[0,0,1],\"sd\":\"😀\"},{\"p\":[0,0,1],\"si\":\"😁\"}]");
    expect_difference(&type_json0, "[1]", "{}", "[{\"od\":[1],\"oi\":{},\"p\":[]}]");
    expect_difference(&type_json0, "[1]", "[1]", "[]");
}
END_TEST

/* Too many components: the document as a whole. */
START_TEST(large_changes_replace_the_document)
{
    struct buffer many = {0};

    for (int i = 0; i < 600; i++)
        buffer_append_format(&many, "%s\"%d\":1", i == 0 ? "{" : ",", i);
    buffer_append_byte(&many, '}');
    buffer_append_byte(&many, 0);
    struct content *before = law_content(&type_json0, "{}");
    struct content *after = law_content(&type_json0, (const char *)many.data);
    ck_assert(law_differs(before, after));
    ck_assert(law_differs(after, before));
    content_destroy(before);
    content_destroy(after);
    buffer_finish(&many);
}
END_TEST

TEST_MAIN("json0_difference", small_changes_are_small, large_changes_replace_the_document)
