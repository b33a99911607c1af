#include "ot/type.h"

#include "base/prng.h"
#include "tests/ot/laws.h"

static const char *const largest = "9007199254740991";
static const char *const least = "-9007199254740991";

static void expect_apply(const char *document, const char *amount, enum status expected,
                         const char *after)
{
    struct content *content = law_content(&type_counter, document);
    struct operation *operation = law_operation(&type_counter, amount);
    struct fault fault = {0};

    ck_assert_int_eq(type_counter.check(content, operation, &fault), expected);
    ck_assert_int_eq(type_counter.apply(content, operation, &fault), expected);
    law_expect_content(content, after);
    operation_discard(operation);
    content_destroy(content);
}

START_TEST(adds)
{
    expect_apply("40", "2", STATUS_OK, "42");
    expect_apply("4e1", "-41.0", STATUS_OK, "-1");
    expect_apply("-0", "-0", STATUS_OK, "0");
}
END_TEST

START_TEST(stays_within_the_safe_integers)
{
    expect_apply(largest, "1", STATUS_OVERFLOW, largest);
    expect_apply(least, "-1", STATUS_OVERFLOW, least);
    expect_apply(largest, least, STATUS_OK, "0");
    expect_apply("1", largest, STATUS_OVERFLOW, "1");
}
END_TEST

START_TEST(begins_at_zero)
{
    struct content *content;

    ck_assert_int_eq(type_counter.create(SPAN_NONE, &content, NULL), STATUS_OK);
    law_expect_content(content, "0");
    content_destroy(content);
}
END_TEST

START_TEST(takes_integers_only)
{
    static const char *const wrong[] = {"1.5", "\"1\"", "[1]", "null", "true", "9007199254740992"};

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct content *content = NULL;
        struct fault fault = {0};

        ck_assert_int_eq(law_decode_status(&type_counter, wrong[i], &fault),
                         STATUS_MALFORMED_OPERATION);
        ck_assert_int_eq(type_counter.create(span_of_string(wrong[i]), &content, &fault),
                         STATUS_MALFORMED_DOCUMENT);
        ck_assert_ptr_null(content);
    }
}
END_TEST

START_TEST(two_that_are_too_much_for_one_stay_two)
{
    struct operation *a = law_operation(&type_counter, largest);
    struct operation *b = law_operation(&type_counter, "1");
    struct operation *both = NULL;

    ck_assert_int_eq(type_counter.compose(a, b, &both), STATUS_OVERFLOW);
    ck_assert_ptr_null(both);
    operation_discard(a);
    operation_discard(b);
}
END_TEST

static struct operation *random_addition(struct prng *prng)
{
    struct buffer json = {0};

    buffer_append_signed(&json, (int64_t)prng_below(prng, 2000) - 1000);
    buffer_append_byte(&json, '\0');
    struct operation *operation = law_operation(&type_counter, (const char *)json.data);
    buffer_finish(&json);
    return operation;
}

START_TEST(obeys_the_laws)
{
    struct prng prng;

    prng_init(&prng, 1);
    for (int i = 0; i < 1000; i++) {
        struct content *content = law_content(&type_counter, "7");
        struct operation *a = random_addition(&prng);
        struct operation *b = random_addition(&prng);
        struct content *after = law_applied(content, a);

        ck_assert(law_converges(content, a, b));
        ck_assert(law_composes(content, a, b));
        ck_assert(law_inverts(content, a));
        ck_assert(law_differs(content, after));
        ck_assert(law_reads_back(a));
        operation_discard(a);
        operation_discard(b);
        content_destroy(content);
        content_destroy(after);
    }
}
END_TEST

TEST_MAIN("counter", adds, stays_within_the_safe_integers, begins_at_zero, takes_integers_only,
          two_that_are_too_much_for_one_stay_two, obeys_the_laws)
