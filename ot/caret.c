#include "ot/caret.h"

#include "base/json_scan.h"
#include "base/memory.h"

/* The positions of `cursor`; none when it is anything but integers. */
static size_t read_positions(struct span cursor, uint64_t *positions)
{
    struct json_walk walk;
    struct span element;
    size_t count = 0;

    json_walk_init(&walk, cursor);
    while (json_walk_element(&walk, &element))
        if (!json_read_unsigned(element, &positions[count++]))
            return 0;
    return count;
}

void caret_init(struct caret *caret, struct span state)
{
    *caret = (struct caret){.bytes = memory_copy(state.data, state.size)};
    state = json_value(span_of(caret->bytes, state.size));
    caret->before = state;
    caret->after = SPAN("");
    if (json_kind(state) != JSON_KIND_OBJECT)
        return;
    struct span cursor = json_member(state, "cursor");

    if (!span_present(cursor) || json_kind(cursor) != JSON_KIND_ARRAY)
        return;
    caret->positions = memory_allocate(json_count(cursor) * sizeof(*caret->positions));
    caret->count = read_positions(cursor, caret->positions);
    if (caret->count == 0)
        return;
    const uint8_t *behind = cursor.data + cursor.size;

    caret->before.size = (size_t)(cursor.data - state.data);
    caret->after = span_of(behind, (size_t)(state.data + state.size - behind));
}

void caret_finish(struct caret *caret)
{
    memory_free(caret->bytes);
    memory_free(caret->positions);
    *caret = (struct caret){0};
}

void caret_move(struct caret *caret, const struct operation *operation, bool own)
{
    const struct type *type = operation->type;

    if (type->move_position == NULL)
        return;
    for (size_t i = 0; i < caret->count; i++) {
        uint64_t moved = type->move_position(operation, caret->positions[i], own);

        /* One far behind the end of the document moves as well, but stays a number of JSON. */
        caret->positions[i] = moved < JSON_INTEGER_MAX ? moved : JSON_INTEGER_MAX;
    }
}

void caret_write(const struct caret *caret, struct buffer *out)
{
    buffer_append(out, caret->before);
    for (size_t i = 0; i < caret->count; i++) {
        buffer_append_byte(out, i == 0 ? '[' : ',');
        buffer_append_unsigned(out, caret->positions[i]);
    }
    if (caret->count > 0)
        buffer_append_byte(out, ']');
    buffer_append(out, caret->after);
}

bool caret_equal(const struct caret *a, const struct caret *b)
{
    if (a->count != b->count || !span_equal(a->before, b->before) ||
        !span_equal(a->after, b->after))
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (a->positions[i] != b->positions[i])
            return false;
    return true;
}
