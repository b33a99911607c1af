#include "ot/rich.h"

#include "base/limits.h"
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
          what_does_not_fit_is_refused, the_inverse_gives_attributes_and_embeds_back,
          the_difference_keeps_both_ends, random_operations_obey_the_laws)
