#include "protocol/sharedb_mend.h"

#include <string.h>

#include "base/json_scan.h"
#include "tests/runner.h"

static void expect(struct span (*make)(struct span, struct buffer *), const char *text,
                   const char *made)
{
    struct buffer out = {0};
    struct span result = make(span_of_string(text), &out);

    ck_assert_msg(span_equal(result, span_of_string(made)), "%s: %.*s, not %s", text,
                  SPAN_PRINT(result), made);
    buffer_finish(&out);
}

START_TEST(half_surrogate_pairs_become_readable)
{
    expect(sharedb_mend, "[\"\\ud83d\"]", "[\"\\ufffd\"]");
    expect(sharedb_mend, "[\"\\uDC00x\\\\ud83d\\\"\"]", "[\"\\ufffdx\\\\ud83d\\\"\"]");
    expect(sharedb_mend, "[\"\\ud7ff\\ue000\\ud8", "[\"\\ud7ff\\ue000\\ud8");
    expect(sharedb_mend, "\\", "\\");
}
END_TEST

START_TEST(an_object_that_is_cut_off_keeps_what_came_whole)
{
    expect(sharedb_close, "{\"a\":1,\"b\":2,\"c\":[1,2", "{\"a\":1,\"b\":2}");
    expect(sharedb_close, "{\"a\":1,\"b\":23", "{\"a\":1}"); /* maybe 234 */
    expect(sharedb_close, "{\"a\":\"x,y\",\"b\":\"z,", "{\"a\":\"x,y\"}");
    expect(sharedb_close, "{\"a\":\"\\\",\\\\\",\"b\":\"\\", "{\"a\":\"\\\",\\\\\"}");
    expect(sharedb_close, "{\"a\":{\"x\":[1,{}],\"y\":2},\"b\":{\"z\":1,",
           "{\"a\":{\"x\":[1,{}],\"y\":2}}");
    expect(sharedb_close, " { \"a\" : 1 , \"b\"", " { \"a\" : 1 }");
    expect(sharedb_close, "{\"a\":1,", "{\"a\":1}");
    expect(sharedb_close, "{\"a\":1}", "}");
    expect(sharedb_close, "[1,2,3", "[1,2}");
    expect(sharedb_close, "", "}");
    expect(sharedb_close, "}},,{\"a\":1,", "}");
}
END_TEST

/* Wherever it is cut, the result has some of its members and no other. */
START_TEST(no_cut_makes_a_member_that_was_not_there)
{
    static const char text[] =
        "{\"a\":\"op\",\"c\":\"p,}\\\"\",\"v\":12,\"x\":{\"y\":[1,{}]},\"op\":[";
    size_t members = 0;

    for (size_t size = 0; size < sizeof(text); size++) {
        struct buffer out = {0};
        struct span made = sharedb_close(span_of(text, size), &out);

        if (json_scan(made, &json_limits_default, NULL) == STATUS_OK) {
            ck_assert_int_eq(memcmp(made.data, text, made.size - 1), 0);
            ck_assert_int_eq(text[made.size - 1], ',');
            members++;
        }
        buffer_finish(&out);
    }
    ck_assert_uint_eq(members, sizeof(text) - strlen("{\"a\":\"op\","));
}
END_TEST

TEST_MAIN("sharedb_mend", half_surrogate_pairs_become_readable,
          an_object_that_is_cut_off_keeps_what_came_whole, no_cut_makes_a_member_that_was_not_there)
