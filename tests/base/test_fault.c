#include "base/fault.h"

#include <string.h>

#include "tests/runner.h"

START_TEST(gives_the_status_back)
{
    struct fault fault;

    ck_assert_int_eq(fault_set(&fault, STATUS_TOO_DEEP, "level %d", 65), STATUS_TOO_DEEP);
    ck_assert_str_eq(fault.text, "level 65");
}
END_TEST

START_TEST(needs_no_place_for_the_sentence)
{
    ck_assert_int_eq(fault_set(NULL, STATUS_TOO_LARGE, "unheard"), STATUS_TOO_LARGE);
}
END_TEST

START_TEST(cuts_a_long_sentence)
{
    struct fault fault;

    ck_assert_int_eq(fault_set(&fault, STATUS_PROTOCOL, "%*d", 2 * FAULT_TEXT_SIZE, 1),
                     STATUS_PROTOCOL);
    ck_assert_uint_eq(strlen(fault.text), FAULT_TEXT_SIZE - 1);
}
END_TEST

START_TEST(cuts_no_character_in_two)
{
    struct fault fault;

    fault_set(&fault, STATUS_PROTOCOL, "%*s", FAULT_TEXT_SIZE, "é");
    ck_assert_uint_eq(strlen(fault.text), FAULT_TEXT_SIZE - 2);
}
END_TEST

START_TEST(falls_back_on_the_text_of_the_status)
{
    struct fault fault = {.text = ""};

    ck_assert_str_eq(fault_text(NULL, STATUS_BUSY), status_text(STATUS_BUSY));
    ck_assert_str_eq(fault_text(&fault, STATUS_BUSY), status_text(STATUS_BUSY));
    fault_set(&fault, STATUS_BUSY, "the queue is full");
    ck_assert_str_eq(fault_text(&fault, STATUS_BUSY), "the queue is full");
}
END_TEST

TEST_MAIN("fault", gives_the_status_back, needs_no_place_for_the_sentence, cuts_a_long_sentence,
          cuts_no_character_in_two, falls_back_on_the_text_of_the_status)
