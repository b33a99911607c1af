/* word - eight bytes of text looked at together.
 *
 * The tests below answer for the whole word, in either byte order: they say that there is such a
 * byte, not which one. */
#ifndef BASE_WORD_H
#define BASE_WORD_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { WORD_SIZE = 8 };

#define WORD_ONES UINT64_C(0x0101010101010101)
#define WORD_HIGH_BITS (WORD_ONES * 0x80)

static inline uint64_t word_load(const uint8_t *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof(word));
    return word;
}

static inline bool word_is_ascii(uint64_t word)
{
    return (word & WORD_HIGH_BITS) == 0;
}

/* The sum of the eight bytes. */
static inline unsigned word_sum(uint64_t word)
{
    const uint64_t even = UINT64_C(0x00FF00FF00FF00FF);
    uint64_t pairs = (word & even) + ((word >> 8) & even);

    return (unsigned)((pairs * UINT64_C(0x0001000100010001)) >> 48);
}

/* No quote, no backslash and no control: bytes that stand for themselves in a JSON string. A
 * borrow can only come out of a byte that is found itself, so it cannot hide one. */
static inline bool word_is_plain_string(uint64_t word)
{
    uint64_t quote = word ^ (WORD_ONES * '"');
    uint64_t backslash = word ^ (WORD_ONES * '\\');
    uint64_t found = ((quote - WORD_ONES) & ~quote) | ((backslash - WORD_ONES) & ~backslash) |
                     ((word - WORD_ONES * 0x20) & ~word);

    return (found & WORD_HIGH_BITS) == 0;
}

#endif
