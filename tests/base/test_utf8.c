#include "base/utf8.h"

#include <time.h>

#include "base/buffer.h"
#include "base/prng.h"
#include "tests/runner.h"

/* One of each size and both ends of each range. */
static const char *const well_formed[] = {
    "",
    "a",
    "\x7F",
    "\xC2\x80",
    "\xDF\xBF",
    "\xE0\xA0\x80",
    "\xED\x9F\xBF",
    "\xEE\x80\x80",
    "\xEF\xBF\xBF",
    "\xF0\x90\x80\x80",
    "\xF4\x8F\xBF\xBF",
    "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x99\x82z",
    "eight by\xC3\xA9te words, and a \xF0\x9F\x99\x82 behind the first",
};

/* The text and where its first ill-formed code point begins. */
static const struct {
    const char *text;
    size_t at;
} ill_formed[] = {
    {"\x80", 0},
    {"ab\xBF", 2},
    {"\xC0\x80", 0},
    {"\xC1\xBF", 0},
    {"\xC2", 0},
    {"\xC2z", 0},
    {"\xE0\x9F\xBF", 0},
    {"\xE2\x82", 0},
    {"abc\xE2\x82z", 3},
    {"\xED\xA0\x80", 0},
    {"\xED\xBF\xBF", 0},
    {"\xF0\x8F\xBF\xBF", 0},
    {"\xF0\x9F\x99", 0},
    {"\xF4\x90\x80\x80", 0},
    {"\xF5\x80\x80\x80", 0},
    {"\xFF", 0},
    {"12345678\xC3\xA9"
     "1234567\xFE",
     17},
};

static bool fed_in_two(struct span text, size_t cut)
{
    struct utf8_checker checker = {0};

    return utf8_checker_feed(&checker, span_of(text.data, cut)) &&
           utf8_checker_feed(&checker, span_of(text.data + cut, text.size - cut)) &&
           utf8_checker_complete(&checker);
}

START_TEST(accepts_what_is_well_formed_however_it_is_cut)
{
    for (size_t i = 0; i < sizeof(well_formed) / sizeof(well_formed[0]); i++) {
        struct span text = span_of_string(well_formed[i]);

        ck_assert_msg(utf8_check(text, NULL), "text %zu", i);
        for (size_t cut = 0; cut <= text.size; cut++)
            ck_assert_msg(fed_in_two(text, cut), "text %zu cut at %zu", i, cut);
    }
}
END_TEST

START_TEST(refuses_what_is_ill_formed_however_it_is_cut)
{
    for (size_t i = 0; i < sizeof(ill_formed) / sizeof(ill_formed[0]); i++) {
        struct span text = span_of_string(ill_formed[i].text);
        size_t at = SIZE_MAX;

        ck_assert_msg(!utf8_check(text, &at), "text %zu", i);
        ck_assert_uint_eq(at, ill_formed[i].at);
        for (size_t cut = 0; cut <= text.size; cut++)
            ck_assert_msg(!fed_in_two(text, cut), "text %zu cut at %zu", i, cut);
    }
}
END_TEST

static bool survives(uint32_t point)
{
    uint8_t bytes[4];
    uint32_t decoded = 0;
    size_t size = utf8_encode(bytes, point);

    return utf8_check(span_of(bytes, size), NULL) && utf8_decode(bytes, &decoded) == size &&
           decoded == point;
}

/* Every scalar value is accepted, and of all sequences of three bytes only as many as there are
 * scalar values of that size. */
START_TEST(accepts_exactly_the_scalar_values)
{
    size_t accepted = 0;

    for (uint32_t point = 0; point <= 0x10FFFF; point++)
        if ((point < 0xD800 || point > 0xDFFF) && !survives(point))
            ck_abort_msg("U+%04X", point);
    for (uint32_t number = 0xE00000; number < 0x1000000; number++) {
        uint8_t bytes[] = {(uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};

        accepted += utf8_check(span_of(bytes, 3), NULL);
    }
    ck_assert_uint_eq(accepted, 0x10000 - 0x800 - 0x800);
}
END_TEST

START_TEST(counts_code_points_and_utf16_units)
{
    struct span text = SPAN("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x99\x82z");

    ck_assert_uint_eq(utf8_points(text), 5);
    ck_assert_uint_eq(utf8_utf16(text), 6);
    ck_assert_uint_eq(utf8_points(SPAN("")), 0);
    ck_assert_uint_eq(utf8_utf16(SPAN_NONE), 0);
}
END_TEST

START_TEST(knows_the_middle_of_a_surrogate_pair)
{
    struct span text = SPAN("a\xF0\x9F\x99\x82z");
    size_t offset = 77;

    ck_assert(!utf8_offset_of_utf16(text, 2, &offset));
    ck_assert_uint_eq(offset, 77);
    ck_assert(utf8_offset_of_utf16(text, 3, &offset));
    ck_assert_uint_eq(offset, 5);
    ck_assert(utf8_offset_of_utf16(text, 4, &offset));
    ck_assert_uint_eq(offset, 6);
}
END_TEST

/* Code points of all sizes, mostly ASCII when `ascii` is set. */
static void append_random(struct buffer *out, struct prng *prng, size_t points, bool ascii)
{
    static const uint32_t limits[] = {0x80, 0x800, 0xD800, 0x110000};

    for (size_t i = 0; i < points; i++) {
        bool plain = ascii && prng_below(prng, 16) > 0;
        size_t kind = plain ? 0 : prng_below(prng, 4);
        uint32_t low = kind == 3 ? 0x10000 : 0;
        uint32_t point = low + (uint32_t)prng_below(prng, limits[kind] - low);

        buffer_grow(out, utf8_encode(buffer_reserve(out, 4), point));
    }
}

/* Offsets and counts, one code point after the other, against those by words. */
static bool agrees_with_a_walk(struct span text)
{
    size_t points = 0;
    size_t utf16 = 0;
    size_t found = 0;

    for (size_t at = 0; at < text.size; points++) {
        uint32_t point;

        if (utf8_offset_of_points(text, points) != at ||
            !utf8_offset_of_utf16(text, utf16, &found) || found != at)
            return false;
        at += utf8_decode(text.data + at, &point);
        if (point > 0xFFFF && utf8_offset_of_utf16(text, utf16 + 1, &found))
            return false;
        utf16 += point > 0xFFFF ? 2 : 1;
    }
    return utf8_points(text) == points && utf8_utf16(text) == utf16 &&
           utf8_offset_of_points(text, points) == text.size &&
           utf8_offset_of_utf16(text, utf16, &found) && found == text.size;
}

START_TEST(counts_random_texts_as_a_walk_does)
{
    uint64_t seed = (uint64_t)time(NULL);
    struct prng prng;

    prng_init(&prng, seed);
    for (int round = 0; round < 300; round++) {
        struct buffer text = {0};

        append_random(&text, &prng, prng_below(&prng, 200), round % 2 == 0);
        ck_assert_msg(utf8_check(buffer_span(&text), NULL), "seed %lu", seed);
        ck_assert_msg(agrees_with_a_walk(buffer_span(&text)), "seed %lu", seed);
        buffer_finish(&text);
    }
}
END_TEST

/* More words than one sum holds, all of the bytes that count most. */
START_TEST(counts_long_texts_without_overflow)
{
    struct buffer text = {0};

    for (int i = 0; i < 5000; i++)
        buffer_append_text(&text, "ab");
    ck_assert_uint_eq(utf8_points(buffer_span(&text)), 10000);
    buffer_clear(&text);
    for (int i = 0; i < 5000; i++)
        buffer_append_text(&text, "\xF0\x9F\x99\x82");
    ck_assert_uint_eq(utf8_points(buffer_span(&text)), 5000);
    ck_assert_uint_eq(utf8_utf16(buffer_span(&text)), 10000);
    buffer_finish(&text);
}
END_TEST

TEST_MAIN("utf8", accepts_what_is_well_formed_however_it_is_cut,
          refuses_what_is_ill_formed_however_it_is_cut, accepts_exactly_the_scalar_values,
          counts_code_points_and_utf16_units, knows_the_middle_of_a_surrogate_pair,
          counts_random_texts_as_a_walk_does, counts_long_texts_without_overflow)
