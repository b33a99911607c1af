/* assets - the files of the pages, built into the program (tools/embed.py): a table for each
 * listener, so that none serves what is another one's. */
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

struct assets {
    const struct asset *list;
    size_t count;
};

/* Made by the build. */
extern const struct assets assets_demo; /* and the client */
extern const struct assets assets_inspector;

/* NULL when there is none. */
const struct asset *assets_find(const struct assets *assets, const char *path);

#endif
