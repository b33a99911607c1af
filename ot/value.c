#include "ot/value.h"

#include <math.h>
#include <stdlib.h>

#include "base/json_scan.h"
#include "base/json_write.h"
#include "base/memory.h"

enum { SORTED_MAX = 32 }; /* members that are sorted on the stack */

struct member {
    struct span name;
    const json_t *value;
};

static enum status load(struct span text, struct buffer *scratch, json_t **value,
                        struct fault *fault);

json_t *value_of_number(double number)
{
    must(isfinite(number));
    if (fabs(number) <= (double)JSON_INTEGER_MAX && number == trunc(number))
        return json_integer((json_int_t)number);
    return json_real(number);
}

json_t *value_of_string(struct span text)
{
    json_t *string = json_stringn_nocheck((const char *)text.data, text.size);

    must(string != NULL);
    return string;
}

struct span value_string(const json_t *string)
{
    return span_of(json_string_value(string), json_string_length(string));
}

void value_object_set_take(json_t *object, struct span name, json_t *value)
{
    must(json_object_setn_new_nocheck(object, (const char *)name.data, name.size, value) == 0);
}

json_t *value_object_get(const json_t *object, struct span name)
{
    return json_object_getn(object, (const char *)name.data, name.size);
}

static enum status load_number(struct span text, json_t **value, struct fault *fault)
{
    int64_t integer;
    double number;

    if (json_read_integer(text, &integer)) {
        *value = json_integer(integer);
        return STATUS_OK;
    }
    if (!json_read_double(text, &number))
        return fault_set(fault, STATUS_MALFORMED_JSON, "a number is beyond the doubles");
    *value = value_of_number(number);
    return STATUS_OK;
}

static enum status load_array(struct span text, struct buffer *scratch, json_t **value,
                              struct fault *fault)
{
    struct json_walk walk;
    struct span element;
    json_t *array = json_array();

    json_walk_init(&walk, text);
    while (json_walk_element(&walk, &element)) {
        json_t *loaded;
        enum status status = load(element, scratch, &loaded, fault);

        if (status != STATUS_OK) {
            json_decref(array);
            return status;
        }
        must(json_array_append_new(array, loaded) == 0);
    }
    *value = array;
    return STATUS_OK;
}

static enum status load_object(struct span text, struct buffer *scratch, json_t **value,
                               struct fault *fault)
{
    struct json_walk walk;
    struct span literal, element;
    json_t *object = json_object();

    json_walk_init(&walk, text);
    while (json_walk_member(&walk, &literal, &element)) {
        json_t *loaded;
        enum status status = load(element, scratch, &loaded, fault);

        if (status != STATUS_OK) {
            json_decref(object);
            return status;
        }
        buffer_clear(scratch);
        struct span name = json_read_string(literal, scratch);
        if (value_object_get(object, name) != NULL) {
            json_decref(loaded);
            json_decref(object);
            return fault_set(fault, STATUS_MALFORMED_JSON, "the name %.*s is repeated",
                             SPAN_PRINT(literal));
        }
        value_object_set_take(object, name, loaded);
    }
    *value = object;
    return STATUS_OK;
}

static enum status load(struct span text, struct buffer *scratch, json_t **value,
                        struct fault *fault)
{
    switch (json_kind(text)) {
    case JSON_KIND_NULL:
        *value = json_null();
        break;
    case JSON_KIND_FALSE:
        *value = json_false();
        break;
    case JSON_KIND_TRUE:
        *value = json_true();
        break;
    case JSON_KIND_NUMBER:
        return load_number(text, value, fault);
    case JSON_KIND_STRING:
        buffer_clear(scratch);
        *value = value_of_string(json_read_string(text, scratch));
        break;
    case JSON_KIND_ARRAY:
        return load_array(text, scratch, value, fault);
    case JSON_KIND_OBJECT:
        return load_object(text, scratch, value, fault);
    }
    return STATUS_OK;
}

enum status value_load(struct span json, json_t **value, struct fault *fault)
{
    struct buffer scratch = {0};
    enum status status = load(json, &scratch, value, fault);

    buffer_finish(&scratch);
    return status;
}

/* UTF-8 sorts as code points. UTF-16 differs in one place: units of surrogate pairs (lead bytes
 * F0 and above) come before U+E000 … U+FFFF (lead bytes EE and EF). */
int value_name_compare(struct span a, struct span b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    size_t i = 0;

    while (i < common && a.data[i] == b.data[i])
        i++;
    if (i == common)
        return (a.size > b.size) - (a.size < b.size);
    bool pair_a = a.data[i] >= 0xF0, pair_b = b.data[i] >= 0xF0;
    if (a.data[i] >= 0xEE && b.data[i] >= 0xEE && pair_a != pair_b)
        return pair_a ? -1 : 1;
    return a.data[i] < b.data[i] ? -1 : 1;
}

static int compare_members(const void *a, const void *b)
{
    return value_name_compare(((const struct member *)a)->name, ((const struct member *)b)->name);
}

/* jansson takes no const in its walks; they do not change the object. */
static json_t *unconst(const json_t *value)
{
    return (json_t *)(uintptr_t)value;
}

static void write_object(const json_t *object, struct buffer *out)
{
    struct member few[SORTED_MAX];
    size_t count = json_object_size(object), size, i = 0;
    struct member *members =
        count <= SORTED_MAX ? few : memory_allocate(count * sizeof(struct member));
    const char *name;
    json_t *value;

    json_object_keylen_foreach (unconst(object), name, size, value)
        members[i++] = (struct member){.name = span_of(name, size), .value = value};
    qsort(members, count, sizeof(struct member), compare_members);
    buffer_append_byte(out, '{');
    for (i = 0; i < count; i++) {
        if (i > 0)
            buffer_append_byte(out, ',');
        json_write_string(out, members[i].name);
        buffer_append_byte(out, ':');
        value_write(members[i].value, out);
    }
    buffer_append_byte(out, '}');
    if (members != few)
        memory_free(members);
}

static void write_array(const json_t *array, struct buffer *out)
{
    buffer_append_byte(out, '[');
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i > 0)
            buffer_append_byte(out, ',');
        value_write(json_array_get(array, i), out);
    }
    buffer_append_byte(out, ']');
}

void value_write(const json_t *value, struct buffer *out)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        write_object(value, out);
        break;
    case JSON_ARRAY:
        write_array(value, out);
        break;
    case JSON_STRING:
        json_write_string(out, value_string(value));
        break;
    case JSON_INTEGER:
        buffer_append_signed(out, json_integer_value(value));
        break;
    case JSON_REAL:
        json_write_double(out, json_real_value(value));
        break;
    case JSON_TRUE:
        buffer_append_text(out, "true");
        break;
    case JSON_FALSE:
        buffer_append_text(out, "false");
        break;
    case JSON_NULL:
        buffer_append_text(out, "null");
        break;
    }
}

bool value_equal(const json_t *a, const json_t *b)
{
    return json_equal(a, b) == 1;
}

json_t *value_copy(const json_t *value)
{
    if (json_is_array(value)) {
        json_t *array = json_array();

        for (size_t i = 0; i < json_array_size(value); i++)
            must(json_array_append_new(array, value_copy(json_array_get(value, i))) == 0);
        return array;
    }
    if (json_is_object(value)) {
        json_t *object = json_object(), *member;
        const char *name;
        size_t size;

        json_object_keylen_foreach (unconst(value), name, size, member)
            value_object_set_take(object, span_of(name, size), value_copy(member));
        return object;
    }
    return json_incref(unconst(value));
}

/* Digits of an integer, about; of a double, at most about. */
static size_t number_bytes(const json_t *value)
{
    if (json_is_real(value))
        return 18;
    json_int_t integer = json_integer_value(value);
    size_t bytes = integer < 0 ? 2 : 1;

    while (integer > 9 || integer < -9) {
        integer /= 10;
        bytes++;
    }
    return bytes;
}

static void measure_part(const json_t *part, struct value_size *whole)
{
    struct value_size size = value_measure(part);

    whole->bytes += size.bytes + 1;
    whole->nodes += size.nodes;
    if (whole->depth <= size.depth)
        whole->depth = size.depth + 1;
}

struct value_size value_measure(const json_t *value)
{
    struct value_size whole = {.bytes = 4, .nodes = 1};

    if (json_is_string(value)) {
        whole.bytes = json_string_length(value) + 2;
    } else if (json_is_number(value)) {
        whole.bytes = number_bytes(value);
    } else if (json_is_array(value)) {
        whole.bytes = json_array_size(value) == 0 ? 2 : 1;
        whole.depth = 1;
        for (size_t i = 0; i < json_array_size(value); i++)
            measure_part(json_array_get(value, i), &whole);
    } else if (json_is_object(value)) {
        const char *name;
        size_t size;
        json_t *member;

        whole.bytes = json_object_size(value) == 0 ? 2 : 1;
        whole.depth = 1;
        json_object_keylen_foreach (unconst(value), name, size, member) {
            whole.bytes += size + 3;
            measure_part(member, &whole);
        }
    }
    return whole;
}
