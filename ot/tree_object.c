#include <stdlib.h>

#include "base/memory.h"
#include "ot/tree.h"

static struct tree_object *object_of(struct avl *avl)
{
    return avl == NULL ? NULL : container_of(avl, struct tree_object, avl);
}

/* ---- The map by id ---- */

struct tree_object *tree_object_find(const struct tree_content *content, struct span id)
{
    struct tree_object *object = object_of(content->objects);

    while (object != NULL) {
        int order = span_compare(id, value_string(object->id));

        if (order == 0)
            break;
        object = object_of(order < 0 ? object->avl.left : object->avl.right);
    }
    return object;
}

struct tree_object *tree_object_first(const struct tree_content *content)
{
    struct avl *avl = content->objects;

    while (avl != NULL && avl->left != NULL)
        avl = avl->left;
    return object_of(avl);
}

struct tree_object *tree_object_after(const struct tree_content *content,
                                      const struct tree_object *object)
{
    struct avl *avl = content->objects, *after = NULL;

    while (avl != NULL) {
        bool larger = span_compare(value_string(object_of(avl)->id), value_string(object->id)) > 0;

        if (larger)
            after = avl;
        avl = larger ? avl->left : avl->right;
    }
    return object_of(after);
}

/* Take the tree apart in front of and behind the id, which is in neither part. */
static void cut(struct avl *root, struct span id, struct avl **left, struct avl **right)
{
    struct avl *part;

    if (root == NULL) {
        *left = NULL;
        *right = NULL;
        return;
    }
    struct avl *before = root->left, *after = root->right;
    int order = span_compare(id, value_string(object_of(root)->id));
    if (order == 0) {
        *left = before;
        *right = after;
    } else if (order < 0) {
        cut(before, id, left, &part);
        *right = avl_join(part, root, after, NULL);
    } else {
        cut(after, id, &part, right);
        *left = avl_join(before, root, part, NULL);
    }
}

struct tree_object *tree_object_add(struct tree_content *content, json_t *id)
{
    struct tree_object *object = memory_zeroed(1, sizeof(*object));
    struct avl *left, *right;

    object->id = json_incref(id);
    cut(content->objects, value_string(id), &left, &right);
    content->objects = avl_join(left, &object->avl, right, NULL);
    return object;
}

/* ---- Children ---- */

static struct tree_object **first_of(struct tree_content *content, struct tree_object *parent)
{
    return parent == NULL ? &content->first_top : &parent->first_child;
}

/* The object is in the list of its parent's children. */
static bool is_linked(const struct tree_content *content, const struct tree_object *object)
{
    return object->previous != NULL || content->first_top == object ||
           (object->parent != NULL && object->parent->first_child == object);
}

static void unlink_object(struct tree_content *content, struct tree_object *object)
{
    if (object->previous != NULL)
        object->previous->next = object->next;
    else
        *first_of(content, object->parent) = object->next;
    if (object->next != NULL)
        object->next->previous = object->previous;
    object->previous = NULL;
    object->next = NULL;
    object->parent = NULL;
}

void tree_object_link(struct tree_content *content, struct tree_object *object,
                      struct tree_object *parent)
{
    if (is_linked(content, object))
        unlink_object(content, object);
    struct tree_object **first = first_of(content, parent);

    object->parent = parent;
    object->next = *first;
    if (*first != NULL)
        (*first)->previous = object;
    *first = object;
}

bool tree_object_is_below(const struct tree_object *object, const struct tree_object *ancestor)
{
    while (object != NULL && object != ancestor)
        object = object->parent;
    return object != NULL;
}

struct tree_object *tree_object_walk(struct tree_object *object, const struct tree_object *top)
{
    if (object->first_child != NULL)
        return object->first_child;
    while (object != top && object->next == NULL)
        object = object->parent;
    return object == top ? NULL : object->next;
}

void tree_object_forget(struct tree_content *content, struct tree_object *object)
{
    struct avl *left, *right;

    cut(content->objects, value_string(object->id), &left, &right);
    content->objects = avl_concatenate(left, right, NULL);
    json_decref(object->id);
    json_decref(object->key);
    json_decref(object->properties);
    memory_free(object);
}

/* Leaves first, without recursion: a chain of objects may be as long as the document is large. */
void tree_object_remove(struct tree_content *content, struct tree_object *object)
{
    struct tree_object *leaf = object;

    while (leaf != NULL) {
        while (leaf->first_child != NULL)
            leaf = leaf->first_child;
        struct tree_object *parent = leaf == object ? NULL : leaf->parent;

        unlink_object(content, leaf);
        tree_object_forget(content, leaf);
        leaf = parent;
    }
}

static int compare_siblings(const void *a, const void *b)
{
    const struct tree_object *left = *(struct tree_object *const *)a;
    const struct tree_object *right = *(struct tree_object *const *)b;
    int order = span_compare(value_string(left->key), value_string(right->key));

    return order != 0 ? order : span_compare(value_string(left->id), value_string(right->id));
}

struct tree_object **tree_children(const struct tree_content *content,
                                   const struct tree_object *parent, size_t *count)
{
    struct tree_object *first = parent == NULL ? content->first_top : parent->first_child;
    size_t number = 0;

    for (struct tree_object *child = first; child != NULL; child = child->next)
        number++;
    struct tree_object **children = memory_allocate(number * sizeof(*children));
    *count = number;
    number = 0;
    for (struct tree_object *child = first; child != NULL; child = child->next)
        children[number++] = child;
    qsort(children, number, sizeof(*children), compare_siblings);
    return children;
}
