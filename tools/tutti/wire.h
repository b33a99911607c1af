/* wire - a WebSocket as a client has it, and thousands of them in one process.
 *
 *   connect -> request -> answer -> messages, either way -> lost
 *
 * libevent's `event` with our own recv() and send(): one read buffer for all, nothing allocated
 * while messages come whole and the socket takes what is sent. */
#ifndef TOOLS_TUTTI_WIRE_H
#define TOOLS_TUTTI_WIRE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include <event2/event_struct.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/prng.h"
#include "protocol/websocket.h"

struct event_base;

/* What all wires to one server have in common. */
struct wire_target {
    struct event_base *events;
    struct sockaddr_storage address;
    socklen_t address_size;
    char host[288]; /* "name:port", as the Host header says it */
    char path[256];
    struct prng prng; /* for masks and jitter */
    uint8_t *read_buffer;
};

/* Read ws://HOST:PORT[/PATH] and look the host up. MALFORMED_NAME when it is no such URL, AWAY when
 * there is no such host. `target` needs wire_target_finish() when it is OK. */
MUST_CHECK enum status wire_target_init(struct wire_target *target, const char *url,
                                        struct fault *fault);
void wire_target_finish(struct wire_target *target);

struct wire;

/* A wire that is lost may be connected again, in lost() too. */
struct wire_ops {
    void (*opened)(struct wire *wire);
    void (*message)(struct wire *wire, struct span message); /* borrowed for the call */
    /* Not by our own wire_close(). `code` is that of the close frame; 0 when none came. */
    void (*lost)(struct wire *wire, uint16_t code, const char *why);
};

enum wire_state { WIRE_CLOSED, WIRE_CONNECTING, WIRE_ASKING, WIRE_OPEN };

struct wire {
    const struct wire_ops *ops;
    struct wire_target *target;
    const char *path; /* asked for in place of the target's, borrowed; NULL for that one */
    uint8_t spoken;   /* both ways: WEBSOCKET_TEXT, or WEBSOCKET_BINARY */
    enum wire_state state;
    int socket;
    uint32_t generation; /* counts the closings: a callback may have closed it */
    struct event readable;
    struct event writable;
    struct websocket_decoder decoder;
    struct buffer head; /* the answer to the handshake, as far as it came */
    struct buffer out;  /* what the socket did not take yet */
    uint8_t key[24];
};

/* Closed, for text; the target is borrowed for the wire's life. Who wants another path, or binary,
 * says so before wire_connect(). */
void wire_init(struct wire *wire, struct wire_target *target, const struct wire_ops *ops);
void wire_finish(struct wire *wire);

/* Connect a closed wire. Reports by opened() or lost(), never before it returns. */
void wire_connect(struct wire *wire);

/* Send one message; nothing happens when the wire is not open. */
void wire_send(struct wire *wire, struct span message);

/* Close it without a word, if it is open. */
void wire_close(struct wire *wire);

#endif
