#include "base/json_scan.h"

#include <math.h>

#include "tests/runner.h"

/* The text as a scanned value. */
static struct span value_of(const char *text)
{
    struct span value = span_of_string(text);

    ck_assert_msg(json_scan(value, &json_limits_default, NULL) == STATUS_OK, "%s", text);
    return json_value(value);
}

static void expect(struct span span, const char *text)
{
    ck_assert_msg(span_equal(span, span_of_string(text)), "%.*s is not %s", SPAN_PRINT(span), text);
}

START_TEST(a_value_has_no_white_space_around_it)
{
    expect(value_of(" \r\n\t[ 1 ] \n"), "[ 1 ]");
    expect(value_of("7"), "7");
}
END_TEST

START_TEST(tells_the_kinds_apart)
{
    ck_assert_int_eq(json_kind(value_of("null")), JSON_KIND_NULL);
    ck_assert_int_eq(json_kind(value_of("false")), JSON_KIND_FALSE);
    ck_assert_int_eq(json_kind(value_of("true")), JSON_KIND_TRUE);
    ck_assert_int_eq(json_kind(value_of("-1")), JSON_KIND_NUMBER);
    ck_assert_int_eq(json_kind(value_of("0")), JSON_KIND_NUMBER);
    ck_assert_int_eq(json_kind(value_of("\"\"")), JSON_KIND_STRING);
    ck_assert_int_eq(json_kind(value_of("[]")), JSON_KIND_ARRAY);
    ck_assert_int_eq(json_kind(value_of("{}")), JSON_KIND_OBJECT);
}
END_TEST

START_TEST(walks_the_elements_of_an_array)
{
    static const char *const expected[] = {
        "1", "-2.5e3", "\"],\\\"\"", "[[],[1 , 2]]", "{\"a\":[\"}\"]}", "null"};
    struct json_walk walk;
    struct span value;
    size_t count = 0;

    json_walk_init(&walk,
                   value_of("[ 1 ,-2.5e3,\"],\\\"\", [[],[1 , 2]],{\"a\":[\"}\"]} , null ]"));
    for (; json_walk_element(&walk, &value); count++)
        expect(value, expected[count]);
    ck_assert_uint_eq(count, 6);
    ck_assert(!json_walk_element(&walk, &value));
}
END_TEST

START_TEST(walks_the_members_of_an_object)
{
    struct json_walk walk;
    struct span name;
    struct span value;

    json_walk_init(&walk, value_of("{ \"a\" : 1 ,\"b:\\\"\":{ \"c\":2 }}"));
    ck_assert(json_walk_member(&walk, &name, &value));
    expect(name, "\"a\"");
    expect(value, "1");
    ck_assert(json_walk_member(&walk, &name, &value));
    expect(name, "\"b:\\\"\"");
    expect(value, "{ \"c\":2 }");
    ck_assert(!json_walk_member(&walk, &name, &value));
}
END_TEST

START_TEST(counts_what_is_inside)
{
    ck_assert_uint_eq(json_count(value_of("[]")), 0);
    ck_assert_uint_eq(json_count(value_of("[ ]")), 0);
    ck_assert_uint_eq(json_count(value_of("{ }")), 0);
    ck_assert_uint_eq(json_count(value_of("[[1,2],3]")), 2);
    ck_assert_uint_eq(json_count(value_of("{\"a\":[1,2],\"b\":{\"c\":3},\"d\":4}")), 3);
}
END_TEST

START_TEST(finds_a_member_by_name)
{
    struct span object = value_of("{\"a\":{\"b\":1},\"b\":2,\"\\u0063\":3,\"b\":4,\"\":5}");

    expect(json_member(object, "b"), "2");
    expect(json_member(object, "c"), "3");
    expect(json_member(object, ""), "5");
    ck_assert(!span_present(json_member(object, "d")));
    ck_assert(!span_present(json_member(value_of("{}"), "a")));
}
END_TEST

/* Each object that repeats a name, beside one that almost does. */
static const struct {
    const char *text;
    bool repeats;
} names[] = {
    {"{\"a\":1,\"a\":2}", true},
    {"{\"a\":1,\"b\":2}", false},
    {"{\"a\":1,\"\\u0061\":2}", true},
    {"{\"\\uD83D\\uDE42\":1,\"\xF0\x9F\x99\x82\":2}", true},
    {"{\"\\n\":1,\"\\u000A\":2}", true},
    {"{\"\\n\":1,\"n\":2}", false},
    {"{\"\\/\":1,\"/\":2}", true},
    {"{\"a\\u0000\":1,\"a\":2}", false},
    {"{\"a\":{\"a\":{\"a\":1}}}", false},
    {"{\"a\":{\"b\":1},\"c\":{\"b\":1},\"b\":1}", false},
    {"{\"b\":1,\"a\":{\"c\":1},\"b\":1}", true},
    {"[{\"a\":1},{\"a\":1}]", false},
    {"[1,[{\"x\":[{\"a\":1,\"b\":2,\"a\":3}]}]]", true},
    {"[1,\"{\"]", false},
    {"\"{\"", false},
    {"[]", false},
    {"{\"1\":0,\"2\":0,\"3\":0,\"4\":0,\"5\":0,\"6\":0,\"7\":0,\"8\":0,\"9\":0}", false},
    {"{\"1\":0,\"2\":0,\"3\":0,\"4\":0,\"5\":0,\"6\":0,\"7\":0,\"8\":0,\"9\":0,\"2\":0}", true},
    {"{\"1\":0,\"2\":0,\"3\":0,\"4\":0,\"5\":0,\"6\":0,\"7\":0,\"8\":0,\"9\":0,\"\\u0032\":0}",
     true},
};

START_TEST(notices_a_repeated_name)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        ck_assert_msg(json_repeats_a_name(value_of(names[i].text)) == names[i].repeats, "%s",
                      names[i].text);
}
END_TEST

/* Names of many lengths, some spelled with escapes; then the same with one of them again. */
START_TEST(notices_a_repeated_name_among_many)
{
    struct buffer text = {0};

    buffer_append_byte(&text, '{');
    for (int i = 0; i < 5000; i++)
        buffer_append_format(&text, "\"%s%d\":%d,", i % 3 == 0 ? "\\u0061" : "a", i, i);
    size_t size = text.size;
    buffer_append_text(&text, "\"b\":0}");
    ck_assert(json_scan(buffer_span(&text), &json_limits_default, NULL) == STATUS_OK);
    ck_assert(!json_repeats_a_name(buffer_span(&text)));
    text.size = size;
    buffer_append_text(&text, "\"\\u00613001\":0}");
    ck_assert(json_repeats_a_name(buffer_span(&text)));
    buffer_finish(&text);
}
END_TEST

static const struct {
    const char *text;
    bool is;
    int64_t value;
} integers[] = {
    {"0", true, 0},
    {"-0", true, 0},
    {"-0.0", true, 0},
    {"0e999", true, 0},
    {"5", true, 5},
    {"-5", true, -5},
    {"5.0", true, 5},
    {"50e-1", true, 5},
    {"0.5e1", true, 5},
    {"1e15", true, 1000000000000000},
    {"9007199254740991", true, JSON_INTEGER_MAX},
    {"-9007199254740991", true, -JSON_INTEGER_MAX},
    {"9007199254740991.0", true, JSON_INTEGER_MAX},
    {"1.00000000000000000001", true, 1},
    {"9007199254740992", false, 0},
    {"-9007199254740992", false, 0},
    {"9007199254740993", false, 0},
    {"9999999999999999", false, 0},
    {"9007199254740991.5", false, 0},
    {"18446744073709551617", false, 0},
    {"1e16", false, 0},
    {"1e999", false, 0},
    {"5.5", false, 0},
    {"5e-1", false, 0},
    {"\"5\"", false, 0},
    {"true", false, 0},
    {"null", false, 0},
    {"[5]", false, 0},
};

START_TEST(reads_integers_however_they_are_written)
{
    for (size_t i = 0; i < sizeof(integers) / sizeof(integers[0]); i++) {
        struct span value = value_of(integers[i].text);
        int64_t out = 77;
        uint64_t natural = 77;
        bool is_natural = integers[i].is && integers[i].value >= 0;

        ck_assert_msg(json_read_integer(value, &out) == integers[i].is, "%s", integers[i].text);
        ck_assert_int_eq(out, integers[i].is ? integers[i].value : 77);
        ck_assert_msg(json_read_unsigned(value, &natural) == is_natural, "%s", integers[i].text);
        ck_assert_uint_eq(natural, is_natural ? (uint64_t)integers[i].value : 77);
    }
}
END_TEST

START_TEST(reads_doubles)
{
    double value = 7;

    ck_assert(json_read_double(value_of("0.1"), &value) && value == 0.1);
    ck_assert(json_read_double(value_of("-1.5E+2"), &value) && value == -150);
    ck_assert(json_read_double(value_of("5e-324"), &value) && value == 0x1p-1074);
    ck_assert(json_read_double(value_of("1e-999"), &value) && value == 0);
    ck_assert(json_read_double(value_of("-0"), &value) && value == 0 && !signbit(value));
    ck_assert(!json_read_double(value_of("-1e999"), &value));
}
END_TEST

/* A literal beside other digits, and one longer than the room on the stack. */
START_TEST(reads_a_double_that_ends_where_its_span_ends)
{
    struct buffer text = {0};
    double value;

    ck_assert(json_read_double(span_of("1.2599", 4), &value) && value == 1.25);
    buffer_append_text(&text, "0.5");
    for (int i = 0; i < 10000; i++)
        buffer_append_byte(&text, '0');
    ck_assert(json_read_double(buffer_span(&text), &value) && value == 0.5);
    buffer_finish(&text);
}
END_TEST

START_TEST(decodes_strings)
{
    struct buffer scratch = {0};

    expect(json_read_string(value_of("\"plain \xC3\xA9\""), &scratch), "plain \xC3\xA9");
    expect(json_read_string(value_of("\"\""), &scratch), "");
    ck_assert_uint_eq(scratch.size, 0);
    expect(json_read_string(value_of("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), &scratch),
           "\"\\/\b\f\n\r\t");
    size_t size = scratch.size;
    expect(json_read_string(value_of("\"a\\u00E9b\\u20ac\\ud83D\\uDe42\""), &scratch),
           "a\xC3\xA9"
           "b\xE2\x82\xAC\xF0\x9F\x99\x82");
    ck_assert_uint_gt(scratch.size, size);
    struct span nul = json_read_string(value_of("\"x\\u0000y\""), &scratch);
    ck_assert(span_equal(nul, SPAN("x\0y")));
    buffer_finish(&scratch);
}
END_TEST

START_TEST(compares_strings_with_escapes_resolved)
{
    ck_assert(json_string_is(value_of("\"hello\""), "hello"));
    ck_assert(json_string_is(value_of("\"hel\\u006co\""), "hello"));
    ck_assert(json_string_is(value_of("\"\\uD83D\\uDE42\""), "\xF0\x9F\x99\x82"));
    ck_assert(json_string_is(value_of("\"\""), ""));
    ck_assert(json_string_is(value_of("\"\\\\u0061\""), "\\u0061"));
    ck_assert(!json_string_is(value_of("\"\\u0061\""), "\\u0061"));
    ck_assert(!json_string_is(value_of("\"hell\\u006f\""), "hell"));
    ck_assert(!json_string_is(value_of("\"hel\\u006c\""), "hello"));
    ck_assert(!json_string_is(value_of("\"a\\u0000\""), "a"));
    ck_assert(!json_string_is(value_of("\"Hello\""), "hello"));
}
END_TEST

TEST_MAIN("json_value", a_value_has_no_white_space_around_it, tells_the_kinds_apart,
          walks_the_elements_of_an_array, walks_the_members_of_an_object, counts_what_is_inside,
          finds_a_member_by_name, notices_a_repeated_name, notices_a_repeated_name_among_many,
          reads_integers_however_they_are_written, reads_doubles,
          reads_a_double_that_ends_where_its_span_ends, decodes_strings,
          compares_strings_with_escapes_resolved)
