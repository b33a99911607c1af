#include "ot/others.h"

#include <string.h>

#include "base/memory.h"

static struct other *find(const struct others *others, struct span who)
{
    struct other *other = NULL;

    if (who.size == OTHERS_WHO_SIZE)
        HASH_FIND(hh, others->table, who.data, OTHERS_WHO_SIZE, other);
    return other;
}

static void forget(struct others *others, struct other *other)
{
    HASH_DEL(others->table, other);
    caret_finish(&other->caret);
    memory_free(other);
}

void others_finish(struct others *others)
{
    struct other *other;
    struct other *next;

    HASH_ITER (hh, others->table, other, next)
        forget(others, other);
}

void others_put(struct others *others, struct span who, struct span state)
{
    struct other *other = find(others, who);

    if (other != NULL)
        forget(others, other);
    if (!span_present(state) || who.size != OTHERS_WHO_SIZE)
        return;
    other = memory_zeroed(1, sizeof(*other));
    memcpy(other->who, who.data, OTHERS_WHO_SIZE);
    caret_init(&other->caret, state);
    HASH_ADD(hh, others->table, who, OTHERS_WHO_SIZE, other);
}

void others_move(struct others *others, const struct operation *operation, struct span who)
{
    const struct other *author = find(others, who);
    struct other *other;

    for (other = others->table; other != NULL; other = other->hh.next)
        caret_move(&other->caret, operation, other == author);
}

const struct other *others_find(const struct others *others, struct span who)
{
    return find(others, who);
}

size_t others_count(const struct others *others)
{
    return HASH_COUNT(others->table);
}
