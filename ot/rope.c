#include "ot/rope.h"

#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "ot/rope_tree.h"

/* Text up to this size moves into a leaf that was split with room to spare. */
enum { SMALL_BYTES = ROPE_LEAF_BYTES / 8 };

struct rope_count rope_count_of(struct span text)
{
    if (text.size == 1)
        return (struct rope_count){1, 1, 1};
    return (struct rope_count){
        (uint32_t)text.size,
        (uint32_t)utf8_points(text),
        (uint32_t)utf8_utf16(text),
    };
}

struct rope *rope_create(void)
{
    struct rope *rope = memory_zeroed(1, sizeof(*rope));

    rope->root = rope_leaf_create(SPAN(""));
    return rope;
}

struct rope *rope_copy(const struct rope *rope)
{
    struct rope *copy = rope_create();
    struct rope_walk walk = {rope, 0};
    struct span run;

    while (rope_walk_next(&walk, &run))
        rope_insert(copy, copy->total.points, run);
    return copy;
}

void rope_destroy(struct rope *rope)
{
    if (rope == NULL)
        return;
    rope_tree_destroy(rope->root, rope->height);
    memory_free(rope);
}

struct rope_count rope_count(const struct rope *rope)
{
    return rope->total;
}

/* ---- Places ---- */

static struct span leaf_text(const struct rope_leaf *leaf)
{
    return span_of(leaf->bytes, leaf->size);
}

/* The byte offset of a code point in the path's leaf. */
static uint32_t leaf_offset(const struct rope_leaf *leaf, uint32_t leaf_points, uint32_t points)
{
    if (leaf->size == leaf_points)
        return points;
    return (uint32_t)utf8_offset_of_points(leaf_text(leaf), points);
}

/* The path to the leaf for the place `at`, and the code points in front of the place in that leaf:
 * the last path when it is right, else `found`, filled. */
static const struct rope_path *look(const struct rope *rope, uint32_t at, bool after,
                                    struct rope_path *found, uint32_t *inside)
{
    if (rope->last.leaf != NULL && at >= rope->last_points) {
        uint32_t offset = at - rope->last_points;

        if (offset + after <= rope_tree_leaf_count(rope, &rope->last).points) {
            *inside = offset;
            return &rope->last;
        }
    }
    *inside = rope_tree_find(rope, ROPE_POINTS, at, after, found);
    return found;
}

/* The same, and keep the path; returns the code points in front of the place in its leaf. */
static uint32_t go(struct rope *rope, uint32_t at, bool after)
{
    uint32_t inside;

    if (look(rope, at, after, &rope->last, &inside) == &rope->last)
        rope->last_points = at - inside;
    return inside;
}

/* Nodes have moved. */
static void forget(struct rope *rope)
{
    rope->last.leaf = NULL;
}

/* ---- Inserting ---- */

static void leaf_put(struct rope *rope, uint32_t offset, struct span piece, struct rope_count count)
{
    struct rope_leaf *leaf = rope->last.leaf;

    memmove(leaf->bytes + offset + piece.size, leaf->bytes + offset, leaf->size - offset);
    memcpy(leaf->bytes + offset, piece.data, piece.size);
    leaf->size = (uint16_t)(leaf->size + piece.size);
    rope_tree_add(rope, &rope->last, 0, count);
}

/* Step to the next leaf under the same parent, if there is one and it has room. Typing in front of
 * what was typed before would else leave a leaf for each character. */
static bool step_to_room(struct rope *rope, size_t size)
{
    struct rope_path *path = &rope->last;

    if (rope->height == 0 || path->indexes[0] + 1U == path->nodes[0]->count)
        return false;

    struct rope_leaf *next = path->nodes[0]->children[path->indexes[0] + 1];
    if (next->size + size > ROPE_LEAF_BYTES)
        return false;
    rope->last_points += rope_tree_leaf_count(rope, path).points;
    path->indexes[0]++;
    path->leaf = next;
    return true;
}

/* Where to split a leaf that has no room at `offset`: in two that have, if the piece is small; else
 * right there. */
static uint32_t split_place(const struct rope_leaf *leaf, uint32_t offset, size_t piece_size)
{
    uint32_t quarter = leaf->size / 4U;

    if (piece_size > SMALL_BYTES || (offset >= quarter && offset <= leaf->size - quarter))
        return offset;
    uint32_t place = offset < quarter ? quarter : leaf->size - quarter;
    while ((leaf->bytes[place] & 0xC0) == 0x80)
        place--;
    return place;
}

/* Insert at most a leaf's worth of text. */
static void insert_piece(struct rope *rope, uint32_t at, struct span piece)
{
    struct rope_count count = rope_count_of(piece);

    for (;;) {
        uint32_t inside = go(rope, at, false);
        struct rope_leaf *leaf = rope->last.leaf;
        uint32_t offset = leaf_offset(leaf, rope_tree_leaf_count(rope, &rope->last).points, inside);

        if (leaf->size + piece.size <= ROPE_LEAF_BYTES) {
            leaf_put(rope, offset, piece, count);
            return;
        }
        if (offset == leaf->size && step_to_room(rope, piece.size)) {
            leaf_put(rope, 0, piece, count);
            return;
        }
        bool edge = offset == 0 || offset == leaf->size;
        if (edge) {
            rope_tree_add(rope, &rope->last, 1, count);
            rope_tree_put_leaf(rope, &rope->last, offset > 0, rope_leaf_create(piece), count);
        } else {
            rope_tree_split_leaf(rope, &rope->last, split_place(leaf, offset, piece.size));
        }
        forget(rope);
        if (edge)
            return;
    }
}

void rope_insert(struct rope *rope, size_t at_points, struct span text)
{
    must(at_points <= rope->total.points);
    must(text.size < INT32_MAX - (size_t)rope->total.bytes);

    while (text.size > 0) {
        size_t size = text.size < ROPE_LEAF_BYTES ? text.size : ROPE_LEAF_BYTES;
        while (size < text.size && (text.data[size] & 0xC0) == 0x80)
            size--;
        uint32_t before = rope->total.points;

        insert_piece(rope, (uint32_t)at_points, span_of(text.data, size));
        at_points += rope->total.points - before;
        text = span_of(text.data + size, text.size - size);
    }
}

/* ---- Deleting ---- */

/* Take code points out of one leaf, at most `points`; returns how many. */
static uint32_t delete_piece(struct rope *rope, uint32_t at, size_t points)
{
    uint32_t inside = go(rope, at, true);
    struct rope_leaf *leaf = rope->last.leaf;
    struct rope_count whole = rope_tree_leaf_count(rope, &rope->last);
    uint32_t here = points < whole.points - inside ? (uint32_t)points : whole.points - inside;
    uint32_t from = leaf_offset(leaf, whole.points, inside);
    uint32_t to = leaf_offset(leaf, whole.points, inside + here);
    struct rope_count count = rope_count_of(span_of(leaf->bytes + from, to - from));

    if (to - from == leaf->size && rope->height > 0) {
        rope_tree_subtract(rope, &rope->last, 1, count);
        rope_tree_drop_leaf(rope, &rope->last);
        forget(rope);
        return here;
    }
    memmove(leaf->bytes + from, leaf->bytes + to, leaf->size - to);
    leaf->size = (uint16_t)(leaf->size - (to - from));
    rope_tree_subtract(rope, &rope->last, 0, count);
    if (leaf->size < ROPE_LEAF_BYTES / 2 && rope_tree_join_leaf(rope, &rope->last))
        forget(rope);
    return here;
}

void rope_delete(struct rope *rope, size_t at_points, size_t points)
{
    must(at_points <= rope->total.points && points <= rope->total.points - at_points);
    while (points > 0)
        points -= delete_piece(rope, (uint32_t)at_points, points);
}

/* ---- Reading ---- */

bool rope_walk_next(struct rope_walk *walk, struct span *run)
{
    const struct rope *rope = walk->rope;
    struct rope_path found;
    uint32_t inside;

    must(walk->at_points <= rope->total.points);
    if (walk->at_points == rope->total.points)
        return false;
    const struct rope_path *path = look(rope, (uint32_t)walk->at_points, true, &found, &inside);
    uint32_t points = rope_tree_leaf_count(rope, path).points;
    uint32_t from = leaf_offset(path->leaf, points, inside);

    *run = span_of(path->leaf->bytes + from, path->leaf->size - from);
    walk->at_points += points - inside;
    return true;
}

void rope_read(const struct rope *rope, size_t at_points, size_t points, struct buffer *out)
{
    struct rope_walk walk = {rope, at_points};
    struct span run;

    must(at_points <= rope->total.points && points <= rope->total.points - at_points);
    while (points > 0 && rope_walk_next(&walk, &run)) {
        size_t passed = walk.at_points - at_points;

        if (passed > points)
            run.size = utf8_offset_of_points(run, points);
        buffer_append(out, run);
        points -= passed < points ? passed : points;
        at_points = walk.at_points;
    }
}

bool rope_holds(const struct rope *rope, size_t at_points, struct span text)
{
    struct rope_walk walk = {rope, at_points};
    struct span run;

    while (text.size > 0) {
        if (!rope_walk_next(&walk, &run))
            return false;
        size_t size = run.size < text.size ? run.size : text.size;
        if (memcmp(run.data, text.data, size) != 0)
            return false;
        text = span_of(text.data + size, text.size - size);
    }
    return true;
}

/* ---- Positions in other units ---- */

bool rope_points_of_utf16(const struct rope *rope, size_t at_utf16, size_t *at_points)
{
    struct rope_path path;
    size_t offset;

    must(at_utf16 <= rope->total.utf16);
    if (rope->total.utf16 == rope->total.points) {
        *at_points = at_utf16;
        return true;
    }
    uint32_t inside = rope_tree_find(rope, ROPE_UTF16, (uint32_t)at_utf16, false, &path);
    struct span text = leaf_text(path.leaf);
    if (!utf8_offset_of_utf16(text, inside, &offset))
        return false;
    *at_points =
        rope_tree_before(rope, &path, ROPE_POINTS) + utf8_points(span_of(text.data, offset));
    return true;
}

/* The units in front of a code point. */
static size_t unit_of_points(const struct rope *rope, size_t at_points, enum rope_unit unit)
{
    struct rope_path found;
    uint32_t inside;

    must(at_points <= rope->total.points);
    const struct rope_path *path = look(rope, (uint32_t)at_points, false, &found, &inside);
    struct span text = leaf_text(path->leaf);

    text.size = leaf_offset(path->leaf, rope_tree_leaf_count(rope, path).points, inside);
    return rope_tree_before(rope, path, unit) + (unit == ROPE_UTF16 ? utf8_utf16(text) : text.size);
}

size_t rope_utf16_of_points(const struct rope *rope, size_t at_points)
{
    if (rope->total.utf16 == rope->total.points)
        return at_points;
    return unit_of_points(rope, at_points, ROPE_UTF16);
}

size_t rope_bytes_of_points(const struct rope *rope, size_t at_points)
{
    if (rope->total.bytes == rope->total.points)
        return at_points;
    return unit_of_points(rope, at_points, ROPE_BYTES);
}

/* ---- For tests ---- */

static bool same_count(struct rope_count a, struct rope_count b)
{
    return a.bytes == b.bytes && a.points == b.points && a.utf16 == b.utf16;
}

static bool child_is_sound(const void *child, uint32_t height, struct rope_count expected)
{
    struct rope_count total = {0};

    if (height == 0) {
        const struct rope_leaf *leaf = child;

        return leaf->size > 0 && leaf->size <= ROPE_LEAF_BYTES &&
               utf8_check(leaf_text(leaf), NULL) &&
               same_count(rope_count_of(leaf_text(leaf)), expected);
    }
    const struct rope_node *node = child;
    if (node->count < 1 || node->count > ROPE_FAN_OUT)
        return false;
    for (uint32_t i = 0; i < node->count; i++) {
        struct rope_count count = {
            node->lengths[ROPE_BYTES][i],
            node->lengths[ROPE_POINTS][i],
            node->lengths[ROPE_UTF16][i],
        };

        if (!child_is_sound(node->children[i], height - 1, count))
            return false;
        total.bytes += count.bytes;
        total.points += count.points;
        total.utf16 += count.utf16;
    }
    return same_count(total, expected);
}

bool rope_is_sound(const struct rope *rope)
{
    if (rope->height == 0 && rope->total.bytes == 0)
        return ((const struct rope_leaf *)rope->root)->size == 0;
    if (rope->height > 0 && ((const struct rope_node *)rope->root)->count < 2)
        return false;
    return child_is_sound(rope->root, rope->height, rope->total);
}
