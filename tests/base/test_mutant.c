#include "base/mutant.h"

#include <string.h>

#include "tests/runner.h"

static int count_on(void)
{
    int count = 0;

    for (enum mutant mutant = 0; mutant < MUTANT_COUNT; mutant++)
        count += mutant_is_on(mutant);
    return count;
}

START_TEST(nothing_is_broken_at_first)
{
    ck_assert_int_eq(count_on(), 0);
}
END_TEST

#ifdef MUTANTS
START_TEST(one_is_chosen_by_its_name)
{
    for (enum mutant mutant = 0; mutant < MUTANT_COUNT; mutant++) {
        ck_assert(mutant_choose(mutant_name(mutant)));
        ck_assert(mutant_is_on(mutant));
        ck_assert_int_eq(count_on(), 1);
    }
    ck_assert(mutant_choose(NULL));
    ck_assert_int_eq(count_on(), 0);
}
END_TEST
#else
START_TEST(one_is_chosen_by_its_name)
{
    ck_assert(!mutant_choose(mutant_name(MUTANT_DROP_DEDUPE)));
    ck_assert_int_eq(count_on(), 0);
}
END_TEST
#endif

START_TEST(an_unknown_name_changes_nothing)
{
    ck_assert(!mutant_choose("drop-everything"));
    ck_assert_int_eq(count_on(), 0);
}
END_TEST

START_TEST(every_name_is_its_own)
{
    for (enum mutant a = 0; a < MUTANT_COUNT; a++) {
        ck_assert_uint_gt(strlen(mutant_rule(a)), 0);
        for (enum mutant b = 0; b < a; b++)
            ck_assert_str_ne(mutant_name(a), mutant_name(b));
    }
}
END_TEST

TEST_MAIN("mutant", nothing_is_broken_at_first, one_is_chosen_by_its_name,
          an_unknown_name_changes_nothing, every_name_is_its_own)
