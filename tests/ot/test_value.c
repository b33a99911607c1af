#include "ot/value.h"

#include "base/json_scan.h"
#include "tests/runner.h"

static json_t *load(const char *json)
{
    json_t *value = NULL;

    ck_assert_int_eq(json_scan(span_of_string(json), &json_limits_default, NULL), STATUS_OK);
    ck_assert_int_eq(value_load(span_of_string(json), &value, NULL), STATUS_OK);
    return value;
}

static void expect_canonical(const char *json, const char *canonical)
{
    json_t *value = load(json);
    struct buffer out = {0};

    value_write(value, &out);
    ck_assert_msg(span_equal(buffer_span(&out), span_of_string(canonical)), "%.*s is not %s",
                  SPAN_PRINT(buffer_span(&out)), canonical);
    buffer_finish(&out);
    json_decref(value);
}

START_TEST(numbers_are_those_of_javascript)
{
    expect_canonical("[1.0, 50e-1, -0, -0.0, 0.1]", "[1,5,0,0,0.1]");
    expect_canonical("[9007199254740991, 9007199254740993]", "[9007199254740991,9007199254740992]");
    expect_canonical("[1e20, 1e21, 1.5e-7, 5e-324]", "[100000000000000000000,1e+21,1.5e-7,5e-324]");
}
END_TEST

START_TEST(names_are_sorted_by_utf16_units)
{
    expect_canonical(
        "{\"\xef\xbf\xbd\": 1, \"😀\": 2, \"b\": 3, \"\": 4, \"a\\u0000\": 5, \"a\": 6}",
        "{\"\":4,\"a\":6,\"a\\u0000\":5,\"b\":3,\"😀\":2,\"\xef\xbf\xbd\":1}");
}
END_TEST

START_TEST(strings_may_hold_zero)
{
    expect_canonical("\"a\\u0000\\u00e9\\\"\"", "\"a\\u0000é\\\"\"");
}
END_TEST

START_TEST(many_members_are_sorted_as_well)
{
    struct buffer json = {0};

    buffer_append_byte(&json, '{');
    for (int i = 99; i >= 10; i--)
        buffer_append_format(&json, "%s\"%d\":[]", i == 99 ? "" : ",", i);
    buffer_append_byte(&json, '}');
    buffer_append_byte(&json, 0);
    json_t *value = load((const char *)json.data);
    struct buffer out = {0};
    value_write(value, &out);
    ck_assert(span_equal(span_of(out.data, 18), SPAN("{\"10\":[],\"11\":[],\"")));
    json_decref(value);
    buffer_finish(&out);
    buffer_finish(&json);
}
END_TEST

static void expect_refused(const char *json, const char *reason)
{
    struct fault fault = {0};
    json_t *value = NULL;

    ck_assert_int_eq(value_load(span_of_string(json), &value, &fault), STATUS_MALFORMED_JSON);
    ck_assert_ptr_null(value);
    ck_assert_str_eq(fault.text, reason);
}

START_TEST(what_has_two_readings_is_refused)
{
    expect_refused("[{\"a\":1,\"\\u0061\":2}]", "the name \"\\u0061\" is repeated");
    expect_refused("{\"x\":[1e400]}", "a number is beyond the doubles");
}
END_TEST

START_TEST(a_copy_stands_alone)
{
    json_t *value = load("{\"a\":[1,{\"b\":\"c\"}]}"), *copy = value_copy(value);

    ck_assert(value_equal(value, copy));
    json_array_clear(json_object_get(value, "a"));
    ck_assert(!value_equal(value, copy));
    ck_assert_uint_eq(json_array_size(json_object_get(copy, "a")), 2);
    json_decref(value);
    json_decref(copy);
}
END_TEST

START_TEST(is_measured_as_it_is_written)
{
    static const char *const values[] = {
        "[]",   "[1,-23,\"abc\"]",   "{\"a\":[],\"bc\":{\"d\":true}}",
        "null", "-9007199254740991", "{}"};

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        json_t *value = load(values[i]);
        ck_assert_uint_eq(value_measure(value).bytes, strlen(values[i]));
        json_decref(value);
    }
    json_t *value = load("{\"a\":[],\"bc\":{\"d\":[1]}}");
    ck_assert_uint_eq(value_measure(value).nodes, 5);
    ck_assert_uint_eq(value_measure(value).depth, 3);
    json_decref(value);
}
END_TEST

TEST_MAIN("value", numbers_are_those_of_javascript, names_are_sorted_by_utf16_units,
          strings_may_hold_zero, many_members_are_sorted_as_well, what_has_two_readings_is_refused,
          a_copy_stands_alone, is_measured_as_it_is_written)
