/* rope - text that can be edited anywhere at the same small cost.
 *
 * A B+tree: leaves hold UTF-8, cut between code points; nodes hold, for each child, its bytes,
 * code points and UTF-16 units, so that a place in any unit is found in O(log n).
 *
 *                    [ 610 | 402 | 377 ]            counts of each child
 *                   /        |          \
 *      [240|230|140]   [200|202]   [177|200]
 *        |   |   |       |   |       |   |
 *      leaf leaf leaf  leaf leaf   leaf leaf        up to ROPE_LEAF_BYTES of text
 *
 * People type where they typed before: the path to the last leaf edited is kept, and an edit that
 * falls into it needs no descent.
 *
 * Text passed in is well-formed UTF-8 and may hold U+0000. Positions beyond the end are the
 * caller's fault (`must`). A rope holds less than 2 GiB. */
#ifndef OT_ROPE_H
#define OT_ROPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/span.h"

struct rope;

/* How long a text is, in each unit. */
struct rope_count {
    uint32_t bytes;
    uint32_t points;
    uint32_t utf16;
};

/* The length of some UTF-8 text. */
struct rope_count rope_count_of(struct span text);

struct rope *rope_create(void);
struct rope *rope_copy(const struct rope *rope);
void rope_destroy(struct rope *rope);

/* The length of the whole; O(1). */
struct rope_count rope_count(const struct rope *rope);

/* Put `text` in front of code point number `at_points`. */
void rope_insert(struct rope *rope, size_t at_points, struct span text);

/* Take out the code points at_points … at_points + points − 1. */
void rope_delete(struct rope *rope, size_t at_points, size_t points);

/* Append these code points to `out`. */
void rope_read(const struct rope *rope, size_t at_points, size_t points, struct buffer *out);

/* Does `text` stand at `at_points`? False when it would reach beyond the end. */
bool rope_holds(const struct rope *rope, size_t at_points, struct span text);

/* ---- Positions in other units ---- */

/* The code points in front of UTF-16 unit `at_utf16`. False when that is the middle of a
 * surrogate pair; the output is then untouched. */
bool rope_points_of_utf16(const struct rope *rope, size_t at_utf16, size_t *at_points);

size_t rope_utf16_of_points(const struct rope *rope, size_t at_points);
size_t rope_bytes_of_points(const struct rope *rope, size_t at_points);

/* ---- Walking ---- */

/* A walk from a code point to the end, a run of bytes at a time. The rope must not change. */
struct rope_walk {
    const struct rope *rope;
    size_t at_points;
};

/* The next run, never empty; false at the end. */
bool rope_walk_next(struct rope_walk *walk, struct span *run);

/* Every count is true, every leaf is text that can stand alone, all leaves are equally deep. For
 * tests: O(n). */
bool rope_is_sound(const struct rope *rope);

#endif
