/* redis_link - one connection to Redis: it connects, says who it is, reads replies, and comes back.
 *
 *   AWAY --timer--> CONNECTING --connected--> GREETING --authenticated--> READY
 *    ^                  |                        |                          |
 *    +------------------+---- failed, silent for 3 s, dropped --------------+
 *
 * hiredis formats commands and reads replies; bytes go over a bufferevent. */
#ifndef SERVER_BUS_REDIS_LINK_H
#define SERVER_BUS_REDIS_LINK_H

#include <stddef.h>
#include <stdint.h>

#include <event2/event_struct.h>
#include <hiredis/hiredis.h>

#include "base/fault.h"
#include "base/span.h"
#include "server/bus/redis_url.h"

enum redis_link_state { REDIS_AWAY, REDIS_CONNECTING, REDIS_GREETING, REDIS_READY };

struct redis_link {
    const struct redis_link_ops *ops;
    enum redis_link_state state;
    struct event_base *events;
    struct evdns_base *names; /* borrowed */
    const struct redis_url *url;
    struct bufferevent *io; /* NULL while AWAY */
    redisReader *reader;
    struct event timer;  /* AWAY: the next try; else the watch over silence */
    unsigned failures;   /* in a row: the delay grows with them */
    unsigned silent;     /* ticks of the watch since the last byte came */
    struct fault reason; /* why it was lost last */
};

/* Told from the loop, never from within a call. */
struct redis_link_ops {
    void (*ready)(struct redis_link *link);
    /* One reply, borrowed; not those to the greeting. */
    void (*reply)(struct redis_link *link, const redisReply *reply);
    /* It is gone, or could not be had, for `link->reason`; the next try comes by itself. */
    void (*lost)(struct redis_link *link);
};

struct redis_link_config {
    const struct redis_link_ops *ops;
    struct event_base *events;
    struct evdns_base *names;
    const struct redis_url *url; /* outlives the link */
};

/* Begins to connect in the loop's next pass. */
void redis_link_init(struct redis_link *link, const struct redis_link_config *config);
void redis_link_finish(struct redis_link *link);

/* READY: send a command. Dropped when more than LIMIT_BUS_BYTES wait for the socket. */
void redis_link_send(struct redis_link *link, const struct span *words, size_t count);

/* Give the connection up and begin anew; `lost` is not called. */
void redis_link_drop(struct redis_link *link, const char *reason);

#endif
