#include <math.h>

#include "base/json_scan.h"
#include "base/limits.h"
#include "ot/json0.h"
#include "ot/json0_journal.h"

/* One component on its way into a value. */
struct step {
    struct json0_journal *journal;
    const struct json0_component *component;
    size_t skip; /* keys of its path that lead to the value itself */
    struct fault *fault;
};

static enum status refuse(const struct step *step, const char *reason)
{
    return fault_set(step->fault, STATUS_NOT_APPLICABLE, "%s", reason);
}

/* ---- Finding the place ---- */

/* The value behind the keys up to `end`. */
static enum status walk(const struct step *step, size_t end, json_t **found)
{
    const struct json0_key *keys = step->component->path->keys;
    json_t *value = *step->journal->root;

    for (size_t i = step->skip; i < end && value != NULL; i++) {
        if (keys[i].name != NULL)
            value =
                json_is_object(value) ? value_object_get(value, value_string(keys[i].name)) : NULL;
        else
            value = json_is_array(value) ? json_array_get(value, (size_t)keys[i].index) : NULL;
        if (value == NULL)
            return fault_set(step->fault, STATUS_NOT_APPLICABLE,
                             "key %zu of the path leads nowhere", i);
    }
    *found = value;
    return STATUS_OK;
}

/* The place behind the keys up to `end`, the last of which may name nothing yet. */
static enum status locate(const struct step *step, size_t end, struct json0_place *place)
{
    *place = (struct json0_place){0};
    if (end == step->skip)
        return STATUS_OK;
    const struct json0_key *key = &step->component->path->keys[end - 1];
    enum status status = walk(step, end - 1, &place->container);

    if (status != STATUS_OK)
        return status;
    if (key->name != NULL && !json_is_object(place->container))
        return refuse(step, "a name in the path of something that is no object");
    if (key->name == NULL && !json_is_array(place->container))
        return refuse(step, "an index in the path of something that is no list");
    place->name = key->name;
    place->index = (size_t)key->index;
    return STATUS_OK;
}

/* The same for a value that has to be there. */
static enum status locate_value(const struct step *step, size_t end, struct json0_place *place,
                                json_t **value)
{
    enum status status = locate(step, end, place);

    if (status != STATUS_OK)
        return status;
    *value = json0_place_value(step->journal, place);
    return *value == NULL ? refuse(step, "the path leads nowhere") : STATUS_OK;
}

/* A payload in its place must not lie deeper than what can be read again. */
static enum status check_depth(const struct step *step, const json_t *value)
{
    if (value == NULL || !step->journal->keeps ||
        step->component->path->count + value_measure(value).depth <= LIMIT_JSON_DEPTH)
        return STATUS_OK;
    return fault_set(step->fault, STATUS_TOO_DEEP, "the document would be nested deeper than %d",
                     LIMIT_JSON_DEPTH);
}

/* ---- What the kinds do ---- */

static enum status apply_list(const struct step *step)
{
    const struct json0_component *component = step->component;
    struct json0_place place;
    enum status status = locate(step, component->path->count, &place);

    if (status == STATUS_OK)
        status = check_depth(step, component->insert);
    if (status != STATUS_OK)
        return status;
    if (place.container == NULL)
        return refuse(step, "the path has to end in an index");
    size_t end = json_array_size(place.container) + (component->remove == NULL ? 1 : 0);
    if (json0_last_key(component)->index >= end)
        return refuse(step, "the index is beyond the list's end");
    if (component->insert == NULL)
        json0_journal_remove(step->journal, &place);
    else if (component->remove == NULL)
        json0_journal_insert_take(step->journal, &place, value_copy(component->insert));
    else
        json0_journal_set_take(step->journal, &place, value_copy(component->insert));
    return STATUS_OK;
}

static enum status apply_move(const struct step *step)
{
    const struct json0_component *component = step->component;
    struct json0_place place;
    enum status status = locate(step, component->path->count, &place);

    if (status != STATUS_OK)
        return status;
    if (place.container == NULL)
        return refuse(step, "the path has to end in an index");
    if (json0_last_key(component)->index >= json_array_size(place.container) ||
        component->to >= json_array_size(place.container))
        return refuse(step, "a move from or to beyond the list's end");
    if (component->to != place.index)
        json0_journal_move(step->journal, &place, (size_t)component->to);
    return STATUS_OK;
}

static enum status apply_object(const struct step *step)
{
    const struct json0_component *component = step->component;
    struct json0_place place;
    enum status status = locate(step, component->path->count, &place);

    if (status == STATUS_OK)
        status = check_depth(step, component->insert);
    if (status != STATUS_OK)
        return status;
    if (place.container == NULL && component->insert == NULL)
        return refuse(step, "the whole document cannot be removed");
    if (place.container != NULL && value_object_get(place.container, SPAN("constructor")) != NULL)
        return refuse(step, "an object with a member named constructor cannot be changed");
    json0_journal_set_take(step->journal, &place,
                           component->insert == NULL ? NULL : value_copy(component->insert));
    return STATUS_OK;
}

static enum status apply_add(const struct step *step)
{
    struct json0_place place;
    json_t *value;
    enum status status = locate_value(step, step->component->path->count, &place, &value);

    if (status != STATUS_OK)
        return status;
    if (!json_is_number(value))
        return refuse(step, "na on something that is no number");
    double sum = json_number_value(value) + step->component->add;
    if (!isfinite(sum))
        return fault_set(step->fault, STATUS_OVERFLOW, "the sum is beyond the doubles");
    json0_journal_set_take(step->journal, &place, value_of_number(sum));
    return STATUS_OK;
}

/* Edit the string behind the keys up to `end`. */
static enum status apply_parts(const struct step *step, size_t end, const struct components *parts)
{
    struct json0_place place;
    json_t *value, *edited;
    enum status status = locate_value(step, end, &place, &value);

    if (status != STATUS_OK)
        return status;
    if (!json_is_string(value))
        return refuse(step, "an edit of a string on something that is none");
    status = text0_apply(value, parts, &edited, step->fault);
    if (status == STATUS_OK)
        json0_journal_set_take(step->journal, &place, edited);
    return status;
}

static enum status apply_string(const struct step *step)
{
    const struct json0_component *component = step->component;
    struct text0_part part =
        text0_part_make(component->insert != NULL, json0_last_key(component)->index,
                        component->insert != NULL ? component->insert : component->remove);
    struct components parts = {.items = &part, .count = 1};
    enum status status = apply_parts(step, component->path->count - 1, &parts);

    text0_pairwise.finish(&part);
    return status;
}

/* ---- Embedded types: the value is read as a document of the type, and written back ---- */

static enum status embedded_read(const json_t *value, const struct type *type,
                                 struct content **content, struct fault *fault)
{
    struct buffer json = {0};
    struct fault inner = {0};

    value_write(value, &json);
    enum status status = type->create(buffer_span(&json), content, &inner);
    buffer_finish(&json);
    return status == STATUS_OK
               ? status
               : fault_set(fault, STATUS_NOT_APPLICABLE, "the value is no document of type %s: %s",
                           type->name, inner.text);
}

static json_t *embedded_write(const struct content *content)
{
    struct buffer json = {0};
    json_t *value;

    content->type->encode(content, &json);
    must(value_load(buffer_span(&json), &value, NULL) == STATUS_OK);
    buffer_finish(&json);
    return value;
}

static enum status apply_embedded(const struct step *step)
{
    const struct operation *operation = step->component->embedded->operation;
    struct json0_place place;
    struct content *content;
    json_t *value;
    enum status status = locate_value(step, step->component->path->count, &place, &value);

    if (status == STATUS_OK)
        status = embedded_read(value, operation->type, &content, step->fault);
    if (status != STATUS_OK)
        return status;
    status = operation->type->apply(content, operation, step->fault);
    if (status == STATUS_OK) {
        json_t *edited = embedded_write(content);

        status = check_depth(step, edited);
        if (status == STATUS_OK)
            json0_journal_set_take(step->journal, &place, edited);
        else
            json_decref(edited);
    }
    content_destroy(content);
    return status;
}

enum status json0_embedded_content(json_t *root, const struct json0_component *component,
                                   struct content **content)
{
    struct json0_journal journal = {.root = &root};
    struct step step = {.journal = &journal, .component = component};
    json_t *value;
    enum status status = walk(&step, component->path->count, &value);

    return status == STATUS_OK
               ? embedded_read(value, component->embedded->operation->type, content, NULL)
               : status;
}

/* ---- Whole operations ---- */

static enum status apply_component(const struct step *step)
{
    switch (step->component->kind) {
    case JSON0_ADD:
        return apply_add(step);
    case JSON0_LIST:
        return apply_list(step);
    case JSON0_MOVE:
        return apply_move(step);
    case JSON0_OBJECT:
        return apply_object(step);
    case JSON0_STRING:
        return apply_string(step);
    case JSON0_TEXT0:
        return apply_parts(step, step->component->path->count, &step->component->embedded->parts);
    case JSON0_EMBEDDED:
        return apply_embedded(step);
    }
    return STATUS_OK;
}

enum status json0_apply_to_value(json_t **root, const struct json0_component *component,
                                 size_t skip, struct fault *fault)
{
    struct json0_journal journal = {.root = root};
    struct step step = {.journal = &journal, .component = component, .skip = skip, .fault = fault};

    return apply_component(&step);
}

/* The document after the operation is one that can be stored and read again. */
static enum status check_size(const struct json0_content *content,
                              const struct json0_journal *journal, struct fault *fault)
{
    if (journal->size.bytes > LIMIT_DOCUMENT_BYTES && journal->size.bytes > content->size.bytes)
        return fault_set(fault, STATUS_TOO_LARGE, "the document would have more than %d bytes",
                         LIMIT_DOCUMENT_BYTES);
    if (journal->size.nodes > LIMIT_DOCUMENT_NODES && journal->size.nodes > content->size.nodes)
        return fault_set(fault, STATUS_TOO_MANY_NODES,
                         "the document would have more than %d values", LIMIT_DOCUMENT_NODES);
    return STATUS_OK;
}

/* Perform all components; when one is refused, or `only_check` says so, take them back. */
static enum status perform(struct json0_content *content, const struct components *components,
                           bool only_check, struct fault *fault)
{
    struct json0_journal journal = {.root = &content->root, .size = content->size, .keeps = true};
    struct fault inner = {0};
    struct step step = {.journal = &journal, .fault = &inner};
    enum status status = STATUS_OK;
    size_t at = 0;

    while (at < components->count && status == STATUS_OK) {
        step.component = components_at(&json0_pairwise, components, at++);
        status = apply_component(&step);
    }
    if (status != STATUS_OK)
        fault_set(fault, status, "component %zu: %s", at - 1, inner.text);
    else
        status = check_size(content, &journal, fault);
    if (status != STATUS_OK || only_check)
        json0_journal_undo(&journal);
    else
        content->size = journal.size;
    json0_journal_finish(&journal);
    return status;
}

enum status json0_apply(struct content *content, const struct operation *operation,
                        struct fault *fault)
{
    return perform(json0_content_of(content), &json0_operation_of(operation)->components, false,
                   fault);
}

/* A later component may need what an earlier one made, so this tries, and takes it back. */
enum status json0_check(const struct content *content, const struct operation *operation,
                        struct fault *fault)
{
    return perform(json0_content_of(content), &json0_operation_of(operation)->components, true,
                   fault);
}
