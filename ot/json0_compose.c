#include <math.h>

#include "base/limits.h"
#include "ot/json0.h"

static bool same_path(const struct json0_component *a, const struct json0_component *b,
                      size_t without)
{
    if (a->path == b->path)
        return true;
    if (a->path->count != b->path->count)
        return false;
    for (size_t i = 0; i + without < a->path->count; i++)
        if (!json0_key_equal(&a->path->keys[i], &b->path->keys[i]))
            return false;
    return true;
}

/* ---- Joining a component with the one before it, at the same path ---- */

/* Both edit a string: as parts of text0, which may touch. */
static enum status join_strings(struct json0_component *last,
                                const struct json0_component *component, bool *joined)
{
    struct text0_part earlier = text0_part_make(last->insert != NULL, json0_last_key(last)->index,
                                                last->insert != NULL ? last->insert : last->remove);
    struct text0_part later =
        text0_part_make(component->insert != NULL, json0_last_key(component)->index,
                        component->insert != NULL ? component->insert : component->remove);
    enum status status = STATUS_OK;

    if (later.utf16 == 0)
        *joined = true;
    else
        status = text0_merge(&earlier, &later, joined);
    if (status == STATUS_OK && *joined && later.utf16 > 0) {
        json_t **text = last->insert != NULL ? &last->insert : &last->remove;

        json_decref(*text);
        *text = json_incref(earlier.text);
        json0_own_key(last, last->path->count - 1)->index = earlier.at_utf16;
    }
    json_decref(earlier.text);
    json_decref(later.text);
    return status;
}

static enum status join_embedded(struct json0_component *last,
                                 const struct json0_component *component)
{
    const struct operation *first = last->embedded->operation;
    const struct operation *second = component->embedded->operation;
    struct operation *composed = NULL;
    struct components parts = {0};
    enum status status = STATUS_OK;

    if (first != NULL) {
        status = first->type->compose(first, second, &composed);
    } else {
        for (size_t i = 0; i < last->embedded->parts.count; i++)
            components_push(&text0_pairwise, &parts,
                            components_at(&text0_pairwise, &last->embedded->parts, i));
        status = components_append_all(&text0_pairwise, &parts, &component->embedded->parts);
    }
    if (status != STATUS_OK) {
        components_finish(&text0_pairwise, &parts);
        return status;
    }
    json0_embedded_release(last->embedded);
    last->embedded = json0_embedded_take(composed, parts);
    return STATUS_OK;
}

/* Strictly equal as JavaScript has it: scalars by value, arrays and objects never. */
static bool same_scalar(const json_t *a, const json_t *b)
{
    return !json_is_array(a) && !json_is_object(a) && value_equal(a, b);
}

/* An insertion that is deleted again leaves nothing, or the deletion it replaced. */
static void cancel_insert(struct components *list)
{
    struct json0_component *last = components_last(&json0_pairwise, list);

    if (last->remove != NULL)
        json0_drop(&last->insert);
    else
        components_pop(&json0_pairwise, list);
}

static bool join_objects(struct components *list, const struct json0_component *component)
{
    struct json0_component *last = components_last(&json0_pairwise, list);
    bool removed_then_set = last->remove != NULL && last->insert == NULL &&
                            component->insert != NULL && component->remove == NULL;
    bool set_then_changed = last->insert != NULL && component->remove != NULL;

    if (removed_then_set || (set_then_changed && component->insert != NULL)) {
        json_decref(last->insert);
        last->insert = json_incref(component->insert);
    } else if (set_then_changed) {
        cancel_insert(list);
    }
    return removed_then_set || set_then_changed;
}

/* `joined` when the component has found its place in what stands in the list already. */
static enum status join(struct components *list, const struct json0_component *component,
                        bool *joined)
{
    struct json0_component *last = components_last(&json0_pairwise, list);
    bool same_embedded = component->embedded != NULL && last->embedded != NULL &&
                         component->kind == last->kind &&
                         (component->kind == JSON0_TEXT0 ||
                          component->embedded->operation->type == last->embedded->operation->type);

    *joined = true;
    if (same_embedded)
        return join_embedded(last, component);
    if (last->kind == JSON0_ADD && component->kind == JSON0_ADD) {
        double sum = last->add + component->add;

        if (!isfinite(sum))
            return STATUS_OVERFLOW;
        last->add = sum;
        return STATUS_OK;
    }
    if (last->kind == JSON0_LIST && component->kind == JSON0_LIST && last->insert != NULL &&
        component->insert == NULL && same_scalar(component->remove, last->insert)) {
        cancel_insert(list);
        return STATUS_OK;
    }
    if (last->kind == JSON0_OBJECT && component->kind == JSON0_OBJECT &&
        join_objects(list, component))
        return STATUS_OK;
    *joined = component->kind == JSON0_MOVE && json0_last_key(component)->index == component->to;
    return STATUS_OK;
}

enum status json0_append(struct components *list, const void *item)
{
    const struct json0_component *component = item;
    struct json0_component *last = components_last(&json0_pairwise, list);
    bool joined = false;
    enum status status = STATUS_OK;

    if (last != NULL) {
        bool strings = last->kind == JSON0_STRING && component->kind == JSON0_STRING;

        if (!same_path(component, last, strings ? 1 : 0))
            joined = false;
        else if (strings)
            status = join_strings(last, component, &joined);
        else
            status = join(list, component, &joined);
    }
    if (status == STATUS_OK && !joined)
        components_push(&json0_pairwise, list, component);
    return status;
}

enum status json0_compose(const struct operation *first, const struct operation *second,
                          struct operation **result)
{
    struct json0_operation *composed = json0_operation_create();
    const struct components *earlier = &json0_operation_of(first)->components;
    enum status status;

    for (size_t i = 0; i < earlier->count; i++)
        components_push(&json0_pairwise, &composed->components,
                        components_at(&json0_pairwise, earlier, i));
    status = components_append_all(&json0_pairwise, &composed->components,
                                   &json0_operation_of(second)->components);
    if (status == STATUS_OK && composed->components.count > LIMIT_JSON0_COMPONENTS)
        status = STATUS_TOO_LARGE;
    if (status == STATUS_OK)
        *result = &composed->operation;
    else
        type_json0.discard(&composed->operation);
    return status;
}
