#include "server/collab/dialect.h"

#include "tests/runner.h"

START_TEST(finds_each_by_its_kind)
{
    for (int kind = 0; kind < DIALECT_COUNT; kind++)
        ck_assert_int_eq(dialect_of((enum dialect_kind)kind)->kind, kind);
}
END_TEST

TEST_MAIN("dialect", finds_each_by_its_kind)
