#include "ot/text0.h"

#include "tests/ot/laws.h"

static struct components parts_of(const char *json)
{
    struct components parts = {0};
    struct fault fault = {0};

    ck_assert_int_eq(json_scan(span_of_string(json), &json_limits_default, NULL), STATUS_OK);
    ck_assert_msg(text0_decode(span_of_string(json), &parts, &fault) == STATUS_OK, "%s",
                  fault.text);
    return parts;
}

static void expect_parts_take(struct components parts, const char *json)
{
    struct buffer out = {0};

    text0_write(&parts, &out);
    ck_assert_msg(span_equal(buffer_span(&out), span_of_string(json)), "%.*s is not %s",
                  SPAN_PRINT(buffer_span(&out)), json);
    buffer_finish(&out);
    components_finish(&text0_pairwise, &parts);
}

/* An absent `after`: refused. */
static void expect_applied(const char *before, const char *json, const char *after)
{
    json_t *string = value_of_string(span_of_string(before)), *result = NULL;
    struct components parts = parts_of(json);
    enum status status = text0_apply(string, &parts, &result, NULL);

    ck_assert_int_eq(status, after == NULL ? STATUS_NOT_APPLICABLE : STATUS_OK);
    if (after != NULL)
        ck_assert_str_eq(json_string_value(result), after);
    json_decref(result);
    json_decref(string);
    components_finish(&text0_pairwise, &parts);
}

START_TEST(parts_are_applied_one_after_the_other)
{
    expect_applied("ac", "[{\"p\":1,\"i\":\"b\"},{\"p\":0,\"d\":\"ab\"}]", "c");
    expect_applied("a😀b", "[{\"p\":3,\"i\":\"x\"}]", "a😀xb");
    expect_applied("a😀b", "[{\"p\":1,\"d\":\"😀\"}]", "ab");
}
END_TEST

START_TEST(what_does_not_fit_is_refused)
{
    expect_applied("ab", "[{\"p\":3,\"i\":\"x\"}]", NULL);
    expect_applied("ab", "[{\"p\":1,\"d\":\"bc\"}]", NULL);
    expect_applied("ab", "[{\"p\":0,\"d\":\"b\"}]", NULL);
    expect_applied("😀", "[{\"p\":1,\"i\":\"x\"}]", NULL);
}
END_TEST

static void expect_moved(const char *json, const char *other_json, enum side side,
                         const char *expected)
{
    struct components parts = parts_of(json), other = parts_of(other_json), result = {0};
    enum status status = pairwise_transform(&text0_pairwise, &parts, &other, side, &result);

    ck_assert_int_eq(status, expected == NULL ? STATUS_NOT_APPLICABLE : STATUS_OK);
    components_finish(&text0_pairwise, &parts);
    components_finish(&text0_pairwise, &other);
    if (expected != NULL)
        expect_parts_take(result, expected);
    else
        components_finish(&text0_pairwise, &result);
}

START_TEST(the_first_goes_first_at_one_place)
{
    expect_moved("[{\"p\":1,\"i\":\"x\"}]", "[{\"p\":1,\"i\":\"yy\"}]", SIDE_FIRST,
                 "[{\"i\":\"x\",\"p\":1}]");
    expect_moved("[{\"p\":1,\"i\":\"x\"}]", "[{\"p\":1,\"i\":\"yy\"}]", SIDE_SECOND,
                 "[{\"i\":\"x\",\"p\":3}]");
}
END_TEST

START_TEST(a_deletion_spares_what_was_typed_into_it)
{
    expect_moved("[{\"p\":0,\"d\":\"abc\"}]", "[{\"p\":1,\"i\":\"X\"}]", SIDE_FIRST,
                 "[{\"d\":\"a\",\"p\":0},{\"d\":\"bc\",\"p\":1}]");
    expect_moved("[{\"p\":0,\"d\":\"abc\"}]", "[{\"p\":1,\"d\":\"bcd\"}]", SIDE_FIRST,
                 "[{\"d\":\"a\",\"p\":0}]");
    expect_moved("[{\"p\":0,\"d\":\"abcd\"}]", "[{\"p\":1,\"d\":\"bc\"}]", SIDE_SECOND,
                 "[{\"d\":\"ad\",\"p\":0}]");
    expect_moved("[{\"p\":1,\"d\":\"b\"}]", "[{\"p\":0,\"d\":\"abc\"}]", SIDE_SECOND, "[]");
}
END_TEST

START_TEST(what_cannot_be_of_one_string_is_refused)
{
    expect_moved("[{\"p\":0,\"d\":\"ab\"}]", "[{\"p\":0,\"d\":\"xb\"}]", SIDE_FIRST, NULL);
    expect_moved("[{\"p\":0,\"d\":\"😀\"}]", "[{\"p\":1,\"i\":\"x\"}]", SIDE_FIRST, NULL);
}
END_TEST

START_TEST(touching_parts_are_joined)
{
    struct components parts = {0};
    struct components more =
        parts_of("[{\"p\":3,\"i\":\"ad\"},{\"p\":4,\"i\":\"bc\"},"
                 "{\"p\":9,\"d\":\"y\"},{\"p\":8,\"d\":\"x\"},{\"p\":0,\"i\":\"\"}]");

    ck_assert_int_eq(components_append_all(&text0_pairwise, &parts, &more), STATUS_OK);
    components_finish(&text0_pairwise, &more);
    expect_parts_take(parts, "[{\"i\":\"abcd\",\"p\":3},{\"d\":\"xy\",\"p\":8}]");
}
END_TEST

START_TEST(the_inverse_goes_backwards)
{
    struct components parts = parts_of("[{\"p\":3,\"i\":\"a\"},{\"p\":0,\"d\":\"b\"}]");
    struct components inverse = {0};

    text0_invert(&parts, &inverse);
    components_finish(&text0_pairwise, &parts);
    expect_parts_take(inverse, "[{\"i\":\"b\",\"p\":0},{\"d\":\"a\",\"p\":3}]");
}
END_TEST

TEST_MAIN("text0", parts_are_applied_one_after_the_other, what_does_not_fit_is_refused,
          the_first_goes_first_at_one_place, a_deletion_spares_what_was_typed_into_it,
          what_cannot_be_of_one_string_is_refused, touching_parts_are_joined,
          the_inverse_goes_backwards)
