#include "server/net/loop.h"

#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/limits.h"
#include "base/memory.h"
#include "server/bus/bus.h"
#include "server/cluster/cluster.h"
#include "server/collab/hub.h"
#include "server/net/clock.h"
#include "server/net/connections.h"
#include "server/net/http.h"
#include "server/net/inspector.h"
#include "server/net/log.h"
#include "server/net/readiness.h"
#include "server/store/store.h"

/* How far its end is. */
enum loop_state {
    LOOP_RUNNING,
    LOOP_STOPPING, /* a signal came: flush */
    LOOP_OVER      /* a second one, or the time is up: do not wait for it */
};

struct loop {
    struct event_base *events;
    struct clock clock;
    int wake_descriptor;
    struct event wake;
    struct event alarm;    /* the hub's next timeout */
    struct event deadline; /* of the shutdown */
    struct event terminate;
    struct event interrupt;
    enum loop_state state;
};

static void on_wake(evutil_socket_t descriptor, short what, void *context)
{
    uint64_t count;
    ssize_t size = read((int)descriptor, &count, sizeof(count));

    (void)size; /* nothing to read: somebody was faster, and the turn comes anyway */
    (void)what;
    (void)context;
}

static void on_alarm(evutil_socket_t descriptor, short what, void *context)
{
    (void)descriptor;
    (void)what;
    (void)context; /* it has ended the wait, which is all it is for */
}

static void on_deadline(evutil_socket_t descriptor, short what, void *context)
{
    struct loop *loop = context;

    (void)descriptor;
    (void)what;
    loop->state = LOOP_OVER;
}

static void on_signal(evutil_socket_t number, short what, void *context)
{
    struct loop *loop = context;

    (void)number;
    (void)what;
    if (loop->state < LOOP_OVER)
        loop->state++;
}

/* What libevent has to say goes where everything goes. */
static void on_library_log(int severity, const char *message)
{
    if (severity >= EVENT_LOG_WARN)
        log_write(severity == EVENT_LOG_ERR ? LOG_ERROR : LOG_WARN, message, NULL);
}

struct loop *loop_create(void)
{
    struct loop *loop = memory_zeroed(1, sizeof(*loop));

    must(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    event_set_log_callback(on_library_log);
    loop->events = event_base_new();
    loop->wake_descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    must(loop->events != NULL && loop->wake_descriptor >= 0);
    event_assign(&loop->wake, loop->events, loop->wake_descriptor, EV_READ | EV_PERSIST, on_wake,
                 loop);
    evtimer_assign(&loop->alarm, loop->events, on_alarm, loop);
    evtimer_assign(&loop->deadline, loop->events, on_deadline, loop);
    evsignal_assign(&loop->terminate, loop->events, SIGTERM, on_signal, loop);
    evsignal_assign(&loop->interrupt, loop->events, SIGINT, on_signal, loop);
    must(event_add(&loop->wake, NULL) == 0);
    must(event_add(&loop->terminate, NULL) == 0);
    must(event_add(&loop->interrupt, NULL) == 0);
    return loop;
}

void loop_destroy(struct loop *loop)
{
    if (loop == NULL)
        return;
    event_del(&loop->wake);
    event_del(&loop->alarm);
    event_del(&loop->deadline);
    event_del(&loop->terminate);
    event_del(&loop->interrupt);
    event_base_free(loop->events);
    close(loop->wake_descriptor);
    memory_free(loop);
}

struct event_base *loop_events(struct loop *loop)
{
    return loop->events;
}

struct clock *loop_clock(struct loop *loop)
{
    return &loop->clock;
}

void loop_wake(void *context)
{
    struct loop *loop = context;
    const uint64_t one = 1;
    ssize_t size = write(loop->wake_descriptor, &one, sizeof(one));

    (void)size; /* full: it has been woken often enough */
}

static void wait_for_events(struct loop *loop, const struct loop_parts *parts)
{
    uint64_t now_ms = clock_now_ms(&loop->clock);
    uint64_t ms = hub_next_timeout(parts->hub, now_ms);
    int flags = EVLOOP_ONCE;

    if (parts->cluster != NULL && cluster_next_timeout(parts->cluster, now_ms) < ms)
        ms = cluster_next_timeout(parts->cluster, now_ms);
    if (ms == 0 || connections_waiting(parts->connections)) {
        flags |= EVLOOP_NONBLOCK;
    } else if (ms != UINT64_MAX) {
        const struct timeval time = {.tv_sec = (time_t)(ms / 1000),
                                     .tv_usec = (suseconds_t)(ms % 1000 * 1000)};
        must(event_add(&loop->alarm, &time) == 0);
    }
    must(event_base_loop(loop->events, flags) >= 0);
}

/* The first of an outage; what follows is the same one. */
static void log_fault(struct fault *fault)
{
    if (fault->text[0] == '\0')
        return;
    log_write(LOG_WARN, fault->text, NULL);
    fault->text[0] = '\0';
}

/* A store that is lost says so once, and the loop ends with it: whoever starts the next process
 * reads what the disk really has. */
static void look_at_store(struct loop *loop, struct store *store)
{
    if (store->fault.text[0] != '\0')
        log_write(store->lost ? LOG_ERROR : LOG_WARN, "the store failed",
                  log_fields(log_text("reason", store->fault.text)));
    store->fault.text[0] = '\0';
    if (!store->lost)
        return;
    log_write(LOG_ERROR, "the store cannot be trusted any more: ending at once", NULL);
    loop->state = LOOP_OVER;
}

static void note_readiness(const struct loop_parts *parts)
{
    struct readiness *readiness = parts->readiness;

    readiness->store_away = hub_store_is_away(parts->hub);
    if (parts->cluster == NULL)
        return;
    log_fault(&parts->bus->fault);
    readiness->bus = cluster_is_up(parts->cluster) ? BUS_UP : BUS_AWAY;
}

static void turn(struct loop *loop, const struct loop_parts *parts)
{
    wait_for_events(loop, parts);
    connections_resume(parts->connections);

    uint64_t now_ms = clock_now_ms(&loop->clock);
    if (parts->cluster != NULL)
        cluster_turn(parts->cluster, now_ms);
    parts->store->ops->poll(parts->store);
    look_at_store(loop, parts->store);
    hub_turn(parts->hub, now_ms);
    hub_deliver(parts->hub, now_ms);
    connections_write(parts->connections);
    connections_bury(parts->connections);
    http_bury(parts->http);
    note_readiness(parts);
    if (parts->inspector != NULL)
        inspector_turn(parts->inspector);
}

/* Load balancers notice first, documents go, then clients: whoever comes back finds its document at
 * the node that took it. */
static void drain(struct loop *loop, const struct loop_parts *parts)
{
    uint64_t begin_ms = clock_now_ms(&loop->clock);

    parts->readiness->draining = true;
    cluster_drain(parts->cluster);
    while (loop->state == LOOP_STOPPING &&
           loop->clock.last_ms - begin_ms <
               (cluster_is_drained(parts->cluster) ? LIMIT_NOTICE_MS : LIMIT_DRAIN_MS))
        turn(loop, parts);
    parts->readiness->sent_away = true;
    hub_send_away(parts->hub, LIMIT_SEND_AWAY_MS, clock_now_ms(&loop->clock));
    begin_ms = clock_now_ms(&loop->clock);
    while (loop->state == LOOP_STOPPING && connections_count(parts->connections) > 0 &&
           loop->clock.last_ms - begin_ms < 2 * LIMIT_SEND_AWAY_MS)
        turn(loop, parts);
}

static void flush(struct loop *loop, const struct loop_parts *parts)
{
    hub_shutdown(parts->hub, clock_now_ms(&loop->clock));
    while (loop->state == LOOP_STOPPING && !hub_flushed(parts->hub))
        turn(loop, parts);
}

static void take_leave(struct loop *loop, const struct loop_parts *parts)
{
    hub_say_goodbye(parts->hub, clock_now_ms(&loop->clock));
    loop_wake(loop); /* it is written in the next turn: do not wait before */
    while (loop->state == LOOP_STOPPING && connections_count(parts->connections) > 0)
        turn(loop, parts);
}

bool loop_run(struct loop *loop, const struct loop_parts *parts)
{
    const struct timeval patience = {.tv_sec = LIMIT_SHUTDOWN_MS / 1000};

    while (loop->state == LOOP_RUNNING)
        turn(loop, parts);
    if (parts->store->lost)
        return false;
    log_write(LOG_INFO, "shutting down",
              log_fields(log_number("connections", connections_count(parts->connections))));
    must(event_add(&loop->deadline, &patience) == 0);
    if (parts->cluster != NULL)
        drain(loop, parts);
    http_close(parts->http);
    flush(loop, parts);
    if (!hub_flushed(parts->hub))
        return false;
    take_leave(loop, parts);
    if (parts->cluster != NULL) {
        cluster_leave(parts->cluster);
        turn(loop, parts); /* it is written */
    }
    return true;
}
