#include "ot/pending.h"

#include <string.h>

#include "base/limits.h"
#include "base/memory.h"

enum { FIRST_CAPACITY = 4 };

void pending_finish(struct pending *pending)
{
    for (size_t i = 0; i < pending->count; i++)
        operation_discard(pending->operations[i]);
    memory_free(pending->operations);
    memory_free(pending->shares);
    *pending = (struct pending){0};
}

static void append_take(struct pending *pending, struct operation *operation,
                        struct pending_share share)
{
    if (pending->count == pending->capacity) {
        pending->capacity = pending->capacity > 0 ? 2 * pending->capacity : FIRST_CAPACITY;
        pending->operations =
            memory_resize(pending->operations, pending->capacity * sizeof(struct operation *));
        pending->shares =
            memory_resize(pending->shares, pending->capacity * sizeof(struct pending_share));
    }
    pending->operations[pending->count] = operation;
    pending->shares[pending->count++] = share;
}

/* ---- Composing ---- */

static void remove_at(struct pending *pending, size_t at)
{
    size_t behind = pending->count - at - 1;

    memmove(pending->operations + at, pending->operations + at + 1,
            behind * sizeof(struct operation *));
    memmove(pending->shares + at, pending->shares + at + 1, behind * sizeof(struct pending_share));
    pending->count--;
}

/* Make one of number `at` and the next. False, and no change, where they have to stay two. */
static bool join(struct pending *pending, size_t at)
{
    struct operation **pair = pending->operations + at;
    struct pending_share *shares = pending->shares + at;
    size_t size = shares[0].size + shares[1].size;
    struct operation *both;

    if (pair[0]->type->compose(pair[0], pair[1], &both) != STATUS_OK)
        return false;
    if (size > LIMIT_COMPOSED_BYTES)
        size = operation_size(both);
    if (size > LIMIT_COMPOSED_BYTES) {
        operation_discard(both);
        return false;
    }
    operation_discard(pair[0]);
    operation_discard(pair[1]);
    pair[0] = both;
    shares[0] = (struct pending_share){.edits = shares[0].edits + shares[1].edits, .size = size};
    remove_at(pending, at + 1);
    return true;
}

/* False when nothing is at that place, or what is there does something. */
static bool drop_empty(struct pending *pending, size_t at)
{
    if (at >= pending->count || !pending->operations[at]->type->is_empty(pending->operations[at]))
        return false;
    operation_discard(pending->operations[at]);
    remove_at(pending, at);
    return true;
}

void pending_push_take(struct pending *pending, size_t composable_from, struct operation *operation)
{
    append_take(pending, operation,
                (struct pending_share){.edits = 1, .size = operation_size(operation)});
    while (!drop_empty(pending, pending->count - 1) && pending->count >= composable_from + 2) {
        size_t last = pending->count - 1;

        if (pending->shares[last - 1].edits > pending->shares[last].edits ||
            !join(pending, last - 1))
            break;
    }
}

void pending_gather(struct pending *pending)
{
    while (drop_empty(pending, 0) || (pending->count > 1 && join(pending, 0)))
        ;
}

/* ---- The first ---- */

struct operation *pending_shift(struct pending *pending)
{
    must(pending->count > 0);
    struct operation *first = pending->operations[0];

    remove_at(pending, 0);
    return first;
}

void pending_unshift_take(struct pending *pending, struct operation *operation)
{
    struct pending_share share = {.edits = 1, .size = operation_size(operation)};

    append_take(pending, operation, share);
    memmove(pending->operations + 1, pending->operations,
            (pending->count - 1) * sizeof(struct operation *));
    memmove(pending->shares + 1, pending->shares,
            (pending->count - 1) * sizeof(struct pending_share));
    pending->operations[0] = operation;
    pending->shares[0] = share;
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
            append_take(&rebased, operation, pending->shares[i]);
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
