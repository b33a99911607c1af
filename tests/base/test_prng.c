#include "base/prng.h"

#include <stddef.h>

#include "tests/runner.h"

/* The sequence that implementations of SplitMix64 agree on for this seed. */
START_TEST(is_splitmix64)
{
    static const uint64_t expected[] = {
        UINT64_C(6457827717110365317), UINT64_C(3203168211198807973), UINT64_C(9817491932198370423),
        UINT64_C(4593380528125082431)};
    struct prng prng;

    prng_init(&prng, 1234567);
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        ck_assert_uint_eq(prng_next(&prng), expected[i]);
}
END_TEST

START_TEST(repeats_itself_from_a_seed)
{
    struct prng first, second;

    prng_init(&first, 42);
    prng_init(&second, 42);
    for (int i = 0; i < 1000; i++)
        ck_assert_uint_eq(prng_below(&first, 10), prng_below(&second, 10));
}
END_TEST

START_TEST(reaches_every_number_below_the_limit_and_no_other)
{
    enum { LIMIT = 7, DRAWS = 7000 };
    int seen[LIMIT] = {0};
    struct prng prng;

    prng_init(&prng, 1);
    for (int i = 0; i < DRAWS; i++) {
        uint64_t drawn = prng_below(&prng, LIMIT);

        ck_assert_uint_lt(drawn, LIMIT);
        seen[drawn]++;
    }
    /* Five standard deviations around 1,000. */
    for (int i = 0; i < LIMIT; i++) {
        ck_assert_int_gt(seen[i], 850);
        ck_assert_int_lt(seen[i], 1150);
    }
}
END_TEST

START_TEST(keeps_the_unit_below_one)
{
    struct prng prng;

    prng_init(&prng, 3);
    for (int i = 0; i < 10000; i++) {
        double drawn = prng_unit(&prng);

        ck_assert(drawn >= 0 && drawn < 1);
    }
}
END_TEST

TEST_MAIN("prng", is_splitmix64, repeats_itself_from_a_seed,
          reaches_every_number_below_the_limit_and_no_other, keeps_the_unit_below_one)
