#include "base/limits.h"
#include "tests/ot/expect.h"

static const struct {
    const char *before;
    const char *operation;
    const char *after;
} applied[] = {
    {"{\"n\":1}", "[{\"p\":[\"n\"],\"na\":0.5}]", "{\"n\":1.5}"},
    {"5", "[{\"p\":[],\"na\":-5}]", "0"},
    {"[1,2]", "[{\"p\":[2],\"li\":3},{\"p\":[0],\"ld\":1}]", "[2,3]"},
    {"[1,2]", "[{\"p\":[1],\"ld\":9,\"li\":[]}]", "[1,[]]"},
    {"[1,2,3]", "[{\"p\":[0],\"lm\":2}]", "[2,3,1]"},
    {"[1,2,3]", "[{\"p\":[2],\"lm\":0}]", "[3,1,2]"},
    {"{\"a\":1}", "[{\"p\":[\"b\"],\"oi\":2},{\"p\":[\"a\"],\"od\":1}]", "{\"b\":2}"},
    {"{\"a\":1}", "[{\"p\":[\"a\"],\"oi\":2}]", "{\"a\":2}"},
    {"{}", "[{\"p\":[\"a\"],\"od\":2}]", "{}"},
    {"null", "[{\"p\":[],\"oi\":{}}]", "{}"},
    {"[\"a😀\"]", "[{\"p\":[0,3],\"si\":\"b\"},{\"p\":[0,1],\"sd\":\"😀\"}]", "[\"ab\"]"},
    {"{\"t\":\"abc\"}", "[{\"p\":[\"t\"],\"t\":\"text-unicode\",\"o\":[1,\"X\"]}]",
     "{\"t\":\"aXbc\"}"},
    {"[{\"ops\":[]}]", "[{\"p\":[0],\"t\":\"rich-text\",\"o\":[{\"insert\":\"x\"}]}]",
     "[{\"ops\":[{\"insert\":\"x\"}]}]"},
};

START_TEST(every_kind_changes_the_document)
{
    for (size_t i = 0; i < sizeof(applied) / sizeof(applied[0]); i++)
        expect_applied(&type_json0, applied[i].before, applied[i].operation, applied[i].after);
}
END_TEST

#define DOCUMENT "{\"l\":[1,2],\"n\":1,\"o\":{},\"s\":\"a😀b\"}"

static const struct {
    const char *component;
    const char *reason;
} refused[] = {
    {"{\"p\":[\"x\",\"y\"],\"oi\":1}", "key 0 of the path leads nowhere"},
    {"{\"p\":[\"l\",0,\"y\"],\"oi\":1}", "a name in the path of something that is no object"},
    {"{\"p\":[\"o\",0],\"li\":1}", "an index in the path of something that is no list"},
    {"{\"p\":[\"l\",3],\"li\":1}", "the index is beyond the list's end"},
    {"{\"p\":[\"l\",2],\"ld\":1}", "the index is beyond the list's end"},
    {"{\"p\":[\"l\",2],\"ld\":1,\"li\":1}", "the index is beyond the list's end"},
    {"{\"p\":[\"l\",0],\"lm\":2}", "a move from or to beyond the list's end"},
    {"{\"p\":[\"l\",2],\"lm\":0}", "a move from or to beyond the list's end"},
    {"{\"p\":[\"s\"],\"na\":1}", "na on something that is no number"},
    {"{\"p\":[\"x\"],\"na\":1}", "the path leads nowhere"},
    {"{\"p\":[\"n\",0],\"si\":\"x\"}", "an edit of a string on something that is none"},
    {"{\"p\":[\"s\",5],\"si\":\"x\"}", "offset 5 is beyond the string's end"},
    {"{\"p\":[\"s\",2],\"si\":\"x\"}", "offset 2 is within a surrogate pair"},
    {"{\"p\":[\"s\",1],\"sd\":\"b\"}", "the text to delete at offset 1 is not there"},
    {"{\"p\":[\"n\"],\"t\":\"text-unicode\",\"o\":[\"x\"]}",
     "the value is no document of type text: a text document is a string"},
};

/* Each after components that could be applied: nothing of these may stay. */
START_TEST(a_refused_operation_leaves_the_document_as_it_was)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct buffer json = {0}, reason = {0};

        buffer_append_format(&json,
                             "[{\"p\":[\"o\"],\"od\":{},\"oi\":{\"z\":1}},{\"p\":[\"o\",\"z\"],"
                             "\"na\":1},{\"p\":[\"l\",0],\"lm\":1},{\"p\":[\"l\",1],\"ld\":1},"
                             "{\"p\":[\"l\",0],\"li\":7},{\"p\":[\"s\",0],\"si\":\"x\"},"
                             "{\"p\":[\"s\",0],\"sd\":\"x\"},{\"p\":[\"n\"],\"od\":1},"
                             "{\"p\":[\"n\"],\"oi\":true},%s]",
                             refused[i].component);
        buffer_append_byte(&json, 0);
        buffer_append_format(&reason, "component 9: %s", refused[i].reason);
        buffer_append_byte(&reason, 0);
        expect_refused(&type_json0, DOCUMENT, (const char *)json.data, STATUS_NOT_APPLICABLE,
                       (const char *)reason.data);
        buffer_finish(&json);
        buffer_finish(&reason);
    }
}
END_TEST

START_TEST(a_sum_beyond_the_doubles_is_refused)
{
    expect_refused(&type_json0, "[1e+308]", "[{\"p\":[0],\"na\":1e308}]", STATUS_OVERFLOW,
                   "component 0: the sum is beyond the doubles");
}
END_TEST

/* The reference cannot change such an object: neither can its clients. */
START_TEST(an_object_with_a_constructor_cannot_be_changed)
{
    expect_applied(&type_json0, "{}", "[{\"p\":[\"constructor\"],\"oi\":1}]",
                   "{\"constructor\":1}");
    expect_refused(&type_json0, "{\"constructor\":1}", "[{\"p\":[\"a\"],\"oi\":1}]",
                   STATUS_NOT_APPLICABLE,
                   "component 0: an object with a member named constructor cannot be changed");
}
END_TEST

START_TEST(no_document_is_nested_deeper_than_it_can_be_read)
{
    struct buffer nested = {0}, json = {0};

    for (int i = 0; i < LIMIT_JSON_DEPTH - 2; i++)
        buffer_append_byte(&nested, '[');
    for (int i = 0; i < LIMIT_JSON_DEPTH - 2; i++)
        buffer_append_byte(&nested, ']');
    buffer_append_format(&json, "[{\"p\":[\"a\",\"b\",\"c\"],\"oi\":%.*s}]",
                         SPAN_PRINT(buffer_span(&nested)));
    buffer_append_byte(&json, 0);
    struct content *content = law_content(&type_json0, "{\"a\":{\"b\":{}}}");
    struct operation *operation = NULL;
    struct json_limits limits = {.depth = 2 * LIMIT_JSON_DEPTH, .nodes = 1000};
    struct span text = span_of(json.data, json.size - 1);
    ck_assert_int_eq(json_scan(text, &limits, NULL), STATUS_OK);
    ck_assert_int_eq(type_json0.decode(text, &operation, NULL), STATUS_OK);
    ck_assert_int_eq(type_json0.apply(content, operation, NULL), STATUS_TOO_DEEP);
    operation_discard(operation);
    content_destroy(content);
    buffer_finish(&nested);
    buffer_finish(&json);
}
END_TEST

TEST_MAIN("json0_apply", every_kind_changes_the_document,
          a_refused_operation_leaves_the_document_as_it_was, a_sum_beyond_the_doubles_is_refused,
          an_object_with_a_constructor_cannot_be_changed,
          no_document_is_nested_deeper_than_it_can_be_read)
