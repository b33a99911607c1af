/* client - one connection that speaks `tutti.v1`, and comes back when it is lost.
 *
 *   connecting -> hello -> ready -> lost -> (back off) -> connecting …
 *
 * The session's secret is drawn once and kept, so that `who` stays the same. Full-jitter backoff;
 * what the server means for good ends it (`failed`). */
#ifndef TOOLS_TUTTI_CLIENT_H
#define TOOLS_TUTTI_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "protocol/native.h"
#include "tools/tutti/wire.h"

enum { CLIENT_WHO_SIZE = 8, CLIENT_SECRET_SIZE = 22 };

struct client;

struct client_ops {
    void (*ready)(struct client *client); /* `who` is known: open what there is to open */
    /* What came, except welcome, heartbeats and goaway; borrowed for the call. */
    void (*event)(struct client *client, const struct native_event *event);
    void (*lost)(struct client *client); /* it comes back by itself */
    void (*failed)(struct client *client, const char *why);
    /* Looks at a message before it is decoded; true: it needs no more. NULL when nobody looks. */
    bool (*peek)(struct client *client, struct span text);
};

struct client {
    const struct client_ops *ops;
    struct wire wire;
    struct event retry;
    struct event beat;
    char secret[CLIENT_SECRET_SIZE];
    uint8_t who[CLIENT_WHO_SIZE];
    bool ready;
    bool failed;
    bool heard;           /* since the last beat */
    unsigned attempts;    /* in vain, since it was last ready */
    uint64_t losses;      /* of connections that had been ready */
    uint64_t away_ms;     /* goaway: how long to stay away after the loss, and */
    uint64_t within_ms;   /* … how much longer at most */
    uint64_t heard_bytes; /* of messages */
    uint64_t said_bytes;
    struct buffer scratch;
};

void client_init(struct client *client, struct wire_target *target, const struct client_ops *ops);
void client_finish(struct client *client);
void client_connect(struct client *client);

/* Go away without a word, and not come back before client_connect(). */
void client_disconnect(struct client *client);

/* Send a message; dropped when the connection is not there. */
void client_send(struct client *client, const struct buffer *message);

struct span client_who(const struct client *client);

/* Give up: no more events but `failed`, now. */
void client_fail(struct client *client, const char *why);

#endif
