#include "protocol/fields.h"

#include "tests/runner.h"

static struct buffer scratch;
static struct fault fault;

static struct fields fields_new(void)
{
    fault.text[0] = '\0';
    return (struct fields){.message = "test", .scratch = &scratch, .fault = &fault};
}

START_TEST(the_first_fault_sticks)
{
    struct fields fields = fields_new();

    ck_assert_uint_eq(fields_unsigned(&fields, SPAN("7"), "a", 0), 7);
    ck_assert_uint_eq(fields_unsigned(&fields, SPAN("-1"), "b", 0), 0);
    ck_assert_uint_eq(fields_unsigned(&fields, SPAN("7"), "c", 0), 0);
    ck_assert(!span_present(fields_string(&fields, SPAN("7"), "d")));
    fields_fail(&fields, "something else");
    ck_assert_int_eq(fields.status, STATUS_MALFORMED_MESSAGE);
    ck_assert_str_eq(fault.text, "test: b has to be an integer from 0 to 2^53 - 1");
}
END_TEST

START_TEST(numbers_have_their_least_value)
{
    struct fields fields = fields_new();

    ck_assert_uint_eq(fields_unsigned(&fields, SPAN("1.0"), "a", 1), 1);
    ck_assert_uint_eq(fields_unsigned(&fields, SPAN("9007199254740991"), "a", 1),
                      9007199254740991U);
    ck_assert_int_eq(fields.status, STATUS_OK);
    fields_unsigned(&fields, SPAN("0"), "a", 1);
    ck_assert_str_eq(fault.text, "test: a has to be a positive integer");
}
END_TEST

START_TEST(only_what_may_be_absent_is_absent)
{
    struct fields fields = fields_new();

    ck_assert_uint_eq(fields_member_unsigned(&fields, SPAN_NONE, "a"), 0);
    ck_assert(!span_present(fields_member_string(&fields, SPAN_NONE, "b")));
    ck_assert(!fields_member_bool(&fields, SPAN_NONE, "c"));
    ck_assert_int_eq(fields.status, STATUS_OK);
    fields_string(&fields, SPAN_NONE, "d");
    ck_assert_str_eq(fault.text, "test: d has to be a string");
}
END_TEST

START_TEST(null_is_not_absent)
{
    struct fields fields = fields_new();

    fields_member_bool(&fields, SPAN("null"), "a");
    ck_assert_str_eq(fault.text, "test: a has to be true or false");
}
END_TEST

START_TEST(members_are_found_by_name_and_others_skipped)
{
    static const char *const names[] = {"a", "b", "c"};
    struct fields fields = fields_new();
    struct span found[3];

    fields_members(&fields, SPAN("{\"x\":{\"a\":0},\"\\u0062\":2,\"a\":1}"), names, found, 3);
    ck_assert_int_eq(fields.status, STATUS_OK);
    ck_assert(span_equal(found[0], SPAN("1")));
    ck_assert(span_equal(found[1], SPAN("2")));
    ck_assert(!span_present(found[2]));
}
END_TEST

START_TEST(a_repeated_member_is_a_fault)
{
    static const char *const names[] = {"a"};
    static const struct span repeating[] = {
        {(const uint8_t *)"{\"a\":1,\"a\":1}", 13},
        {(const uint8_t *)"{\"x\":1,\"x\":1}", 13},
        {(const uint8_t *)"{\"a\":{\"x\":1,\"x\":1}}", 19},
    };

    for (size_t i = 0; i < 3; i++) {
        struct fields fields = fields_new();
        struct span found[1] = {SPAN("left over")};

        fields_members(&fields, repeating[i], names, found, 1);
        ck_assert_str_eq(fault.text, "test: a name is repeated in an object");
        ck_assert(!span_present(found[0]));
    }
}
END_TEST

/* A buffer that had to grow for the second string would leave the first one dangling. */
START_TEST(strings_stay_where_they_are)
{
    struct fields fields = fields_new();
    struct buffer text = {0};

    buffer_append_text(&text, "\"\\u0061 and more\"");
    size_t size = text.size;
    buffer_append_byte(&text, '"');
    for (int i = 0; i < 1000; i++)
        buffer_append_text(&text, "\\n");
    buffer_append_byte(&text, '"');
    fields_reserve(&fields, buffer_span(&text));
    struct span first = fields_string(&fields, span_of(text.data, size), "a");
    struct span second = fields_string(&fields, span_of(text.data + size, text.size - size), "b");
    ck_assert(span_equal(first, SPAN("a and more")));
    ck_assert_uint_eq(second.size, 1000);
    buffer_finish(&text);
    buffer_finish(&scratch);
}
END_TEST

TEST_MAIN("fields", the_first_fault_sticks, numbers_have_their_least_value,
          only_what_may_be_absent_is_absent, null_is_not_absent,
          members_are_found_by_name_and_others_skipped, a_repeated_member_is_a_fault,
          strings_stay_where_they_are)
