/* handshake - the HTTP upgrade of RFC 6455, section 4, on header values that HTTP has parsed. */
#ifndef PROTOCOL_HANDSHAKE_H
#define PROTOCOL_HANDSHAKE_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/span.h"
#include "protocol/origin.h"

/* The version that we speak; an answer 426 carries it as Sec-WebSocket-Version. */
#define HANDSHAKE_VERSION "13"

/* The one subprotocol that a client may name. */
#define HANDSHAKE_SUBPROTOCOL "tutti.v1"

enum { HANDSHAKE_KEY_SIZE = 16, HANDSHAKE_ACCEPT_SIZE = 28 };

/* Header values as they came; absent where the header was. */
struct handshake_request {
    struct span method;
    struct span host;
    struct span upgrade;
    struct span connection;
    struct span key;
    struct span version;
    struct span origin;
    struct span protocols; /* Sec-WebSocket-Protocol */
};

struct handshake_answer {
    int code;                              /* 101, or the HTTP error: 400, 403, 426 */
    const char *subprotocol;               /* "tutti.v1" when the client named it, else NULL */
    uint8_t accept[HANDSHAKE_ACCEPT_SIZE]; /* Sec-WebSocket-Accept */
};

/* Does the request ask for a WebSocket at all (Upgrade names it)? */
bool handshake_wanted(const struct handshake_request *request);

/* Judge it. Tokens compare without case (the subprotocol, which a browser compares byte by byte,
 * with it), lists may have spaces. The origin has to be one that origin.h lets in. `fault` says in
 * words what an answer other than 101 is about. */
void handshake_check(const struct handshake_request *request, const struct origins *origins,
                     struct handshake_answer *answer, struct fault *fault);

/* Append the 101 response. */
void handshake_response(struct buffer *out, const struct handshake_answer *answer);

/* The client's side, for tools: append the request, which names our subprotocol; `key` is base64 of
 * 16 drawn bytes, `host` is "name:port". */
void handshake_write_request(struct buffer *out, const char *host, const char *path,
                             struct span key);

/* Check a whole response head (up to and with the empty line) against the key that was sent.
 * PROTOCOL with what is wrong. */
MUST_CHECK enum status handshake_check_response(struct span head, struct span key,
                                                struct fault *fault);

#endif
