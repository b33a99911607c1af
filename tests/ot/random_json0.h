/* random_json0 - JSON documents and operations on them, close together so that they collide. */
#ifndef TESTS_OT_RANDOM_JSON0_H
#define TESTS_OT_RANDOM_JSON0_H

#include "base/prng.h"
#include "base/utf8.h"
#include "ot/json0.h"
#include "tests/ot/values.h"

static inline void random_word(struct prng *prng, struct buffer *out)
{
    static const char *const letters[] = {"a", "b", "é", "😀"};

    for (uint64_t i = prng_below(prng, 4); i > 0; i--)
        buffer_append_text(out, letters[prng_below(prng, 4)]);
}

static inline void random_value(struct prng *prng, int depth, struct buffer *out)
{
    uint64_t kind = prng_below(prng, depth > 0 ? 6 : 3), count = prng_below(prng, 4);

    if (kind == 0) {
        buffer_append_text(out, prng_below(prng, 2) == 0 ? "null" : "1.5");
    } else if (kind == 1) {
        buffer_append_unsigned(out, prng_below(prng, 9));
    } else if (kind == 2) {
        buffer_append_byte(out, '"');
        random_word(prng, out);
        buffer_append_byte(out, '"');
    } else {
        buffer_append_byte(out, kind < 5 ? '[' : '{');
        for (uint64_t i = 0; i < count; i++) {
            buffer_append_text(out, i > 0 ? "," : "");
            if (kind == 5)
                buffer_append_format(out, "\"%c\":", (char)('a' + i));
            random_value(prng, depth - 1, out);
        }
        buffer_append_byte(out, kind < 5 ? ']' : '}');
    }
}

/* A place that is walked to from the root: the path so far, as JSON without its last bracket. */
struct random_place {
    struct buffer path;
    json_t *parent;
    json_t *value;
    size_t index;
};

static inline void random_descend(struct prng *prng, json_t *root, struct random_place *place)
{
    place->value = root;
    buffer_append_byte(&place->path, '[');
    while (prng_below(prng, 5) > 0) {
        size_t count = json_array_size(place->value) + json_object_size(place->value);

        if (count == 0)
            return;
        size_t at = (size_t)prng_below(prng, count);
        place->parent = place->value;
        place->index = at;
        if (place->path.size > 1)
            buffer_append_byte(&place->path, ',');
        if (json_is_array(place->parent)) {
            buffer_append_unsigned(&place->path, at);
            place->value = json_array_get(place->parent, at);
            continue;
        }
        void *iterator = json_object_iter(place->parent);
        while (at-- > 0)
            iterator = json_object_iter_next(place->parent, iterator);
        buffer_append_format(&place->path, "\"%s\"", json_object_iter_key(iterator));
        place->value = json_object_iter_value(iterator);
    }
}

static inline void random_payload(const char *name, const json_t *value, struct buffer *out)
{
    buffer_append_format(out, "\"%s\":", name);
    value_write(value, out);
    buffer_append_byte(out, ',');
}

static inline void random_new_value(struct prng *prng, const char *name, struct buffer *out)
{
    buffer_append_format(out, "\"%s\":", name);
    random_value(prng, 2, out);
    buffer_append_byte(out, ',');
}

/* An edit of the string: all in front of a place, or a word put there. */
static inline void random_edit(struct prng *prng, struct random_place *place, struct buffer *out)
{
    struct span text = value_string(place->value);
    size_t points = utf8_points(text), from = (size_t)prng_below(prng, points + 1);
    size_t to = from + (size_t)prng_below(prng, points - from + 1);
    size_t begin = utf8_offset_of_points(text, from), end = utf8_offset_of_points(text, to);
    size_t at = utf8_utf16(span_of(text.data, begin));

    if (from < to && prng_below(prng, 2) == 0) {
        buffer_append_format(out, "\"sd\":\"%.*s\",", (int)(end - begin),
                             (const char *)text.data + begin);
    } else {
        buffer_append_text(out, "\"si\":\"");
        random_word(prng, out);
        buffer_append_text(out, "\",");
    }
    buffer_append_format(&place->path, "%s%zu", place->path.size > 1 ? "," : "", at);
}

static inline void random_in_list(struct prng *prng, struct random_place *place, struct buffer *out)
{
    uint64_t kind = prng_below(prng, 5);

    if (kind < 2) {
        buffer_append_format(out, "\"lm\":%zu,",
                             (size_t)prng_below(prng, json_array_size(place->parent)));
        return;
    }
    if (kind != 2)
        random_payload("ld", place->value, out);
    if (kind != 3)
        random_new_value(prng, "li", out);
}

static inline void random_below_object(struct prng *prng, struct random_place *place,
                                       struct buffer *out)
{
    char name[2] = {(char)('a' + prng_below(prng, 5)), 0};
    const json_t *old = json_object_get(place->value, name);

    if (old != NULL)
        random_payload("od", old, out);
    if (old == NULL || prng_below(prng, 2) == 0)
        random_new_value(prng, "oi", out);
    buffer_append_format(&place->path, "%s\"%s\"", place->path.size > 1 ? "," : "", name);
}

static inline void random_json0_component(struct prng *prng, json_t *root, struct buffer *out)
{
    struct random_place place = {0};

    buffer_append_byte(out, '{');
    random_descend(prng, root, &place);
    if (json_is_array(place.parent) && prng_below(prng, 2) == 0) {
        random_in_list(prng, &place, out);
    } else if (json_is_number(place.value)) {
        buffer_append_format(out, "\"na\":%d,", (int)prng_below(prng, 9) - 4);
    } else if (json_is_string(place.value)) {
        random_edit(prng, &place, out);
    } else if (json_is_array(place.value)) {
        random_new_value(prng, "li", out);
        buffer_append_format(&place.path, "%s%zu", place.path.size > 1 ? "," : "",
                             (size_t)prng_below(prng, json_array_size(place.value) + 1));
    } else if (json_is_object(place.value)) {
        random_below_object(prng, &place, out);
    } else if (json_is_array(place.parent)) {
        random_in_list(prng, &place, out);
    } else {
        random_payload("od", place.value, out);
        random_new_value(prng, "oi", out);
    }
    buffer_append_format(out, "\"p\":%.*s]}", SPAN_PRINT(buffer_span(&place.path)));
    buffer_finish(&place.path);
}

/* An operation of one to four components that fits the content. */
static inline struct operation *random_json0_operation(struct prng *prng,
                                                       const struct content *content)
{
    struct operation *all = law_operation(&type_json0, "[]");
    struct content *state = type_json0.copy(content);

    for (uint64_t count = 1 + prng_below(prng, 4); count > 0; count--) {
        struct buffer json = {0};
        struct operation *next, *both;

        buffer_append_byte(&json, '[');
        random_json0_component(prng, json0_content_of(state)->root, &json);
        buffer_append_byte(&json, ']');
        buffer_append_byte(&json, 0);
        next = law_operation(&type_json0, (const char *)json.data);
        must(type_json0.apply(state, next, NULL) == STATUS_OK);
        must(type_json0.compose(all, next, &both) == STATUS_OK);
        operation_discard(all);
        operation_discard(next);
        all = both;
        buffer_finish(&json);
    }
    content_destroy(state);
    return all;
}

static inline struct content *random_json0_content(struct prng *prng)
{
    struct buffer json = {0};

    random_value(prng, 3, &json);
    buffer_append_byte(&json, 0);
    struct content *content = law_content(&type_json0, (const char *)json.data);
    buffer_finish(&json);
    return content;
}

#endif
