#include "ot/json0.h"

/* The inverse of what an embedded type did. Operations of text and rich do not hold what they
 * delete, so the document as it was just before the component is asked. */
static enum status invert_embedded(struct json0_component *component, json_t *root)
{
    const struct json0_embedded *embedded = component->embedded;
    struct components parts = {0};
    struct operation *inverse = NULL;
    enum status status = STATUS_OK;

    if (embedded->operation == NULL) {
        text0_invert(&embedded->parts, &parts);
    } else {
        struct content *content;
        const struct type *type = embedded->operation->type;

        status = json0_embedded_content(root, component, &content);
        if (status != STATUS_OK)
            return status;
        status = type->invert(embedded->operation, content, &inverse);
        content_destroy(content);
        if (status != STATUS_OK)
            return status;
    }
    json0_embedded_release(component->embedded);
    component->embedded = json0_embedded_take(inverse, parts);
    return STATUS_OK;
}

static enum status invert_component(struct json0_component *component, json_t *root)
{
    json_t *insert = component->insert;

    component->insert = component->remove;
    component->remove = insert;
    if (component->kind == JSON0_ADD && component->add != 0)
        component->add = -component->add;
    if (component->kind == JSON0_MOVE) {
        struct json0_key *key = json0_own_key(component, component->path->count - 1);
        uint64_t from = key->index;

        key->index = component->to;
        component->to = from;
    }
    return component->embedded != NULL ? invert_embedded(component, root) : STATUS_OK;
}

/* Only operations of embedded types look at the document. */
static bool needs_document(const struct components *components)
{
    for (size_t i = 0; i < components->count; i++) {
        const struct json0_component *component = components_at(&json0_pairwise, components, i);

        if (component->kind == JSON0_EMBEDDED)
            return true;
    }
    return false;
}

static void reverse(struct components *list)
{
    for (size_t i = 0; i < list->count / 2; i++) {
        struct json0_component *low = components_at(&json0_pairwise, list, i);
        struct json0_component *high = components_at(&json0_pairwise, list, list->count - 1 - i);
        struct json0_component held = *low;

        *low = *high;
        *high = held;
    }
}

enum status json0_invert(const struct operation *operation, const struct content *before,
                         struct operation **result)
{
    const struct components *components = &json0_operation_of(operation)->components;
    struct json0_operation *inverse = json0_operation_create();
    json_t *root = needs_document(components) ? value_copy(json0_content_of(before)->root) : NULL;
    enum status status = STATUS_OK;

    for (size_t i = 0; i < components->count && status == STATUS_OK; i++) {
        const struct json0_component *component = components_at(&json0_pairwise, components, i);

        components_push(&json0_pairwise, &inverse->components, component);
        status = invert_component(components_last(&json0_pairwise, &inverse->components), root);
        if (status == STATUS_OK && root != NULL)
            status = json0_apply_to_value(&root, component, 0, NULL);
    }
    json_decref(root);
    if (status != STATUS_OK) {
        type_json0.discard(&inverse->operation);
        return status;
    }
    reverse(&inverse->components);
    *result = &inverse->operation;
    return STATUS_OK;
}
