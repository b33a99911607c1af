#include "tools/tutti/histogram.h"

#include "base/prng.h"
#include "tests/runner.h"

static struct histogram histogram;

START_TEST(an_empty_one_has_nothing)
{
    ck_assert_uint_eq(histogram_percentile(&histogram, 50), 0);
}
END_TEST

START_TEST(small_values_are_exact)
{
    for (uint64_t value = 1; value <= 20; value++)
        histogram_add(&histogram, value);
    ck_assert_uint_eq(histogram_percentile(&histogram, 0), 1);
    ck_assert_uint_eq(histogram_percentile(&histogram, 50), 10);
    ck_assert_uint_eq(histogram_percentile(&histogram, 95), 19);
    ck_assert_uint_eq(histogram_percentile(&histogram, 100), 20);
}
END_TEST

/* Of every size: never below the value, and never by more than a part in 32 above. */
START_TEST(large_values_are_close)
{
    struct prng prng;

    prng_init(&prng, 1);
    for (unsigned shift = 0; shift < 64; shift++)
        for (int i = 0; i < 100; i++) {
            uint64_t value = prng_next(&prng) >> shift;
            struct histogram one = {.largest = UINT64_MAX};

            histogram_add(&one, value);
            uint64_t got = histogram_percentile(&one, 50);
            ck_assert_uint_ge(got, value);
            ck_assert_uint_le(got - value, value / 32);
        }
}
END_TEST

START_TEST(nothing_is_above_the_largest)
{
    histogram_add(&histogram, 1000003);
    ck_assert_uint_eq(histogram_percentile(&histogram, 99), 1000003);
    ck_assert_uint_eq(histogram_percentile(&histogram, 100), 1000003);
    histogram_add(&histogram, UINT64_MAX);
    ck_assert_uint_eq(histogram_percentile(&histogram, 100), UINT64_MAX);
}
END_TEST

TEST_MAIN("histogram", an_empty_one_has_nothing, small_values_are_exact, large_values_are_close,
          nothing_is_above_the_largest)
