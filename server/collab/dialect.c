#include "server/collab/dialect.h"

#include "base/must.h"

static const struct dialect *const dialects[DIALECT_COUNT] = {
    [DIALECT_NATIVE] = &dialect_native,
    [DIALECT_EVENTS] = &dialect_events,
    [DIALECT_SHAREDB] = &dialect_sharedb,
};

const struct dialect *dialect_of(enum dialect_kind kind)
{
    must(kind < DIALECT_COUNT && dialects[kind] != NULL);
    return dialects[kind];
}
