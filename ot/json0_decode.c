#include <stdlib.h>

#include "base/json_scan.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/memory.h"
#include "ot/json0.h"

/* ---- Which members a component has ---- */

enum member { P, NA, LI, LD, LM, OI, OD, SI, SD, T, O, MEMBER_COUNT };

static const char *const member_names[MEMBER_COUNT] = {
    [P] = "p",   [NA] = "na", [LI] = "li", [LD] = "ld", [LM] = "lm", [OI] = "oi",
    [OD] = "od", [SI] = "si", [SD] = "sd", [T] = "t",   [O] = "o",
};

#define BIT(member) (1U << (member))

/* The sets of members that make a component, and what it then is. */
static const struct shape {
    unsigned members;
    enum json0_kind kind;
} shapes[] = {
    {BIT(NA), JSON0_ADD},
    {BIT(LI), JSON0_LIST},
    {BIT(LD), JSON0_LIST},
    {BIT(LM), JSON0_MOVE},
    {BIT(OI), JSON0_OBJECT},
    {BIT(OD), JSON0_OBJECT},
    {BIT(SI), JSON0_STRING},
    {BIT(SD), JSON0_STRING},
    {BIT(LI) | BIT(LD), JSON0_LIST},
    {BIT(T) | BIT(O), JSON0_EMBEDDED},
    {BIT(OI) | BIT(OD), JSON0_OBJECT},
};

struct members {
    struct span values[MEMBER_COUNT];
    unsigned present;
};

static enum status find_members(struct span json, struct members *members, struct fault *fault)
{
    struct json_walk walk;
    struct span name, value;

    if (json_kind(json) != JSON_KIND_OBJECT)
        return fault_set(fault, STATUS_MALFORMED_OPERATION, "not an object");
    json_walk_init(&walk, json);
    while (json_walk_member(&walk, &name, &value)) {
        int member = 0;

        while (member < MEMBER_COUNT && !json_string_is(name, member_names[member]))
            member++;
        if (member == MEMBER_COUNT)
            return fault_set(fault, STATUS_MALFORMED_OPERATION, "unknown member %.*s",
                             SPAN_PRINT(name));
        if (members->present & BIT(member))
            return fault_set(fault, STATUS_MALFORMED_OPERATION, "repeated member %.*s",
                             SPAN_PRINT(name));
        members->present |= BIT(member);
        members->values[member] = value;
    }
    return STATUS_OK;
}

/* ---- One component ---- */

static enum status decode_key(struct span json, struct json0_key *key, struct fault *fault)
{
    if (json_kind(json) == JSON_KIND_STRING) {
        if (json_string_is(json, "__proto__"))
            return fault_set(fault, STATUS_MALFORMED_OPERATION, "a path names __proto__");
        return value_load(json, &key->name, fault);
    }
    if (!json_read_unsigned(json, &key->index))
        return fault_set(fault, STATUS_MALFORMED_OPERATION,
                         "a path is made of names and indexes, not %.*s",
                         (int)(json.size < 40 ? json.size : 40), (const char *)json.data);
    return STATUS_OK;
}

static enum status decode_path(struct span json, struct json0_component *component,
                               struct fault *fault)
{
    struct json_walk walk;
    struct span element;
    size_t at = 0;
    enum status status = STATUS_OK;

    if (!span_present(json) || json_kind(json) != JSON_KIND_ARRAY)
        return fault_set(fault, STATUS_MALFORMED_OPERATION, "the path p has to be an array");
    component->path = json0_path_create(json_count(json));
    json_walk_init(&walk, json);
    while (status == STATUS_OK && json_walk_element(&walk, &element))
        status = decode_key(element, &component->path->keys[at++], fault);
    return status;
}

static enum status decode_embedded(const struct members *members, struct json0_component *component,
                                   struct fault *fault)
{
    struct buffer scratch = {0};
    struct components parts = {0};
    struct operation *operation = NULL;
    const struct json0_subtype *subtype = NULL;
    bool text0 = false;
    enum status status;

    if (json_kind(members->values[T]) == JSON_KIND_STRING) {
        struct span name = json_read_string(members->values[T], &scratch);

        text0 = span_equal(name, SPAN("text0"));
        subtype = json0_subtype_find(name);
    }
    buffer_finish(&scratch);
    if (text0) {
        component->kind = JSON0_TEXT0;
        status = text0_decode(members->values[O], &parts, fault);
    } else if (subtype != NULL) {
        status = subtype->type->decode(members->values[O], &operation, fault);
    } else {
        status = fault_set(fault, STATUS_MALFORMED_OPERATION, "no such embedded type: %.*s",
                           SPAN_PRINT(members->values[T]));
    }
    if (status == STATUS_OK)
        component->embedded = json0_embedded_take(operation, parts);
    return status;
}

static enum status decode_payloads(const struct members *members, struct json0_component *component,
                                   struct fault *fault)
{
    static const enum member inserts[] = {LI, OI, SI}, removes[] = {LD, OD, SD};
    enum status status = STATUS_OK;

    for (size_t i = 0; i < 3 && status == STATUS_OK; i++) {
        if (members->present & BIT(inserts[i]))
            status = value_load(members->values[inserts[i]], &component->insert, fault);
        if (status == STATUS_OK && members->present & BIT(removes[i]))
            status = value_load(members->values[removes[i]], &component->remove, fault);
    }
    return status;
}

/* The last key and the payloads are what the kind of the component needs. */
static const char *misfit(const struct json0_component *component)
{
    const struct json0_key *last = json0_last_key(component);
    const json_t *text = component->insert != NULL ? component->insert : component->remove;

    switch (component->kind) {
    case JSON0_LIST:
    case JSON0_MOVE:
        return last == NULL || last->name != NULL ? "the path has to end in an index" : NULL;
    case JSON0_OBJECT:
        if (last == NULL)
            return component->insert == NULL ? "the whole document cannot be removed" : NULL;
        return last->name == NULL ? "the path has to end in a name" : NULL;
    case JSON0_STRING:
        if (!json_is_string(text))
            return "si and sd have to be strings";
        return last == NULL || last->name != NULL ? "the path has to end in an offset" : NULL;
    case JSON0_ADD:
    case JSON0_TEXT0:
    case JSON0_EMBEDDED:
        return NULL;
    }
    return NULL;
}

static enum status decode_component(struct span json, struct json0_component *component,
                                    struct fault *fault)
{
    struct members members = {0};
    const struct shape *shape = shapes;
    const struct shape *end = shapes + sizeof(shapes) / sizeof(shapes[0]);
    enum status status = find_members(json, &members, fault);

    if (status != STATUS_OK)
        return status;
    while (shape < end && shape->members != (members.present & ~BIT(P)))
        shape++;
    if (shape == end)
        return fault_set(fault, STATUS_MALFORMED_OPERATION, "it has to do exactly one thing");
    component->kind = shape->kind;
    status = decode_path(members.values[P], component, fault);
    if (status == STATUS_OK && shape->kind == JSON0_EMBEDDED)
        status = decode_embedded(&members, component, fault);
    else if (status == STATUS_OK)
        status = decode_payloads(&members, component, fault);
    if (status != STATUS_OK)
        return status;
    if (shape->kind == JSON0_ADD && (json_kind(members.values[NA]) != JSON_KIND_NUMBER ||
                                     !json_read_double(members.values[NA], &component->add)))
        return fault_set(fault, STATUS_MALFORMED_OPERATION, "na has to be a number");
    if (shape->kind == JSON0_MOVE && !json_read_unsigned(members.values[LM], &component->to))
        return fault_set(fault, STATUS_MALFORMED_OPERATION, "lm has to be an index");
    const char *reason = misfit(component);
    return reason == NULL ? STATUS_OK : fault_set(fault, STATUS_MALFORMED_OPERATION, "%s", reason);
}

enum status json0_decode(struct span json, struct operation **operation, struct fault *fault)
{
    struct json_walk walk;
    struct span element;
    struct fault inner = {0};
    enum status status = STATUS_OK;

    if (json_kind(json) != JSON_KIND_ARRAY)
        return fault_set(fault, STATUS_MALFORMED_OPERATION, "an operation is an array");
    if (json_count(json) > LIMIT_JSON0_COMPONENTS)
        return fault_set(fault, STATUS_TOO_LARGE, "more than %d components",
                         LIMIT_JSON0_COMPONENTS);
    struct json0_operation *decoded = json0_operation_create();
    json_walk_init(&walk, json);
    while (json_walk_element(&walk, &element) && status == STATUS_OK) {
        struct json0_component component = {0};

        status = decode_component(element, &component, &inner);
        if (status == STATUS_OK)
            components_push_take(&json0_pairwise, &decoded->components, &component);
        else
            json0_pairwise.finish(&component);
    }
    if (status != STATUS_OK) {
        status =
            fault_set(fault, status == STATUS_MALFORMED_JSON ? STATUS_MALFORMED_OPERATION : status,
                      "component %zu: %s", decoded->components.count, inner.text);
        type_json0.discard(&decoded->operation);
        return status;
    }
    *operation = &decoded->operation;
    return STATUS_OK;
}

/* ---- Canonical JSON: the names of a component in their order ---- */

static void write_path(const struct json0_path *path, struct buffer *out)
{
    buffer_append_text(out, "\"p\":[");
    for (size_t i = 0; i < path->count; i++) {
        if (i > 0)
            buffer_append_byte(out, ',');
        if (path->keys[i].name != NULL)
            json_write_string(out, value_string(path->keys[i].name));
        else
            buffer_append_unsigned(out, path->keys[i].index);
    }
    buffer_append_byte(out, ']');
}

static void write_payload(const char *name, const json_t *value, struct buffer *out)
{
    if (value == NULL)
        return;
    buffer_append_format(out, "\"%s\":", name);
    value_write(value, out);
    buffer_append_byte(out, ',');
}

static void write_embedded(const struct json0_component *component, struct buffer *out)
{
    const struct operation *operation = component->embedded->operation;

    buffer_append_text(out, "\"o\":");
    if (operation == NULL)
        text0_write(&component->embedded->parts, out);
    else
        operation->type->write(operation, out);
    buffer_append_byte(out, ',');
    write_path(component->path, out);
    buffer_append_format(out, ",\"t\":\"%s\"",
                         operation == NULL ? "text0" : json0_subtype_of(operation)->name);
}

static void write_component(const struct json0_component *component, struct buffer *out)
{
    buffer_append_byte(out, '{');
    switch (component->kind) {
    case JSON0_ADD:
        buffer_append_text(out, "\"na\":");
        json_write_double(out, component->add);
        buffer_append_byte(out, ',');
        write_path(component->path, out);
        break;
    case JSON0_LIST:
        write_payload("ld", component->remove, out);
        write_payload("li", component->insert, out);
        write_path(component->path, out);
        break;
    case JSON0_MOVE:
        buffer_append_format(out, "\"lm\":%llu,", (unsigned long long)component->to);
        write_path(component->path, out);
        break;
    case JSON0_OBJECT:
        write_payload("od", component->remove, out);
        write_payload("oi", component->insert, out);
        write_path(component->path, out);
        break;
    case JSON0_STRING:
        write_path(component->path, out);
        buffer_append_text(out, component->insert != NULL ? ",\"si\":" : ",\"sd\":");
        value_write(component->insert != NULL ? component->insert : component->remove, out);
        break;
    case JSON0_TEXT0:
    case JSON0_EMBEDDED:
        write_embedded(component, out);
        break;
    }
    buffer_append_byte(out, '}');
}

void json0_write(const struct operation *operation, struct buffer *out)
{
    const struct components *components = &json0_operation_of(operation)->components;

    buffer_append_byte(out, '[');
    for (size_t i = 0; i < components->count; i++) {
        if (i > 0)
            buffer_append_byte(out, ',');
        write_component(components_at(&json0_pairwise, components, i), out);
    }
    buffer_append_byte(out, ']');
}
