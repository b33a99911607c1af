/* utf8 - checking, counting and walking well-formed UTF-8 (Unicode 15, section 3.9, table 3-7).
 *
 * Counting is in the path of every keystroke, so it works on machine words. All functions
 * but utf8_check() and the incremental checker need text that was checked. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

/* Is it well-formed? If not, and `at` is not NULL, the offset where the first ill-formed
 * code point begins is stored. */
bool utf8_check(struct span text, size_t *at);

/* The same in pieces: a message may be cut anywhere, also within a code point. */
struct utf8_checker {
    uint8_t missing; /* bytes still owed by the open code point */
    uint8_t low;     /* allowed range of its next byte */
    uint8_t high;
};

/* False as soon as the text cannot become well-formed. A zeroed checker is a new one. */
bool utf8_checker_feed(struct utf8_checker *checker, struct span piece);

/* No code point is open: the text may end here. */
bool utf8_checker_complete(const struct utf8_checker *checker);

/* Code points. */
size_t utf8_points(struct span text);

/* UTF-16 code units: code points above U+FFFF count twice. */
size_t utf8_utf16(struct span text);

/* The byte offset of the code point number `points`; the size when that is the count.
 * `points` is at most the count. */
size_t utf8_offset_of_points(struct span text, size_t points);

/* The byte offset of UTF-16 unit `utf16`. False when that is the middle of a surrogate
 * pair; `offset` is then untouched. `utf16` is at most the count. */
bool utf8_offset_of_utf16(struct span text, size_t utf16, size_t *offset);

/* Decode the code point at `at` (not the end); returns its size in bytes, 1 to 4. */
size_t utf8_decode(const uint8_t *at, uint32_t *point);

/* Write a code point (no surrogate, at most U+10FFFF); returns its size in bytes, 1 to 4. */
size_t utf8_encode(uint8_t *at, uint32_t point);

#endif
