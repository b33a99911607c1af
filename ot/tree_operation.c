#include <stdlib.h>

#include "base/limits.h"
#include "base/memory.h"
#include "ot/tree.h"

struct tree_operation *tree_operation_of(const struct operation *operation)
{
    return container_of(operation, struct tree_operation, operation);
}

struct tree_operation *tree_operation_create(void)
{
    struct tree_operation *operation = memory_allocate(sizeof(*operation));

    *operation = (struct tree_operation){.operation = {.type = &type_tree}};
    return operation;
}

static void component_share(void *to, const void *from)
{
    struct tree_component *component = to;

    (void)from;
    json_incref(component->id);
    json_incref(component->parent);
    json_incref(component->key);
    json_incref(component->properties);
}

static void component_finish(void *item)
{
    struct tree_component *component = item;

    json_decref(component->id);
    json_decref(component->parent);
    json_decref(component->key);
    json_decref(component->properties);
}

static enum status component_append(struct components *list, const void *component)
{
    components_push(&tree_pairwise, list, component);
    return STATUS_OK;
}

const struct pairwise tree_pairwise = {.size = sizeof(struct tree_component),
                                       .share = component_share,
                                       .finish = component_finish,
                                       .append = component_append};

void tree_operation_add(struct tree_operation *operation, struct tree_component component)
{
    components_push(&tree_pairwise, &operation->components, &component);
}

/* ---- Compose: both, without what the second one sets again ---- */

/* A property that is set; the names are borrowed. */
struct setting {
    struct span id;
    struct span name;
};

static int compare_settings(const void *a, const void *b)
{
    const struct setting *left = a, *right = b;
    int order = span_compare(left->id, right->id);

    return order != 0 ? order : span_compare(left->name, right->name);
}

/* All properties that the operation sets, sorted; the array is the caller's. */
static struct setting *settings_of(const struct components *components, size_t *count)
{
    struct setting *settings = NULL;
    size_t capacity = 0, used = 0;

    for (size_t i = 0; i < components->count; i++) {
        const struct tree_component *component = components_at(&tree_pairwise, components, i);
        const char *name;
        size_t size;
        json_t *value;

        if (component->kind != TREE_SET)
            continue;
        json_object_keylen_foreach (component->properties, name, size, value) {
            if (used == capacity) {
                capacity = capacity == 0 ? 8 : capacity * 2;
                settings = memory_resize(settings, capacity * sizeof(*settings));
            }
            settings[used++] =
                (struct setting){.id = value_string(component->id), .name = span_of(name, size)};
        }
    }
    if (used > 0)
        qsort(settings, used, sizeof(*settings), compare_settings);
    *count = used;
    return settings;
}

/* Add what of an earlier component is not set again. */
static void add_unless_set(struct tree_operation *operation, const struct tree_component *component,
                           const struct setting *settings, size_t count)
{
    struct tree_component kept = *component;
    const char *name;
    size_t size;
    json_t *value;

    if (component->kind != TREE_SET || count == 0) {
        tree_operation_add(operation, kept);
        return;
    }
    kept.properties = json_object();
    json_object_keylen_foreach (component->properties, name, size, value) {
        struct setting setting = {.id = value_string(component->id), .name = span_of(name, size)};

        if (bsearch(&setting, settings, count, sizeof(*settings), compare_settings) == NULL)
            value_object_set_take(kept.properties, setting.name, json_incref(value));
    }
    if (json_object_size(kept.properties) > 0)
        tree_operation_add(operation, kept);
    json_decref(kept.properties);
}

enum status tree_compose(const struct operation *first, const struct operation *second,
                         struct operation **result)
{
    const struct components *earlier = &tree_operation_of(first)->components;
    const struct components *later = &tree_operation_of(second)->components;
    struct tree_operation *composed = tree_operation_create();
    size_t count;
    struct setting *settings = settings_of(later, &count);

    for (size_t i = 0; i < earlier->count; i++)
        add_unless_set(composed, components_at(&tree_pairwise, earlier, i), settings, count);
    for (size_t i = 0; i < later->count; i++)
        components_push(&tree_pairwise, &composed->components,
                        components_at(&tree_pairwise, later, i));
    memory_free(settings);
    if (composed->components.count > LIMIT_OPERATION_COMPONENTS) {
        type_tree.discard(&composed->operation);
        return STATUS_TOO_LARGE;
    }
    *result = &composed->operation;
    return STATUS_OK;
}
