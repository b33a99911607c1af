/* rich_delta - a list of parts: what an operation of rich text is, and a document too.
 *
 *   {"insert": "text" | {embed}, "attributes"?}   {"retain": n, "attributes"?}   {"delete": n}
 *
 * Lengths are UTF-16 units; an embed has length 1. Lists are built by pushing, with the rules of
 * quill-delta 4.2.2: a part joins its neighbour of the same kind and attributes, and an insertion
 * goes in front of a deletion at the same place. */
#ifndef OT_RICH_DELTA_H
#define OT_RICH_DELTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/span.h"
#include "ot/value.h"

enum rich_kind { RICH_INSERT, RICH_RETAIN, RICH_DELETE };

/* A part, or a piece of one. What it points to is borrowed. */
struct rich_piece {
    enum rich_kind kind;
    uint64_t utf16;     /* its length */
    struct span text;   /* of an insertion that is no embed */
    json_t *embed;      /* an object; NULL: the insertion is text */
    json_t *attributes; /* an object with members; NULL: none. Never changed once made */
};

struct rich_part {
    enum rich_kind kind;
    uint64_t utf16;
    struct buffer text;
    json_t *embed;
    json_t *attributes;
};

/* A zeroed one is empty. */
struct rich_delta {
    struct rich_part *parts;
    size_t count;
    size_t capacity;
};

void rich_delta_finish(struct rich_delta *delta);

/* Add a copy of the piece by the rules above; its length is not 0. True when it stands alone at the
 * end of the list. */
bool rich_delta_push(struct rich_delta *delta, const struct rich_piece *piece);

/* The same as it stands, at the end. */
void rich_delta_push_raw(struct rich_delta *delta, const struct rich_piece *piece);

/* Retain with attributes; nothing when the length is 0. */
void rich_delta_retain(struct rich_delta *delta, uint64_t utf16, json_t *attributes);
void rich_delta_delete(struct rich_delta *delta, uint64_t utf16);

/* Drop a retain without attributes at the end: it says nothing. */
void rich_delta_chop(struct rich_delta *delta);

/* Parts from JSON that was scanned: {"ops": […]} or […]. `only_inserts`: it has to be a document.
 * MALFORMED_OPERATION or TOO_LARGE with what and where; the list is then empty. */
MUST_CHECK enum status rich_delta_decode(struct span json, bool only_inserts,
                                         struct rich_delta *delta, struct fault *fault);

void rich_delta_write(const struct rich_delta *delta, struct buffer *out);

/* ---- Walking in steps of any length ---- */

struct rich_walk {
    const struct rich_delta *delta;
    size_t index;
    uint64_t offset_utf16; /* within the part */
    size_t offset_bytes;
};

/* What comes next; RICH_RETAIN without end when nothing does. */
enum rich_kind rich_walk_kind(const struct rich_walk *walk);

/* How much of the current part is left; UINT64_MAX at the end. */
uint64_t rich_walk_left(const struct rich_walk *walk);

bool rich_walk_done(const struct rich_walk *walk);

/* Take at most `utf16` units of the current part, at least 1; behind the end that many units are
 * retained. False when that would cut a surrogate pair. */
MUST_CHECK bool rich_walk_take(struct rich_walk *walk, uint64_t utf16, struct rich_piece *piece);

/* ---- Attributes: NULL stands for none. Results are new references ---- */

bool rich_attributes_equal(const json_t *a, const json_t *b);

/* `earlier`, then `later`; `keep_null` where the result is still a change of attributes. */
json_t *rich_attributes_compose(json_t *earlier, json_t *later, bool keep_null);

/* What is left of `ours` after `other`, which wins when it is first. */
json_t *rich_attributes_transform(json_t *ours, json_t *other, bool other_first);

/* What takes `change` back where `before` was. */
json_t *rich_attributes_invert(json_t *change, json_t *before);

/* What makes `after` of `before`. */
json_t *rich_attributes_difference(json_t *before, json_t *after);

#endif
