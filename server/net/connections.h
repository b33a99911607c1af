/* connections - the WebSocket sockets of a node, between the kernel and the hub.
 *
 *   socket -- recv --> shared buffer -- decode in place --> link_receive()
 *   socket <-- sendmsg -- [ pongs | link_output() ]   <--   hub_next_output()
 *
 * Events and system calls are plain: `event`, recv, one sendmsg a connection and turn straight
 * from the hub's memory; nothing is copied or allocated for a write. A turn of the loop is
 *
 *   wait (events read)  resume()  [the hub's turn]  write()  bury()
 *
 * A connection is read no further than its share of a turn, and not at all while its own output is
 * full: what was received already is kept, the rest waits in the socket. */
#ifndef SERVER_NET_CONNECTIONS_H
#define SERVER_NET_CONNECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "server/collab/hub.h"

struct clock;
struct connections;
struct event_base;

/* All three are borrowed and outlive the connections. */
struct connections *connections_create(struct event_base *events, struct hub *hub,
                                       struct clock *clock);

/* Drops what is still connected. */
void connections_destroy(struct connections *connections);

/* Take over a connected, non-blocking socket whose upgrade to `dialect` was accepted. `response`
 * goes out first; `early` is what came behind the request. */
void connections_add_take(struct connections *connections, int descriptor,
                          enum dialect_kind dialect, struct span response, struct span early);

/* The same for one that reads a document's events: `open` is the message of `tutti.v1` that says
 * which. */
void connections_add_events_take(struct connections *connections, int descriptor,
                                 struct span response, struct span open);

/* Some connection has input left over from an earlier turn: the loop must not wait. */
bool connections_waiting(const struct connections *connections);

/* Read on in what was left over. */
void connections_resume(struct connections *connections);

/* Write whatever the hub names, once for each connection. */
void connections_write(struct connections *connections);

/* Free what died in this turn. */
void connections_bury(struct connections *connections);

/* How many are open or closing. */
size_t connections_count(const struct connections *connections);

/* Bytes of all sockets since the start, as they were on the wire. */
struct connections_bytes {
    uint64_t in;
    uint64_t out;
};
struct connections_bytes connections_bytes(const struct connections *connections);

#endif
