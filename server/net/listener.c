#include "server/net/listener.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/http.h>
#include <event2/listener.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/table.h"
#include "server/net/log.h"

/* Connections that the system completes while the loop is in a turn. */
enum { BACKLOG = 1024 };

struct listener {
    struct evconnlistener *socket; /* evhttp's once it serves */
    struct evhttp *server;
    struct evhttp_bound_socket *bound;
    struct event retry;
    struct address address;
    time_t warned;                /* when it last did, in seconds; 0: never */
    struct listener *prev, *next; /* in all_listeners */
};

/* The error callback of a socket that serves gets evhttp's context instead of one of ours, so that
 * it has to be found by the socket. */
static struct listener *all_listeners;

/* At most once a minute: with every descriptor that comes free there is another episode. */
static void warn(struct listener *listener, const char *error)
{
    time_t now = time(NULL);

    if (listener->warned != 0 && now < listener->warned + 60)
        return;
    listener->warned = now;
    log_write(LOG_WARN, "new connections have to wait", log_fields(log_text("error", error)));
}

static void on_error(struct evconnlistener *socket, void *context)
{
    const struct timeval pause = {.tv_usec = LIMIT_ACCEPT_PAUSE_MS * 1000};
    struct listener *listener;

    (void)context;
    DL_SEARCH_SCALAR(all_listeners, listener, socket, socket);
    must(listener != NULL);
    evconnlistener_disable(socket);
    must(event_add(&listener->retry, &pause) == 0);
    warn(listener, strerror(errno));
}

static void on_retry(evutil_socket_t descriptor, short what, void *context)
{
    struct listener *listener = context;

    (void)descriptor;
    (void)what;
    evconnlistener_enable(listener->socket);
}

enum status listener_create(struct event_base *events, const struct address *address,
                            struct listener **listener, struct fault *fault)
{
    struct evconnlistener *socket = evconnlistener_new_bind(
        events, NULL, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE,
        BACKLOG, (const struct sockaddr *)&address->storage, (int)address->size);

    if (socket == NULL) {
        char text[ADDRESS_TEXT_SIZE];
        int error = errno;

        address_write(address, text);
        return fault_set(fault, STATUS_FAILED, "cannot listen on %s: %s", text, strerror(error));
    }
    *listener = memory_zeroed(1, sizeof(**listener));
    (*listener)->socket = socket;
    address_of_socket(evconnlistener_get_fd(socket), &(*listener)->address);
    evtimer_assign(&(*listener)->retry, events, on_retry, *listener);
    DL_APPEND(all_listeners, *listener);
    return STATUS_OK;
}

void listener_destroy(struct listener *listener)
{
    if (listener == NULL)
        return;
    DL_DELETE(all_listeners, listener);
    event_del(&listener->retry);
    if (listener->bound != NULL)
        evhttp_del_accept_socket(listener->server, listener->bound);
    else
        evconnlistener_free(listener->socket);
    memory_free(listener);
}

void listener_serve(struct listener *listener, struct evhttp *server)
{
    listener->server = server;
    listener->bound = evhttp_bind_listener(server, listener->socket);
    must(listener->bound != NULL);
    evconnlistener_set_error_cb(listener->socket, on_error);
    evconnlistener_enable(listener->socket);
}

const struct address *listener_address(const struct listener *listener)
{
    return &listener->address;
}
