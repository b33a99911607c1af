#include "server/net/clock.h"

#include "tests/runner.h"

START_TEST(tells_the_time_of_day)
{
    struct clock clock = {0};

    ck_assert_uint_gt(clock_now_ms(&clock), 1700000000000); /* a day in 2023 */
}
END_TEST

START_TEST(stands_still_when_the_system_goes_back)
{
    const uint64_t year_9999 = 253370764800000;
    struct clock clock = {.last_ms = year_9999};

    ck_assert_uint_eq(clock_now_ms(&clock), year_9999);
    ck_assert_uint_eq(clock_now_ms(&clock), year_9999);
}
END_TEST

TEST_MAIN("clock", tells_the_time_of_day, stands_still_when_the_system_goes_back)
