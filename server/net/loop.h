/* loop - one thread, one turn after the other.
 *
 *   wait for bytes, a report of the store, a time or a signal
 *   store poll     what became durable
 *   hub_turn       sequence what arrived, hand over the next batch
 *   hub_deliver    put what became durable before its readers
 *   write          one system call for each connection that has something
 *   bury           free what died
 *   look           tell who watches (inspector.h) what became durable
 *
 * SIGTERM or SIGINT: a node of a cluster first drains: it says so on /readyz, hands its documents
 * over and sends its clients away, each at a moment of its own. Then, or on a single node at once:
 * nothing new is accepted, the hub flushes and says goodbye to its links, and the loop ends when
 * all is durable and everybody has gone, or when LIMIT_SHUTDOWN_MS have passed, or at a second
 * signal. It ends at once when the store is lost (store.h). */
#ifndef SERVER_NET_LOOP_H
#define SERVER_NET_LOOP_H

#include <stdbool.h>

struct bus;
struct clock;
struct cluster;
struct connections;
struct event_base;
struct http;
struct inspector;
struct hub;
struct loop;
struct readiness;
struct store;

/* Also ignores SIGPIPE and takes over SIGTERM and SIGINT. */
struct loop *loop_create(void);
void loop_destroy(struct loop *loop);

struct event_base *loop_events(struct loop *loop);
struct clock *loop_clock(struct loop *loop);

/* Start the next turn now. The one call that is safe from another thread, for the store's worker:
 * `context` is the loop. */
void loop_wake(void *context);

/* What turns; all borrowed. */
struct loop_parts {
    struct store *store;
    struct hub *hub;
    struct connections *connections;
    struct http *http;
    struct inspector *inspector; /* NULL: nobody looks */
    struct readiness *readiness;
    struct bus *bus;         /* NULL: a single node … */
    struct cluster *cluster; /* … without others */
};

/* Turn until a signal ends it. True: everything that was sequenced is durable. False: something was
 * given up, and the hub and the store may still have requests in flight. */
bool loop_run(struct loop *loop, const struct loop_parts *parts);

#endif
