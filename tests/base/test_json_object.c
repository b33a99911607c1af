#include "base/json_object.h"

#include "tests/runner.h"

static struct buffer out;

static void expect(const char *text)
{
    ck_assert_msg(span_equal(buffer_span(&out), span_of_string(text)), "%.*s",
                  SPAN_PRINT(buffer_span(&out)));
    buffer_finish(&out);
}

START_TEST(members_are_separated_by_commas)
{
    json_object_begin(&out);
    json_object_end(&out);
    expect("{}");
    json_object_begin(&out);
    json_object_unsigned(&out, "seq", 5);
    json_object_string(&out, "text", SPAN("a\"b"));
    json_object_json(&out, "data", SPAN("[1]"));
    json_object_boolean(&out, "yes", true);
    json_object_boolean(&out, "no", false);
    json_object_string_or_null(&out, "some", SPAN("a"));
    json_object_string_or_null(&out, "none", SPAN_NONE);
    json_object_end(&out);
    expect("{\"seq\":5,\"text\":\"a\\\"b\",\"data\":[1],\"yes\":true,\"no\":false,"
           "\"some\":\"a\",\"none\":null}");
}
END_TEST

START_TEST(what_is_absent_is_left_out)
{
    json_object_begin(&out);
    json_object_json(&out, "data", SPAN_NONE);
    json_object_unsigned(&out, "seq", 0);
    json_object_end(&out);
    expect("{\"seq\":0}");
}
END_TEST

START_TEST(objects_nest)
{
    json_object_begin(&out);
    json_object_name(&out, "inner");
    json_object_begin(&out);
    json_object_unsigned(&out, "a", 1);
    json_object_end(&out);
    json_object_unsigned(&out, "b", 2);
    json_object_end(&out);
    expect("{\"inner\":{\"a\":1},\"b\":2}");
}
END_TEST

START_TEST(elements_of_an_array_are_separated_by_commas)
{
    json_object_begin(&out);
    json_object_array_begin(&out, "none");
    json_object_array_end(&out);
    json_object_array_begin(&out, "some");
    json_object_array_next(&out);
    buffer_append_text(&out, "[]");
    json_object_array_next(&out);
    json_object_begin(&out);
    json_object_end(&out);
    json_object_array_end(&out);
    json_object_unsigned(&out, "b", 2);
    json_object_end(&out);
    expect("{\"none\":[],\"some\":[[],{}],\"b\":2}");
}
END_TEST

TEST_MAIN("json_object", members_are_separated_by_commas, what_is_absent_is_left_out, objects_nest,
          elements_of_an_array_are_separated_by_commas)
