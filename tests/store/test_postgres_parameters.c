#include "server/store/postgres_parameters.h"

#include "tests/runner.h"

static void expect(const struct parameters *parameters, size_t place, struct span bytes)
{
    ck_assert(span_equal(buffer_span(&parameters->list[place].data), bytes));
}

START_TEST(numbers_have_eight_bytes_the_highest_first)
{
    struct parameters parameters = {0};

    parameters_number(&parameters, 0x0102);
    parameters_number(&parameters, INT64_MAX);
    expect(&parameters, 0, SPAN("\0\0\0\0\0\0\1\2"));
    expect(&parameters, 1, SPAN("\x7f\xff\xff\xff\xff\xff\xff\xff"));
    parameters_finish(&parameters);
}
END_TEST

START_TEST(absent_bytes_are_null_and_empty_ones_are_not)
{
    struct parameters parameters = {0};

    parameters_bytes(&parameters, SPAN_NONE);
    parameters_bytes(&parameters, SPAN(""));
    parameters_bytes(&parameters, SPAN("a\0b"));
    ck_assert(parameters.list[0].null);
    ck_assert(!parameters.list[1].null);
    expect(&parameters, 2, SPAN("a\0b"));
    parameters_finish(&parameters);
}
END_TEST

START_TEST(an_array_has_a_head_and_its_elements_their_sizes)
{
    struct parameters parameters = {0};
    size_t numbers = parameters_numbers(&parameters);
    size_t bytes = parameters_bytes_array(&parameters);

    parameters_add_number(&parameters, numbers, 7);
    parameters_add_bytes(&parameters, bytes, SPAN("xy"));
    parameters_add_bytes(&parameters, bytes, SPAN_NONE);
    parameters_seal(&parameters);
    expect(&parameters, numbers,
           SPAN("\0\0\0\1\0\0\0\0\0\0\0\x14\0\0\0\1\0\0\0\1\0\0\0\10\0\0\0\0\0\0\0\7"));
    expect(&parameters, bytes,
           SPAN("\0\0\0\1\0\0\0\1\0\0\0\x11\0\0\0\2\0\0\0\1\0\0\0\2xy\xff\xff\xff\xff"));
    parameters_finish(&parameters);
}
END_TEST

TEST_MAIN("postgres_parameters", numbers_have_eight_bytes_the_highest_first,
          absent_bytes_are_null_and_empty_ones_are_not,
          an_array_has_a_head_and_its_elements_their_sizes)
