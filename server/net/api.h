/* api - the HTTP API on the server's side: from evhttp's requests to calls of the hub, and back.
 *
 *   on_request -> api_serve() -> call_create()   …a later turn…   answered -> the reply
 *
 * A request waits within evhttp until its call is answered; when its client goes away, or takes too
 * long to get an answer, the call is forgotten. */
#ifndef SERVER_NET_API_H
#define SERVER_NET_API_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/must.h"
#include "base/span.h"

struct api;
struct clock;
struct event_base;
struct evhttp_request;
struct hub;

/* All are borrowed and outlive it. */
struct api *api_create(struct event_base *events, struct hub *hub, struct clock *clock);

/* No request waits any more: evhttp has freed its connections. */
void api_destroy(struct api *api);

/* The server stops: what waits is answered, what comes is told to try another. */
void api_close(struct api *api);

/* Answer a request below /v1/, now or later. `path` is as it came, without its query; `origin`,
 * which may be absent, is that of a page that may ask. True: it asks for a document's events, so
 * that its socket has to leave evhttp; `open` is then the message that opens the document. */
MUST_CHECK bool api_serve(struct api *api, struct evhttp_request *request, const char *path,
                          struct span origin, struct buffer *open);

#endif
