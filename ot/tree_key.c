#include "ot/tree_key.h"

static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

enum { BASE = 62, INTEGER_MAX = 27 }; /* longest integer part: a letter and 26 digits */

/* −1 when the byte is no digit. */
static int value_of(uint8_t digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'A' && digit <= 'Z')
        return digit - 'A' + 10;
    return digit >= 'a' && digit <= 'z' ? digit - 'a' + 36 : -1;
}

/* ---- Parts of a key ---- */

/* Bytes of an integer part that begins with this letter: fewest in the middle of the alphabet. 0
 * when it is no letter. */
static size_t integer_size(uint8_t head)
{
    if (head >= 'a' && head <= 'z')
        return (size_t)(head - 'a') + 2;
    return head >= 'A' && head <= 'Z' ? (size_t)('Z' - head) + 2 : 0;
}

static struct span integer_of(struct span key)
{
    return span_of(key.data, integer_size(key.data[0]));
}

static struct span fraction_of(struct span key)
{
    size_t size = integer_size(key.data[0]);

    return span_of(key.data + size, key.size - size);
}

/* The smallest number there is cannot be a key: nothing would come before it. */
static bool is_smallest(struct span integer)
{
    if (integer.data[0] != 'A')
        return false;
    for (size_t i = 1; i < integer.size; i++)
        if (integer.data[i] != '0')
            return false;
    return true;
}

bool tree_key_check(struct span key)
{
    if (key.size == 0)
        return false;
    size_t size = integer_size(key.data[0]);
    if (size == 0 || size > key.size)
        return false;
    for (size_t i = 0; i < key.size; i++)
        if (value_of(key.data[i]) < 0)
            return false;
    return key.size == size ? !is_smallest(key) : key.data[key.size - 1] != '0';
}

/* ---- Fractions ---- */

/* Append the digits of a fraction between `a` and `b`, without zeros at the end. An absent `b` is
 * 1; `a` is smaller, an empty one is 0. */
static void write_midpoint(struct span a, struct span b, struct buffer *out)
{
    for (;;) {
        int low = a.size > 0 ? value_of(a.data[0]) : 0;
        int high = !span_present(b) ? BASE : value_of(b.data[0]);

        if (span_present(b) && low == high) { /* the digits that both begin with */
            buffer_append_byte(out, b.data[0]);
            b = span_of(b.data + 1, b.size - 1);
        } else if (high - low > 1) {
            buffer_append_byte(out, (uint8_t)digits[(low + high + 1) / 2]);
            return;
        } else if (span_present(b) && b.size > 1) {
            buffer_append_byte(out, b.data[0]);
            return;
        } else {
            buffer_append_byte(out, (uint8_t)digits[low]);
            b = SPAN_NONE;
        }
        if (a.size > 0)
            a = span_of(a.data + 1, a.size - 1);
    }
}

/* ---- Integer parts ---- */

/* The next integer, or the one before (`step` −1), appended. False when there is none. */
static bool write_step(struct span integer, int step, struct buffer *out)
{
    uint8_t result[INTEGER_MAX + 1];
    size_t size = integer.size, i = size;
    uint8_t full = step > 0 ? 'z' : '0', wrapped = step > 0 ? '0' : 'z';

    memcpy(result, integer.data, size);
    while (i > 1 && result[i - 1] == full)
        result[--i] = wrapped;
    if (i > 1) {
        result[i - 1] = (uint8_t)digits[value_of(result[i - 1]) + step];
    } else {
        if (result[0] == (step > 0 ? 'z' : 'A'))
            return false;
        if (result[0] == (step > 0 ? 'Z' : 'a'))
            result[0] = step > 0 ? 'a' : 'Z';
        else
            result[0] = (uint8_t)(result[0] + step);
        if (integer_size(result[0]) > size)
            result[size] = wrapped;
        size = integer_size(result[0]);
    }
    buffer_append(out, span_of(result, size));
    return true;
}

static bool write_before(struct span key, struct buffer *out)
{
    struct span integer = integer_of(key), fraction = fraction_of(key);

    if (is_smallest(integer)) {
        buffer_append(out, integer);
        write_midpoint(SPAN(""), fraction, out);
        return true;
    }
    if (fraction.size > 0) {
        buffer_append(out, integer);
        return true;
    }
    size_t start = out->size;
    if (!write_step(integer, -1, out))
        return false;
    if (is_smallest(span_of(out->data + start, out->size - start)))
        write_midpoint(SPAN(""), SPAN_NONE, out); /* alone it would be no key */
    return true;
}

static void write_after(struct span key, struct buffer *out)
{
    if (write_step(integer_of(key), 1, out))
        return;
    buffer_append(out, integer_of(key));
    write_midpoint(fraction_of(key), SPAN_NONE, out);
}

static void write_within(struct span a, struct span b, struct buffer *out)
{
    struct span integer = integer_of(a);

    if (span_equal(integer, integer_of(b))) {
        buffer_append(out, integer);
        write_midpoint(fraction_of(a), fraction_of(b), out);
        return;
    }
    size_t start = out->size;
    must(write_step(integer, 1, out)); /* `b` has a larger one */
    if (span_compare(span_of(out->data + start, out->size - start), b) < 0)
        return;
    out->size = start;
    buffer_append(out, integer);
    write_midpoint(fraction_of(a), SPAN_NONE, out);
}

bool tree_key_between(struct span a, struct span b, struct buffer *out)
{
    if (!span_present(a) && !span_present(b)) {
        buffer_append_text(out, "a0");
        return true;
    }
    if (!span_present(a))
        return write_before(b, out);
    if (!span_present(b)) {
        write_after(a, out);
        return true;
    }
    int order = span_compare(a, b);
    if (order < 0)
        write_within(a, b, out);
    else if (order > 0)
        write_within(b, a, out);
    return order != 0;
}
