/* inspector_json - what the inspector says, as JSON: the one place that knows its words.
 *
 * docs/inspector.md explains each member. */
#ifndef SERVER_NET_INSPECTOR_JSON_H
#define SERVER_NET_INSPECTOR_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "server/collab/inspection.h"
#include "server/collab/inspection_log.h"
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

/* A list, and how many more there are. */
void inspector_json_documents(struct buffer *out, const struct inspected_document *list,
                              size_t count, size_t left_off);

/* One document and who has it open. */
struct inspector_sessions {
    const struct inspected_session *list;
    size_t count;
    size_t left_off;
};
void inspector_json_document(struct buffer *out, const struct inspected_document *document,
                             const struct inspector_sessions *sessions);

/* An entry of a document's log. */
void inspector_json_entry(struct buffer *out, const struct inspected_entry *entry);

/* So many entries were not told; the next one is number `next`. */
void inspector_json_missed(struct buffer *out, uint64_t count, uint64_t next);

#endif
