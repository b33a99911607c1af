#include "ot/avl.h"

#include <stddef.h>

static int height(const struct avl *node)
{
    return node == NULL ? 0 : node->height;
}

void avl_update(struct avl *node, avl_update_fn update)
{
    int left = height(node->left), right = height(node->right);

    node->height = (uint8_t)((left > right ? left : right) + 1);
    if (update != NULL)
        update(node);
}

static struct avl *rotate_left(struct avl *node, avl_update_fn update)
{
    struct avl *top = node->right;

    node->right = top->left;
    avl_update(node, update);
    top->left = node;
    avl_update(top, update);
    return top;
}

static struct avl *rotate_right(struct avl *node, avl_update_fn update)
{
    struct avl *top = node->left;

    node->left = top->right;
    avl_update(node, update);
    top->right = node;
    avl_update(top, update);
    return top;
}

/* The subtrees are balanced, and their heights differ by at most 2. */
static struct avl *balance(struct avl *node, avl_update_fn update)
{
    int left = height(node->left), right = height(node->right);

    if (right > left + 1) {
        if (height(node->right->left) > height(node->right->right))
            node->right = rotate_right(node->right, update);
        return rotate_left(node, update);
    }
    if (left > right + 1) {
        if (height(node->left->right) > height(node->left->left))
            node->left = rotate_left(node->left, update);
        return rotate_right(node, update);
    }
    avl_update(node, update);
    return node;
}

struct avl *avl_join(struct avl *left, struct avl *node, struct avl *right, avl_update_fn update)
{
    if (height(left) > height(right) + 1) {
        left->right = avl_join(left->right, node, right, update);
        return balance(left, update);
    }
    if (height(right) > height(left) + 1) {
        right->left = avl_join(left, node, right->left, update);
        return balance(right, update);
    }
    node->left = left;
    node->right = right;
    avl_update(node, update);
    return node;
}

struct avl *avl_take_first(struct avl *root, struct avl **first, avl_update_fn update)
{
    if (root->left == NULL) {
        struct avl *rest = root->right;

        *first = root;
        root->right = NULL;
        avl_update(root, update);
        return rest;
    }
    root->left = avl_take_first(root->left, first, update);
    return balance(root, update);
}

struct avl *avl_concatenate(struct avl *left, struct avl *right, avl_update_fn update)
{
    struct avl *first;

    if (left == NULL || right == NULL)
        return left == NULL ? right : left;
    right = avl_take_first(right, &first, update);
    return avl_join(left, first, right, update);
}
