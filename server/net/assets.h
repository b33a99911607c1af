/* assets - the files of the demo and the client, built into the program (tools/embed.py). */
#ifndef SERVER_NET_ASSETS_H
#define SERVER_NET_ASSETS_H

#include <stddef.h>
#include <stdint.h>

struct asset {
    const char *path; /* as in a URL, with its first slash */
    const char *type; /* Content-Type */
    const char *etag; /* of the bytes, with its quotes */
    const uint8_t *bytes;
    size_t size;
};

/* Made by the build. */
extern const struct asset assets[];
extern const size_t assets_count;

/* NULL when there is none. */
const struct asset *asset_find(const char *path);

#endif
