/* avl - balanced binary trees, cut and joined whole.
 *
 * The node is embedded in what the tree holds, in an order that only the caller knows. Everything
 * comes from one operation, join: two trees and a node between them become one tree, in time
 * proportional to the difference of their heights. "Just Join for Parallel Ordered Sets"
 * (Blelloch, Ferizovic, Sun 2016).
 *
 *        join(left, node, right)                  a node may hold sums over its subtree: `update`
 *            /      |      \                      makes them true from those of its children, and
 *        [smaller] node [larger]                  is called whenever these change */
#ifndef OT_AVL_H
#define OT_AVL_H

#include <stdint.h>

/* NULL is the empty tree. */
struct avl {
    struct avl *left;
    struct avl *right;
    uint8_t height;
};

typedef void (*avl_update_fn)(struct avl *node);

/* Make a lone node of it, or make its height true after its children changed. `update` may be
 * NULL. */
void avl_update(struct avl *node, avl_update_fn update);

/* One tree of all in `left`, then `node` alone, then all in `right`. */
struct avl *avl_join(struct avl *left, struct avl *node, struct avl *right, avl_update_fn update);

/* Take the first node of a tree that is not empty; what is left is returned. */
struct avl *avl_take_first(struct avl *root, struct avl **first, avl_update_fn update);

/* One tree of all in `left`, then all in `right`. */
struct avl *avl_concatenate(struct avl *left, struct avl *right, avl_update_fn update);

#endif
