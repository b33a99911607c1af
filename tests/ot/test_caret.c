#include "ot/caret.h"

#include "tests/ot/laws.h"

static void expect_written(const struct caret *caret, const char *state)
{
    struct buffer out = {0};

    caret_write(caret, &out);
    ck_assert_msg(span_equal(buffer_span(&out), span_of_string(state)), "%.*s is not %s",
                  SPAN_PRINT(buffer_span(&out)), state);
    buffer_finish(&out);
}

static struct caret caret_of(const char *state)
{
    struct caret caret;

    ck_assert_int_eq(json_scan(span_of_string(state), &json_limits_default, NULL), STATUS_OK);
    caret_init(&caret, span_of_string(state));
    return caret;
}

static void move(struct caret *caret, const struct type *type, const char *json, bool own)
{
    struct operation *operation = law_operation(type, json);

    caret_move(caret, operation, own);
    operation_discard(operation);
}

static const struct {
    const char *state;
    size_t count;
    const char *written; /* when it is not the state */
} states[] = {
    {"{\"cursor\":[3,7]}", 2, NULL},
    {"{\"name\":\"Anna\",\"cursor\":[3],\"on\":true}", 1, NULL},
    {"{\"\\u0063ursor\":[0,0]}", 2, NULL},
    {" { \"cursor\" : [ 3 , 5.0 ] , \"x\" : 1 } ", 2, "{ \"cursor\" : [3,5] , \"x\" : 1 }"},
    {"{\"cursor\":[1,2,3,4,5,6,7,8,9]}", 9, NULL},
    {"{\"cursor\":[]}", 0, NULL},
    {"{\"cursor\":[-1]}", 0, NULL},
    {"{\"cursor\":[1,2.5]}", 0, NULL},
    {"{\"cursor\":[1,\"2\"]}", 0, NULL},
    {"{\"cursor\":5}", 0, NULL},
    {"{\"cursor\":{\"at\":5}}", 0, NULL},
    {"{\"inner\":{\"cursor\":[1]}}", 0, NULL},
    {"[\"cursor\",[1]]", 0, NULL},
    {"\"cursor\"", 0, NULL},
    {"{}", 0, NULL},
    {"false", 0, NULL},
};

START_TEST(finds_positions_and_keeps_the_rest_as_it_came)
{
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        struct caret caret = caret_of(states[i].state);

        ck_assert_msg(caret.count == states[i].count, "%s: %zu", states[i].state, caret.count);
        expect_written(&caret, states[i].written != NULL ? states[i].written : states[i].state);
        caret_finish(&caret);
    }
}
END_TEST

START_TEST(moves_all_positions)
{
    struct caret caret = caret_of("{\"cursor\":[1,4],\"name\":\"Anna\"}");

    move(&caret, &type_text, "[2,\"xx\"]", false);
    expect_written(&caret, "{\"cursor\":[1,6],\"name\":\"Anna\"}");
    move(&caret, &type_text, "[{\"d\":2}]", false);
    expect_written(&caret, "{\"cursor\":[0,4],\"name\":\"Anna\"}");
    caret_finish(&caret);
}
END_TEST

START_TEST(only_an_insertion_of_its_owner_takes_it_along)
{
    struct caret caret = caret_of("{\"cursor\":[2]}");

    move(&caret, &type_text, "[2,\"x\"]", false);
    expect_written(&caret, "{\"cursor\":[2]}");
    move(&caret, &type_text, "[2,\"x\"]", true);
    expect_written(&caret, "{\"cursor\":[3]}");
    caret_finish(&caret);
}
END_TEST

START_TEST(stays_where_it_is_in_a_type_without_positions)
{
    struct caret caret = caret_of("{\"cursor\":[2]}");

    move(&caret, &type_counter, "5", true);
    expect_written(&caret, "{\"cursor\":[2]}");
    caret_finish(&caret);
}
END_TEST

START_TEST(stays_a_number_of_json_behind_any_end)
{
    struct caret caret = caret_of("{\"cursor\":[9007199254740991]}");

    move(&caret, &type_text, "[\"x\"]", false);
    expect_written(&caret, "{\"cursor\":[9007199254740991]}");
    caret_finish(&caret);
}
END_TEST

START_TEST(is_equal_when_the_same_would_be_written)
{
    struct caret caret = caret_of("{\"cursor\":[2],\"a\":1}");
    struct caret other = caret_of("{\"cursor\":[3],\"a\":1}");
    struct caret longer = caret_of("{\"cursor\":[2,2],\"a\":1}");
    struct caret named = caret_of("{\"cursor\":[2],\"a\":2}");

    ck_assert(!caret_equal(&caret, &other));
    ck_assert(!caret_equal(&caret, &longer));
    ck_assert(!caret_equal(&caret, &named));
    move(&caret, &type_text, "[\"x\"]", false);
    ck_assert(caret_equal(&caret, &other));
    caret_finish(&caret);
    caret_finish(&other);
    caret_finish(&longer);
    caret_finish(&named);
}
END_TEST

TEST_MAIN("caret", finds_positions_and_keeps_the_rest_as_it_came, moves_all_positions,
          only_an_insertion_of_its_owner_takes_it_along,
          stays_where_it_is_in_a_type_without_positions, stays_a_number_of_json_behind_any_end,
          is_equal_when_the_same_would_be_written)
