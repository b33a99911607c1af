#include "base/buffer.h"

#include "tests/runner.h"

static void expect(struct buffer *buffer, const char *text)
{
    ck_assert(span_equal(buffer_span(buffer), span_of_string(text)));
}

START_TEST(grows_at_the_end)
{
    struct buffer buffer = {0};

    for (int i = 0; i < 1000; i++)
        buffer_append_byte(&buffer, 'x');
    ck_assert_uint_eq(buffer.size, 1000);
    buffer_finish(&buffer);
}
END_TEST

START_TEST(writes_integers_without_printf)
{
    struct buffer buffer = {0};

    buffer_append_signed(&buffer, INT64_MIN);
    buffer_append_byte(&buffer, ' ');
    buffer_append_unsigned(&buffer, UINT64_MAX);
    buffer_append_format(&buffer, " %d", 0);
    expect(&buffer, "-9223372036854775808 18446744073709551615 0");
    buffer_finish(&buffer);
}
END_TEST

START_TEST(consumes_from_the_front)
{
    struct buffer buffer = {0};

    buffer_append_text(&buffer, "hello, all");
    buffer_consume(&buffer, 7);
    expect(&buffer, "all");
    buffer_consume(&buffer, 3);
    expect(&buffer, "");
    buffer_finish(&buffer);
}
END_TEST

TEST_MAIN("buffer", grows_at_the_end, writes_integers_without_printf, consumes_from_the_front)
