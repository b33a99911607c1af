#include "protocol/message.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "tests/runner.h"

static void expect(struct span name, enum status status)
{
    ck_assert_msg(message_check_name(name, NULL) == status, "%.*s", SPAN_PRINT(name));
}

START_TEST(a_name_splits_at_its_first_slash)
{
    expect(SPAN("notes/42"), STATUS_OK);
    expect(SPAN("a/b/c"), STATUS_OK);
    expect(SPAN("a//"), STATUS_OK);
    expect(SPAN("notes/https://example.org/?q=1"), STATUS_OK);
    expect(SPAN("notes"), STATUS_MALFORMED_NAME);
    expect(SPAN("/42"), STATUS_MALFORMED_NAME);
    expect(SPAN("notes/"), STATUS_MALFORMED_NAME);
    expect(SPAN("/"), STATUS_MALFORMED_NAME);
    expect(SPAN(""), STATUS_MALFORMED_NAME);
    ck_assert(message_check_name(SPAN_NONE, NULL) == STATUS_MALFORMED_NAME);
}
END_TEST

START_TEST(a_name_is_unicode_without_controls)
{
    expect(SPAN("caf\xC3\xA9/\xF0\x9F\x99\x82 \"quoted\" \\"), STATUS_OK);
    expect(SPAN("a/\xC2\xA0"), STATUS_OK);
    expect(SPAN("a/\n"), STATUS_MALFORMED_NAME);
    expect(SPAN("a\0/b"), STATUS_MALFORMED_NAME);
    expect(SPAN("a/\x7F"), STATUS_MALFORMED_NAME);
    expect(SPAN("a/\xC2\x80"), STATUS_MALFORMED_NAME);
    expect(SPAN("a/\xC2\x9F"), STATUS_MALFORMED_NAME);
    expect(SPAN("a/\xC3"), STATUS_MALFORMED_NAME);
}
END_TEST

static enum status check_sizes(size_t collection, size_t id)
{
    struct buffer name = {0};

    memset(buffer_reserve(&name, collection), 'c', collection);
    buffer_grow(&name, collection);
    buffer_append_byte(&name, '/');
    memset(buffer_reserve(&name, id), 'i', id);
    buffer_grow(&name, id);
    enum status status = message_check_name(buffer_span(&name), NULL);
    buffer_finish(&name);
    return status;
}

START_TEST(both_parts_have_their_limit)
{
    ck_assert_int_eq(check_sizes(LIMIT_COLLECTION_BYTES, LIMIT_ID_BYTES), STATUS_OK);
    ck_assert_int_eq(check_sizes(LIMIT_COLLECTION_BYTES + 1, 1), STATUS_MALFORMED_NAME);
    ck_assert_int_eq(check_sizes(1, LIMIT_ID_BYTES + 1), STATUS_MALFORMED_NAME);
}
END_TEST

START_TEST(says_what_is_wrong_with_a_name)
{
    struct fault fault;

    ck_assert(message_check_name(SPAN("notes/"), &fault) == STATUS_MALFORMED_NAME);
    ck_assert_str_eq(fault.text, "an id has 1 to 256 bytes, not 0");
}
END_TEST

START_TEST(a_name_has_two_halves)
{
    struct span collection;
    struct span id;

    message_split_name(SPAN("a/b/c"), &collection, &id);
    ck_assert(span_equal(collection, SPAN("a")));
    ck_assert(span_equal(id, SPAN("b/c")));
}
END_TEST

TEST_MAIN("message", a_name_has_two_halves, a_name_splits_at_its_first_slash,
          a_name_is_unicode_without_controls, both_parts_have_their_limit,
          says_what_is_wrong_with_a_name)
