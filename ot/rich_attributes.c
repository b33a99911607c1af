/* Attributes of rich text: maps of names to values, with the rules of quill-delta 4.2.2. A null in
 * a change removes the attribute. */
#include "ot/rich_delta.h"

bool rich_attributes_equal(const json_t *a, const json_t *b)
{
    return a == b || (a != NULL && b != NULL && value_equal(a, b));
}

/* A new object, or none when it has no members. */
static json_t *unless_empty_take(json_t *attributes)
{
    if (json_object_size(attributes) > 0)
        return attributes;
    json_decref(attributes);
    return NULL;
}

static void set(json_t *attributes, const char *name, size_t size, json_t *value)
{
    value_object_set_take(attributes, span_of(name, size), json_incref(value));
}

static json_t *get(const json_t *attributes, const char *name, size_t size)
{
    return attributes == NULL ? NULL : value_object_get(attributes, span_of(name, size));
}

json_t *rich_attributes_compose(json_t *earlier, json_t *later, bool keep_null)
{
    const char *name;
    size_t size;
    json_t *value;

    if (later == NULL)
        return json_incref(earlier);
    json_t *composed = json_object();
    json_object_keylen_foreach (later, name, size, value) {
        if (keep_null || !json_is_null(value))
            set(composed, name, size, value);
    }
    json_object_keylen_foreach (earlier, name, size, value) {
        if (get(later, name, size) == NULL)
            set(composed, name, size, value);
    }
    return unless_empty_take(composed);
}

json_t *rich_attributes_transform(json_t *ours, json_t *other, bool other_first)
{
    const char *name;
    size_t size;
    json_t *value;

    if (ours == NULL || other == NULL || !other_first)
        return json_incref(ours);
    json_t *left = json_object();
    json_object_keylen_foreach (ours, name, size, value) {
        if (get(other, name, size) == NULL)
            set(left, name, size, value);
    }
    return unless_empty_take(left);
}

/* Not the same thing to JavaScript's ===, for which two arrays or objects are never the same. */
static bool differs(const json_t *a, const json_t *b)
{
    return a == NULL || json_is_array(a) || json_is_object(a) || !value_equal(a, b);
}

json_t *rich_attributes_invert(json_t *change, json_t *before)
{
    json_t *inverse = json_object(), *value;
    const char *name;
    size_t size;

    json_object_keylen_foreach (change, name, size, value) {
        json_t *old = get(before, name, size);

        if (differs(old, value))
            value_object_set_take(inverse, span_of(name, size),
                                  old == NULL ? json_null() : json_incref(old));
    }
    return unless_empty_take(inverse);
}

json_t *rich_attributes_difference(json_t *before, json_t *after)
{
    json_t *change = json_object(), *value;
    const char *name;
    size_t size;

    json_object_keylen_foreach (before, name, size, value) {
        if (get(after, name, size) == NULL)
            value_object_set_take(change, span_of(name, size), json_null());
    }
    json_object_keylen_foreach (after, name, size, value) {
        const json_t *old = get(before, name, size);

        if (old == NULL || !value_equal(old, value))
            set(change, name, size, value);
    }
    return unless_empty_take(change);
}
