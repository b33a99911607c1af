#include "server/net/guard.h"

#include <stdint.h>
#include <sys/socket.h>

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "base/memory.h"

/* evhttp does not tell when it closes a connection, and the system gives its number to the next
 * one at once. The cookie tells whether a number still means the same socket. */
struct watch {
    struct guard *guard;
    int descriptor;
    uint64_t cookie;
    struct event deadline;
};

struct guard {
    struct event_base *events;
    size_t connections_max;
    struct watch **watches; /* by descriptor */
    size_t room;
    struct bufferevent **fresh; /* one reference to each */
    size_t fresh_count;
    size_t fresh_room;
};

/* 0 when the descriptor is not an open socket; no socket has that. */
static uint64_t cookie_of(int descriptor)
{
    uint64_t cookie = 0;
    socklen_t size = sizeof(cookie);

    if (getsockopt(descriptor, SOL_SOCKET, SO_COOKIE, &cookie, &size) != 0)
        return 0;
    return cookie;
}

static void start(struct watch *watch, int ms)
{
    const struct timeval time = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

    must(event_add(&watch->deadline, &time) == 0);
}

static void on_deadline(evutil_socket_t descriptor, short what, void *context)
{
    struct watch *watch = context;

    (void)descriptor;
    (void)what;
    if (cookie_of(watch->descriptor) == watch->cookie)
        shutdown(watch->descriptor, SHUT_RDWR); /* evhttp sees its end and frees it */
    guard_forget(watch->guard, watch->descriptor);
}

struct guard *guard_create(struct event_base *events, size_t connections_max)
{
    struct guard *guard = memory_zeroed(1, sizeof(*guard));

    guard->events = events;
    guard->connections_max = connections_max;
    return guard;
}

void guard_destroy(struct guard *guard)
{
    if (guard == NULL)
        return;
    for (size_t i = 0; i < guard->room; i++)
        guard_forget(guard, (int)i);
    for (size_t i = 0; i < guard->fresh_count; i++)
        bufferevent_decref(guard->fresh[i]);
    memory_free(guard->watches);
    memory_free(guard->fresh);
    memory_free(guard);
}

void guard_add(struct guard *guard, struct bufferevent *connection)
{
    if (guard->fresh_count == guard->fresh_room) {
        guard->fresh_room = guard->fresh_room > 0 ? 2 * guard->fresh_room : 16;
        guard->fresh =
            memory_resize(guard->fresh, guard->fresh_room * sizeof(struct bufferevent *));
    }
    bufferevent_incref(connection);
    guard->fresh[guard->fresh_count++] = connection;
}

static void watch_descriptor(struct guard *guard, int descriptor)
{
    size_t at = (size_t)descriptor;

    while (guard->room <= at) {
        guard->watches =
            memory_resize(guard->watches, (guard->room + 1) * 2 * sizeof(struct watch *));
        for (size_t i = guard->room; i < (guard->room + 1) * 2; i++)
            guard->watches[i] = NULL;
        guard->room = (guard->room + 1) * 2;
    }
    guard_forget(guard, descriptor); /* of an earlier socket with this number */
    struct watch *watch = memory_zeroed(1, sizeof(*watch));
    watch->guard = guard;
    watch->descriptor = descriptor;
    watch->cookie = cookie_of(descriptor);
    evtimer_assign(&watch->deadline, guard->events, on_deadline, watch);
    start(watch, LIMIT_HANDSHAKE_MS);
    guard->watches[at] = watch;
}

/* Connections that are still what they were when they came; only looked at where it matters. */
static bool is_full(struct guard *guard)
{
    size_t count = 0;

    if (guard->connections_max == SIZE_MAX)
        return false;
    for (size_t i = 0; i < guard->room; i++)
        count += guard->watches[i] != NULL && cookie_of((int)i) == guard->watches[i]->cookie;
    return count >= guard->connections_max;
}

void guard_settle(struct guard *guard)
{
    for (size_t i = 0; i < guard->fresh_count; i++) {
        int descriptor = bufferevent_getfd(guard->fresh[i]);

        if (descriptor >= 0 && cookie_of(descriptor) != 0) {
            if (is_full(guard))
                shutdown(descriptor, SHUT_RDWR); /* evhttp sees its end and frees it */
            watch_descriptor(guard, descriptor);
        }
        bufferevent_decref(guard->fresh[i]);
    }
    guard->fresh_count = 0;
}

void guard_extend(struct guard *guard, int descriptor)
{
    if (descriptor >= 0 && (size_t)descriptor < guard->room && guard->watches[descriptor] != NULL)
        start(guard->watches[descriptor], LIMIT_HTTP_REQUEST_MS);
}

void guard_forget(struct guard *guard, int descriptor)
{
    if (descriptor < 0 || (size_t)descriptor >= guard->room || guard->watches[descriptor] == NULL)
        return;
    event_del(&guard->watches[descriptor]->deadline);
    memory_free(guard->watches[descriptor]);
    guard->watches[descriptor] = NULL;
}
