#include "base/json_scan.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "ot/tree.h"
#include "ot/tree_key.h"

/* Values of properties may nest this deep: a document around them can still be scanned. */
enum { KEY_BYTES_MAX = 1024, VALUE_DEPTH_MAX = LIMIT_JSON_DEPTH - 8 };

static enum status refuse(struct fault *fault, const char *reason)
{
    return fault_set(fault, STATUS_MALFORMED_OPERATION, "%s", reason);
}

/* ---- Values ---- */

static bool is_id(struct span id)
{
    if (id.size == 0 || id.size > TREE_ID_BYTES_MAX || span_equal(id, SPAN("__proto__")))
        return false;
    for (size_t i = 0; i < id.size; i++) {
        uint8_t byte = id.data[i];
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');

        if (!letter && !(byte >= '0' && byte <= '9') && byte != '-' && byte != '_' && byte != '.')
            return false;
    }
    return true;
}

enum status tree_decode_id(struct span json, json_t **id, struct fault *fault)
{
    json_t *loaded = NULL;

    if (json_kind(json) == JSON_KIND_STRING && value_load(json, &loaded, fault) == STATUS_OK &&
        is_id(value_string(loaded))) {
        *id = loaded;
        return STATUS_OK;
    }
    json_decref(loaded);
    return refuse(fault, "an id has 1 to 64 letters, digits, -, _ and .");
}

enum status tree_decode_place(struct span json, json_t **parent, json_t **key, struct fault *fault)
{
    struct json_walk walk;
    struct span first = SPAN_NONE, second = SPAN_NONE;
    json_t *loaded = NULL;

    if (json_kind(json) != JSON_KIND_ARRAY || json_count(json) != 2)
        return refuse(fault, "a place is [parent, key]");
    json_walk_init(&walk, json);
    json_walk_element(&walk, &first);
    json_walk_element(&walk, &second);
    if (json_kind(second) == JSON_KIND_STRING)
        must(value_load(second, &loaded, NULL) == STATUS_OK);
    if (loaded == NULL || value_string(loaded).size > KEY_BYTES_MAX ||
        !tree_key_check(value_string(loaded))) {
        json_decref(loaded);
        return refuse(fault, "the second part of a place is a key such as \"a0\"");
    }
    *key = loaded;
    return json_kind(first) == JSON_KIND_NULL ? STATUS_OK : tree_decode_id(first, parent, fault);
}

static bool has_null(json_t *properties)
{
    const char *name;
    json_t *value;

    json_object_foreach (properties, name, value) {
        if (json_is_null(value))
            return true;
    }
    return false;
}

enum status tree_decode_properties(struct span json, bool nulls, json_t **properties,
                                   struct fault *fault)
{
    if (json_kind(json) != JSON_KIND_OBJECT)
        return refuse(fault, "properties are an object");
    if (value_load(json, properties, fault) != STATUS_OK)
        return STATUS_MALFORMED_OPERATION;
    if (value_measure(*properties).depth > VALUE_DEPTH_MAX)
        return fault_set(fault, STATUS_TOO_DEEP, "properties nested deeper than %d",
                         VALUE_DEPTH_MAX);
    if (value_object_get(*properties, SPAN("__proto__")) != NULL)
        return refuse(fault, "no property may be called __proto__");
    if (!nulls && has_null(*properties))
        return refuse(fault, "a property that is null has to be left out");
    return STATUS_OK;
}

/* ---- Operations ---- */

static const char *const kind_names[] = {"create", "move", "set", "delete"};

static enum status decode_members(struct span json, struct tree_component *component,
                                  struct fault *fault)
{
    struct json_walk walk;
    struct span name, value;
    enum status status = STATUS_OK;

    json_walk_init(&walk, json);
    while (status == STATUS_OK && json_walk_member(&walk, &name, &value)) {
        int kind = TREE_CREATE;

        while (kind <= TREE_DELETE && !json_string_is(name, kind_names[kind]))
            kind++;
        if (kind <= TREE_DELETE && component->id == NULL) {
            component->kind = (enum tree_kind)kind;
            status = tree_decode_id(value, &component->id, fault);
        } else if (json_string_is(name, "place") && component->key == NULL) {
            status = tree_decode_place(value, &component->parent, &component->key, fault);
        } else if (json_string_is(name, "properties") && component->properties == NULL) {
            status = tree_decode_properties(value, true, &component->properties, fault);
        } else {
            status = fault_set(fault, STATUS_MALFORMED_OPERATION, "unknown or repeated member %.*s",
                               SPAN_PRINT(name));
        }
    }
    return status;
}

static enum status decode_component(struct span json, struct tree_component *component,
                                    struct fault *fault)
{
    if (json_kind(json) != JSON_KIND_OBJECT)
        return refuse(fault, "not an object");
    enum status status = decode_members(json, component, fault);

    if (status != STATUS_OK)
        return status;
    bool placed = component->kind == TREE_CREATE || component->kind == TREE_MOVE;
    bool filled = component->kind == TREE_CREATE || component->kind == TREE_SET;
    if (component->id == NULL || placed != (component->key != NULL) ||
        filled != (component->properties != NULL))
        return refuse(fault, "it is one of {create, place, properties}, {move, place}, "
                             "{set, properties}, {delete}");
    if (component->kind == TREE_CREATE && has_null(component->properties))
        return refuse(fault, "a property that is null has to be left out");
    return STATUS_OK;
}

enum status tree_decode(struct span json, struct operation **operation, struct fault *fault)
{
    struct json_walk walk;
    struct span element;
    struct fault inner = {0};
    enum status status = STATUS_OK;

    if (json_kind(json) != JSON_KIND_ARRAY)
        return refuse(fault, "an operation is an array");
    if (json_count(json) > LIMIT_OPERATION_COMPONENTS)
        return fault_set(fault, STATUS_TOO_LARGE, "more than %d components",
                         LIMIT_OPERATION_COMPONENTS);
    struct tree_operation *decoded = tree_operation_create();
    json_walk_init(&walk, json);
    while (status == STATUS_OK && json_walk_element(&walk, &element)) {
        struct tree_component component = {0};

        status = decode_component(element, &component, &inner);
        if (status == STATUS_OK)
            components_push_take(&tree_pairwise, &decoded->components, &component);
        else
            tree_pairwise.finish(&component);
    }
    if (status != STATUS_OK) {
        fault_set(fault, status, "component %zu: %s", decoded->components.count, inner.text);
        type_tree.discard(&decoded->operation);
        return status;
    }
    *operation = &decoded->operation;
    return STATUS_OK;
}

/* ---- Canonical JSON ---- */

void tree_write_place(const json_t *parent, const json_t *key, struct buffer *out)
{
    buffer_append_text(out, "\"place\":[");
    if (parent == NULL)
        buffer_append_text(out, "null");
    else
        value_write(parent, out);
    buffer_append_byte(out, ',');
    value_write(key, out);
    buffer_append_byte(out, ']');
}

/* The names in their order: create, delete and move before place before properties before set. */
static void write_component(const struct tree_component *component, struct buffer *out)
{
    buffer_append_byte(out, '{');
    if (component->kind != TREE_SET) {
        buffer_append_format(out, "\"%s\":", kind_names[component->kind]);
        value_write(component->id, out);
    }
    if (component->key != NULL) {
        buffer_append_byte(out, ',');
        tree_write_place(component->parent, component->key, out);
    }
    if (component->properties != NULL) {
        buffer_append_text(out,
                           component->kind == TREE_SET ? "\"properties\":" : ",\"properties\":");
        value_write(component->properties, out);
    }
    if (component->kind == TREE_SET) {
        buffer_append_text(out, ",\"set\":");
        value_write(component->id, out);
    }
    buffer_append_byte(out, '}');
}

void tree_write(const struct operation *operation, struct buffer *out)
{
    const struct components *components = &tree_operation_of(operation)->components;

    buffer_append_byte(out, '[');
    for (size_t i = 0; i < components->count; i++) {
        if (i > 0)
            buffer_append_byte(out, ',');
        write_component(components_at(&tree_pairwise, components, i), out);
    }
    buffer_append_byte(out, ']');
}
