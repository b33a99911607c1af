/* listener - the socket that clients connect to.
 *
 * When descriptors run out, accepting pauses and is tried again; otherwise the loop would spin on a
 * socket that stays readable. */
#ifndef SERVER_NET_LISTENER_H
#define SERVER_NET_LISTENER_H

#include "base/fault.h"
#include "server/net/address.h"

struct event_base;
struct evhttp;
struct listener;

/* Bind and listen. FAILED with the reason, as when the port is taken. */
MUST_CHECK enum status listener_create(struct event_base *events, const struct address *address,
                                       struct listener **listener, struct fault *fault);
void listener_destroy(struct listener *listener);

/* Let `server` have what is accepted from now on; it outlives the listener. */
void listener_serve(struct listener *listener, struct evhttp *server);

/* Where it listens, with the port that the system chose when 0 was asked for. */
const struct address *listener_address(const struct listener *listener);

#endif
