#include "ot/others.h"

#include "tests/ot/laws.h"

static struct others others;

static void put(const char *who, const char *state)
{
    others_put(&others, span_of_string(who), span_of_string(state));
}

static void move(const char *json, const char *who)
{
    struct operation *operation = law_operation(&type_text, json);

    others_move(&others, operation, span_of_string(who));
    operation_discard(operation);
}

static void expect(const char *who, const char *state)
{
    const struct other *other = others_find(&others, span_of_string(who));
    struct buffer out = {0};

    ck_assert_ptr_nonnull(other);
    caret_write(&other->caret, &out);
    ck_assert_msg(span_equal(buffer_span(&out), span_of_string(state)), "%.*s is not %s",
                  SPAN_PRINT(buffer_span(&out)), state);
    buffer_finish(&out);
}

START_TEST(the_latest_of_each_is_known)
{
    put("anna----", "1");
    put("ben-----", "2");
    put("anna----", "{\"cursor\":[3]}");
    expect("anna----", "{\"cursor\":[3]}");
    expect("ben-----", "2");
    put("anna----", NULL);
    put("carla---", NULL);
    put("nobody", "1");
    ck_assert_ptr_null(others_find(&others, SPAN("anna----")));
    ck_assert_uint_eq(others_count(&others), 1);
    others_finish(&others);
    ck_assert_uint_eq(others_count(&others), 0);
}
END_TEST

START_TEST(all_move_and_the_author_with_what_it_inserts)
{
    put("anna----", "{\"cursor\":[2]}");
    put("ben-----", "{\"cursor\":[2]}");
    move("[2,\"xx\"]", "ben-----");
    expect("anna----", "{\"cursor\":[2]}");
    expect("ben-----", "{\"cursor\":[4]}");
    move("[\"yy\"]", NULL);
    expect("anna----", "{\"cursor\":[4]}");
    expect("ben-----", "{\"cursor\":[6]}");
    others_finish(&others);
}
END_TEST

TEST_MAIN("others", the_latest_of_each_is_known, all_move_and_the_author_with_what_it_inserts)
