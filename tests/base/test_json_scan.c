#include "base/json_scan.h"

#include "base/limits.h"
#include "base/memory.h"
#include "tests/runner.h"

/* A span with bytes inside, as literals hold U+0000 too. */
#define ROW(literal, status)                                                                       \
    {                                                                                              \
        {(const uint8_t *)(literal), sizeof(literal) - 1}, status                                  \
    }

static const struct {
    struct span text;
    enum status status;
} rows[] = {
    ROW("null", STATUS_OK),
    ROW(" \t\r\ntrue \n", STATUS_OK),
    ROW("false", STATUS_OK),
    ROW("0", STATUS_OK),
    ROW("-0", STATUS_OK),
    ROW("-0.0e-00", STATUS_OK),
    ROW("10.25E+7", STATUS_OK),
    ROW("1e999", STATUS_OK),
    ROW("\"\"", STATUS_OK),
    ROW("[]", STATUS_OK),
    ROW("{}", STATUS_OK),
    ROW("[ 1 , [ ] , { } ]", STATUS_OK),
    ROW("{ \"a\" : 1 , \"b\" : [ 2 ] , \"\" : null }", STATUS_OK),
    ROW("\"\\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u00e9 \\uD83D\\uDE42\"", STATUS_OK),
    ROW("\"\\u0000\"", STATUS_OK),
    ROW("\"\x7F \xC3\xA9 \xF0\x9F\x99\x82\"", STATUS_OK),

    ROW("", STATUS_MALFORMED_JSON),
    ROW("  ", STATUS_MALFORMED_JSON),
    ROW("\xEF\xBB\xBF[]", STATUS_MALFORMED_JSON),
    ROW("nul", STATUS_MALFORMED_JSON),
    ROW("nulL", STATUS_MALFORMED_JSON),
    ROW("True", STATUS_MALFORMED_JSON),
    ROW("NaN", STATUS_MALFORMED_JSON),
    ROW("Infinity", STATUS_MALFORMED_JSON),
    ROW("nullx", STATUS_MALFORMED_JSON),
    ROW("1 2", STATUS_MALFORMED_JSON),
    ROW("[] []", STATUS_MALFORMED_JSON),
    ROW("-", STATUS_MALFORMED_JSON),
    ROW("+1", STATUS_MALFORMED_JSON),
    ROW("01", STATUS_MALFORMED_JSON),
    ROW("-01", STATUS_MALFORMED_JSON),
    ROW(".5", STATUS_MALFORMED_JSON),
    ROW("1.", STATUS_MALFORMED_JSON),
    ROW("1.e5", STATUS_MALFORMED_JSON),
    ROW("1e", STATUS_MALFORMED_JSON),
    ROW("1e+", STATUS_MALFORMED_JSON),
    ROW("0x10", STATUS_MALFORMED_JSON),
    ROW("1_000", STATUS_MALFORMED_JSON),
    ROW("\"", STATUS_MALFORMED_JSON),
    ROW("\"abc", STATUS_MALFORMED_JSON),
    ROW("\"abcdefgh\\", STATUS_MALFORMED_JSON),
    ROW("\"\\\"", STATUS_MALFORMED_JSON),
    ROW("'a'", STATUS_MALFORMED_JSON),
    ROW("\"a\nb\"", STATUS_MALFORMED_JSON),
    ROW("\"a\tb\"", STATUS_MALFORMED_JSON),
    ROW("\"a\0b\"", STATUS_MALFORMED_JSON),
    ROW("\"1234567\x1F\"", STATUS_MALFORMED_JSON),
    ROW("\"\\x41\"", STATUS_MALFORMED_JSON),
    ROW("\"\\U0041\"", STATUS_MALFORMED_JSON),
    ROW("\"\\u004\"", STATUS_MALFORMED_JSON),
    ROW("\"\\u004g\"", STATUS_MALFORMED_JSON),
    ROW("\"\\u", STATUS_MALFORMED_JSON),
    ROW("\"\\uD83D\\u\"", STATUS_MALFORMED_UTF8),
    ROW("[", STATUS_MALFORMED_JSON),
    ROW("]", STATUS_MALFORMED_JSON),
    ROW("[1", STATUS_MALFORMED_JSON),
    ROW("[1,", STATUS_MALFORMED_JSON),
    ROW("[1,]", STATUS_MALFORMED_JSON),
    ROW("[,1]", STATUS_MALFORMED_JSON),
    ROW("[1 2]", STATUS_MALFORMED_JSON),
    ROW("[1}", STATUS_MALFORMED_JSON),
    ROW("[1,2]]", STATUS_MALFORMED_JSON),
    ROW("{", STATUS_MALFORMED_JSON),
    ROW("{1:2}", STATUS_MALFORMED_JSON),
    ROW("{a:2}", STATUS_MALFORMED_JSON),
    ROW("{\"a\"}", STATUS_MALFORMED_JSON),
    ROW("{\"a\":}", STATUS_MALFORMED_JSON),
    ROW("{\"a\":1,}", STATUS_MALFORMED_JSON),
    ROW("{\"a\" 1}", STATUS_MALFORMED_JSON),
    ROW("{\"a\":1]", STATUS_MALFORMED_JSON),
    ROW("{\"a\n\":1}", STATUS_MALFORMED_JSON),
    ROW("[1]/**/", STATUS_MALFORMED_JSON),
    ROW("\0", STATUS_MALFORMED_JSON),
    ROW("[1]\0", STATUS_MALFORMED_JSON),
    ROW("[\v1]", STATUS_MALFORMED_JSON),

    ROW("\"\xFF\"", STATUS_MALFORMED_UTF8),
    ROW("\"\xED\xA0\x80\"", STATUS_MALFORMED_UTF8),
    ROW("\"\xC3", STATUS_MALFORMED_UTF8),
    ROW("\"\\uD800\"", STATUS_MALFORMED_UTF8),
    ROW("\"\\uDBFF\"", STATUS_MALFORMED_UTF8),
    ROW("\"\\uDC00\"", STATUS_MALFORMED_UTF8),
    ROW("\"\\uDFFF\"", STATUS_MALFORMED_UTF8),
    ROW("\"\\uDE42\\uD83D\"", STATUS_MALFORMED_UTF8),
    ROW("\"\\uD83D\\uD83D\"", STATUS_MALFORMED_UTF8),
    ROW("\"\\uDC00\\uDC00\"", STATUS_MALFORMED_UTF8),
    ROW("\"\\uD83D\\u0041\"", STATUS_MALFORMED_UTF8),
    ROW("\"\\uD83D \\uDE42\"", STATUS_MALFORMED_UTF8),
    ROW("{\"\\uD83D\":1}", STATUS_MALFORMED_UTF8),
};

/* In a block of its own, so that a read behind the end is seen. */
static enum status scan_copy(struct span text)
{
    uint8_t *copy = memory_copy(text.data, text.size);
    enum status status = json_scan(span_of(copy, text.size), &json_limits_default, NULL);

    memory_free(copy);
    return status;
}

START_TEST(tells_json_from_what_is_not)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum status status = scan_copy(rows[i].text);

        ck_assert_msg(status == rows[i].status, "%.*s: %s", SPAN_PRINT(rows[i].text),
                      status_text(status));
    }
}
END_TEST

START_TEST(every_beginning_of_a_value_is_refused)
{
    struct span text = SPAN("[{\"a\\u00e9\\uD83D\\uDE42\":[true,null,-1.5e+3,\"\xC3\xA9\"]},{}]");

    for (size_t size = 0; size < text.size; size++)
        ck_assert_msg(scan_copy(span_of(text.data, size)) != STATUS_OK, "%zu", size);
    ck_assert(json_scan(text, &json_limits_default, NULL) == STATUS_OK);
}
END_TEST

START_TEST(says_where_it_went_wrong)
{
    struct fault fault;

    ck_assert(json_scan(SPAN("[1,x]"), &json_limits_default, &fault) == STATUS_MALFORMED_JSON);
    ck_assert_str_eq(fault.text, "expected a value at byte 3");
    ck_assert(json_scan(SPAN("\"ab\\uD800\""), &json_limits_default, &fault) ==
              STATUS_MALFORMED_UTF8);
    ck_assert_str_eq(fault.text, "half a surrogate pair at byte 3");
}
END_TEST

START_TEST(bounds_depth_and_count)
{
    const struct json_limits limits = {.depth = 2, .nodes = 4};

    ck_assert(json_scan(SPAN("[[1],[]]"), &limits, NULL) == STATUS_OK);
    ck_assert(json_scan(SPAN("[[[]]]"), &limits, NULL) == STATUS_TOO_DEEP);
    ck_assert(json_scan(SPAN("{\"a\":{\"b\":{}}}"), &limits, NULL) == STATUS_TOO_DEEP);
    ck_assert(json_scan(SPAN("[1,2,3]"), &limits, NULL) == STATUS_OK);
    ck_assert(json_scan(SPAN("[1,2,3,4]"), &limits, NULL) == STATUS_TOO_MANY_NODES);
    ck_assert(json_scan(SPAN("{\"a\":1,\"b\":2,\"c\":3}"), &limits, NULL) == STATUS_OK);
}
END_TEST

START_TEST(the_default_depth_is_the_limit)
{
    struct buffer text = {0};

    for (int i = 0; i < LIMIT_JSON_DEPTH; i++)
        buffer_append_byte(&text, '[');
    for (int i = 0; i < LIMIT_JSON_DEPTH; i++)
        buffer_append_byte(&text, ']');
    ck_assert(json_scan(buffer_span(&text), &json_limits_default, NULL) == STATUS_OK);
    text.data[LIMIT_JSON_DEPTH] = '[';
    ck_assert(json_scan(buffer_span(&text), &json_limits_default, NULL) == STATUS_TOO_DEEP);
    buffer_finish(&text);
}
END_TEST

START_TEST(finds_the_elements_of_an_array)
{
    static const char *const expected[] = {"12", "3", "17", "[5,\"x\"]"};
    struct span elements[4];
    size_t count;

    ck_assert(json_scan_array(SPAN(" [ 12 , 3, 17, [5,\"x\"] ] "), &json_limits_default, elements,
                              4, &count, NULL) == STATUS_OK);
    ck_assert_uint_eq(count, 4);
    for (size_t i = 0; i < 4; i++)
        ck_assert(span_equal(elements[i], span_of_string(expected[i])));
}
END_TEST

START_TEST(counts_elements_beyond_the_room)
{
    struct span elements[2] = {SPAN_NONE, SPAN("kept")};
    size_t count;

    ck_assert(json_scan_array(SPAN("[1,2,3]"), &json_limits_default, elements, 1, &count, NULL) ==
              STATUS_OK);
    ck_assert_uint_eq(count, 3);
    ck_assert(span_equal(elements[0], SPAN("1")));
    ck_assert(span_equal(elements[1], SPAN("kept")));
    ck_assert(json_scan_array(SPAN("[]"), &json_limits_default, elements, 1, &count, NULL) ==
              STATUS_OK);
    ck_assert_uint_eq(count, 0);
}
END_TEST

START_TEST(an_array_is_not_any_other_value)
{
    size_t count = 7;

    ck_assert(json_scan_array(SPAN("{}"), &json_limits_default, NULL, 0, &count, NULL) ==
              STATUS_MALFORMED_MESSAGE);
    ck_assert(json_scan_array(SPAN("{"), &json_limits_default, NULL, 0, &count, NULL) ==
              STATUS_MALFORMED_JSON);
    ck_assert(json_scan_array(SPAN("[1] 2"), &json_limits_default, NULL, 0, &count, NULL) ==
              STATUS_MALFORMED_JSON);
    ck_assert_uint_eq(count, 7);
}
END_TEST

TEST_MAIN("json_scan", tells_json_from_what_is_not, every_beginning_of_a_value_is_refused,
          says_where_it_went_wrong, bounds_depth_and_count, the_default_depth_is_the_limit,
          finds_the_elements_of_an_array, counts_elements_beyond_the_room,
          an_array_is_not_any_other_value)
