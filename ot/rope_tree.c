#include "ot/rope_tree.h"

#include <string.h>

#include "base/memory.h"

struct rope_leaf *rope_leaf_create(struct span text)
{
    struct rope_leaf *leaf = memory_allocate(sizeof(*leaf));

    must(text.size <= ROPE_LEAF_BYTES);
    leaf->size = (uint16_t)text.size;
    if (text.size > 0)
        memcpy(leaf->bytes, text.data, text.size);
    return leaf;
}

void rope_tree_destroy(void *child, uint32_t height)
{
    if (height > 0) {
        struct rope_node *node = child;

        for (uint32_t i = 0; i < node->count; i++)
            rope_tree_destroy(node->children[i], height - 1);
    }
    memory_free(child);
}

/* ---- Lengths ---- */

static void set_length(struct rope_node *node, uint32_t index, struct rope_count count)
{
    node->lengths[ROPE_BYTES][index] = count.bytes;
    node->lengths[ROPE_POINTS][index] = count.points;
    node->lengths[ROPE_UTF16][index] = count.utf16;
}

static struct rope_count length(const struct rope_node *node, uint32_t index)
{
    return (struct rope_count){
        node->lengths[ROPE_BYTES][index],
        node->lengths[ROPE_POINTS][index],
        node->lengths[ROPE_UTF16][index],
    };
}

static struct rope_count sum(struct rope_count a, struct rope_count b)
{
    return (struct rope_count){a.bytes + b.bytes, a.points + b.points, a.utf16 + b.utf16};
}

static struct rope_count minus(struct rope_count a, struct rope_count b)
{
    return (struct rope_count){a.bytes - b.bytes, a.points - b.points, a.utf16 - b.utf16};
}

static struct rope_count node_length(const struct rope_node *node)
{
    struct rope_count total = {0};

    for (uint32_t i = 0; i < node->count; i++)
        total = sum(total, length(node, i));
    return total;
}

void rope_tree_add(struct rope *rope, const struct rope_path *path, uint32_t level,
                   struct rope_count more)
{
    for (; level < rope->height; level++) {
        struct rope_node *node = path->nodes[level];
        uint32_t index = path->indexes[level];

        node->lengths[ROPE_BYTES][index] += more.bytes;
        node->lengths[ROPE_POINTS][index] += more.points;
        node->lengths[ROPE_UTF16][index] += more.utf16;
    }
    rope->total = sum(rope->total, more);
}

void rope_tree_subtract(struct rope *rope, const struct rope_path *path, uint32_t level,
                        struct rope_count less)
{
    /* Unsigned arithmetic wraps: adding the negative subtracts. */
    rope_tree_add(rope, path, level, minus((struct rope_count){0}, less));
}

/* ---- Finding ---- */

uint32_t rope_tree_find(const struct rope *rope, enum rope_unit unit, uint32_t at, bool after,
                        struct rope_path *path)
{
    void *child = rope->root;

    for (uint32_t level = rope->height; level-- > 0;) {
        struct rope_node *node = child;
        const uint32_t *lengths = node->lengths[unit];
        uint32_t last = node->count - 1;
        uint32_t index = 0;

        while (index < last && at + after > lengths[index])
            at -= lengths[index++];
        path->nodes[level] = node;
        path->indexes[level] = (uint8_t)index;
        child = node->children[index];
    }
    path->leaf = child;
    return at;
}

uint32_t rope_tree_before(const struct rope *rope, const struct rope_path *path,
                          enum rope_unit unit)
{
    uint32_t before = 0;

    for (uint32_t level = 0; level < rope->height; level++)
        for (uint32_t i = 0; i < path->indexes[level]; i++)
            before += path->nodes[level]->lengths[unit][i];
    return before;
}

struct rope_count rope_tree_leaf_count(const struct rope *rope, const struct rope_path *path)
{
    return rope->height > 0 ? length(path->nodes[0], path->indexes[0]) : rope->total;
}

/* ---- Children come and go ---- */

static void open_gap(struct rope_node *node, uint32_t index)
{
    size_t behind = node->count - index;

    for (int unit = 0; unit < ROPE_UNITS; unit++)
        memmove(&node->lengths[unit][index + 1], &node->lengths[unit][index],
                behind * sizeof(uint32_t));
    memmove(&node->children[index + 1], &node->children[index], behind * sizeof(void *));
    node->count++;
}

static void close_gap(struct rope_node *node, uint32_t index)
{
    size_t behind = node->count - index - 1;

    for (int unit = 0; unit < ROPE_UNITS; unit++)
        memmove(&node->lengths[unit][index], &node->lengths[unit][index + 1],
                behind * sizeof(uint32_t));
    memmove(&node->children[index], &node->children[index + 1], behind * sizeof(void *));
    node->count--;
}

/* Append the children of `from`, beginning with number `first`, to `to`. */
static void move_children(struct rope_node *to, struct rope_node *from, uint32_t first)
{
    size_t count = from->count - first;

    for (int unit = 0; unit < ROPE_UNITS; unit++)
        memcpy(&to->lengths[unit][to->count], &from->lengths[unit][first],
               count * sizeof(uint32_t));
    memcpy(&to->children[to->count], &from->children[first], count * sizeof(void *));
    to->count += (uint32_t)count;
    from->count = first;
}

/* A new root over the old one and `child`; what the total has more than `count` is the old one's.
 */
static void grow(struct rope *rope, uint32_t index, void *child, struct rope_count count)
{
    struct rope_node *root = memory_allocate(sizeof(*root));

    must(rope->height < ROPE_HEIGHT_MAX);
    root->count = 2;
    root->children[index] = child;
    set_length(root, index, count);
    root->children[1 - index] = rope->root;
    set_length(root, 1 - index, minus(rope->total, count));
    rope->root = root;
    rope->height++;
}

/* Put `child` at `index` of the path's node at `level`; higher levels count it already. */
static void put_child(struct rope *rope, const struct rope_path *path, uint32_t level,
                      uint32_t index, void *child, struct rope_count count)
{
    if (level == rope->height) {
        grow(rope, index, child, count);
        return;
    }
    struct rope_node *node = path->nodes[level];
    struct rope_node *right = NULL;

    if (node->count == ROPE_FAN_OUT) {
        /* Text written from front to back leaves full nodes behind it. */
        uint32_t half = index == ROPE_FAN_OUT ? ROPE_FAN_OUT : ROPE_FAN_OUT / 2;

        right = memory_allocate(sizeof(*right));
        right->count = 0;
        move_children(right, node, half);
    }
    bool to_right = right != NULL && (index > node->count || node->count == ROPE_FAN_OUT);
    struct rope_node *target = to_right ? right : node;

    if (to_right)
        index -= node->count;
    open_gap(target, index);
    target->children[index] = child;
    set_length(target, index, count);
    if (right == NULL)
        return;

    struct rope_count moved = node_length(right);
    uint32_t above = 0;
    if (level + 1 < rope->height) {
        above = path->indexes[level + 1];
        set_length(path->nodes[level + 1], above,
                   minus(length(path->nodes[level + 1], above), moved));
    }
    put_child(rope, path, level + 1, above + 1, right, moved);
}

static void drop_child(struct rope *rope, const struct rope_path *path, uint32_t level,
                       uint32_t index);

/* Join the path's node at `level` with a neighbour if both fit into one. */
static void join_node(struct rope *rope, const struct rope_path *path, uint32_t level)
{
    struct rope_node *parent = path->nodes[level + 1];
    uint32_t index = path->indexes[level + 1];

    for (uint32_t left = index > 0 ? index - 1 : 0; left <= index && left + 1 < parent->count;
         left++) {
        struct rope_node *a = parent->children[left];
        struct rope_node *b = parent->children[left + 1];

        if (a->count + b->count > ROPE_FAN_OUT)
            continue;
        move_children(a, b, 0);
        set_length(parent, left, sum(length(parent, left), length(parent, left + 1)));
        memory_free(b);
        drop_child(rope, path, level + 1, left + 1);
        return;
    }
}

/* Forget the child at `index` of the path's node at `level`; nothing at that level or above counts
 * it any more, or another child there has taken it over. */
static void drop_child(struct rope *rope, const struct rope_path *path, uint32_t level,
                       uint32_t index)
{
    struct rope_node *node = path->nodes[level];

    close_gap(node, index);
    if (level + 1 == rope->height)
        return;
    if (node->count > 0) {
        join_node(rope, path, level);
    } else {
        memory_free(node);
        drop_child(rope, path, level + 1, path->indexes[level + 1]);
    }
}

/* A root with one child is none; an empty one is an empty leaf. */
static void shrink(struct rope *rope)
{
    while (rope->height > 0) {
        struct rope_node *root = rope->root;

        if (root->count > 1)
            return;
        if (root->count == 1) {
            rope->root = root->children[0];
            rope->height--;
        } else {
            rope->root = rope_leaf_create(SPAN(""));
            rope->height = 0;
        }
        memory_free(root);
    }
}

/* ---- Leaves ---- */

void rope_tree_put_leaf(struct rope *rope, const struct rope_path *path, bool behind,
                        struct rope_leaf *leaf, struct rope_count count)
{
    uint32_t index = rope->height > 0 ? path->indexes[0] : 0;

    put_child(rope, path, 0, index + behind, leaf, count);
}

void rope_tree_split_leaf(struct rope *rope, const struct rope_path *path, uint32_t offset)
{
    struct rope_leaf *leaf = path->leaf;
    struct span behind = span_of(leaf->bytes + offset, leaf->size - offset);
    struct rope_count moved = rope_count_of(behind);

    leaf->size = (uint16_t)offset;
    if (rope->height > 0)
        set_length(path->nodes[0], path->indexes[0],
                   minus(length(path->nodes[0], path->indexes[0]), moved));
    rope_tree_put_leaf(rope, path, true, rope_leaf_create(behind), moved);
}

void rope_tree_drop_leaf(struct rope *rope, const struct rope_path *path)
{
    must(rope->height > 0);
    memory_free(path->leaf);
    drop_child(rope, path, 0, path->indexes[0]);
    shrink(rope);
}

bool rope_tree_join_leaf(struct rope *rope, const struct rope_path *path)
{
    if (rope->height == 0)
        return false;

    struct rope_node *node = path->nodes[0];
    const uint32_t *bytes = node->lengths[ROPE_BYTES];
    uint32_t index = path->indexes[0];

    for (uint32_t left = index > 0 ? index - 1 : 0; left <= index && left + 1 < node->count;
         left++) {
        if (bytes[left] + bytes[left + 1] > ROPE_LEAF_BYTES * 7 / 8)
            continue;

        struct rope_leaf *a = node->children[left];
        struct rope_leaf *b = node->children[left + 1];
        memcpy(a->bytes + a->size, b->bytes, b->size);
        a->size = (uint16_t)(a->size + b->size);
        set_length(node, left, sum(length(node, left), length(node, left + 1)));
        memory_free(b);
        drop_child(rope, path, 0, left + 1);
        shrink(rope);
        return true;
    }
    return false;
}
