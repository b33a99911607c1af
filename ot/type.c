#include "ot/type.h"

#include "base/hash.h"

static const struct type *const types[] = {
    &type_counter, &type_json0, &type_rich, &type_text, &type_tree,
};

enum { TYPES_COUNT = sizeof(types) / sizeof(types[0]) };

static bool is_called(const struct type *type, struct span name)
{
    return span_equal(name, span_of_string(type->name)) ||
           (type->alias != NULL && span_equal(name, span_of_string(type->alias))) ||
           (type->uri != NULL && span_equal(name, span_of_string(type->uri)));
}

const struct type *type_find(struct span name)
{
    for (size_t i = 0; i < TYPES_COUNT; i++)
        if (is_called(types[i], name))
            return types[i];
    return NULL;
}

const struct type *type_at(size_t index)
{
    return index < TYPES_COUNT ? types[index] : NULL;
}

bool operation_equal(const struct operation *a, const struct operation *b)
{
    struct buffer left = {0};
    struct buffer right = {0};

    if (a->type != b->type)
        return false;
    a->type->write(a, &left);
    b->type->write(b, &right);
    bool equal = span_equal(buffer_span(&left), buffer_span(&right));
    buffer_finish(&left);
    buffer_finish(&right);
    return equal;
}

size_t operation_size(const struct operation *operation)
{
    struct buffer json = {0};

    operation->type->write(operation, &json);
    size_t size = json.size;

    buffer_finish(&json);
    return size;
}

bool content_equal(const struct content *a, const struct content *b)
{
    struct buffer left = {0};
    struct buffer right = {0};

    if (a->type != b->type)
        return false;
    a->type->encode(a, &left);
    b->type->encode(b, &right);
    bool equal = span_equal(buffer_span(&left), buffer_span(&right));
    buffer_finish(&left);
    buffer_finish(&right);
    return equal;
}

uint64_t content_hash(const struct content *content)
{
    struct buffer json = {0};
    uint8_t digest[HASH_SHA256_SIZE];
    uint64_t first = 0;

    content->type->encode(content, &json);
    hash_sha256(buffer_span(&json), digest);
    buffer_finish(&json);
    for (size_t i = 0; i < sizeof(first); i++)
        first = first << 8 | digest[i];
    return first;
}
