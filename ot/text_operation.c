#include "ot/text_operation.h"

#include <string.h>

#include "base/json_scan.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/utf8.h"

/* ---- Pieces ---- */

void text_pieces_finish(struct text_pieces *pieces)
{
    if (pieces->pieces != pieces->few)
        memory_free(pieces->pieces);
}

void text_pieces_grow(struct text_pieces *pieces)
{
    size_t size = pieces->count * sizeof(struct text_piece);
    struct text_piece *grown = memory_allocate(2 * size);

    memcpy(grown, pieces->pieces, size);
    text_pieces_finish(pieces);
    pieces->pieces = grown;
    pieces->capacity *= 2;
}

/* What the pieces come to. */
struct sums {
    uint32_t runs;     /* of one kind: the components of the operation */
    uint64_t reach;    /* code points passed over or deleted */
    uint64_t inserted; /* bytes */
    uint64_t named;    /* bytes of the texts that deletes name */
};

static struct sums pieces_sums(const struct text_pieces *pieces)
{
    struct sums sums = {0};

    for (size_t i = 0; i < pieces->count; i++) {
        const struct text_piece *piece = &pieces->pieces[i];

        sums.runs += i == 0 || piece->kind != piece[-1].kind;
        if (piece->kind == TEXT_INSERT) {
            sums.inserted += piece->text.size;
        } else {
            sums.reach += piece->points;
            sums.named += piece->text.size;
        }
    }
    return sums;
}

/* Append a run of pieces of one kind, beginning at `piece`, as one component. Returns the first
 * piece behind it. */
static const struct text_piece *merge_run(const struct text_piece *piece,
                                          const struct text_piece *end,
                                          struct text_component *component, uint8_t *text)
{
    enum text_kind kind = piece->kind;
    bool named = true;

    *component = (struct text_component){.kind = kind};
    for (; piece < end && piece->kind == kind; piece++) {
        component->points += piece->points;
        named = named && span_present(piece->text);
        if (named) {
            memcpy(text + component->size, piece->text.data, piece->text.size);
            component->size += (uint32_t)piece->text.size;
        }
    }
    if (!named)
        component->size = 0;
    return piece;
}

/* The operation of pieces that meet the limits. */
static struct operation *merge(const struct text_pieces *pieces, const struct sums *sums)
{
    uint32_t count = sums->runs;
    size_t text_size = (size_t)(sums->inserted + sums->named);
    struct text_operation *made =
        memory_allocate(sizeof(*made) + count * sizeof(struct text_component) + text_size);
    const struct text_piece *piece = pieces->pieces;
    uint8_t *text = (uint8_t *)&made->components[count];

    *made = (struct text_operation){.head = {&type_text}, .count = count};
    for (uint32_t i = 0; i < count; i++) {
        piece = merge_run(piece, pieces->pieces + pieces->count, &made->components[i],
                          text + made->text_size);
        made->text_size += made->components[i].size;
    }
    return &made->head;
}

static enum status check_sums(const struct sums *sums, struct fault *fault)
{
    if (sums->runs > LIMIT_OPERATION_COMPONENTS)
        return fault_set(fault, STATUS_TOO_LARGE, "more than %d components",
                         LIMIT_OPERATION_COMPONENTS);
    if (sums->reach > LIMIT_DOCUMENT_BYTES)
        return fault_set(fault, STATUS_TOO_LARGE, "it reaches beyond the largest document");
    if (sums->inserted > LIMIT_DOCUMENT_BYTES)
        return fault_set(fault, STATUS_TOO_LARGE, "it inserts more than the largest document");
    return STATUS_OK;
}

enum status text_pieces_to_operation(struct text_pieces *pieces, struct operation **operation,
                                     struct fault *fault)
{
    while (pieces->count > 0 && pieces->pieces[pieces->count - 1].kind == TEXT_SKIP)
        pieces->count--;

    struct sums sums = pieces_sums(pieces);
    enum status status = check_sums(&sums, fault);
    if (status == STATUS_OK)
        *operation = merge(pieces, &sums);
    text_pieces_finish(pieces);
    return status;
}

/* ---- Reading JSON ---- */

static enum status decode_length(struct span value, size_t index, const char *what,
                                 struct text_piece *piece, struct fault *fault)
{
    int64_t points;

    if (!json_read_integer(value, &points))
        return fault_set(fault, STATUS_MALFORMED_OPERATION,
                         "component %zu: the length of a %s must be an integer", index, what);
    if (points < 1)
        return fault_set(fault, STATUS_MALFORMED_OPERATION,
                         "component %zu: a %s must be at least 1", index, what);
    if (points > LIMIT_DOCUMENT_BYTES)
        return fault_set(fault, STATUS_TOO_LARGE, "component %zu: a %s beyond the largest document",
                         index, what);
    piece->points = (uint32_t)points;
    piece->text = SPAN_NONE;
    return STATUS_OK;
}

/* `scratch` has room for all decoded text, so that what it lends does not move. */
static enum status decode_text(struct span value, size_t index, struct buffer *scratch,
                               struct text_piece *piece, struct fault *fault)
{
    piece->text = json_read_string(value, scratch);
    if (piece->text.size == 0)
        return fault_set(fault, STATUS_MALFORMED_OPERATION, "component %zu: the text is empty",
                         index);
    if (piece->text.size > LIMIT_DOCUMENT_BYTES)
        return fault_set(fault, STATUS_TOO_LARGE,
                         "component %zu: a text above the largest document", index);
    piece->points = (uint32_t)utf8_points(piece->text);
    return STATUS_OK;
}

static enum status decode_delete(struct span value, size_t index, struct buffer *scratch,
                                 struct text_piece *piece, struct fault *fault)
{
    struct span deleted = json_member(value, "d");

    if (!span_present(deleted) || json_count(value) != 1)
        return fault_set(fault, STATUS_MALFORMED_OPERATION,
                         "component %zu: a delete has the one member \"d\"", index);
    piece->kind = TEXT_DELETE;
    if (json_kind(deleted) == JSON_KIND_STRING)
        return decode_text(deleted, index, scratch, piece, fault);
    return decode_length(deleted, index, "delete", piece, fault);
}

static enum status decode_component(struct span value, size_t index, struct buffer *scratch,
                                    struct text_piece *piece, struct fault *fault)
{
    switch (json_kind(value)) {
    case JSON_KIND_NUMBER:
        piece->kind = TEXT_SKIP;
        return decode_length(value, index, "skip", piece, fault);
    case JSON_KIND_STRING:
        piece->kind = TEXT_INSERT;
        return decode_text(value, index, scratch, piece, fault);
    case JSON_KIND_OBJECT:
        return decode_delete(value, index, scratch, piece, fault);
    default:
        return fault_set(fault, STATUS_MALFORMED_OPERATION,
                         "component %zu: must be a number, a string or {\"d\": …}", index);
    }
}

static enum status decode_components(struct span json, struct buffer *scratch,
                                     struct text_pieces *pieces, struct fault *fault)
{
    struct text_piece piece = {.kind = TEXT_INSERT};
    struct json_walk walk;
    struct span value;

    json_walk_init(&walk, json);
    for (size_t index = 0; json_walk_element(&walk, &value); index++) {
        enum text_kind last = piece.kind;
        enum status status = decode_component(value, index, scratch, &piece, fault);

        if (status != STATUS_OK)
            return status;
        if (index > 0 && piece.kind == TEXT_SKIP && last == TEXT_SKIP)
            return fault_set(fault, STATUS_MALFORMED_OPERATION,
                             "component %zu: a skip after a skip", index);
        text_pieces_add(pieces, piece);
    }
    if (piece.kind == TEXT_SKIP)
        return fault_set(fault, STATUS_MALFORMED_OPERATION, "it ends with a skip");
    return STATUS_OK;
}

enum status text_operation_decode(struct span json, struct operation **operation,
                                  struct fault *fault)
{
    struct buffer scratch = {0};
    struct text_pieces pieces;

    if (json_kind(json) != JSON_KIND_ARRAY)
        return fault_set(fault, STATUS_MALFORMED_OPERATION, "a text operation is an array");
    if (memchr(json.data, '\\', json.size) != NULL)
        buffer_reserve(&scratch, json.size);
    text_pieces_init(&pieces);
    enum status status = decode_components(json, &scratch, &pieces, fault);
    if (status == STATUS_OK)
        status = text_pieces_to_operation(&pieces, operation, fault);
    else
        text_pieces_finish(&pieces);
    buffer_finish(&scratch);
    return status;
}

void text_operation_discard(struct operation *operation)
{
    memory_free(operation);
}

/* ---- Writing JSON ---- */

static void write_component(const struct text_piece *piece, struct buffer *out)
{
    if (piece->kind == TEXT_DELETE)
        buffer_append(out, SPAN("{\"d\":"));
    if (span_present(piece->text))
        json_write_string(out, piece->text);
    else
        buffer_append_unsigned(out, piece->points);
    if (piece->kind == TEXT_DELETE)
        buffer_append_byte(out, '}');
}

void text_operation_write(const struct operation *operation, struct buffer *out)
{
    struct text_walk walk;
    struct text_piece piece;
    const char *separator = "[";

    text_walk_init(&walk, operation);
    while (text_walk_next(&walk, &piece)) {
        buffer_append_byte(out, (uint8_t)*separator);
        write_component(&piece, out);
        separator = ",";
    }
    if (*separator == '[')
        buffer_append_byte(out, '[');
    buffer_append_byte(out, ']');
}

/* ---- Looking ---- */

bool text_operation_is_empty(const struct operation *operation)
{
    return text_operation_of(operation)->count == 0;
}

uint64_t text_operation_move_position(const struct operation *operation, uint64_t position,
                                      bool own)
{
    const struct text_operation *text = text_operation_of(operation);
    uint64_t at = 0; /* in the text as it is behind the components passed */

    for (uint32_t i = 0; i < text->count; i++) {
        const struct text_component *component = &text->components[i];

        if (at > position || (at == position && !own))
            break;
        switch (component->kind) {
        case TEXT_SKIP:
            at += component->points;
            break;
        case TEXT_INSERT:
            at += component->points;
            position += component->points;
            break;
        case TEXT_DELETE:
            position -= component->points < position - at ? component->points : position - at;
            break;
        }
    }
    return position;
}
