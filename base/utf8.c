#include "base/utf8.h"

#include "base/must.h"
#include "base/word.h"

/* What is counted: code points, or UTF-16 units. */
enum unit { POINTS, UTF16 };

/* Words summed up before a byte of the sum could overflow: each adds up to 2 to it. */
enum { WORDS_SUMMED_MAX = 127 };

/* Every byte but 10xxxxxx begins a code point, of one unit; 1111xxxx begins one of two UTF-16
 * units. */
static inline unsigned byte_units(uint8_t byte, enum unit unit)
{
    return (unsigned)((byte & 0xC0) != 0x80) + (unit == UTF16 && byte >= 0xF0);
}

/* The same for each byte of a word. */
static inline uint64_t word_units(uint64_t word, enum unit unit)
{
    uint64_t begins = ((~word >> 7) | (word >> 6)) & WORD_ONES;

    if (unit == POINTS)
        return begins;
    return begins + ((word >> 7) & (word >> 6) & (word >> 5) & (word >> 4) & WORD_ONES);
}

/* ---- Checking ---- */

/* Take the first byte of a code point: what must follow it. */
static bool checker_open(struct utf8_checker *checker, uint8_t byte)
{
    uint8_t low = 0x80;
    uint8_t high = 0xBF;

    if (byte >= 0x80 && (byte < 0xC2 || byte > 0xF4))
        return false;
    if (byte == 0xE0)
        low = 0xA0; /* shorter forms exist */
    else if (byte == 0xED)
        high = 0x9F; /* surrogates */
    else if (byte == 0xF0)
        low = 0x90; /* shorter forms exist */
    else if (byte == 0xF4)
        high = 0x8F; /* above U+10FFFF */
    checker->missing = (uint8_t)((byte >= 0xC2) + (byte >= 0xE0) + (byte >= 0xF0));
    checker->low = low;
    checker->high = high;
    return true;
}

static bool checker_step(struct utf8_checker *checker, uint8_t byte)
{
    if (checker->missing == 0)
        return checker_open(checker, byte);
    if (byte < checker->low || byte > checker->high)
        return false;
    checker->missing--;
    checker->low = 0x80;
    checker->high = 0xBF;
    return true;
}

/* The size of the code point that `text` begins with; 0 when it is ill-formed or cut. */
static size_t checked_size(const uint8_t *text, size_t left)
{
    struct utf8_checker checker;

    if (!checker_open(&checker, text[0]))
        return 0;
    size_t size = 1u + checker.missing;
    if (size > left)
        return 0;
    for (size_t i = 1; i < size; i++)
        if (!checker_step(&checker, text[i]))
            return 0;
    return size;
}

bool utf8_check(struct span text, size_t *at)
{
    size_t next = 0;

    while (next < text.size) {
        const uint8_t *here = text.data + next;
        size_t left = text.size - next;
        size_t size;

        if (*here >= 0x80)
            size = checked_size(here, left);
        else
            size = left >= WORD_SIZE && word_is_ascii(word_load(here)) ? WORD_SIZE : 1;
        if (size == 0) {
            if (at != NULL)
                *at = next;
            return false;
        }
        next += size;
    }
    return true;
}

bool utf8_checker_feed(struct utf8_checker *checker, struct span piece)
{
    size_t at = 0;
    size_t bad;

    while (at < piece.size && checker->missing > 0)
        if (!checker_step(checker, piece.data[at++]))
            return false;
    if (at == piece.size || utf8_check(span_of(piece.data + at, piece.size - at), &bad))
        return true;
    /* Ill-formed, or only cut by the end of the piece. */
    for (at += bad; at < piece.size; at++)
        if (!checker_step(checker, piece.data[at]))
            return false;
    return true;
}

bool utf8_checker_complete(const struct utf8_checker *checker)
{
    return checker->missing == 0;
}

/* ---- Counting ---- */

static inline size_t count(struct span text, enum unit unit)
{
    const uint8_t *at = text.data;
    size_t left = text.size;
    size_t units = 0;

    while (left >= WORD_SIZE) {
        size_t words = left / WORD_SIZE;
        uint64_t sums = 0;

        if (words > WORDS_SUMMED_MAX)
            words = WORDS_SUMMED_MAX;
        left -= words * WORD_SIZE;
        for (; words > 0; words--, at += WORD_SIZE)
            sums += word_units(word_load(at), unit);
        units += word_sum(sums);
    }
    for (; left > 0; left--, at++)
        units += byte_units(*at, unit);
    return units;
}

size_t utf8_points(struct span text)
{
    return count(text, POINTS);
}

size_t utf8_utf16(struct span text)
{
    return count(text, UTF16);
}

/* The offset of the first code point that begins at or behind `target` units, the size of the text
 * when none does; `units` are those before it. */
static inline size_t seek(struct span text, enum unit unit, size_t target, size_t *units)
{
    size_t at = 0;

    *units = 0;
    while (text.size - at >= WORD_SIZE) {
        size_t more = word_sum(word_units(word_load(text.data + at), unit));

        if (*units + more > target)
            break;
        *units += more;
        at += WORD_SIZE;
    }
    for (; at < text.size; at++) {
        size_t more = byte_units(text.data[at], unit);

        if (more > 0 && *units >= target)
            break;
        *units += more;
    }
    return at;
}

size_t utf8_offset_of_points(struct span text, size_t points)
{
    size_t before;
    size_t offset = seek(text, POINTS, points, &before);

    must(before == points);
    return offset;
}

bool utf8_offset_of_utf16(struct span text, size_t utf16, size_t *offset)
{
    size_t before;
    size_t found = seek(text, UTF16, utf16, &before);

    must(before >= utf16);
    if (before > utf16)
        return false;
    *offset = found;
    return true;
}

/* ---- One code point ---- */

size_t utf8_decode(const uint8_t *at, uint32_t *point)
{
    uint8_t lead = at[0];

    if (lead < 0x80) {
        *point = lead;
        return 1;
    }
    if (lead < 0xE0) {
        *point = ((lead & 0x1Fu) << 6) | (at[1] & 0x3Fu);
        return 2;
    }
    if (lead < 0xF0) {
        *point = ((lead & 0x0Fu) << 12) | ((at[1] & 0x3Fu) << 6) | (at[2] & 0x3Fu);
        return 3;
    }
    *point =
        ((lead & 0x07u) << 18) | ((at[1] & 0x3Fu) << 12) | ((at[2] & 0x3Fu) << 6) | (at[3] & 0x3Fu);
    return 4;
}

size_t utf8_encode(uint8_t *at, uint32_t point)
{
    if (point < 0x80) {
        at[0] = (uint8_t)point;
        return 1;
    }
    if (point < 0x800) {
        at[0] = (uint8_t)(0xC0 | (point >> 6));
        at[1] = (uint8_t)(0x80 | (point & 0x3F));
        return 2;
    }
    must((point < 0xD800 || point > 0xDFFF) && point <= 0x10FFFF);
    if (point < 0x10000) {
        at[0] = (uint8_t)(0xE0 | (point >> 12));
        at[1] = (uint8_t)(0x80 | ((point >> 6) & 0x3F));
        at[2] = (uint8_t)(0x80 | (point & 0x3F));
        return 3;
    }
    at[0] = (uint8_t)(0xF0 | (point >> 18));
    at[1] = (uint8_t)(0x80 | ((point >> 12) & 0x3F));
    at[2] = (uint8_t)(0x80 | ((point >> 6) & 0x3F));
    at[3] = (uint8_t)(0x80 | (point & 0x3F));
    return 4;
}
