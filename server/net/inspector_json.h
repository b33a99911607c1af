/* inspector_json - what the inspector says, as JSON: the one place that knows its words.
 *
 * docs/inspector.md explains each member. */
#ifndef SERVER_NET_INSPECTOR_JSON_H
#define SERVER_NET_INSPECTOR_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "server/collab/inspection.h"
#include "server/net/connections.h"

struct cluster;

/* A node, as far as it is not its hub. */
struct inspector_node {
    const char *name;    /* NULL: it has none */
    const char *version; /* of the program */
    const char *store;   /* which kind */
    uint64_t time_ms;
    uint64_t uptime_ms;
    bool ready;
    size_t connections;
    struct connections_bytes bytes;
    const struct cluster *cluster; /* NULL: a single node */
};

void inspector_json_server(struct buffer *out, const struct inspector_node *node,
                           const struct inspection *inspection);

#endif
