/* hub - the pure heart: what arrives goes in, what to write comes out; no socket, no clock.
 *
 *   link_receive()  ->  inboxes  -- hub_turn() -->  store
 *                                                     |
 *   link_output()   <-  streams  <- hub_deliver() <---+   (the store's poll reports before the
 * turn)
 *
 * The hub is a pure function of the calls below, their arguments (`now_ms` among them) and the
 * outcomes that the store reports. The loop of a node is: wait for bytes; store poll; hub_turn();
 * hub_deliver(); write what hub_next_output() names; bury what closed.
 *
 * A link is one connected client. It is the carrier's word for it: the network's connection, the
 * simulator's client. Bytes that a link wants written are WebSocket frames, ready to go. */
#ifndef SERVER_COLLAB_HUB_H
#define SERVER_COLLAB_HUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/limits.h"
#include "base/span.h"
#include "server/store/store.h"

struct capture;
struct hub;
struct link;
struct peers;

/* The wires that a client may speak (dialect.h). */
enum dialect_kind { DIALECT_NATIVE, DIALECT_SHAREDB, DIALECT_EVENTS, DIALECT_COUNT };

/* Keeps what somebody needs who looks for a fault: one JSON object, to the end of a line. */
struct bundle_keeper {
    void (*keep)(struct bundle_keeper *keeper, struct span bundle);
};

struct hub_config {
    const char *node; /* this node's name in the store; borrowed for the hub's life */
    uint64_t start;   /* no other start of any node has the same */
    uint8_t secret[STORE_SECRET_SIZE]; /* the deployment's, from the store */
    struct peers *peers;   /* the other nodes; NULL when there are none. Outlives the hub */
    uint64_t heartbeat_ms; /* LIMIT_HEARTBEAT_MS unless a test says otherwise */
    uint64_t idle_ms;      /* LIMIT_IDLE_DOCUMENT_MS: unload a document without readers after */

    /* What a document's log keeps at least: its newest operations, by number or by age; older ones
     * are folded into a snapshot. 0: all. */
    uint64_t keep_operations;
    uint64_t keep_ms;

    /* Where everything that reaches the hub is recorded (capture.h). May be NULL. */
    struct capture *capture;

    /* What the operator should read: one line, without its end. May be NULL. */
    void (*report)(const char *line);

    /* Where bundles go, one for each time that states are found to differ. May be NULL. */
    struct bundle_keeper *keeper;
};

/* The store stays the caller's and outlives the hub. */
struct hub *hub_create(const struct hub_config *config, struct store *store);

/* Frees everything; no request may be in flight (see hub_flushed()). */
void hub_destroy(struct hub *hub);

/* ---- Links ---- */

/* A client has connected and speaks this dialect. `user` is who it is, "" when there is no auth.
 * `context` is the carrier's, given back by link_context(). */
struct link *hub_connect(struct hub *hub, enum dialect_kind dialect, struct span user,
                         void *context, uint64_t now_ms);
void *link_context(const struct link *link);

/* One whole text message. What is wrong with it is answered or closes the link; never fails. */
void link_receive(struct link *link, struct span message, uint64_t now_ms);

/* The beginning of a text message of `size` bytes, which is too large to be kept whole. The edit
 * that it submits is refused for good; one that submits none closes the link. */
void link_receive_oversized(struct link *link, struct span beginning, uint64_t size,
                            uint64_t now_ms);

/* It is alive: something came that is no message, a pong or a part of one. */
void link_heard(struct link *link, uint64_t now_ms);

/* A message that was too large or otherwise unreadable before it could be decoded: closes with
 * `code`. */
void link_break(struct link *link, uint16_t code, const char *reason);

/* The carrier has lost or closed it. The link is dead after the call; what it had submitted goes
 * on. */
void link_disconnect(struct link *link);

/* May more be read from it? False while its private output is full: its input then waits in the
 * socket. */
bool link_wants_input(const struct link *link);

/* ---- What to write ---- */

/* The next link that has something to write or wants to be closed; NULL when there is none. Each is
 * named once, and again only after link_written() or when something new came up for it. */
struct link *hub_next_output(struct hub *hub);

/* The bytes to write now, in order, as up to `spans_max` spans; returns how many. Borrowed until
 * the next call into the hub. 0: nothing. */
size_t link_output(struct link *link, struct span *spans, size_t spans_max);

/* `size` bytes of what link_output() gave have been taken by the socket, maybe not all and maybe
 * none. When not all, the carrier calls link_output() again once the socket takes more; the hub
 * does not name the link in between. */
void link_written(struct link *link, size_t size, uint64_t now_ms);

/* Everything it wanted is written and it is to be closed: the carrier closes the socket after the
 * bytes (a close frame is among them) and calls link_disconnect(). */
bool link_closing(const struct link *link);

/* ---- The turn ---- */

/* Sequence what has arrived and hand one batch to the store, if none is in flight. */
void hub_turn(struct hub *hub, uint64_t now_ms);

/* Put what became durable into the streams; make answers; let lagging readers catch up. */
void hub_deliver(struct hub *hub, uint64_t now_ms);

/* When hub_turn() wants to be called though nothing arrives (heartbeats, idle documents, retries):
 * milliseconds from `now_ms`; 0 = at once, UINT64_MAX = never. */
uint64_t hub_next_timeout(const struct hub *hub, uint64_t now_ms);

/* ---- The end ---- */

/* Take nothing more in. What has been taken in becomes durable and is delivered, each document is
 * given up; the turns go on until hub_flushed(). */
void hub_shutdown(struct hub *hub, uint64_t now_ms);

/* After hub_shutdown(): nothing is in flight and nothing is left to be made durable. */
bool hub_flushed(const struct hub *hub);

/* Ask every client to go to another node at a moment of its choice within so long. It is served as
 * before until it does. */
void hub_send_away(struct hub *hub, uint64_t within_ms, uint64_t now_ms);

/* After hub_flushed(): every link gets `goaway` and a close frame 1001. */
void hub_say_goodbye(struct hub *hub, uint64_t now_ms);

/* ---- To look at ---- */

/* The last that came back from the store was that it cannot be reached. */
bool hub_store_is_away(const struct hub *hub);

struct hub_counts {
    uint64_t links;
    uint64_t documents;
    uint64_t submitted;   /* edits taken in since the start; all below are since then, too */
    uint64_t repeated;    /* edits that had had their fate, and got the same answer */
    uint64_t operations;  /* made durable */
    uint64_t transformed; /* operations that had to be moved … */
    uint64_t transforms;  /* … over so many others */
    uint64_t batches;
    uint64_t refused;
    uint64_t diverged;   /* states of clients that were not ours */
    uint64_t deliveries; /* an operation put before a reader */
};
struct hub_counts hub_counts(const struct hub *hub);

#endif
