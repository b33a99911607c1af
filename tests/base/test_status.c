#include "base/status.h"

#include <string.h>

#include "tests/runner.h"

START_TEST(is_ok_when_it_is_zero)
{
    ck_assert_int_eq(STATUS_OK, 0);
    ck_assert_int_eq(status_code(STATUS_OK), 0);
}
END_TEST

START_TEST(comes_back_from_its_code)
{
    for (int i = 0; i < STATUS_COUNT; i++)
        ck_assert_int_eq(status_of_code(status_code((enum status)i)), i);
    ck_assert_int_eq(status_of_code(99), STATUS_COUNT);
    ck_assert_int_eq(status_of_code(-1), STATUS_COUNT);
}
END_TEST

/* A client that does not know a code still knows what to do. */
START_TEST(has_its_class_in_the_hundreds)
{
    static const enum status_class class_of[] = {STATUS_CLASS_INNER, STATUS_RETRY, STATUS_FIX,
                                                 STATUS_LOGIN, STATUS_FINAL};

    for (int i = 0; i < STATUS_COUNT; i++) {
        int code = status_code((enum status)i);

        ck_assert_int_lt(code, 500);
        ck_assert_int_eq(status_class((enum status)i), class_of[code / 100]);
    }
}
END_TEST

START_TEST(says_each_in_one_line_of_its_own)
{
    for (int i = 0; i < STATUS_COUNT; i++) {
        const char *text = status_text((enum status)i);

        ck_assert_uint_gt(strlen(text), 0);
        ck_assert_ptr_null(strpbrk(text, ".\n"));
        for (int j = 0; j < i; j++)
            ck_assert_str_ne(text, status_text((enum status)j));
    }
}
END_TEST

TEST_MAIN("status", is_ok_when_it_is_zero, comes_back_from_its_code, has_its_class_in_the_hundreds,
          says_each_in_one_line_of_its_own)
