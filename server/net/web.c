#include "server/net/web.h"

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>

#include "base/limits.h"
#include "base/memory.h"
#include "server/net/error_page.h"
#include "server/net/guard.h"
#include "server/net/listener.h"

struct web {
    struct web_config config;
    struct address address;
    struct evhttp *server;
    struct listener *listener; /* NULL once closed */
    struct guard *guard;
};

static int descriptor_of(struct evhttp_request *request)
{
    struct evhttp_connection *connection = evhttp_request_get_connection(request);

    return bufferevent_getfd(evhttp_connection_get_bufferevent(connection));
}

static void on_request(struct evhttp_request *request, void *context)
{
    struct web *web = context;

    guard_extend(web->guard, descriptor_of(request));
    web->config.on_request(request, web->config.context);
}

static struct bufferevent *on_connection(struct event_base *events, void *context)
{
    struct web *web = context;
    struct bufferevent *connection = bufferevent_socket_new(events, -1, 0);

    must(connection != NULL);
    error_page_replace(connection);
    guard_add(web->guard, connection);
    return connection;
}

static struct evhttp *create_server(struct web *web)
{
    struct evhttp *server = evhttp_new(web->config.events);

    must(server != NULL);
    evhttp_set_max_headers_size(server, LIMIT_HTTP_HEADER_BYTES);
    evhttp_set_max_body_size(server, LIMIT_HTTP_BODY_BYTES);
    evhttp_set_timeout(server, LIMIT_HANDSHAKE_MS / 1000);
    /* All that it can read, so that a wrong one gets an answer of ours. */
    evhttp_set_allowed_methods(server, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD |
                                           EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS |
                                           EVHTTP_REQ_TRACE | EVHTTP_REQ_CONNECT |
                                           EVHTTP_REQ_PATCH);
    evhttp_set_bevcb(server, on_connection, web);
    evhttp_set_gencb(server, on_request, web);
    return server;
}

enum status web_create(const struct web_config *config, const struct address *address,
                       struct web **web, struct fault *fault)
{
    struct listener *listener;
    enum status status = listener_create(config->events, address, &listener, fault);

    if (status != STATUS_OK)
        return status;
    struct web *made = memory_zeroed(1, sizeof(*made));

    made->config = *config;
    made->address = *listener_address(listener);
    made->listener = listener;
    made->guard = guard_create(config->events, config->connections_max);
    made->server = create_server(made);
    listener_serve(listener, made->server);
    *web = made;
    return STATUS_OK;
}

void web_close(struct web *web)
{
    listener_destroy(web->listener);
    web->listener = NULL;
}

void web_destroy(struct web *web)
{
    if (web == NULL)
        return;
    web_close(web);
    evhttp_free(web->server);
    guard_destroy(web->guard);
    memory_free(web);
}

void web_turn(struct web *web)
{
    guard_settle(web->guard);
}

void web_let_be(struct web *web, struct evhttp_request *request)
{
    guard_forget(web->guard, descriptor_of(request));
}

const struct address *web_address(const struct web *web)
{
    return &web->address;
}
