#include "ot/tree.h"

#include "base/limits.h"
#include "base/memory.h"

static struct content *content_copy(const struct content *content)
{
    struct tree_content *copy = memory_zeroed(1, sizeof(*copy));
    struct tree_object *object = tree_content_of(content)->first_top;

    copy->content.type = &type_tree;
    copy->size = tree_content_of(content)->size;
    for (; object != NULL; object = tree_object_walk(object, NULL)) {
        struct tree_object *same = tree_object_add(copy, object->id);
        struct tree_object *parent = NULL;

        if (object->parent != NULL)
            parent = tree_object_find(copy, value_string(object->parent->id));
        same->key = json_incref(object->key);
        same->properties = value_copy(object->properties);
        tree_object_link(copy, same, parent);
    }
    return &copy->content;
}

static void content_free(struct content *content)
{
    if (content == NULL)
        return;
    struct tree_content *tree = tree_content_of(content);
    struct tree_object *object;

    while ((object = tree_object_first(tree)) != NULL)
        tree_object_forget(tree, object);
    memory_free(tree);
}

static size_t content_size(const struct content *content)
{
    return tree_content_of(content)->size.bytes + 2;
}

static void operation_free(struct operation *operation)
{
    if (operation == NULL)
        return;
    components_finish(&tree_pairwise, &tree_operation_of(operation)->components);
    memory_free(tree_operation_of(operation));
}

static bool operation_is_empty(const struct operation *operation)
{
    return tree_operation_of(operation)->components.count == 0;
}

/* Only the size can be in the way: the operation adds at most what it holds. */
static enum status content_check(const struct content *content, const struct operation *operation,
                                 struct fault *fault)
{
    const struct components *components = &tree_operation_of(operation)->components;
    struct value_size size = tree_content_of(content)->size;
    size_t bytes = size.bytes, nodes = size.nodes;

    for (size_t i = 0; i < components->count; i++) {
        const struct tree_component *component = components_at(&tree_pairwise, components, i);

        if (component->key != NULL)
            bytes += json_string_length(component->key) + 2 * TREE_ID_BYTES_MAX;
        if (component->properties != NULL) {
            struct value_size more = value_measure(component->properties);

            bytes += more.bytes;
            nodes += more.nodes + 4;
        }
    }
    if (bytes > LIMIT_DOCUMENT_BYTES && bytes > size.bytes)
        return fault_set(fault, STATUS_TOO_LARGE, "the document would have more than %d bytes",
                         LIMIT_DOCUMENT_BYTES);
    if (nodes > LIMIT_DOCUMENT_NODES && nodes > size.nodes)
        return fault_set(fault, STATUS_TOO_MANY_NODES,
                         "the document would have more than %d values", LIMIT_DOCUMENT_NODES);
    return STATUS_OK;
}

static enum status content_apply(struct content *content, const struct operation *operation,
                                 struct fault *fault)
{
    const struct components *components = &tree_operation_of(operation)->components;
    enum status status = content_check(content, operation, fault);

    for (size_t i = 0; i < components->count && status == STATUS_OK; i++)
        tree_apply_component(tree_content_of(content),
                             components_at(&tree_pairwise, components, i));
    return status;
}

static enum status transform(const struct operation *operation, const struct operation *other,
                             enum side side, struct operation **result)
{
    const struct components *components = &tree_operation_of(operation)->components;
    struct tree_operation *same = tree_operation_create();

    (void)other;
    (void)side;
    for (size_t i = 0; i < components->count; i++)
        components_push(&tree_pairwise, &same->components,
                        components_at(&tree_pairwise, components, i));
    *result = &same->operation;
    return STATUS_OK;
}

const struct type type_tree = {
    .name = "tree",
    .identity = true,
    .left = SIDE_FIRST,
    .components_max = LIMIT_OPERATION_COMPONENTS,
    .create = tree_create,
    .copy = content_copy,
    .destroy = content_free,
    .encode = tree_encode,
    .size = content_size,
    .decode = tree_decode,
    .discard = operation_free,
    .write = tree_write,
    .check = content_check,
    .apply = content_apply,
    .transform = transform,
    .compose = tree_compose,
    .invert = tree_invert,
    .difference = tree_difference,
    .is_empty = operation_is_empty,
};
