#include "base/json_write.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json_scan.h"
#include "base/word.h"

/* Digits that tell every double from its neighbours, and that every decimal of at most this many
 * survives a double with (above the subnormal ones). */
enum { DIGITS_MAX = 17, DIGITS_SURE = 15 };

/* "d.dddddddddddddddde-324" and its zero. */
enum { SCIENTIFIC_ROOM = 32 };

/* Exponents that JavaScript writes out as digits: ECMA-262, Number::toString. */
enum { POINT_MAX = 21, POINT_MIN = -5 };

/* A decimal 0.ddd × 10^point, without zeros at its ends. */
struct decimal {
    char digits[DIGITS_MAX];
    int count;
    int point;
};

/* ---- Strings ---- */

static bool is_plain(uint8_t byte)
{
    return byte >= 0x20 && byte != '"' && byte != '\\';
}

/* The number of bytes at the front that stand for themselves. */
static size_t plain_size(struct span text)
{
    size_t at = 0;

    while (text.size - at >= WORD_SIZE && word_is_plain_string(word_load(text.data + at)))
        at += WORD_SIZE;
    while (at < text.size && is_plain(text.data[at]))
        at++;
    return at;
}

static void write_escape(struct buffer *out, uint8_t byte)
{
    static const char letters[0x20] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    char letter = byte < 0x20 ? letters[byte] : (char)byte;

    if (letter == 0) {
        static const char hex[] = "0123456789abcdef";

        buffer_append(out, SPAN("\\u00"));
        buffer_append_byte(out, (uint8_t)hex[byte >> 4]);
        buffer_append_byte(out, (uint8_t)hex[byte & 15]);
        return;
    }
    buffer_append_byte(out, '\\');
    buffer_append_byte(out, (uint8_t)letter);
}

void json_write_string_piece(struct buffer *out, struct span text)
{
    while (text.size > 0) {
        size_t plain = plain_size(text);

        buffer_append(out, span_of(text.data, plain));
        if (plain == text.size)
            return;
        write_escape(out, text.data[plain]);
        text = span_of(text.data + plain + 1, text.size - plain - 1);
    }
}

void json_write_string(struct buffer *out, struct span text)
{
    buffer_reserve(out, text.size + 2);
    buffer_append_byte(out, '"');
    json_write_string_piece(out, text);
    buffer_append_byte(out, '"');
}

/* ---- Numbers ---- */

/* Does the decimal read back as `value`? */
static bool reads_back(const struct decimal *decimal, double value)
{
    char text[SCIENTIFIC_ROOM];

    snprintf(text, sizeof(text), "0.%.*se%d", decimal->count, decimal->digits, decimal->point);
    return strtod(text, NULL) == value;
}

/* `value` rounded to `count` digits, zeros at the end included. */
static void round_to(double value, int count, struct decimal *decimal)
{
    char text[SCIENTIFIC_ROOM];

    snprintf(text, sizeof(text), "%.*e", count - 1, value);
    decimal->count = 0;
    char *at = text;
    for (; *at != 'e'; at++)
        if (*at != '.')
            decimal->digits[decimal->count++] = *at;
    decimal->point = 1 + (int)strtol(at + 1, NULL, 10);
}

/* The next larger decimal of as many digits. */
static void count_up(struct decimal *decimal)
{
    int at = decimal->count - 1;

    while (at >= 0 && decimal->digits[at] == '9')
        decimal->digits[at--] = '0';
    if (at >= 0) {
        decimal->digits[at]++;
    } else {
        decimal->digits[0] = '1';
        decimal->point++;
    }
}

/* The shortest decimal that reads back as `value`, which is above 0, and of those the closest.
 *
 * If any decimal of some length reads back, the closest of that length does, unless `value` is a
 * power of two: the double below it is half as far away as the one above, so the closest decimal
 * may lie below and belong to that one while the next larger decimal still reads back. */
static void shortest(double value, struct decimal *decimal)
{
    for (int count = value < 0x1p-1022 ? 1 : DIGITS_SURE; count <= DIGITS_MAX; count++) {
        round_to(value, count, decimal);
        if (reads_back(decimal, value))
            break;
        count_up(decimal);
        if (reads_back(decimal, value))
            break;
    }
    while (decimal->digits[decimal->count - 1] == '0')
        decimal->count--;
}

static void write_zeros(struct buffer *out, int count)
{
    for (; count > 0; count--)
        buffer_append_byte(out, '0');
}

static void write_decimal(struct buffer *out, const struct decimal *decimal)
{
    struct span digits = span_of(decimal->digits, (size_t)decimal->count);
    int point = decimal->point;
    size_t whole = point < 1 || point > POINT_MAX ? 1 : (size_t)point;

    if (point >= POINT_MIN && point < 1) {
        buffer_append(out, SPAN("0."));
        write_zeros(out, -point);
        buffer_append(out, digits);
        return;
    }
    if (whole >= digits.size) {
        buffer_append(out, digits);
        write_zeros(out, (int)(whole - digits.size));
    } else {
        buffer_append(out, span_of(digits.data, whole));
        buffer_append_byte(out, '.');
        buffer_append(out, span_of(digits.data + whole, digits.size - whole));
    }
    if (point < POINT_MIN || point > POINT_MAX) {
        buffer_append_text(out, point > 0 ? "e+" : "e");
        buffer_append_signed(out, point - 1);
    }
}

void json_write_double(struct buffer *out, double value)
{
    struct decimal decimal;

    must(isfinite(value));
    if (fabs(value) <= (double)JSON_INTEGER_MAX && value == floor(value)) {
        buffer_append_signed(out, (int64_t)value);
        return;
    }
    if (value < 0)
        buffer_append_byte(out, '-');
    shortest(fabs(value), &decimal);
    write_decimal(out, &decimal);
}
