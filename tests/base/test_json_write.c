#include "base/json_write.h"

#include <math.h>
#include <time.h>

#include "base/json_scan.h"
#include "base/prng.h"
#include "tests/runner.h"

static const struct {
    double value;
    const char *text;
} numbers[] = {
    {0, "0"},
    {-0.0, "0"},
    {1, "1"},
    {-1, "-1"},
    {0.1, "0.1"},
    {-0.25, "-0.25"},
    {1.5, "1.5"},
    {0.1 + 0.2, "0.30000000000000004"},
    {1.0 / 3, "0.3333333333333333"},
    {100, "100"},
    {123456.789, "123456.789"},
    {9007199254740991, "9007199254740991"},
    {9007199254740992, "9007199254740992"},
    {-9007199254740994, "-9007199254740994"},
    {123456789012345680000.0, "123456789012345680000"},
    {1e20, "100000000000000000000"},
    {999999999999999900000.0, "999999999999999900000"},
    {1e21, "1e+21"},
    {-1.5e21, "-1.5e+21"},
    {1e23, "1e+23"},
    {1e100, "1e+100"},
    {0.001, "0.001"},
    {0.000001, "0.000001"},
    {0.00000123, "0.00000123"},
    {1e-7, "1e-7"},
    {-1.25e-7, "-1.25e-7"},
    {5e-324, "5e-324"},
    {1.5e-323, "1.5e-323"},
    {1e-315, "1e-315"},
    {2.225073858507201e-308, "2.225073858507201e-308"},
    {2.2250738585072014e-308, "2.2250738585072014e-308"},
    {1.7976931348623157e308, "1.7976931348623157e+308"},
    /* Powers of two: the shortest decimal is not the closest one of its length. */
    {0x1p-44, "5.684341886080802e-14"},
    {0x1p-1074, "5e-324"},
    {4.35, "4.35"},
    {333333333.33333329, "333333333.3333333"},
    {0.0000001 * 3, "3e-7"},
    {9.5367431640625e-7, "9.5367431640625e-7"},
};

START_TEST(writes_numbers_as_javascript_does)
{
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct buffer out = {0};

        json_write_double(&out, numbers[i].value);
        ck_assert_msg(span_equal(buffer_span(&out), span_of_string(numbers[i].text)),
                      "%.*s is not %s", SPAN_PRINT(buffer_span(&out)), numbers[i].text);
        buffer_finish(&out);
    }
}
END_TEST

static bool survives(double value, struct buffer *out)
{
    double read;

    buffer_clear(out);
    json_write_double(out, value);
    return json_scan(buffer_span(out), &json_limits_default, NULL) == STATUS_OK &&
           json_read_double(buffer_span(out), &read) && read == value;
}

/* Any bits, and powers of two with their neighbours. */
START_TEST(every_number_reads_back)
{
    uint64_t seed = (uint64_t)time(NULL);
    struct buffer out = {0};
    struct prng prng;

    prng_init(&prng, seed);
    for (int round = 0; round < 20000; round++) {
        uint64_t bits = prng_next(&prng);
        double value;

        memcpy(&value, &bits, sizeof(value));
        if (isfinite(value) && !survives(value, &out))
            ck_abort_msg("seed %lu: %a", seed, value);
    }
    for (int exponent = -1074; exponent < 1024; exponent++) {
        double value = ldexp(1, exponent);

        if (!survives(value, &out) || !survives(nextafter(value, 0), &out) ||
            !survives(nextafter(value, 2 * value), &out))
            ck_abort_msg("2^%d", exponent);
    }
    buffer_finish(&out);
}
END_TEST

/* No shorter decimal reads back: dropping the last digit, rounded either way, changes the value. */
START_TEST(no_number_is_longer_than_needed)
{
    uint64_t seed = (uint64_t)time(NULL);
    struct buffer out = {0};
    struct prng prng;

    prng_init(&prng, seed);
    for (int round = 0; round < 2000; round++) {
        double value = prng_unit(&prng) + 1; /* d.ddd without an exponent */

        ck_assert_msg(survives(value, &out), "seed %lu", seed);
        buffer_append_byte(&out, 0);
        char *text = (char *)out.data;
        size_t last = out.size - 2;
        if (last < 3)
            continue;
        text[last] = '\0';
        ck_assert_msg(strtod(text, NULL) != value, "seed %lu: %s", seed, text);
        if (text[last - 1] != '9') {
            text[last - 1]++;
            ck_assert_msg(strtod(text, NULL) != value, "seed %lu: %s", seed, text);
        }
    }
    buffer_finish(&out);
}
END_TEST

static void expect_string(struct span text, const char *literal)
{
    struct buffer out = {0};

    json_write_string(&out, text);
    ck_assert_msg(span_equal(buffer_span(&out), span_of_string(literal)), "%.*s is not %s",
                  SPAN_PRINT(buffer_span(&out)), literal);
    buffer_finish(&out);
}

START_TEST(escapes_only_what_it_must)
{
    expect_string(SPAN(""), "\"\"");
    expect_string(SPAN("plain / text \x7F \xC3\xA9 \xE2\x80\xA8 \xF0\x9F\x99\x82"),
                  "\"plain / text \x7F \xC3\xA9 \xE2\x80\xA8 \xF0\x9F\x99\x82\"");
    expect_string(SPAN("\"\\"), "\"\\\"\\\\\"");
    expect_string(SPAN("\b\t\n\f\r"), "\"\\b\\t\\n\\f\\r\"");
    expect_string(SPAN("a long enough run\0and another one\x1F."),
                  "\"a long enough run\\u0000and another one\\u001f.\"");
}
END_TEST

START_TEST(every_byte_of_ascii_reads_back)
{
    for (size_t before = 0; before < 9; before++) {
        for (int byte = 0; byte < 0x80; byte++) {
            uint8_t text[10] = "aaaaaaaaa";
            struct buffer out = {0};
            struct buffer scratch = {0};

            text[before] = (uint8_t)byte;
            json_write_string(&out, span_of(text, 9));
            if (json_scan(buffer_span(&out), &json_limits_default, NULL) != STATUS_OK ||
                !span_equal(json_read_string(buffer_span(&out), &scratch), span_of(text, 9)))
                ck_abort_msg("byte %d behind %zu others", byte, before);
            buffer_finish(&out);
            buffer_finish(&scratch);
        }
    }
}
END_TEST

START_TEST(a_piece_has_no_quotes)
{
    struct buffer out = {0};

    json_write_string_piece(&out, SPAN("a\"b"));
    json_write_string_piece(&out, SPAN(""));
    json_write_string_piece(&out, SPAN("c"));
    ck_assert(span_equal(buffer_span(&out), SPAN("a\\\"bc")));
    buffer_finish(&out);
}
END_TEST

TEST_MAIN("json_write", writes_numbers_as_javascript_does, every_number_reads_back,
          no_number_is_longer_than_needed, escapes_only_what_it_must,
          every_byte_of_ascii_reads_back, a_piece_has_no_quotes)
