/* bus - what nodes tell each other at once: a hint, never the truth.
 *
 * A message may be lost, come twice or late; whoever must not miss it reads the store. Like the
 * store, a bus is asked now and reports later: every report comes from poll, never from within
 * another call.
 *
 *   cluster  --publish, subscribe, beat-->  bus_ops (local | redis)
 *            <--bus_listener_ops----------
 *
 * Channels are plain bytes; a back end puts the deployment's prefix before them. */
#ifndef SERVER_BUS_BUS_H
#define SERVER_BUS_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/span.h"

enum { BUS_MEMBER_SIZE = 96 };

/* One running node: its name and, told apart by its start, which life of it. */
struct bus_member {
    char name[64]; /* zero-terminated */
    uint64_t start;
    uint64_t leaving; /* not 0: it is about to leave, nothing shall be given to it any more */
};

/* Who is told. All spans are borrowed for the call. */
struct bus_listener {
    const struct bus_listener_ops *ops;
};

struct bus_listener_ops {
    /* From now on messages of this channel arrive; also after each reconnect, since what came
     * meanwhile was missed. */
    void (*subscribed)(struct bus_listener *listener, struct span channel);
    void (*message)(struct bus_listener *listener, struct span channel, struct span message);
    /* The answer to a beat: all who beat lately, this node among them. */
    void (*members)(struct bus_listener *listener, const struct bus_member *members, size_t count);
    /* The bus cannot be reached: nothing arrives until the channels are reported as subscribed
     * again. Once for each loss. */
    void (*lost)(struct bus_listener *listener);
};

struct bus {
    const struct bus_ops *ops;
    struct bus_listener *listener; /* set by whoever listens, before the first poll */
    struct fault fault; /* why it was lost, for the loop to log; who logs it empties it */
};

struct bus_ops {
    /* To all who are subscribed, this node too. Lost when the bus is away. */
    void (*publish)(struct bus *bus, struct span channel, struct span message);
    /* Once for each channel, until unsubscribed; kept over reconnects. */
    void (*subscribe)(struct bus *bus, struct span channel);
    void (*unsubscribe)(struct bus *bus, struct span channel);
    /* Say that this node lives, and ask who else does. No answer while the bus is away. */
    void (*beat)(struct bus *bus, const struct bus_member *self);
    /* Take this node out of the members: it leaves. */
    void (*leave)(struct bus *bus, const struct bus_member *self);
    /* Report what has come. Returns the number of reports. */
    size_t (*poll)(struct bus *bus);
    void (*destroy)(struct bus *bus);
};

/* ---- Back ends ---- */

/* Milliseconds; only differences count. */
typedef uint64_t (*bus_clock_fn)(void);

/* What the buses of one process meet in: for a single node, tests and the simulator. */
struct bus_exchange;
struct bus_exchange *bus_exchange_create(bus_clock_fn clock);
void bus_exchange_destroy(struct bus_exchange *exchange); /* after its buses */
struct bus *bus_local_create(struct bus_exchange *exchange);

/* Redis at redis://[user[:password]@]host[:port][?prefix=PREFIX]. Connects when the loop runs, and
 * again whenever it is lost. `wake` is called when there is something to poll. MALFORMED_NAME with
 * the reason when the URL is not one. */
struct event_base;
struct bus_redis_config {
    const char *url;
    struct event_base *events;
    void (*wake)(void *context);
    void *context;
};
MUST_CHECK enum status bus_redis_create(const struct bus_redis_config *config, struct bus **bus,
                                        struct fault *fault);

/* ---- Members as text, "NAME/START" or "NAME/START/leaving" ---- */

void bus_member_write(const struct bus_member *member, char out[BUS_MEMBER_SIZE]);

/* False when it is none. */
bool bus_member_read(struct span text, struct bus_member *member);

#endif
