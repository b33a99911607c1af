#include "tools/tutti/held.h"

#include <string.h>

#include "base/memory.h"
#include "ot/tie.h"

enum { WHO_SIZE = 8, FIRST_CAPACITY = 16 };

struct held_item {
    struct operation *operation;
    uint8_t who[WHO_SIZE];
    size_t number;
};

void held_finish(struct held *held)
{
    for (size_t i = 0; i < held->count; i++)
        operation_discard(held->items[i].operation);
    memory_free(held->items);
    *held = (struct held){0};
}

void held_add_take(struct held *held, struct operation *operation, struct span who, size_t number)
{
    must(who.size == WHO_SIZE);
    if (held->count == held->capacity) {
        held->capacity = held->capacity > 0 ? 2 * held->capacity : FIRST_CAPACITY;
        held->items = memory_resize(held->items, held->capacity * sizeof(*held->items));
    }
    struct held_item *item = &held->items[held->count++];

    *item = (struct held_item){.operation = operation, .number = number};
    memcpy(item->who, who.data, WHO_SIZE);
}

void held_show(struct held *held, size_t number)
{
    size_t shown = 0;

    while (shown < held->count && held->items[shown].number <= number)
        operation_discard(held->items[shown++].operation);
    held->count -= shown;
    if (shown > 0 && held->count > 0)
        memmove(held->items, held->items + shown, held->count * sizeof(*held->items));
}

/* Move the edit over one item, and the item over the edit. */
static enum status pass(struct held_item *item, struct span who, struct operation **edit)
{
    const struct type *type = (*edit)->type;
    struct operation *moved_edit;
    struct operation *moved_item;
    enum side side =
        tie_side(type, tie_rule_native(type), who, span_of(item->who, sizeof(item->who)));
    enum status status = type->transform(*edit, item->operation, side, &moved_edit);

    if (status != STATUS_OK)
        return status;
    status = type->transform(item->operation, *edit, side_other(side), &moved_item);
    if (status != STATUS_OK) {
        operation_discard(moved_edit);
        return status;
    }
    operation_discard(*edit);
    operation_discard(item->operation);
    *edit = moved_edit;
    item->operation = moved_item;
    return STATUS_OK;
}

enum status held_edit_take(struct held *held, struct span who, struct operation *edit,
                           struct operation **result)
{
    for (size_t i = 0; i < held->count; i++) {
        enum status status = pass(&held->items[i], who, &edit);

        if (status != STATUS_OK) {
            operation_discard(edit);
            return status;
        }
    }
    *result = edit;
    return STATUS_OK;
}
