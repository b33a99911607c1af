/* guard - cuts HTTP connections that take too long, or are too many.
 *
 * evhttp's own timeout begins anew with every byte, so that a stranger who sends one now and then
 * would hold a descriptor for ever. Here the first request has to be whole LIMIT_HANDSHAKE_MS
 * after the connection came, and each next one, with the answer before it, LIMIT_HTTP_REQUEST_MS
 * after the last. */
#ifndef SERVER_NET_GUARD_H
#define SERVER_NET_GUARD_H

#include <stddef.h>

struct bufferevent;
struct event_base;
struct guard;

/* At most so many connections at once; SIZE_MAX: any number. */
struct guard *guard_create(struct event_base *events, size_t connections_max);
void guard_destroy(struct guard *guard);

/* A connection is being made; it has no descriptor before guard_settle(). */
void guard_add(struct guard *guard, struct bufferevent *connection);

/* At the end of a turn: start the time of what was added in it, and cut what is too many. */
void guard_settle(struct guard *guard);

/* A request came in whole. */
void guard_extend(struct guard *guard, int descriptor);

/* It is not HTTP any more. */
void guard_forget(struct guard *guard, int descriptor);

#endif
