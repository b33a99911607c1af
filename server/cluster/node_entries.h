/* node_entries - entries of a history as the body of a node's message, and back. */
#ifndef SERVER_CLUSTER_NODE_ENTRIES_H
#define SERVER_CLUSTER_NODE_ENTRIES_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "server/store/store.h"

struct history;
struct node_message;

/* Entries `from` + 1 … `to`, which are in memory. */
void node_entries_write(struct buffer *out, const struct history *history, uint64_t from,
                        uint64_t to);

/* The entries of an ENTRIES message, whose bytes they point into; the caller frees the array. NULL
 * when they are malformed. */
struct entry *node_entries_read(const struct node_message *message, size_t *count);

#endif
