/* tree - documents that are trees of objects with properties: canvases, outlines, boards.
 *
 *   document    {id: {"place": [parent | null, key], "properties": {name: value, …}}, …}
 *   operation   [{"create": id, "place": […], "properties": {…}},   {"move": id, "place": […]},
 *                {"set": id, "properties": {name: value | null, …}}, {"delete": id}]
 *
 * Each property has the value that was set last, in the order of the server; null removes it. The
 * parent and the position among its children are one property, the place: `key` is of tree_key,
 * ties go by id. Nothing needs transforming. Every operation can be applied to every document: a
 * component that cannot be (an object that is not there, a creation of one that is, a move below
 * itself) changes nothing. A deletion takes what is below. After "How Figma's multiplayer
 * technology works" (E. Wallace 2019).
 *
 * Ids are drawn by clients: 1 to 64 letters, digits, `-`, `_`, `.`. */
#ifndef OT_TREE_H
#define OT_TREE_H

#include <stdbool.h>

#include "ot/avl.h"
#include "ot/pairwise.h"
#include "ot/type.h"
#include "ot/value.h"

enum { TREE_ID_BYTES_MAX = 64 };

/* ---- Operations ---- */

enum tree_kind { TREE_CREATE, TREE_MOVE, TREE_SET, TREE_DELETE };

struct tree_component {
    enum tree_kind kind;
    json_t *id;
    json_t *parent;     /* of CREATE and MOVE; NULL: the object is at the top */
    json_t *key;        /* likewise */
    json_t *properties; /* of CREATE and SET: an object, never changed once made */
};

/* Its components in a `struct components`: kept as they are. */
extern const struct pairwise tree_pairwise;

struct tree_operation {
    struct operation operation;
    struct components components;
};

struct tree_operation *tree_operation_of(const struct operation *operation);
struct tree_operation *tree_operation_create(void);

/* Add a component; its values are borrowed. */
void tree_operation_add(struct tree_operation *operation, struct tree_component component);

/* ---- Documents ---- */

/* An object: in the map by its id, and in the list of its parent's children. */
struct tree_object {
    struct avl avl;
    struct tree_object *parent; /* NULL at the top */
    struct tree_object *first_child;
    struct tree_object *previous; /* siblings, in no order */
    struct tree_object *next;
    json_t *id;
    json_t *key;
    json_t *properties;
};

struct tree_content {
    struct content content;
    struct avl *objects; /* by id */
    struct tree_object *first_top;
    struct value_size size; /* bytes and nodes, roughly; depth is not kept */
};

struct tree_content *tree_content_of(const struct content *content);

/* NULL when there is none. */
struct tree_object *tree_object_find(const struct tree_content *content, struct span id);

/* The first object in the order of ids, and the one after; NULL at the end. */
struct tree_object *tree_object_first(const struct tree_content *content);
struct tree_object *tree_object_after(const struct tree_content *content,
                                      const struct tree_object *object);

/* A new object in the map, which has neither place nor properties yet. */
struct tree_object *tree_object_add(struct tree_content *content, json_t *id);

/* Free the object and all below it. */
void tree_object_remove(struct tree_content *content, struct tree_object *object);

/* Free the object alone, when all the others will be freed as well. */
void tree_object_forget(struct tree_content *content, struct tree_object *object);

/* Put the object below `parent` (NULL: at the top), taking it from where it is. */
void tree_object_link(struct tree_content *content, struct tree_object *object,
                      struct tree_object *parent);

/* Is `object` the same as `ancestor`, or somewhere below it? */
bool tree_object_is_below(const struct tree_object *object, const struct tree_object *ancestor);

/* The next object in a walk over `top` and all below it, parents first; NULL at the end. `top`
 * NULL: over all objects, from the first one at the top. */
struct tree_object *tree_object_walk(struct tree_object *object, const struct tree_object *top);

/* Children of `parent` (NULL: the top) in their order; the array of `count` is the caller's. */
struct tree_object **tree_children(const struct tree_content *content,
                                   const struct tree_object *parent, size_t *count);

/* Perform one component: false when it changes nothing. */
bool tree_apply_component(struct tree_content *content, const struct tree_component *component);

/* ---- Calls of the type's table ---- */

enum status tree_decode(struct span json, struct operation **operation, struct fault *fault);
void tree_write(const struct operation *operation, struct buffer *out);
enum status tree_create(struct span data, struct content **content, struct fault *fault);
void tree_encode(const struct content *content, struct buffer *out);
enum status tree_compose(const struct operation *first, const struct operation *second,
                         struct operation **result);
enum status tree_invert(const struct operation *operation, const struct content *before,
                        struct operation **result);
enum status tree_difference(const struct content *before, const struct content *after,
                            struct operation **result);

/* The value of `place` and `properties` in an operation or a document, for both decoders. */
MUST_CHECK enum status tree_decode_id(struct span json, json_t **id, struct fault *fault);
MUST_CHECK enum status tree_decode_place(struct span json, json_t **parent, json_t **key,
                                         struct fault *fault);
MUST_CHECK enum status tree_decode_properties(struct span json, bool nulls, json_t **properties,
                                              struct fault *fault);
void tree_write_place(const json_t *parent, const json_t *key, struct buffer *out);

#endif
