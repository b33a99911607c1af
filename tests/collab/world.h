/* world - a whole node in one process for tests: hub, memory store, clients; no socket, no clock.
 *
 * Clients say messages as text and look at the messages that reached them. A client takes at most
 * `takes` bytes a write, so that half-sent frames and lagging readers happen when a test wants
 * them. */
#ifndef TESTS_COLLAB_WORLD_H
#define TESTS_COLLAB_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "protocol/websocket.h"
#include "server/collab/hub.h"
#include "server/store/store.h"
#include "tests/store/flaky.h"

enum { WORLD_HEARD_MAX = 20000 };

struct world {
    struct backend *backend; /* owned by the store … */
    struct flaky *flaky;     /* … and itself, to let its calls fail */
    struct store *store;
    struct hub *hub;
    uint64_t now_ms;
    uint64_t keep_operations; /* of the hub's configuration, from the next restart on */
    uint64_t keep_ms;
    struct capture *capture; /* of the hub; may be NULL */
    bool store_stuck;        /* nothing is polled: batches stay in flight */
};

struct client {
    struct world *world;
    struct link *link; /* NULL when it was closed */
    struct websocket_decoder decoder;
    size_t takes; /* bytes a write; 0 = the socket is full */
    uint16_t close_code;
    char **heard; /* messages, oldest first; `read` of them were expected already */
    size_t heard_count;
    size_t read;
};

void world_init(struct world *world);
void world_init_captured(struct world *world, struct capture *capture);
void world_finish(struct world *world);

/* The process dies without a word and starts again on the same store; the clients are cut off. */
void world_restart(struct world *world, struct client *const *clients, size_t count);

/* Turns until nothing moves any more. */
void world_run(struct world *world);

/* Time passes, then turns. */
void world_pass(struct world *world, uint64_t ms);

/* The store gets a snapshot of a document at a seq, and folds what lies before if `fold` says so.
 */
void world_build(struct world *world, const char *name, uint64_t seq, bool fold);

/* Connect and say `hello` with a secret made of this letter. */
void client_connect(struct client *client, struct world *world, char letter);
/* Connect as a client of another dialect; it says nothing yet. */
void client_connect_as(struct client *client, struct world *world, enum dialect_kind dialect);
void client_finish(struct client *client);
void client_disconnect(struct client *client);

/* Its socket takes bytes (again): what the hub has for it is written. */
void client_write(struct client *client);

/* Say a message; the world does not run yet. */
void client_say(struct client *client, const char *message);

/* Say a message of `size` bytes, which is too large and of which only this beginning is kept. */
void client_say_oversized(struct client *client, const char *beginning, uint64_t size);

/* The next message that it heard and no one has expected yet; NULL when there is none. */
const char *client_hears(struct client *client);

/* The next message has to be this; `$` at the end of `message` means "and anything behind". */
void client_expect(struct client *client, const char *message);

/* Nothing more was heard. */
void client_expect_silence(struct client *client);

/* Connect, say hello, open `name` as `type` with creation, skip what that answers. */
void client_join(struct client *client, struct world *world, char letter, const char *name,
                 const char *type);

#endif
