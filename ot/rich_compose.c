#include "base/limits.h"
#include "ot/rich.h"

/* What is left of a walk, behind the list: the first piece by the rules, the others as they are. */
static enum status push_rest(struct rich_delta *result, struct rich_walk *walk)
{
    struct rich_piece piece;

    for (bool first = true; !rich_walk_done(walk); first = false) {
        if (!rich_walk_take(walk, UINT64_MAX, &piece))
            return STATUS_NOT_APPLICABLE;
        if (first)
            rich_delta_push(result, &piece);
        else
            rich_delta_push_raw(result, &piece);
    }
    return STATUS_OK;
}

/* Insertions of the first operation that the second one only passes by stay as they are. */
static enum status pass_front(struct rich_delta *result, struct rich_walk *first,
                              struct rich_walk *second)
{
    struct rich_piece piece;
    uint64_t passed = 0;

    if (rich_walk_done(second) || rich_walk_kind(second) != RICH_RETAIN ||
        second->delta->parts[0].attributes != NULL)
        return STATUS_OK;
    while (rich_walk_kind(first) == RICH_INSERT &&
           rich_walk_left(first) <= rich_walk_left(second) - passed) {
        passed += rich_walk_left(first);
        must(rich_walk_take(first, UINT64_MAX, &piece));
        rich_delta_push_raw(result, &piece);
    }
    if (passed > 0 && !rich_walk_take(second, passed, &piece))
        return STATUS_NOT_APPLICABLE;
    return STATUS_OK;
}

/* A piece of the first operation that the second one keeps. `ends` when the rest of the first one
 * follows as it is. */
static bool push_kept(struct rich_delta *result, const struct rich_piece *first,
                      const struct rich_piece *second)
{
    struct rich_piece kept = *first;

    kept.attributes =
        rich_attributes_compose(first->attributes, second->attributes, first->kind == RICH_RETAIN);
    bool alone = rich_delta_push(result, &kept);
    json_decref(kept.attributes);
    return alone;
}

static enum status compose_rest(struct rich_delta *result, struct rich_walk *first,
                                struct rich_walk *second)
{
    struct rich_piece ours, theirs;

    while (!rich_walk_done(first) || !rich_walk_done(second)) {
        if (rich_walk_kind(second) == RICH_INSERT) {
            must(rich_walk_take(second, UINT64_MAX, &theirs));
            rich_delta_push(result, &theirs);
            continue;
        }
        if (rich_walk_kind(first) == RICH_DELETE) {
            must(rich_walk_take(first, UINT64_MAX, &ours));
            rich_delta_push(result, &ours);
            continue;
        }
        uint64_t left = rich_walk_left(first), length = rich_walk_left(second);

        if (left < length)
            length = left;
        if (!rich_walk_take(first, length, &ours) || !rich_walk_take(second, length, &theirs))
            return STATUS_NOT_APPLICABLE;
        if (theirs.kind == RICH_RETAIN) {
            if (push_kept(result, &ours, &theirs) && rich_walk_done(second))
                return push_rest(result, first);
        } else if (ours.kind == RICH_RETAIN) {
            rich_delta_push(result, &theirs);
        }
    }
    return STATUS_OK;
}

enum status rich_compose(const struct operation *first, const struct operation *second,
                         struct operation **result)
{
    struct rich_operation *composed = rich_operation_create();
    struct rich_walk earlier = {.delta = &rich_operation_of(first)->delta};
    struct rich_walk later = {.delta = &rich_operation_of(second)->delta};
    enum status status = pass_front(&composed->delta, &earlier, &later);

    if (status == STATUS_OK)
        status = compose_rest(&composed->delta, &earlier, &later);
    rich_delta_chop(&composed->delta);
    if (status == STATUS_OK && composed->delta.count > LIMIT_OPERATION_COMPONENTS)
        status = STATUS_TOO_LARGE;
    if (status == STATUS_OK)
        *result = &composed->operation;
    else
        type_rich.discard(&composed->operation);
    return status;
}
