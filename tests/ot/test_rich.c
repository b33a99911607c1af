#include "ot/rich.h"

#include "tests/ot/expect.h"
#include "tests/ot/random_rich.h"

#define OPS(parts) "{\"ops\":[" parts "]}"

START_TEST(a_document_joins_what_is_equal)
{
    struct content *content = NULL;

    ck_assert_int_eq(type_rich.create(SPAN_NONE, &content, NULL), STATUS_OK);
    law_expect_content(content, OPS(""));
    content_destroy(content);
    content = law_content(&type_rich, "[{\"insert\":\"a\"},{\"insert\":\"b\"},{\"insert\":{}},"
                                      "{\"insert\":\"c\",\"attributes\":{\"x\":1.0}}]");
    law_expect_content(content, OPS("{\"insert\":\"ab\"},{\"insert\":{}},"
                                    "{\"attributes\":{\"x\":1},\"insert\":\"c\"}"));
    content_destroy(content);
}
END_TEST

START_TEST(edits_are_in_utf16_units)
{
    expect_applied(&type_rich, "[{\"insert\":\"a😀b\"}]", "[{\"retain\":3},{\"insert\":\"X\"}]",
                   OPS("{\"insert\":\"a😀Xb\"}"));
    expect_applied(&type_rich, "[{\"insert\":\"a😀b\"}]",
                   "[{\"retain\":1},{\"retain\":2,\"attributes\":{\"b\":1}},{\"delete\":1}]",
                   OPS("{\"insert\":\"a\"},{\"attributes\":{\"b\":1},\"insert\":\"😀\"}"));
    expect_applied(&type_rich, "[{\"insert\":\"a\"}]",
                   "[{\"insert\":\"b\",\"attributes\":{\"n\":null}}]",
                   OPS("{\"attributes\":{\"n\":null},\"insert\":\"b\"},{\"insert\":\"a\"}"));
}
END_TEST

START_TEST(what_does_not_fit_is_refused)
{
    expect_refused(&type_rich, OPS("{\"insert\":\"ab\"}"), "[{\"insert\":\"x\"},{\"retain\":3}]",
                   STATUS_NOT_APPLICABLE, "component 1: it reaches beyond the document's end");
    expect_refused(&type_rich, OPS("{\"insert\":\"a😀\"}"), "[{\"delete\":1},{\"delete\":1}]",
                   STATUS_NOT_APPLICABLE, "component 1: it cuts a surrogate pair");
}
END_TEST

START_TEST(random_operations_obey_the_laws)
{
    for (uint64_t seed = 1; seed <= 2000; seed++) {
        struct prng prng;
        struct content *content;

        prng_init(&prng, seed);
        content = random_rich_content(&prng);
        expect_laws(content, random_rich_operation, seed);
        content_destroy(content);
    }
}
END_TEST

TEST_MAIN("rich", a_document_joins_what_is_equal, edits_are_in_utf16_units,
          what_does_not_fit_is_refused, random_operations_obey_the_laws)
