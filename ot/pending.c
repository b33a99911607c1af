#include "ot/pending.h"

#include <string.h>

#include "base/memory.h"

enum { FIRST_CAPACITY = 4 };

void pending_finish(struct pending *pending)
{
    for (size_t i = 0; i < pending->count; i++)
        operation_discard(pending->operations[i]);
    memory_free(pending->operations);
    *pending = (struct pending){0};
}

static void append_take(struct pending *pending, struct operation *operation)
{
    if (pending->count == pending->capacity) {
        pending->capacity = pending->capacity > 0 ? 2 * pending->capacity : FIRST_CAPACITY;
        pending->operations =
            memory_resize(pending->operations, pending->capacity * sizeof(struct operation *));
    }
    pending->operations[pending->count++] = operation;
}

void pending_push_take(struct pending *pending, size_t composable_from, struct operation *operation)
{
    const struct type *type = operation->type;
    struct operation *composed;

    if (pending->count > composable_from &&
        type->compose(pending->operations[pending->count - 1], operation, &composed) == STATUS_OK) {
        operation_discard(pending->operations[--pending->count]);
        operation_discard(operation);
        operation = composed;
    }
    if (type->is_empty(operation))
        operation_discard(operation);
    else
        append_take(pending, operation);
}

struct operation *pending_shift(struct pending *pending)
{
    must(pending->count > 0);
    struct operation *first = pending->operations[0];

    pending->count--;
    memmove(pending->operations, pending->operations + 1,
            pending->count * sizeof(struct operation *));
    return first;
}

void pending_unshift_take(struct pending *pending, struct operation *operation)
{
    append_take(pending, operation);
    memmove(pending->operations + 1, pending->operations,
            (pending->count - 1) * sizeof(struct operation *));
    pending->operations[0] = operation;
}

/* Move one pending operation over `*foreign` and the other way round; the old foreign one is
 * replaced, and discarded if it was ours. */
static enum status pass(const struct operation *operation, enum side side,
                        const struct operation **foreign, struct operation **ours,
                        struct operation **rebased)
{
    const struct type *type = operation->type;
    struct operation *moved;
    enum status status = type->transform(operation, *foreign, side, rebased);

    if (status != STATUS_OK)
        return status;
    status = type->transform(*foreign, operation, side_other(side), &moved);
    if (status != STATUS_OK) {
        operation_discard(*rebased);
        return status;
    }
    operation_discard(*ours);
    *foreign = *ours = moved;
    return STATUS_OK;
}

enum status pending_rebase(struct pending *pending, const struct operation *foreign, enum side side,
                           struct operation **moved)
{
    struct pending rebased = {0};
    struct operation *ours = NULL;
    enum status status = STATUS_OK;

    for (size_t i = 0; i < pending->count && status == STATUS_OK; i++) {
        struct operation *operation;

        status = pass(pending->operations[i], side, &foreign, &ours, &operation);
        if (status == STATUS_OK)
            append_take(&rebased, operation);
    }
    if (status != STATUS_OK) {
        operation_discard(ours);
        pending_finish(&rebased);
        return status;
    }
    pending_finish(pending);
    *pending = rebased;
    *moved = ours;
    return STATUS_OK;
}

bool pending_replay(const struct pending *pending, struct content *content)
{
    bool all = true;

    for (size_t i = 0; i < pending->count && (all || content->type->identity); i++)
        all &= content->type->apply(content, pending->operations[i], NULL) == STATUS_OK;
    return all;
}
