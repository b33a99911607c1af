/* rope_tree - the nodes of a rope, and how they split and join. Private to ot/rope*.c.
 *
 * Level 0 is the lowest level of nodes, whose children are leaves; the root is at level
 * height − 1. With height 0 the root is a leaf.
 *
 * Full nodes split; after a removal, neighbours under one parent that fit into one are joined. So
 * of two neighbours either both together are more than one full node, or one has come from a split
 * and is half full: the tree stays low without the borrowing of a textbook B-tree. */
#ifndef OT_ROPE_TREE_H
#define OT_ROPE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/rope.h"

enum {
    ROPE_LEAF_BYTES = 246, /* with its size and the allocator's word, a leaf is 256 bytes */
    ROPE_FAN_OUT = 16,
    ROPE_HEIGHT_MAX = 16 /* 2 GiB of leaves with 100 bytes, 5 children a node: 11 */
};

struct rope_leaf {
    uint16_t size;
    uint8_t bytes[ROPE_LEAF_BYTES];
};

enum rope_unit { ROPE_BYTES, ROPE_POINTS, ROPE_UTF16, ROPE_UNITS };

struct rope_node {
    uint32_t count;                             /* of children, 1 … ROPE_FAN_OUT */
    uint32_t lengths[ROPE_UNITS][ROPE_FAN_OUT]; /* of each child */
    void *children[ROPE_FAN_OUT];
};

/* The way from the root to a leaf. */
struct rope_path {
    struct rope_node *nodes[ROPE_HEIGHT_MAX]; /* by level */
    uint8_t indexes[ROPE_HEIGHT_MAX];         /* of the child taken there */
    struct rope_leaf *leaf;                   /* NULL: not a path */
};

struct rope {
    uint32_t height;
    void *root;
    struct rope_count total;
    struct rope_path last; /* of the last edit; no leaf when nodes moved since */
    uint32_t last_points;  /* code points in front of its leaf */
};

struct rope_leaf *rope_leaf_create(struct span text);

/* The leaf that holds the place `at` (`after`: that holds what stands behind it, if anything does),
 * and the place inside it. */
uint32_t rope_tree_find(const struct rope *rope, enum rope_unit unit, uint32_t at, bool after,
                        struct rope_path *path);

/* The length of what is in front of the path's leaf. */
uint32_t rope_tree_before(const struct rope *rope, const struct rope_path *path,
                          enum rope_unit unit);

/* The length of the path's leaf. */
struct rope_count rope_tree_leaf_count(const struct rope *rope, const struct rope_path *path);

/* Count `more` in, or `less` out, at the path's nodes from `level` upwards and in the total. */
void rope_tree_add(struct rope *rope, const struct rope_path *path, uint32_t level,
                   struct rope_count more);
void rope_tree_subtract(struct rope *rope, const struct rope_path *path, uint32_t level,
                        struct rope_count less);

/* Make `leaf` a child next to the path's leaf, in front of it or behind it. The nodes above level 0
 * and the total count it already. The path is dead afterwards. */
void rope_tree_put_leaf(struct rope *rope, const struct rope_path *path, bool behind,
                        struct rope_leaf *leaf, struct rope_count count);

/* Move what stands at byte `offset` of the path's leaf and behind it into a new leaf behind. The
 * offset is inside the text and between two code points. The path is dead afterwards. */
void rope_tree_split_leaf(struct rope *rope, const struct rope_path *path, uint32_t offset);

/* Free the path's leaf, which nothing above level 0 counts any more; not the only leaf. The path is
 * dead afterwards. */
void rope_tree_drop_leaf(struct rope *rope, const struct rope_path *path);

/* Join the path's leaf with a neighbour if both fit into one with some room left. The path is dead
 * when it returns true. */
bool rope_tree_join_leaf(struct rope *rope, const struct rope_path *path);

/* Free everything under `child`, which is at the top of `height` levels. */
void rope_tree_destroy(void *child, uint32_t height);

#endif
