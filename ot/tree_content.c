#include "base/json_scan.h"
#include "base/limits.h"
#include "base/memory.h"
#include "ot/tree.h"

enum { OBJECT_BYTES = 64, OBJECT_NODES = 4 }; /* the object without its values */

struct tree_content *tree_content_of(const struct content *content)
{
    return container_of(content, struct tree_content, content);
}

/* ---- Keeping the size ---- */

static struct value_size size_of(const struct tree_object *object)
{
    struct value_size size = value_measure(object->properties);

    size.bytes += json_string_length(object->id) + json_string_length(object->key) + OBJECT_BYTES;
    size.nodes += OBJECT_NODES;
    return size;
}

static void count_in(struct tree_content *content, const struct tree_object *object)
{
    struct value_size size = size_of(object);

    content->size.bytes += size.bytes;
    content->size.nodes += size.nodes;
}

static void count_out(struct tree_content *content, const struct tree_object *object)
{
    struct value_size size = size_of(object);

    must(content->size.bytes >= size.bytes && content->size.nodes >= size.nodes);
    content->size.bytes -= size.bytes;
    content->size.nodes -= size.nodes;
}

/* ---- Components ---- */

/* The parent that a component names; false when it is not there. */
static bool find_parent(const struct tree_content *content, const struct tree_component *component,
                        struct tree_object **parent)
{
    *parent = component->parent == NULL
                  ? NULL
                  : tree_object_find(content, value_string(component->parent));
    return component->parent == NULL || *parent != NULL;
}

static bool apply_create(struct tree_content *content, const struct tree_component *component)
{
    struct tree_object *parent;

    if (tree_object_find(content, value_string(component->id)) != NULL ||
        !find_parent(content, component, &parent))
        return false;
    struct tree_object *object = tree_object_add(content, component->id);
    object->key = json_incref(component->key);
    object->properties = value_copy(component->properties);
    tree_object_link(content, object, parent);
    count_in(content, object);
    return true;
}

static bool apply_move(struct tree_content *content, struct tree_object *object,
                       const struct tree_component *component)
{
    struct tree_object *parent;

    if (!find_parent(content, component, &parent) || tree_object_is_below(parent, object))
        return false;
    if (parent == object->parent && value_equal(object->key, component->key))
        return false;
    count_out(content, object);
    json_decref(object->key);
    object->key = json_incref(component->key);
    count_in(content, object);
    tree_object_link(content, object, parent);
    return true;
}

static bool apply_set(struct tree_content *content, struct tree_object *object,
                      const struct tree_component *component)
{
    const char *name;
    size_t size;
    json_t *value;

    count_out(content, object);
    json_object_keylen_foreach (component->properties, name, size, value) {
        if (json_is_null(value))
            json_object_deln(object->properties, name, size);
        else
            value_object_set_take(object->properties, span_of(name, size), json_incref(value));
    }
    count_in(content, object);
    return true;
}

static bool apply_delete(struct tree_content *content, struct tree_object *object)
{
    for (struct tree_object *each = object; each != NULL; each = tree_object_walk(each, object))
        count_out(content, each);
    tree_object_remove(content, object);
    return true;
}

bool tree_apply_component(struct tree_content *content, const struct tree_component *component)
{
    struct tree_object *object = NULL;

    if (component->kind == TREE_CREATE)
        return apply_create(content, component);
    object = tree_object_find(content, value_string(component->id));
    if (object == NULL)
        return false;
    if (component->kind == TREE_MOVE)
        return apply_move(content, object, component);
    return component->kind == TREE_SET ? apply_set(content, object, component)
                                       : apply_delete(content, object);
}

/* ---- Documents from JSON and back ---- */

static enum status load_members(struct span json, struct tree_object *object, json_t **parent,
                                struct fault *fault)
{
    struct json_walk walk;
    struct span name, value;
    enum status status = STATUS_OK;

    json_walk_init(&walk, json);
    while (status == STATUS_OK && json_walk_member(&walk, &name, &value)) {
        if (json_string_is(name, "place") && object->key == NULL)
            status = tree_decode_place(value, parent, &object->key, fault);
        else if (json_string_is(name, "properties") && object->properties == NULL)
            status = tree_decode_properties(value, false, &object->properties, fault);
        else
            status = fault_set(fault, STATUS_MALFORMED_DOCUMENT, "unknown member %.*s",
                               SPAN_PRINT(name));
    }
    if (status == STATUS_OK && (object->key == NULL || object->properties == NULL))
        return fault_set(fault, STATUS_MALFORMED_DOCUMENT, "an object has place and properties");
    return status;
}

static enum status load_object(struct tree_content *content, struct span name, struct span value,
                               json_t **parent, struct fault *fault)
{
    json_t *id;
    enum status status = tree_decode_id(name, &id, fault);

    if (status != STATUS_OK)
        return status;
    if (json_kind(value) != JSON_KIND_OBJECT ||
        tree_object_find(content, value_string(id)) != NULL) {
        json_decref(id);
        return fault_set(fault, STATUS_MALFORMED_DOCUMENT,
                         "ids are unlike, and what they name is an object");
    }
    struct tree_object *object = tree_object_add(content, id);
    json_decref(id);
    status = load_members(value, object, parent, fault);
    if (status == STATUS_OK)
        count_in(content, object);
    return status;
}

/* Link every object to its parent, in the order of `names` and `parents`. */
static enum status link_all(struct tree_content *content, struct span json, json_t **parents,
                            struct fault *fault)
{
    struct json_walk walk;
    struct span name, value;
    struct buffer scratch = {0};

    json_walk_init(&walk, json);
    for (size_t i = 0; json_walk_member(&walk, &name, &value); i++) {
        buffer_clear(&scratch);
        struct tree_object *object = tree_object_find(content, json_read_string(name, &scratch));
        struct tree_object *parent =
            parents[i] == NULL ? NULL : tree_object_find(content, value_string(parents[i]));

        if (parents[i] != NULL && parent == NULL) {
            buffer_finish(&scratch);
            return fault_set(fault, STATUS_MALFORMED_DOCUMENT, "the parent of %.*s is not there",
                             SPAN_PRINT(name));
        }
        tree_object_link(content, object, parent);
    }
    buffer_finish(&scratch);
    return STATUS_OK;
}

/* Objects that can be reached from the top: fewer than there are when some form a circle. */
static size_t count_reachable(const struct tree_content *content)
{
    size_t count = 0;

    for (struct tree_object *top = content->first_top; top != NULL; top = top->next)
        for (struct tree_object *each = top; each != NULL; each = tree_object_walk(each, top))
            count++;
    return count;
}

static enum status load(struct tree_content *content, struct span json, json_t **parents,
                        struct fault *fault)
{
    struct json_walk walk;
    struct span name, value;
    struct fault inner = {0};
    size_t count = 0;

    json_walk_init(&walk, json);
    while (json_walk_member(&walk, &name, &value)) {
        enum status status = load_object(content, name, value, &parents[count], &inner);

        if (status != STATUS_OK)
            return fault_set(fault, STATUS_MALFORMED_DOCUMENT, "%.*s: %s", SPAN_PRINT(name),
                             inner.text);
        count++;
    }
    enum status status = link_all(content, json, parents, fault);
    if (status == STATUS_OK && count_reachable(content) < count)
        return fault_set(fault, STATUS_MALFORMED_DOCUMENT, "objects are below themselves");
    if (status == STATUS_OK && content->size.nodes > LIMIT_DOCUMENT_NODES)
        return fault_set(fault, STATUS_MALFORMED_DOCUMENT, "more than %d values",
                         LIMIT_DOCUMENT_NODES);
    return status;
}

enum status tree_create(struct span data, struct content **content, struct fault *fault)
{
    struct tree_content *created = memory_zeroed(1, sizeof(*created));
    enum status status = STATUS_OK;

    created->content.type = &type_tree;
    if (span_present(data) && json_kind(data) != JSON_KIND_OBJECT) {
        status = fault_set(fault, STATUS_MALFORMED_DOCUMENT, "a tree is an object");
    } else if (span_present(data)) {
        size_t count = json_count(data);
        json_t **parents = memory_zeroed(count + 1, sizeof(*parents));

        status = load(created, data, parents, fault);
        for (size_t i = 0; i < count; i++)
            json_decref(parents[i]);
        memory_free(parents);
    }
    if (status == STATUS_OK)
        *content = &created->content;
    else
        type_tree.destroy(&created->content);
    return status;
}

void tree_encode(const struct content *content, struct buffer *out)
{
    const struct tree_content *tree = tree_content_of(content);
    const struct tree_object *object = tree_object_first(tree);

    buffer_append_byte(out, '{');
    for (bool first = true; object != NULL; first = false) {
        if (!first)
            buffer_append_byte(out, ',');
        value_write(object->id, out);
        buffer_append_text(out, ":{");
        tree_write_place(object->parent == NULL ? NULL : object->parent->id, object->key, out);
        buffer_append_text(out, ",\"properties\":");
        value_write(object->properties, out);
        buffer_append_byte(out, '}');
        object = tree_object_after(tree, object);
    }
    buffer_append_byte(out, '}');
}
