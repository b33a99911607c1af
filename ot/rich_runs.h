/* rich_runs - the content of a rich text document: runs of text of equal attributes, and embeds.
 *
 * A balanced tree (AVL) in the order of the text; each node holds one run and sums over its
 * subtree, so that a UTF-16 offset is found in O(log n). Edits cut and join whole trees:
 *
 *        [ ....... | ....... | ....... ]        split at both ends of the edit,
 *        left       middle     right            change or free the middle, join
 *
 * A run of text is at most RICH_RUN_BYTES long: a longer one is several nodes of equal attributes,
 * and neighbours that fit into one node are joined where an edit made them meet. "Just Join for
 * Parallel Ordered Sets" (Blelloch, Ferizovic, Sun 2016) has the algorithm. */
#ifndef OT_RICH_RUNS_H
#define OT_RICH_RUNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/rich_delta.h"

enum { RICH_RUN_BYTES = 200 };

/* The root; NULL is the empty document. */
struct rich_run;

/* Sums over a tree; zeros for NULL. */
struct rich_sum {
    uint64_t utf16;
    size_t runs;
    size_t bytes; /* of JSON, roughly */
    size_t nodes; /* JSON values, at most */
};
struct rich_sum rich_runs_sum(const struct rich_run *root);

struct rich_run *rich_runs_copy(const struct rich_run *root);
void rich_runs_destroy(struct rich_run *root);

/* Does a run or a code point begin there, or the document end? */
bool rich_runs_is_boundary(const struct rich_run *root, uint64_t at_utf16);

/* Runs that begin in front of the offset. */
size_t rich_runs_before(const struct rich_run *root, uint64_t at_utf16);

/* The edits. Offsets are boundaries within the document; the tree moves to the result. */
struct rich_run *rich_runs_insert(struct rich_run *root, uint64_t at_utf16,
                                  const struct rich_piece *piece);
struct rich_run *rich_runs_delete(struct rich_run *root, uint64_t at_utf16, uint64_t utf16);
struct rich_run *rich_runs_format(struct rich_run *root, uint64_t at_utf16, uint64_t utf16,
                                  json_t *attributes);

/* Push the insertions that make up this range; runs of equal attributes are joined. */
void rich_runs_read(const struct rich_run *root, uint64_t at_utf16, uint64_t utf16,
                    struct rich_delta *delta);

/* Sums and heights are true, every run can stand alone. For tests: O(n). */
bool rich_runs_is_sound(const struct rich_run *root);

#endif
