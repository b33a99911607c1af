#include "server/store/spent.h"

#include "base/json_scan.h"

void spent_write(struct buffer *out, const struct session_row *row)
{
    buffer_append_byte(out, '[');
    for (size_t i = 0; i < row->spent_count; i++) {
        buffer_append_text(out, i > 0 ? ",[" : "[");
        buffer_append_unsigned(out, row->spent[i].serial);
        buffer_append_byte(out, ',');
        buffer_append_signed(out, row->spent[i].code);
        buffer_append_byte(out, ']');
    }
    buffer_append_byte(out, ']');
}

bool spent_read(struct span text, struct store_arena *arena, struct session_row *row)
{
    struct json_walk walk;
    struct span pair;

    if (json_scan(text, &json_limits_default, NULL) != STATUS_OK ||
        json_kind(text) != JSON_KIND_ARRAY)
        return false;
    row->spent = store_arena_allocate(arena, json_count(text) * sizeof(*row->spent));
    row->spent_count = 0;
    json_walk_init(&walk, text);
    while (json_walk_element(&walk, &pair)) {
        struct spent *spent = &row->spent[row->spent_count++];
        struct json_walk inner;
        struct span serial;
        struct span code;
        int64_t number;

        if (json_kind(pair) != JSON_KIND_ARRAY)
            return false;
        json_walk_init(&inner, pair);
        if (!json_walk_element(&inner, &serial) || !json_walk_element(&inner, &code) ||
            !json_read_unsigned(serial, &spent->serial) || !json_read_integer(code, &number))
            return false;
        spent->code = (int)number;
    }
    return true;
}
