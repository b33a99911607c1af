/* text - plain text as in ot-text-unicode 4: a rope, edited at code points.
 *
 * Where the reference is sloppy this refuses: a skip or delete beyond the end, a delete that names
 * another text than stands there, lengths that are no integers. */
#include <string.h>

#include "base/json_scan.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "ot/rope.h"
#include "ot/text_operation.h"
#include "ot/text_transform.h"
#include "ot/type.h"

struct text {
    struct content head;
    struct rope *rope;
};

static struct rope *rope_of(const struct content *content)
{
    must(content->type == &type_text);
    return container_of(content, const struct text, head)->rope;
}

static struct content *create_take(struct rope *rope)
{
    struct text *text = memory_allocate(sizeof(*text));

    *text = (struct text){{&type_text}, rope};
    return &text->head;
}

static enum status text_create(struct span data, struct content **content, struct fault *fault)
{
    struct buffer scratch = {0};
    struct span text = SPAN("");

    if (span_present(data)) {
        if (json_kind(data) != JSON_KIND_STRING)
            return fault_set(fault, STATUS_MALFORMED_DOCUMENT, "a text document is a string");
        text = json_read_string(data, &scratch);
    }
    enum status status = STATUS_OK;
    if (text.size > LIMIT_DOCUMENT_BYTES) {
        status =
            fault_set(fault, STATUS_TOO_LARGE, "a text has at most %d bytes", LIMIT_DOCUMENT_BYTES);
    } else {
        struct rope *rope = rope_create();

        rope_insert(rope, 0, text);
        *content = create_take(rope);
    }
    buffer_finish(&scratch);
    return status;
}

static struct content *text_copy(const struct content *content)
{
    return create_take(rope_copy(rope_of(content)));
}

static void text_destroy(struct content *content)
{
    if (content == NULL)
        return;
    rope_destroy(rope_of(content));
    memory_free(content);
}

static void text_encode(const struct content *content, struct buffer *out)
{
    struct rope_walk walk = {rope_of(content), 0};
    struct span run;

    buffer_append_byte(out, '"');
    while (rope_walk_next(&walk, &run))
        json_write_string_piece(out, run);
    buffer_append_byte(out, '"');
}

static size_t text_size(const struct content *content)
{
    return rope_count(rope_of(content)).bytes + sizeof("\"\"") - 1;
}

/* ---- Applying ---- */

/* Does this delete fit? Adds the bytes that it takes to `deleted`. */
static enum status check_delete(const struct rope *rope, size_t at, const struct text_piece *piece,
                                size_t *deleted, struct fault *fault)
{
    size_t points = rope_count(rope).points;

    if (piece->points > points - at)
        return fault_set(fault, STATUS_NOT_APPLICABLE,
                         "it deletes %u code points at %zu of a text of %zu", piece->points, at,
                         points);
    if (!span_present(piece->text)) {
        *deleted += rope_bytes_of_points(rope, at + piece->points) - rope_bytes_of_points(rope, at);
        return STATUS_OK;
    }
    if (!rope_holds(rope, at, piece->text))
        return fault_set(fault, STATUS_NOT_APPLICABLE, "it deletes another text than stands at %zu",
                         at);
    *deleted += piece->text.size;
    return STATUS_OK;
}

/* Does it stay within the text? `grown` gets the size that the text would have. */
static enum status check_places(const struct rope *rope, const struct operation *operation,
                                size_t *grown, struct fault *fault)
{
    struct rope_count count = rope_count(rope);
    size_t inserted = 0;
    size_t deleted = 0;
    size_t at = 0;
    struct text_piece piece;
    struct text_walk walk;

    text_walk_init(&walk, operation);
    while (text_walk_next(&walk, &piece)) {
        enum status status = STATUS_OK;

        if (piece.kind == TEXT_INSERT) {
            inserted += piece.text.size;
            continue;
        }
        if (piece.kind == TEXT_DELETE)
            status = check_delete(rope, at, &piece, &deleted, fault);
        else if (piece.points > count.points - at)
            status = fault_set(fault, STATUS_NOT_APPLICABLE,
                               "it skips %u code points at %zu of a text of %u", piece.points, at,
                               count.points);
        if (status != STATUS_OK)
            return status;
        at += piece.points;
    }
    *grown = count.bytes - deleted + inserted;
    return STATUS_OK;
}

static enum status text_check(const struct content *content, const struct operation *operation,
                              struct fault *fault)
{
    size_t grown;
    enum status status = check_places(rope_of(content), operation, &grown, fault);

    if (status == STATUS_OK && grown > LIMIT_DOCUMENT_BYTES)
        return fault_set(fault, STATUS_TOO_LARGE, "the text would have more than %d bytes",
                         LIMIT_DOCUMENT_BYTES);
    return status;
}

static enum status text_apply(struct content *content, const struct operation *operation,
                              struct fault *fault)
{
    enum status status = text_check(content, operation, fault);
    struct rope *rope = rope_of(content);
    struct text_piece piece;
    struct text_walk walk;
    size_t at = 0;

    if (status != STATUS_OK)
        return status;
    text_walk_init(&walk, operation);
    while (text_walk_next(&walk, &piece)) {
        if (piece.kind == TEXT_DELETE) {
            rope_delete(rope, at, piece.points);
            continue;
        }
        if (piece.kind == TEXT_INSERT)
            rope_insert(rope, at, piece.text);
        at += piece.points;
    }
    return STATUS_OK;
}

/* ---- Taking back, comparing ---- */

static enum status text_invert(const struct operation *operation, const struct content *before,
                               struct operation **result)
{
    const struct rope *rope = rope_of(before);
    struct buffer deleted = {0};
    size_t grown;
    struct text_pieces pieces;
    struct text_piece piece;
    struct text_walk walk;
    size_t at = 0;

    /* The inverse of what is too large exists as well: a client takes such an operation back. */
    enum status status = check_places(rope, operation, &grown, NULL);
    if (status != STATUS_OK)
        return status;
    /* All deleted text is read before the pieces borrow it: the buffer moves as it grows. */
    text_walk_init(&walk, operation);
    while (text_walk_next(&walk, &piece)) {
        if (piece.kind == TEXT_DELETE)
            rope_read(rope, at, piece.points, &deleted);
        if (piece.kind != TEXT_INSERT)
            at += piece.points;
    }
    struct span rest = buffer_span(&deleted);
    text_pieces_init(&pieces);
    text_walk_init(&walk, operation);
    while (text_walk_next(&walk, &piece)) {
        if (piece.kind == TEXT_INSERT) {
            piece.kind = TEXT_DELETE;
        } else if (piece.kind == TEXT_DELETE) {
            piece.kind = TEXT_INSERT;
            piece.text = span_of(rest.data, utf8_offset_of_points(rest, piece.points));
            rest = span_of(rest.data + piece.text.size, rest.size - piece.text.size);
        }
        text_pieces_add(&pieces, piece);
    }
    status = text_pieces_to_operation(&pieces, result, NULL);
    buffer_finish(&deleted);
    return status;
}

static bool continues(uint8_t byte)
{
    return (byte & 0xC0) == 0x80;
}

/* The bytes that both begin with, up to a border between code points of both. */
static size_t common_front(struct span a, struct span b)
{
    size_t least = a.size < b.size ? a.size : b.size;
    size_t size = 0;

    while (size < least && a.data[size] == b.data[size])
        size++;
    while (size > 0 && ((size < a.size && continues(a.data[size])) ||
                        (size < b.size && continues(b.data[size]))))
        size--;
    return size;
}

/* The bytes that both end with, likewise. */
static size_t common_back(struct span a, struct span b)
{
    size_t least = a.size < b.size ? a.size : b.size;
    size_t size = 0;

    while (size < least && a.data[a.size - size - 1] == b.data[b.size - size - 1])
        size++;
    while (size > 0 && continues(a.data[a.size - size]))
        size--;
    return size;
}

/* One replacement of all between the common front and the common back. */
static enum status text_difference(const struct content *before, const struct content *after,
                                   struct operation **result)
{
    struct buffer from = {0};
    struct buffer to = {0};
    struct text_pieces pieces;

    rope_read(rope_of(before), 0, rope_count(rope_of(before)).points, &from);
    rope_read(rope_of(after), 0, rope_count(rope_of(after)).points, &to);
    struct span a = buffer_span(&from);
    struct span b = buffer_span(&to);
    size_t front = common_front(a, b);
    struct span kept = span_of(a.data, front);
    a = span_of(a.data + front, a.size - front);
    b = span_of(b.data + front, b.size - front);
    size_t back = common_back(a, b);
    a.size -= back;
    b.size -= back;

    text_pieces_init(&pieces);
    text_pieces_add(&pieces,
                    (struct text_piece){TEXT_SKIP, (uint32_t)utf8_points(kept), SPAN_NONE});
    text_pieces_add(&pieces, (struct text_piece){TEXT_INSERT, (uint32_t)utf8_points(b), b});
    text_pieces_add(&pieces, (struct text_piece){TEXT_DELETE, (uint32_t)utf8_points(a), SPAN_NONE});
    enum status status = text_pieces_to_operation(&pieces, result, NULL);
    buffer_finish(&from);
    buffer_finish(&to);
    return status;
}

const struct type type_text = {
    .name = "text",
    .alias = "text-unicode",
    .uri = "http://sharejs.org/types/text-unicode",
    .who_breaks_ties = true,
    .left = SIDE_FIRST,
    .components_max = LIMIT_OPERATION_COMPONENTS,
    .create = text_create,
    .copy = text_copy,
    .destroy = text_destroy,
    .encode = text_encode,
    .size = text_size,
    .decode = text_operation_decode,
    .discard = text_operation_discard,
    .write = text_operation_write,
    .check = text_check,
    .apply = text_apply,
    .transform = text_transform,
    .compose = text_compose,
    .invert = text_invert,
    .difference = text_difference,
    .is_empty = text_operation_is_empty,
    .move_position = text_operation_move_position,
};
