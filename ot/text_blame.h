/* text_blame - which operation wrote each character of a text.
 *
 * The text itself is not kept, only how long it is and where the runs of one origin lie in it: a
 * balanced tree (ot/avl), in which an operation costs O(log n) for each of its components.
 *
 *     text      T h e   b r o w n   f o x           insert by 9 at 4:  split, put between, join
 *     origin    1 1 1 1 7 7 7 7 7 1 3 3 3
 *     runs      [ 1:4 ] [ 7:5   ] [1][ 3:3 ]         neighbours are of different origins, always
 *
 * So there are never more runs than code points, nor more origins kept than runs. */
#ifndef OT_TEXT_BLAME_H
#define OT_TEXT_BLAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"

struct operation;
struct text_blame;

/* An operation, and whose it is. Those of one `seq` are equal; 0: it is not known. */
struct text_origin {
    uint64_t seq;
    uint64_t time_ms;
    struct span who;
    struct span user;
};

struct text_blame *text_blame_create(void);
void text_blame_destroy(struct text_blame *blame); /* NULL allowed */

/* The text is another one, of so many code points, all of this origin (copied). */
void text_blame_reset(struct text_blame *blame, uint64_t points, const struct text_origin *origin);

/* An operation of type_text changes it; what it inserts is of this origin (copied). NOT_APPLICABLE
 * when it reaches beyond the end; then nothing has changed. */
MUST_CHECK enum status text_blame_apply(struct text_blame *blame, const struct operation *operation,
                                        const struct text_origin *origin);

/* Code points, and runs that they come in. O(1). */
uint64_t text_blame_points(const struct text_blame *blame);
size_t text_blame_runs(const struct text_blame *blame);

struct text_run {
    uint64_t points;
    struct text_origin origin; /* borrowed until the next change */
};

/* What follows code point `at_points` of the same origin, that one included; false at the end.
 * O(log n). */
bool text_blame_at(const struct text_blame *blame, uint64_t at_points, struct text_run *run);

/* Sums, heights and counts are true, neighbours differ. For tests: O(n). */
bool text_blame_is_sound(const struct text_blame *blame);

#endif
