/* web - a listener that speaks HTTP, as all of ours do: evhttp within our limits.
 *
 * Requests that are whole go to one function. What evhttp refuses by itself is said in our words
 * (error_page.h), and who takes too long is cut (guard.h). */
#ifndef SERVER_NET_WEB_H
#define SERVER_NET_WEB_H

#include <stddef.h>

#include "base/fault.h"
#include "server/net/address.h"

struct event_base;
struct evhttp_request;
struct web;

struct web_config {
    struct event_base *events;
    void (*on_request)(struct evhttp_request *request, void *context);
    void *context;
    size_t connections_max; /* at once; SIZE_MAX: any number */
};

/* Listen and serve. What the config points to outlives it. FAILED with the reason when it cannot
 * listen there. */
MUST_CHECK enum status web_create(const struct web_config *config, const struct address *address,
                                  struct web **web, struct fault *fault);
void web_destroy(struct web *web); /* NULL allowed */

/* Accept nothing more. */
void web_close(struct web *web);

/* The end of a turn. */
void web_turn(struct web *web);

/* This request's connection may take as long as it likes from now on. */
void web_let_be(struct web *web, struct evhttp_request *request);

const struct address *web_address(const struct web *web);

#endif
