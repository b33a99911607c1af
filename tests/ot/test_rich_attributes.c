#include "ot/rich_delta.h"

#include "tests/runner.h"

static json_t *load(const char *json)
{
    json_t *value = NULL;

    if (json != NULL)
        ck_assert_int_eq(value_load(span_of_string(json), &value, NULL), STATUS_OK);
    return value;
}

static void expect_take(json_t *attributes, const char *json)
{
    json_t *expected = load(json);

    ck_assert_msg(rich_attributes_equal(attributes, expected), "not %s", json);
    json_decref(attributes);
    json_decref(expected);
}

START_TEST(the_later_value_stays)
{
    json_t *a = load("{\"b\":1,\"c\":2}"), *b = load("{\"c\":null,\"d\":3}"),
           *c = load("{\"b\":null,\"c\":null}");

    expect_take(rich_attributes_compose(a, b, true), "{\"b\":1,\"c\":null,\"d\":3}");
    expect_take(rich_attributes_compose(a, b, false), "{\"b\":1,\"d\":3}");
    expect_take(rich_attributes_compose(a, c, false), NULL);
    expect_take(rich_attributes_compose(a, NULL, false), "{\"b\":1,\"c\":2}");
    expect_take(rich_attributes_compose(NULL, NULL, true), NULL);
    json_decref(a);
    json_decref(b);
    json_decref(c);
}
END_TEST

START_TEST(the_first_value_wins)
{
    json_t *ours = load("{\"b\":1,\"c\":2}"), *other = load("{\"b\":5}");

    expect_take(rich_attributes_transform(ours, other, true), "{\"c\":2}");
    expect_take(rich_attributes_transform(ours, other, false), "{\"b\":1,\"c\":2}");
    expect_take(rich_attributes_transform(other, ours, true), NULL);
    expect_take(rich_attributes_transform(NULL, ours, true), NULL);
    json_decref(ours);
    json_decref(other);
}
END_TEST

START_TEST(a_change_is_taken_back)
{
    json_t *before = load("{\"b\":1,\"c\":2}"), *change = load("{\"b\":5,\"c\":2,\"d\":1}");

    expect_take(rich_attributes_invert(change, before), "{\"b\":1,\"d\":null}");
    expect_take(rich_attributes_difference(before, change), "{\"b\":5,\"d\":1}");
    expect_take(rich_attributes_difference(change, before), "{\"b\":1,\"d\":null}");
    expect_take(rich_attributes_difference(before, before), NULL);
    json_decref(before);
    json_decref(change);
}
END_TEST

TEST_MAIN("rich_attributes", the_later_value_stays, the_first_value_wins, a_change_is_taken_back)
