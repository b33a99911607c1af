/* What turns one JSON value into another: objects by their names, lists by what is left between
 * equal ends, strings likewise, anything else by replacement. Small for small changes, without any
 * claim to be the smallest. */
#include "base/limits.h"
#include "base/utf8.h"
#include "ot/json0.h"

/* The keys from the root to the pair that is being compared; the lists and objects around it. */
struct trail {
    const struct trail *above; /* NULL at the root */
    json_t *name;              /* NULL: an index */
    uint64_t index;
    size_t depth; /* keys up to here */
};

struct comparison {
    struct components components;
    bool too_many; /* replace the whole document instead */
};

static void compare(struct comparison *comparison, const struct trail *trail, const json_t *before,
                    const json_t *after);

static struct json0_path *path_of(const struct trail *trail)
{
    struct json0_path *path = json0_path_create(trail->depth);

    for (; trail->above != NULL; trail = trail->above)
        path->keys[trail->depth - 1] =
            (struct json0_key){.name = json_incref(trail->name), .index = trail->index};
    return path;
}

/* Add a component at the trail; its values are borrowed. */
static void add(struct comparison *comparison, const struct trail *trail,
                struct json0_component component)
{
    if (comparison->components.count >= LIMIT_JSON0_COMPONENTS) {
        comparison->too_many = true;
        return;
    }
    component.path = path_of(trail);
    json_incref(component.insert);
    json_incref(component.remove);
    components_push_take(&json0_pairwise, &comparison->components, &component);
}

static struct trail below(const struct trail *trail, json_t *name, uint64_t index)
{
    return (struct trail){.above = trail, .name = name, .index = index, .depth = trail->depth + 1};
}

/* References are counted in the value itself, which is not changed by them. */
static json_t *share(const json_t *value)
{
    return (json_t *)(uintptr_t)value;
}

static void replace(struct comparison *comparison, const struct trail *trail, const json_t *before,
                    const json_t *after)
{
    bool element = trail->above != NULL && trail->name == NULL;

    add(comparison, trail,
        (struct json0_component){.kind = element ? JSON0_LIST : JSON0_OBJECT,
                                 .insert = share(after),
                                 .remove = share(before)});
}

/* ---- Strings ---- */

static bool within_point(struct span text, size_t at)
{
    return at < text.size && (text.data[at] & 0xC0) == 0x80;
}

static void add_string(struct comparison *comparison, const struct trail *trail, struct span piece,
                       bool insert)
{
    if (piece.size == 0)
        return;
    json_t *text = value_of_string(piece);

    add(comparison, trail,
        (struct json0_component){
            .kind = JSON0_STRING, .insert = insert ? text : NULL, .remove = insert ? NULL : text});
    json_decref(text);
}

static void compare_strings(struct comparison *comparison, const struct trail *trail,
                            struct span before, struct span after)
{
    size_t shorter = before.size < after.size ? before.size : after.size, front = 0, end = 0;

    while (front < shorter && before.data[front] == after.data[front])
        front++;
    while (within_point(before, front) || within_point(after, front))
        front--;
    while (end < shorter - front &&
           before.data[before.size - 1 - end] == after.data[after.size - 1 - end])
        end++;
    while (within_point(before, before.size - end) || within_point(after, after.size - end))
        end--;
    struct trail offset = below(trail, NULL, utf8_utf16(span_of(before.data, front)));
    add_string(comparison, &offset, span_of(before.data + front, before.size - end - front), false);
    add_string(comparison, &offset, span_of(after.data + front, after.size - end - front), true);
}

/* ---- Lists and objects ---- */

static void compare_lists(struct comparison *comparison, const struct trail *trail,
                          const json_t *before, const json_t *after)
{
    size_t old_count = json_array_size(before), new_count = json_array_size(after);
    size_t shorter = old_count < new_count ? old_count : new_count, front = 0, end = 0;

    while (front < shorter &&
           value_equal(json_array_get(before, front), json_array_get(after, front)))
        front++;
    while (end < shorter - front && value_equal(json_array_get(before, old_count - 1 - end),
                                                json_array_get(after, new_count - 1 - end)))
        end++;
    for (size_t i = front; i < shorter - end; i++) {
        struct trail element = below(trail, NULL, i);

        compare(comparison, &element, json_array_get(before, i), json_array_get(after, i));
    }
    struct trail place = below(trail, NULL, shorter - end);
    for (size_t i = shorter; i < old_count; i++)
        add(comparison, &place,
            (struct json0_component){.kind = JSON0_LIST,
                                     .remove = json_array_get(before, i - end)});
    for (size_t i = shorter; i < new_count; i++, place.index++)
        add(comparison, &place,
            (struct json0_component){.kind = JSON0_LIST, .insert = json_array_get(after, i - end)});
}

static void compare_objects(struct comparison *comparison, const struct trail *trail,
                            const json_t *before, const json_t *after)
{
    const char *text;
    size_t size;
    json_t *value;

    json_object_keylen_foreach (share(before), text, size, value) {
        json_t *name = value_of_string(span_of(text, size));
        json_t *other = value_object_get(after, span_of(text, size));
        struct trail member = below(trail, name, 0);

        if (other != NULL)
            compare(comparison, &member, value, other);
        else
            add(comparison, &member,
                (struct json0_component){.kind = JSON0_OBJECT, .remove = value});
        json_decref(name);
    }
    json_object_keylen_foreach (share(after), text, size, value) {
        if (value_object_get(before, span_of(text, size)) != NULL)
            continue;
        json_t *name = value_of_string(span_of(text, size));
        struct trail member = below(trail, name, 0);

        add(comparison, &member, (struct json0_component){.kind = JSON0_OBJECT, .insert = value});
        json_decref(name);
    }
}

/* An object that the reference does not let anybody change is replaced. */
static bool is_open(const json_t *value)
{
    return json_is_object(value) && value_object_get(value, SPAN("constructor")) == NULL &&
           value_object_get(value, SPAN("__proto__")) == NULL;
}

static void compare(struct comparison *comparison, const struct trail *trail, const json_t *before,
                    const json_t *after)
{
    if (comparison->too_many)
        return;
    if (json_is_array(before) && json_is_array(after))
        compare_lists(comparison, trail, before, after);
    else if (is_open(before) && is_open(after))
        compare_objects(comparison, trail, before, after);
    else if (json_is_string(before) && json_is_string(after))
        compare_strings(comparison, trail, value_string(before), value_string(after));
    else if (!value_equal(before, after))
        replace(comparison, trail, before, after);
}

enum status json0_difference(const struct content *before, const struct content *after,
                             struct operation **result)
{
    const json_t *old_root = json0_content_of(before)->root;
    const json_t *new_root = json0_content_of(after)->root;
    struct json0_operation *difference = json0_operation_create();
    struct comparison comparison = {0};
    struct trail root = {0};

    compare(&comparison, &root, old_root, new_root);
    if (comparison.too_many) {
        components_clear(&json0_pairwise, &comparison.components);
        comparison.too_many = false;
        replace(&comparison, &root, old_root, new_root);
    }
    difference->components = comparison.components;
    *result = &difference->operation;
    return STATUS_OK;
}
