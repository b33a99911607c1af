/* sharedb - the dialect of ShareDB's clients (protocol 1.2, sharedb 7): one JSON object a message.
 *
 *   C>S {"a":"op","c":"pets","d":"fido","v":1,"seq":2,"op":[…]}   an edit; or create, or del
 *   S>C {"a":"op","c":"pets","d":"fido","v":1,"src":"…","seq":2,"op":[…]}   to everybody, the
 *                                                  author as well, who takes it for its ack
 *   C>S {"a":"s","c":"pets","d":"fido","v":null}   subscribe (f: fetch, u: unsubscribe)
 *   S>C {"data":{"v":1,"data":…},"a":"s","c":"pets","d":"fido"}
 *
 * A version counts the operations of a document: the operation at version v is our seq v + 1. A
 * request that fails comes back whole with `error` behind it. Encoders append the JSON only; who
 * sends it puts the WebSocket frame around it. */
#ifndef PROTOCOL_SHAREDB_H
#define PROTOCOL_SHAREDB_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/span.h"
#include "protocol/message.h"

/* What is wrong, in the words of the reference. */
struct sharedb_error {
    const char *code; /* NULL where the reference has none */
    const char *text;
};

/* The error of a status that an operation or a read ended with. */
struct sharedb_error sharedb_error_of(enum status status);

/* Decode what a client sent. Spans of `message` point into `text`, or into `scratch` (cleared
 * first) where a string was spelled with escapes, or where the text had to be mended.
 *
 *   OK                 `message` is the message
 *   MALFORMED_MESSAGE  an object that is no message: `error` says what to answer; of `message`,
 *                      `request` alone is set
 *   PROTOCOL           JSON, but not an object
 *   anything else      not JSON */
MUST_CHECK enum status sharedb_decode(struct span text, struct buffer *scratch,
                                      struct message *message, struct sharedb_error *error);

/* The operation that a message submits which was too large to be kept: of its `beginning` the
 * members are read that came whole.
 *
 *   OK                 `message` is an edit without its operation, whatever the operation does; its
 *                      `request` lies in `scratch`: these members, as an object
 *   MALFORMED_MESSAGE  as above
 *   PROTOCOL           it submits none, or one of which the document or `seq` lies behind it */
MUST_CHECK enum status sharedb_decode_beginning(struct span beginning, struct buffer *scratch,
                                                struct message *message,
                                                struct sharedb_error *error);

/* ---- server -> client ---- */

/* The answer to `hs`, or with `unasked` the greeting `init` for clients before protocol 1.1. */
void sharedb_handshake(struct buffer *out, struct span id, bool unasked);

/* An operation of a document's log. */
struct sharedb_operation {
    struct span collection;
    struct span id;
    struct span source; /* the author's session */
    uint64_t serial;
    uint64_t version;      /* at which it was applied: seq − 1 */
    struct span operation; /* an edit's; absent: */
    struct span type;      /* a creation's type; absent as well: a deletion */
    struct span data;      /* what a creation begins with; may be absent */
};
void sharedb_operation(struct buffer *out, const struct sharedb_operation *operation);

/* The acknowledgement of an operation that its author has been sent before. */
void sharedb_acknowledged(struct buffer *out, const struct sharedb_operation *operation);

/* The reply to a fetch, a subscription or the end of one; `message` names what was asked for.
 * `data` is one snapshot, or an object of them by their ids; absent when there is none. */
void sharedb_reply(struct buffer *out, const struct message *message, struct span data);

/* The reply to a MESSAGE_READ: the snapshot that was asked for. */
void sharedb_past(struct buffer *out, const struct message *asked, uint64_t version,
                  struct span type, struct span content);

/* What somebody shows in a channel. */
struct sharedb_presence {
    struct span channel;
    struct span source; /* its session */
    struct span id;
    struct span state; /* JSON */
    uint64_t version;

    /* Absent when it is of no document: */
    struct span collection;
    struct span document;
    struct span type;
    uint64_t at;
};
void sharedb_presence(struct buffer *out, const struct sharedb_presence *presence);

/* Ask a client to show again what it shows in a channel. */
void sharedb_presence_request(struct buffer *out, struct span channel);

/* The reply to a message about a channel, but for SHOW. */
void sharedb_presence_reply(struct buffer *out, const struct message *message);

/* A snapshot, as `data` has it. An absent `type`: there is no document at that version. */
void sharedb_snapshot(struct buffer *out, uint64_t version, struct span type, struct span content);

/* The same for one document of several that cannot be had: {"error":…}. */
void sharedb_snapshot_error(struct buffer *out, const struct sharedb_error *error);

/* The request comes back, with the error. `request` is an object that was scanned. */
void sharedb_refused(struct buffer *out, struct span request, const struct sharedb_error *error);

void sharedb_pong(struct buffer *out);

#endif
