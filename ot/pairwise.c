#include "ot/pairwise.h"

#include <string.h>

#include "base/limits.h"
#include "base/memory.h"

void *components_at(const struct pairwise *kind, const struct components *list, size_t index)
{
    return (char *)list->items + index * kind->size;
}

void *components_last(const struct pairwise *kind, const struct components *list)
{
    return list->count == 0 ? NULL : components_at(kind, list, list->count - 1);
}

void components_push_take(const struct pairwise *kind, struct components *list,
                          const void *component)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 4 : list->capacity * 2;
        list->items = memory_resize(list->items, list->capacity * kind->size);
    }
    memcpy(components_at(kind, list, list->count++), component, kind->size);
}

void components_push(const struct pairwise *kind, struct components *list, const void *component)
{
    components_push_take(kind, list, component);
    kind->share(components_last(kind, list), component);
}

void components_pop(const struct pairwise *kind, struct components *list)
{
    kind->finish(components_last(kind, list));
    list->count--;
}

void components_clear(const struct pairwise *kind, struct components *list)
{
    while (list->count > 0)
        components_pop(kind, list);
}

void components_finish(const struct pairwise *kind, struct components *list)
{
    components_clear(kind, list);
    memory_free(list->items);
    *list = (struct components){0};
}

static void swap(struct components *a, struct components *b)
{
    struct components held = *a;

    *a = *b;
    *b = held;
}

/* The part of a list from `index` on, borrowed: never grown, never finished. */
static struct components rest(const struct pairwise *kind, const struct components *list,
                              size_t index)
{
    if (index == list->count)
        return (struct components){0};
    return (struct components){.items = components_at(kind, list, index),
                               .count = list->count - index};
}

enum status components_append_all(const struct pairwise *kind, struct components *list,
                                  const struct components *more)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < more->count && status == STATUS_OK; i++)
        status = kind->append(list, components_at(kind, more, i));
    return list->count > LIMIT_SPLIT_COMPONENTS ? STATUS_TOO_LARGE : status;
}

static enum status cross(const struct pairwise *kind, const struct components *left,
                         const struct components *right, struct components *left_result,
                         struct components *right_result);

/* The rest of a row, whose right component became several. */
static enum status cross_rest(const struct pairwise *kind, const struct components *left,
                              const struct components *right, struct components *left_result,
                              struct components *right_result)
{
    struct components left_tail = {0}, right_tail = {0};
    enum status status = cross(kind, left, right, &left_tail, &right_tail);

    if (status == STATUS_OK)
        status = components_append_all(kind, left_result, &left_tail);
    if (status == STATUS_OK)
        status = components_append_all(kind, right_result, &right_tail);
    components_finish(kind, &left_tail);
    components_finish(kind, &right_tail);
    return status;
}

/* One row of the grid: all of `left` over the one component in `moving`, which moves over each of
 * them. `moving` is scratch afterwards. */
static enum status cross_row(const struct pairwise *kind, const struct components *left,
                             struct components *moving, struct components *left_result,
                             struct components *right_result)
{
    struct components moved = {0};
    enum status status = STATUS_OK;
    size_t at = 0;

    while (status == STATUS_OK && at < left->count && moving->count == 1) {
        const void *component = components_at(kind, left, at++);
        const void *other = components_last(kind, moving);

        components_clear(kind, &moved);
        status = kind->transform(left_result, component, other, SIDE_FIRST);
        if (status == STATUS_OK)
            status = kind->transform(&moved, other, component, SIDE_SECOND);
        swap(&moved, moving);
    }
    if (status == STATUS_OK) {
        struct components behind = rest(kind, left, at);

        if (moving->count > 1)
            status = cross_rest(kind, &behind, moving, left_result, right_result);
        else if (moving->count == 1)
            status = kind->append(right_result, components_last(kind, moving));
        else
            status = components_append_all(kind, left_result, &behind);
    }
    components_finish(kind, &moved);
    return status;
}

/* Both results are appended to; `left_result` is the last row, `right_result` the last column. */
static enum status cross(const struct pairwise *kind, const struct components *left,
                         const struct components *right, struct components *left_result,
                         struct components *right_result)
{
    struct components row = {0}, moving = {0};
    enum status status = STATUS_OK;

    for (size_t i = 0; i < right->count && status == STATUS_OK; i++) {
        struct components next = {0};

        components_clear(kind, &moving);
        components_push(kind, &moving, components_at(kind, right, i));
        status = cross_row(kind, i == 0 ? left : &row, &moving, &next, right_result);
        if (next.count > LIMIT_SPLIT_COMPONENTS)
            status = STATUS_TOO_LARGE;
        components_finish(kind, &row);
        row = next;
    }
    components_finish(kind, &moving);
    swap(left_result, &row);
    components_finish(kind, &row);
    return status;
}

enum status pairwise_transform(const struct pairwise *kind, const struct components *operation,
                               const struct components *other, enum side side,
                               struct components *result)
{
    struct components unused = {0};
    enum status status;

    if (other->count == 0) {
        for (size_t i = 0; i < operation->count; i++)
            components_push(kind, result, components_at(kind, operation, i));
        return STATUS_OK;
    }
    if (operation->count == 0)
        return STATUS_OK;
    if (operation->count == 1 && other->count == 1)
        return kind->transform(result, operation->items, other->items, side);
    if (side == SIDE_FIRST)
        status = cross(kind, operation, other, result, &unused);
    else
        status = cross(kind, other, operation, &unused, result);
    components_finish(kind, &unused);
    return status;
}
