#include "server/collab/range.h"

#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/must.h"

struct range *range_create(const struct type *type, uint64_t from)
{
    struct range *range = memory_zeroed(1, sizeof(*range));

    range->type = type;
    range->from = from;
    range->to = from;
    return range;
}

void range_destroy(struct range *range)
{
    if (range == NULL)
        return;
    for (size_t i = 0; i < range->count; i++)
        operation_discard(range->links[i].operation);
    memory_free(range);
}

/* One link for two neighbours. False when that would exceed a limit; nothing changes then. */
static bool join(struct range_link *first, const struct range_link *second)
{
    const struct type *type = first->operation->type;
    struct operation *both = NULL;
    size_t size = first->size + second->size;
    enum status status = type->compose(first->operation, second->operation, &both);

    if (status != STATUS_OK)
        return false;
    if (size > LIMIT_FRAME_BYTES) /* a bound; what they become together may be much less */
        size = operation_size(both);
    if (size > LIMIT_FRAME_BYTES) {
        operation_discard(both);
        return false;
    }
    operation_discard(first->operation);
    operation_discard(second->operation);
    *first = (struct range_link){
        .operation = both,
        .count = first->count + second->count,
        .to = second->to,
        .epoch = second->epoch,
        .size = size,
    };
    return true;
}

bool range_add(struct range *range, const struct entry *entry)
{
    struct range_link link = {.count = 1, .to = entry->seq, .epoch = entry->epoch};

    must(entry->seq == range->to + 1);
    if (entry->kind != ENTRY_EDIT || range->count == RANGE_LINKS_MAX ||
        (!range->full && range->type->decode(entry->sequenced, &link.operation, NULL) != STATUS_OK))
        range->full = true;
    if (range->full)
        return false;
    link.size = entry->sequenced.size;
    range->links[range->count++] = link;
    range->to = entry->seq;
    while (range->count > 1 && !range->full) {
        struct range_link *last = &range->links[range->count - 1];

        if (last[-1].count > last->count)
            break;
        if (join(&last[-1], last))
            range->count--;
        else
            range->full = true;
    }
    return true;
}

struct range_end range_take(struct range *range, struct buffer *out)
{
    struct range_link *first = &range->links[0];
    size_t taken = 1;

    must(range->count > 0);
    while (taken < range->count && join(first, &range->links[taken]))
        taken++;
    struct range_end end = {.to = first->to, .epoch = first->epoch, .count = first->count};

    range->type->write(first->operation, out);
    operation_discard(first->operation);
    range->count -= taken;
    memmove(range->links, range->links + taken, range->count * sizeof(*range->links));
    range->from = end.to;
    range->full = false;
    return end;
}
