/* Inverses, and the way from one document to another. */
#include "base/memory.h"
#include "ot/tree.h"

static json_t *id_of(const struct tree_object *object)
{
    return object == NULL ? NULL : object->id;
}

/* With a copy of the properties: those of the document may change later. */
static void add_created(struct tree_operation *operation, const struct tree_object *object)
{
    json_t *properties = value_copy(object->properties);

    tree_operation_add(operation, (struct tree_component){.kind = TREE_CREATE,
                                                          .id = object->id,
                                                          .parent = id_of(object->parent),
                                                          .key = object->key,
                                                          .properties = properties});
    json_decref(properties);
}

static void add_move(struct tree_operation *operation, const struct tree_object *object)
{
    tree_operation_add(operation, (struct tree_component){.kind = TREE_MOVE,
                                                          .id = object->id,
                                                          .parent = id_of(object->parent),
                                                          .key = object->key});
}

static void add_delete(struct tree_operation *operation, json_t *id)
{
    tree_operation_add(operation, (struct tree_component){.kind = TREE_DELETE, .id = id});
}

/* ---- Inverse ---- */

/* Set `names` of the object to what they were in `before`. */
static void add_old_properties(struct tree_operation *inverse, const struct tree_object *before,
                               json_t *names)
{
    json_t *old = json_object(), *value;
    const char *name;
    size_t size;

    json_object_keylen_foreach (names, name, size, value) {
        json_t *was = value_object_get(before->properties, span_of(name, size));

        value_object_set_take(old, span_of(name, size),
                              was == NULL ? json_null() : json_incref(was));
    }
    if (json_object_size(old) > 0)
        tree_operation_add(inverse, (struct tree_component){
                                        .kind = TREE_SET, .id = before->id, .properties = old});
    json_decref(old);
}

/* Everything that was at and below `object`, whose inverse operation creates it again. */
static void add_subtree(struct tree_operation *inverse, struct tree_object *object)
{
    for (struct tree_object *each = object; each != NULL; each = tree_object_walk(each, object))
        add_created(inverse, each);
}

/* What takes back one component, which was not yet applied to `content`. */
static void add_inverse(struct tree_operation *inverse, const struct tree_content *content,
                        const struct tree_component *component)
{
    struct tree_object *object = tree_object_find(content, value_string(component->id));

    if (component->kind == TREE_CREATE && object == NULL)
        add_delete(inverse, component->id);
    if (object == NULL)
        return;
    if (component->kind == TREE_MOVE)
        add_move(inverse, object);
    else if (component->kind == TREE_SET)
        add_old_properties(inverse, object, component->properties);
    else if (component->kind == TREE_DELETE)
        add_subtree(inverse, object);
}

enum status tree_invert(const struct operation *operation, const struct content *before,
                        struct operation **result)
{
    const struct components *components = &tree_operation_of(operation)->components;
    struct tree_operation **steps = memory_zeroed(components->count + 1, sizeof(*steps));
    struct content *state = before->type->copy(before);
    struct tree_operation *inverse = tree_operation_create();

    for (size_t i = 0; i < components->count; i++) {
        const struct tree_component *component = components_at(&tree_pairwise, components, i);

        steps[i] = tree_operation_create();
        add_inverse(steps[i], tree_content_of(state), component);
        if (!tree_apply_component(tree_content_of(state), component))
            components_clear(&tree_pairwise, &steps[i]->components);
    }
    for (size_t i = components->count; i-- > 0;) {
        for (size_t j = 0; j < steps[i]->components.count; j++)
            components_push(&tree_pairwise, &inverse->components,
                            components_at(&tree_pairwise, &steps[i]->components, j));
        type_tree.discard(&steps[i]->operation);
    }
    content_destroy(state);
    memory_free(steps);
    *result = &inverse->operation;
    return STATUS_OK;
}

/* ---- Difference ---- */

static void add_changed_properties(struct tree_operation *difference,
                                   const struct tree_object *before,
                                   const struct tree_object *after)
{
    json_t *changed = json_object(), *value;
    const char *name;
    size_t size;

    json_object_keylen_foreach (before->properties, name, size, value) {
        if (value_object_get(after->properties, span_of(name, size)) == NULL)
            value_object_set_take(changed, span_of(name, size), json_null());
    }
    json_object_keylen_foreach (after->properties, name, size, value) {
        const json_t *old = value_object_get(before->properties, span_of(name, size));

        if (old == NULL || !value_equal(old, value))
            value_object_set_take(changed, span_of(name, size), value_copy(value));
    }
    if (json_object_size(changed) > 0)
        tree_operation_add(
            difference,
            (struct tree_component){.kind = TREE_SET, .id = after->id, .properties = changed});
    json_decref(changed);
}

static bool same_place(const struct tree_object *a, const struct tree_object *b)
{
    bool same_parent = a->parent == NULL || b->parent == NULL
                           ? a->parent == NULL && b->parent == NULL
                           : span_equal(value_string(a->parent->id), value_string(b->parent->id));

    return same_parent && value_equal(a->key, b->key);
}

/* From the top down, so that no object moves below one that is itself still to be moved: then
 * every move is possible. What is gone goes last, when nothing that stays is below it. */
enum status tree_difference(const struct content *before, const struct content *after,
                            struct operation **result)
{
    const struct tree_content *old = tree_content_of(before), *new = tree_content_of(after);
    struct tree_operation *difference = tree_operation_create();

    for (struct tree_object *object = new->first_top; object != NULL;
         object = tree_object_walk(object, NULL)) {
        const struct tree_object *was = tree_object_find(old, value_string(object->id));

        if (was == NULL) {
            add_created(difference, object);
            continue;
        }
        if (!same_place(was, object))
            add_move(difference, object);
        add_changed_properties(difference, was, object);
    }
    for (struct tree_object *object = old->first_top; object != NULL;
         object = tree_object_walk(object, NULL)) {
        bool parent_stays = object->parent == NULL ||
                            tree_object_find(new, value_string(object->parent->id)) != NULL;

        if (parent_stays && tree_object_find(new, value_string(object->id)) == NULL)
            add_delete(difference, object->id);
    }
    *result = &difference->operation;
    return STATUS_OK;
}
