#include "base/limits.h"
#include "ot/rich.h"

/* Both walks cover the same stretch of the document: `length` units, or what is left of a part. */
static enum status move_stretch(struct rich_delta *result, struct rich_walk *ours,
                                struct rich_walk *others, bool other_first)
{
    struct rich_piece piece, other;
    uint64_t left = rich_walk_left(ours), length = rich_walk_left(others);

    if (left < length)
        length = left;
    if (!rich_walk_take(ours, length, &piece) || !rich_walk_take(others, length, &other))
        return STATUS_NOT_APPLICABLE;
    if (other.kind == RICH_DELETE)
        return STATUS_OK; /* nothing is left to keep or delete */
    if (piece.kind == RICH_DELETE) {
        rich_delta_push(result, &piece);
        return STATUS_OK;
    }
    json_t *attributes = rich_attributes_transform(piece.attributes, other.attributes, other_first);
    rich_delta_retain(result, length, attributes);
    json_decref(attributes);
    return STATUS_OK;
}

static enum status transform(struct rich_delta *result, struct rich_walk *ours,
                             struct rich_walk *others, bool other_first)
{
    struct rich_piece piece;
    enum status status = STATUS_OK;

    while (status == STATUS_OK && (!rich_walk_done(ours) || !rich_walk_done(others))) {
        bool insert = rich_walk_kind(ours) == RICH_INSERT;

        if (rich_walk_kind(others) == RICH_INSERT && (other_first || !insert)) {
            rich_delta_retain(result, rich_walk_left(others), NULL);
            must(rich_walk_take(others, UINT64_MAX, &piece));
        } else if (insert) {
            must(rich_walk_take(ours, UINT64_MAX, &piece));
            rich_delta_push(result, &piece);
        } else {
            status = move_stretch(result, ours, others, other_first);
        }
    }
    return status;
}

enum status rich_transform(const struct operation *operation, const struct operation *other,
                           enum side side, struct operation **result)
{
    struct rich_operation *moved = rich_operation_create();
    struct rich_walk ours = {.delta = &rich_operation_of(operation)->delta};
    struct rich_walk others = {.delta = &rich_operation_of(other)->delta};
    enum status status = transform(&moved->delta, &ours, &others, side == SIDE_SECOND);

    rich_delta_chop(&moved->delta);
    if (status == STATUS_OK && moved->delta.count > LIMIT_OPERATION_COMPONENTS)
        status = STATUS_TOO_LARGE;
    if (status == STATUS_OK)
        *result = &moved->operation;
    else
        type_rich.discard(&moved->operation);
    return status;
}

uint64_t rich_move_position(const struct operation *operation, uint64_t position, bool own)
{
    const struct rich_delta *delta = &rich_operation_of(operation)->delta;
    uint64_t offset = 0;

    for (size_t i = 0; i < delta->count && offset <= position; i++) {
        const struct rich_part *part = &delta->parts[i];

        if (part->kind == RICH_DELETE) {
            uint64_t behind = position - offset;

            position -= part->utf16 < behind ? part->utf16 : behind;
            continue;
        }
        if (part->kind == RICH_INSERT && (offset < position || own))
            position += part->utf16;
        offset += part->utf16;
    }
    return position;
}
