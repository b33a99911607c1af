/* http - the plain half of the port: pages, health, and the door to WebSocket.
 *
 * evhttp parses. A request that asks for an upgrade is judged (protocol/handshake.h); when it is
 * right its socket leaves evhttp for the connections, and everything else is answered here.
 *
 *   GET /livez     200 "ok" while the loop turns
 *   GET /readyz    whether clients may be sent here (readiness.h); ?verbose tells why
 *   GET / …        the demo and the client (assets.h)
 *   /v1/…          the API (api.h)
 *   an upgrade     at / to the native protocol, at /sharedb to ShareDB's */
#ifndef SERVER_NET_HTTP_H
#define SERVER_NET_HTTP_H

#include <stddef.h>

#include "base/fault.h"
#include "protocol/origin.h"
#include "server/net/address.h"

struct clock;
struct connections;
struct event_base;
struct hub;
struct http;
struct readiness;

struct http_config {
    struct event_base *events;
    struct connections *connections;
    struct hub *hub;
    const struct readiness *readiness;
    struct clock *clock;
    struct origins origins; /* allowed besides the request's own host */
};

/* Listen and serve. What the config points to is borrowed and outlives it. FAILED with the reason
 * when it cannot listen there. */
MUST_CHECK enum status http_create(const struct http_config *config, const struct address *address,
                                   struct http **http, struct fault *fault);
void http_destroy(struct http *http);

/* Accept nothing more. */
void http_close(struct http *http);

/* The end of a turn: free the shells of upgraded connections. */
void http_bury(struct http *http);

const struct address *http_address(const struct http *http);

#endif
