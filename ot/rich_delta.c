#include "ot/rich_delta.h"

#include "base/json_write.h"
#include "base/memory.h"
#include "base/utf8.h"

static void part_finish(struct rich_part *part)
{
    buffer_finish(&part->text);
    json_decref(part->embed);
    json_decref(part->attributes);
}

void rich_delta_finish(struct rich_delta *delta)
{
    for (size_t i = 0; i < delta->count; i++)
        part_finish(&delta->parts[i]);
    memory_free(delta->parts);
    *delta = (struct rich_delta){0};
}

/* ---- Building ---- */

static void insert_at(struct rich_delta *delta, size_t index, const struct rich_piece *piece)
{
    if (delta->count == delta->capacity) {
        delta->capacity = delta->capacity == 0 ? 4 : delta->capacity * 2;
        delta->parts = memory_resize(delta->parts, delta->capacity * sizeof(struct rich_part));
    }
    memmove(delta->parts + index + 1, delta->parts + index,
            (delta->count - index) * sizeof(struct rich_part));
    struct rich_part *part = &delta->parts[index];
    *part = (struct rich_part){.kind = piece->kind,
                               .utf16 = piece->utf16,
                               .embed = json_incref(piece->embed),
                               .attributes = json_incref(piece->attributes)};
    buffer_append(&part->text, piece->text);
    delta->count++;
}

void rich_delta_push_raw(struct rich_delta *delta, const struct rich_piece *piece)
{
    insert_at(delta, delta->count, piece);
}

/* The part takes the piece in, when both are one thing cut in two. */
static bool join(struct rich_part *part, const struct rich_piece *piece)
{
    if (part->kind != piece->kind || part->embed != NULL || piece->embed != NULL ||
        !rich_attributes_equal(part->attributes, piece->attributes))
        return false;
    part->utf16 += piece->utf16;
    buffer_append(&part->text, piece->text);
    return true;
}

bool rich_delta_push(struct rich_delta *delta, const struct rich_piece *piece)
{
    size_t index = delta->count;

    if (index > 0 && piece->kind == RICH_INSERT && delta->parts[index - 1].kind == RICH_DELETE)
        index--;
    if (index > 0 && join(&delta->parts[index - 1], piece))
        return false;
    insert_at(delta, index, piece);
    return index + 1 == delta->count;
}

void rich_delta_retain(struct rich_delta *delta, uint64_t utf16, json_t *attributes)
{
    struct rich_piece piece = {.kind = RICH_RETAIN, .utf16 = utf16, .attributes = attributes};

    if (utf16 > 0)
        rich_delta_push(delta, &piece);
}

void rich_delta_delete(struct rich_delta *delta, uint64_t utf16)
{
    struct rich_piece piece = {.kind = RICH_DELETE, .utf16 = utf16};

    if (utf16 > 0)
        rich_delta_push(delta, &piece);
}

void rich_delta_chop(struct rich_delta *delta)
{
    if (delta->count == 0)
        return;
    struct rich_part *last = &delta->parts[delta->count - 1];
    if (last->kind != RICH_RETAIN || last->attributes != NULL)
        return;
    part_finish(last);
    delta->count--;
}

/* ---- Walking ---- */

enum rich_kind rich_walk_kind(const struct rich_walk *walk)
{
    return rich_walk_done(walk) ? RICH_RETAIN : walk->delta->parts[walk->index].kind;
}

uint64_t rich_walk_left(const struct rich_walk *walk)
{
    return rich_walk_done(walk) ? UINT64_MAX
                                : walk->delta->parts[walk->index].utf16 - walk->offset_utf16;
}

bool rich_walk_done(const struct rich_walk *walk)
{
    return walk->index == walk->delta->count;
}

bool rich_walk_take(struct rich_walk *walk, uint64_t utf16, struct rich_piece *piece)
{
    if (rich_walk_done(walk)) {
        *piece = (struct rich_piece){.kind = RICH_RETAIN, .utf16 = utf16};
        return true;
    }
    const struct rich_part *part = &walk->delta->parts[walk->index];
    uint64_t left = part->utf16 - walk->offset_utf16;
    struct span rest = SPAN("");

    if (utf16 > left)
        utf16 = left;
    if (part->text.size > 0)
        rest = span_of(part->text.data + walk->offset_bytes, part->text.size - walk->offset_bytes);
    size_t bytes = rest.size;
    if (bytes > 0 && utf16 < left && !utf8_offset_of_utf16(rest, (size_t)utf16, &bytes))
        return false;
    *piece = (struct rich_piece){.kind = part->kind,
                                 .utf16 = utf16,
                                 .text = span_of(rest.data, bytes),
                                 .embed = part->embed,
                                 .attributes = part->attributes};
    if (utf16 == left) {
        walk->index++;
        walk->offset_utf16 = 0;
        walk->offset_bytes = 0;
    } else {
        walk->offset_utf16 += utf16;
        walk->offset_bytes += bytes;
    }
    return true;
}

/* ---- Canonical JSON ---- */

static void write_piece(const struct rich_piece *piece, bool first, struct buffer *out)
{
    if (!first)
        buffer_append_byte(out, ',');
    buffer_append_byte(out, '{');
    if (piece->attributes != NULL) {
        buffer_append_text(out, "\"attributes\":");
        value_write(piece->attributes, out);
        buffer_append_byte(out, ',');
    }
    if (piece->kind == RICH_INSERT) {
        buffer_append_text(out, "\"insert\":");
        if (piece->embed != NULL)
            value_write(piece->embed, out);
        else
            json_write_string(out, piece->text);
    } else {
        buffer_append_text(out, piece->kind == RICH_RETAIN ? "\"retain\":" : "\"delete\":");
        buffer_append_unsigned(out, piece->utf16);
    }
    buffer_append_byte(out, '}');
}

void rich_delta_write(const struct rich_delta *delta, struct buffer *out)
{
    buffer_append_text(out, "{\"ops\":[");
    for (size_t i = 0; i < delta->count; i++) {
        const struct rich_part *part = &delta->parts[i];
        struct rich_piece piece = {.kind = part->kind,
                                   .utf16 = part->utf16,
                                   .text = buffer_span(&part->text),
                                   .embed = part->embed,
                                   .attributes = part->attributes};

        write_piece(&piece, i == 0, out);
    }
    buffer_append_text(out, "]}");
}
