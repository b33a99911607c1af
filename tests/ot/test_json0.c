#include "ot/json0.h"

#include "base/limits.h"
#include "tests/ot/expect.h"
#include "tests/ot/random_json0.h"

START_TEST(a_document_is_any_value)
{
    struct content *content = NULL;

    ck_assert_int_eq(type_json0.create(SPAN_NONE, &content, NULL), STATUS_OK);
    law_expect_content(content, "null");
    content_destroy(content);
    content = law_content(&type_json0, "{\"b\":[1.0],\"a\":\"x\"}");
    law_expect_content(content, "{\"a\":\"x\",\"b\":[1]}");
    content_destroy(content);
    expect_document_malformed(&type_json0, "{\"a\":1,\"a\":1}", "the name \"a\" is repeated");
}
END_TEST

START_TEST(a_copy_is_not_changed_with_its_original)
{
    struct content *content = law_content(&type_json0, "{\"a\":[1]}");
    struct content *copy = type_json0.copy(content);
    struct operation *operation = law_operation(&type_json0, "[{\"p\":[\"a\",0],\"li\":0}]");

    ck_assert_int_eq(type_json0.apply(content, operation, NULL), STATUS_OK);
    law_expect_content(content, "{\"a\":[0,1]}");
    law_expect_content(copy, "{\"a\":[1]}");
    content_destroy(content);
    content_destroy(copy);
    operation_discard(operation);
}
END_TEST

START_TEST(a_document_has_a_largest_size)
{
    struct content *content = law_content(&type_json0, "[\"\"]");
    struct buffer json = {0};
    struct operation *operation;
    struct fault fault = {0};
    size_t half = LIMIT_DOCUMENT_BYTES / 2;

    buffer_append_text(&json, "[{\"p\":[0,0],\"si\":\"");
    memset(buffer_reserve(&json, half), 'x', half);
    buffer_grow(&json, half);
    buffer_append_text(&json, "\"}]");
    ck_assert_int_eq(type_json0.decode(buffer_span(&json), &operation, &fault), STATUS_OK);
    ck_assert_int_eq(type_json0.apply(content, operation, &fault), STATUS_OK);
    size_t size = type_json0.size(content);
    ck_assert_int_eq(type_json0.apply(content, operation, &fault), STATUS_TOO_LARGE);
    ck_assert_uint_eq(type_json0.size(content), size);
    operation_discard(operation);
    content_destroy(content);
    buffer_finish(&json);
}
END_TEST

START_TEST(random_operations_obey_the_laws)
{
    for (uint64_t seed = 1; seed <= 2000; seed++) {
        struct prng prng;
        struct content *content;

        prng_init(&prng, seed);
        content = random_json0_content(&prng);
        expect_laws(content, random_json0_operation, seed);
        content_destroy(content);
    }
}
END_TEST

START_TEST(the_size_follows_the_edits)
{
    struct prng prng;
    struct content *content;

    prng_init(&prng, 7);
    content = random_json0_content(&prng);
    for (int i = 0; i < 1000; i++) {
        struct operation *operation = random_json0_operation(&prng, content);
        struct buffer json = {0};

        ck_assert_int_eq(type_json0.apply(content, operation, NULL), STATUS_OK);
        type_json0.encode(content, &json);
        /* Numbers that are no integers are estimated, and a byte for each comma too many. */
        ck_assert_int_lt(llabs((long long)json.size - (long long)type_json0.size(content)),
                         40 + (long long)json.size);
        operation_discard(operation);
        buffer_finish(&json);
    }
    content_destroy(content);
}
END_TEST

TEST_MAIN("json0", a_document_is_any_value, a_copy_is_not_changed_with_its_original,
          a_document_has_a_largest_size, random_operations_obey_the_laws,
          the_size_follows_the_edits)
