#include "server/net/assets.h"

#include <string.h>

const struct asset *assets_find(const struct assets *assets, const char *path)
{
    for (size_t i = 0; i < assets->count; i++)
        if (strcmp(assets->list[i].path, path) == 0)
            return &assets->list[i];
    return NULL;
}
