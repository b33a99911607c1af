/* Inverses, and the way from one document to another: what both begin and end with is kept, its
 * attributes are changed where they differ, what is between is replaced. */
#include "base/memory.h"
#include "ot/rich.h"

/* Push what gives this piece of the document, whose `attributes` shall be changed, those of
 * `target`. A null attribute in a document (an insertion may bring one) cannot be had by a change:
 * there the piece is replaced. */
static void push_change(struct rich_delta *result, json_t *change, const struct rich_piece *target,
                        json_t *attributes)
{
    const char *name;
    size_t size;
    json_t *value;

    json_object_keylen_foreach (change, name, size, value) {
        if (target->attributes != NULL &&
            json_is_null(value_object_get(target->attributes, span_of(name, size)))) {
            rich_delta_push(result, target);
            rich_delta_delete(result, target->utf16);
            return;
        }
    }
    rich_delta_retain(result, target->utf16, attributes);
}

/* ---- Inverse ---- */

/* Push what undoes a deletion, or a change of attributes, of this range of the document. */
static void invert_range(struct rich_delta *inverse, const struct rich_part *part,
                         const struct rich_run *runs, uint64_t at)
{
    struct rich_delta range = {0};
    struct rich_walk walk = {.delta = &range};
    struct rich_piece piece;

    rich_runs_read(runs, at, part->utf16, &range);
    while (!rich_walk_done(&walk)) {
        must(rich_walk_take(&walk, UINT64_MAX, &piece));
        if (part->kind == RICH_DELETE) {
            rich_delta_push(inverse, &piece);
        } else {
            json_t *attributes = rich_attributes_invert(part->attributes, piece.attributes);

            push_change(inverse, part->attributes, &piece, attributes);
            json_decref(attributes);
        }
    }
    rich_delta_finish(&range);
}

enum status rich_invert(const struct operation *operation, const struct content *before,
                        struct operation **result)
{
    const struct rich_delta *delta = &rich_operation_of(operation)->delta;
    struct rich_operation *inverse;
    uint64_t at = 0;
    enum status status = type_rich.check(before, operation, NULL);

    if (status == STATUS_NOT_APPLICABLE)
        return status;
    inverse = rich_operation_create();
    for (size_t i = 0; i < delta->count; i++) {
        const struct rich_part *part = &delta->parts[i];

        if (part->kind == RICH_INSERT) {
            rich_delta_delete(&inverse->delta, part->utf16);
            continue;
        }
        if (part->kind == RICH_RETAIN && part->attributes == NULL)
            rich_delta_retain(&inverse->delta, part->utf16, NULL);
        else
            invert_range(&inverse->delta, part, rich_content_of(before)->runs, at);
        at += part->utf16;
    }
    rich_delta_chop(&inverse->delta);
    *result = &inverse->operation;
    return STATUS_OK;
}

/* ---- Difference ---- */

enum { EMBED_BYTE = 0xFF }; /* stands for an embed: no byte of UTF-8 */

/* A document as plain bytes, and its embeds in their order. */
struct flat {
    struct rich_delta delta;
    struct buffer bytes;
    const json_t **embeds;
    size_t embed_count;
};

static void flatten(struct flat *flat, const struct content *content)
{
    const struct rich_run *runs = rich_content_of(content)->runs;

    rich_runs_read(runs, 0, rich_runs_sum(runs).utf16, &flat->delta);
    flat->embeds = memory_zeroed(flat->delta.count + 1, sizeof(*flat->embeds));
    for (size_t i = 0; i < flat->delta.count; i++) {
        const struct rich_part *part = &flat->delta.parts[i];

        if (part->embed != NULL) {
            flat->embeds[flat->embed_count++] = part->embed;
            buffer_append_byte(&flat->bytes, EMBED_BYTE);
        } else {
            buffer_append(&flat->bytes, buffer_span(&part->text));
        }
    }
}

static void flat_finish(struct flat *flat)
{
    rich_delta_finish(&flat->delta);
    buffer_finish(&flat->bytes);
    memory_free(flat->embeds);
}

/* The bytes number `a` and `b` are equal, and so are the embeds that they may stand for. */
static bool same_byte(const struct flat *a, size_t at_a, const struct flat *b, size_t at_b,
                      size_t embed_a, size_t embed_b)
{
    if (a->bytes.data[at_a] != b->bytes.data[at_b])
        return false;
    return a->bytes.data[at_a] != EMBED_BYTE || value_equal(a->embeds[embed_a], b->embeds[embed_b]);
}

static bool within_point(const struct flat *flat, size_t at)
{
    return at < flat->bytes.size && (flat->bytes.data[at] & 0xC0) == 0x80;
}

static size_t common_front(const struct flat *a, const struct flat *b, size_t most)
{
    size_t front = 0, embeds = 0;

    while (front < most && same_byte(a, front, b, front, embeds, embeds))
        embeds += a->bytes.data[front++] == EMBED_BYTE;
    while (within_point(a, front) || within_point(b, front))
        front--;
    return front;
}

static size_t common_end(const struct flat *a, const struct flat *b, size_t most)
{
    size_t end = 0, embeds = 1;

    while (end < most && same_byte(a, a->bytes.size - 1 - end, b, b->bytes.size - 1 - end,
                                   a->embed_count - embeds, b->embed_count - embeds))
        embeds += a->bytes.data[a->bytes.size - 1 - end++] == EMBED_BYTE;
    while (within_point(a, a->bytes.size - end) || within_point(b, b->bytes.size - end))
        end--;
    return end;
}

static uint64_t utf16_of(const struct flat *flat, size_t from, size_t to)
{
    uint64_t units = 0;

    for (size_t i = from; i < to; i++) {
        uint8_t byte = flat->bytes.data[i];

        units += (byte & 0xC0) != 0x80;
        units += byte >= 0xF0 && byte != EMBED_BYTE;
    }
    return units;
}

/* Keep `utf16` units of both, with the attributes of the later. */
static void keep(struct rich_delta *result, struct rich_walk *before, struct rich_walk *after,
                 uint64_t utf16)
{
    struct rich_piece old, new;

    while (utf16 > 0) {
        uint64_t length = utf16;

        if (rich_walk_left(before) < length)
            length = rich_walk_left(before);
        if (rich_walk_left(after) < length)
            length = rich_walk_left(after);
        must(rich_walk_take(before, length, &old) && rich_walk_take(after, length, &new));
        json_t *attributes = rich_attributes_difference(old.attributes, new.attributes);
        push_change(result, attributes, &new, attributes);
        json_decref(attributes);
        utf16 -= length;
    }
}

enum status rich_difference(const struct content *before, const struct content *after,
                            struct operation **result)
{
    struct rich_operation *difference = rich_operation_create();
    struct flat old = {0}, new = {0};

    flatten(&old, before);
    flatten(&new, after);
    size_t shorter = old.bytes.size < new.bytes.size ? old.bytes.size : new.bytes.size;
    size_t front = common_front(&old, &new, shorter);
    size_t end = common_end(&old, &new, shorter - front);
    uint64_t inserted = utf16_of(&new, front, new.bytes.size - end);
    uint64_t deleted = utf16_of(&old, front, old.bytes.size - end);
    struct rich_walk old_walk = {.delta = &old.delta}, new_walk = {.delta = &new.delta};
    struct rich_piece piece;

    keep(&difference->delta, &old_walk, &new_walk, utf16_of(&old, 0, front));
    rich_delta_delete(&difference->delta, deleted);
    for (; inserted > 0; inserted -= piece.utf16) {
        must(rich_walk_take(&new_walk, inserted, &piece));
        rich_delta_push(&difference->delta, &piece);
    }
    for (; deleted > 0; deleted -= piece.utf16)
        must(rich_walk_take(&old_walk, deleted, &piece));
    keep(&difference->delta, &old_walk, &new_walk,
         utf16_of(&old, old.bytes.size - end, old.bytes.size));
    rich_delta_chop(&difference->delta);
    flat_finish(&old);
    flat_finish(&new);
    *result = &difference->operation;
    return STATUS_OK;
}
