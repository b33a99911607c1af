/* message - what a client said, whichever dialect it speaks.
 *
 * All dialects decode to this one struct, so that session code has no dialect. The native one gives
 * an open document a channel, ShareDB's names it in each message. Spans point into the text that
 * was decoded, or into the decoder's scratch buffer; payloads (operations, snapshots) stay opaque,
 * checked as JSON and no further, except that no object in them repeats a name: they have one
 * reading. */
#ifndef PROTOCOL_MESSAGE_H
#define PROTOCOL_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/json_scan.h"
#include "base/span.h"

enum message_kind {
    MESSAGE_HELLO,
    MESSAGE_OPEN,
    MESSAGE_EDIT,
    MESSAGE_CREATE,
    MESSAGE_DELETE,
    MESSAGE_CLOSE,
    MESSAGE_HERE,
    MESSAGE_SAY,
    MESSAGE_CHECK,
    MESSAGE_READ,
    MESSAGE_FETCH,
    MESSAGE_SUBSCRIBE,
    MESSAGE_UNSUBSCRIBE,
    MESSAGE_SHOW,
    MESSAGE_LISTEN,
    MESSAGE_UNLISTEN,
    MESSAGE_ASK,
    MESSAGE_HEARTBEAT
};

/* A base or version that was not given: wherever the document is. */
#define MESSAGE_NOW UINT64_MAX

struct message_hello {
    struct span resume; /* the session's secret: 22 characters of base64url, 128 bits */
    struct span token;  /* absent when none */
    struct span client; /* name and version for logs; absent when none */
};

struct message_open {
    struct span name; /* "collection/id", checked */
    struct span type; /* absent when the client takes what is there */
    bool create;      /* ensure that the document exists (needs `type`) */
    struct span data; /* what a creation begins with, JSON; absent = the type's empty document */
    uint64_t from;    /* 0: a snapshot is wanted */
    uint64_t epoch;   /* of the operation at `from` */
    uint64_t pending; /* the serial in flight; 0 when none is */
    bool diverged;
};

struct message_edit { /* also MESSAGE_DELETE and MESSAGE_CREATE, without operation */
    uint64_t serial;
    uint64_t base;         /* ShareDB: may be MESSAGE_NOW */
    struct span operation; /* JSON */
    struct span source;    /* ShareDB: the session that it says it is of; absent = the sender's */
    struct span type;      /* MESSAGE_CREATE: the type's name … */
    struct span data; /* … and what it begins with, JSON; absent = the type's empty document */
};

struct message_here {
    uint64_t seq;      /* the positions in `state` are of the document at this */
    struct span state; /* JSON; absent when the session shows nothing any more */
};

struct message_say {
    struct span event; /* JSON */
    struct span to;    /* the one session to tell it; absent for all */
};

struct message_check {
    uint64_t seq;
    uint64_t hash; /* the first 64 bits of the digest of the state at `seq` */
};

enum read_kind { READ_NOW, READ_AT_SEQ, READ_AT_TIME, READ_OPERATIONS, READ_BLAME };

struct message_read {
    uint64_t request; /* the client's own number; the answer bears it */
    struct span name; /* checked */
    enum read_kind kind;
    uint64_t seq;     /* AT_SEQ, BLAME; UINT64_MAX in the latter: of the text as it is */
    uint64_t time_ms; /* AT_TIME */
    uint64_t from;    /* OPERATIONS, BLAME: the first one wanted, at least 1 … */
    uint64_t to;      /* … and the last; UINT64_MAX = up to the head */
};

struct message_follow {  /* FETCH, SUBSCRIBE, UNSUBSCRIBE: one document or several */
    uint64_t from;       /* operations behind this version; MESSAGE_NOW: the content */
    struct span several; /* JSON, if `id` is absent: [id, …] or {id: version, …}, all checked */
};

/* ShareDB: SHOW, LISTEN, UNLISTEN, ASK, which are about a channel of presence. */
struct message_room {
    struct span name;
    uint64_t seq; /* LISTEN, UNLISTEN: the client's number, which the reply bears */

    /* SHOW: a value, which may be a range in the document that the message names. */
    struct span id;
    struct span state; /* JSON; `null`: nothing any more */
    uint64_t version;  /* of the value */
    uint64_t at;       /* the document's version */
    struct span type;  /* the document's; absent when it is of none */
};

/* A step over `several`: each id (in `scratch` where it was spelled with escapes) with its version.
 * False at the end. */
struct message_walk {
    struct json_walk walk;
    bool has_versions;
};
void message_walk_init(struct message_walk *walk, const struct message_follow *follow);
bool message_walk_next(struct message_walk *walk, struct buffer *scratch, struct span *id,
                       uint64_t *from);

struct message {
    enum message_kind kind;
    uint64_t channel;       /* native: of EDIT, DELETE, CLOSE, HERE, SAY, CHECK */
    struct span collection; /* ShareDB: of all that is about documents */
    struct span id;         /* absent when it is about several */
    struct span request;    /* ShareDB: the whole, which a refusal repeats */
    union {
        struct message_hello hello;
        struct message_open open;
        struct message_edit edit;
        struct message_here here;
        struct message_say say;
        struct message_check check;
        struct message_read read;
        struct message_follow follow;
        struct message_room room;
    };
};

/* Is it `collection/id`, with a collection of 1–64 bytes and an id of 1–256 bytes, UTF-8
 * without controls? Splits at the first slash. */
MUST_CHECK enum status message_check_name(struct span name, struct fault *fault);

/* Append the name that the two halves make; it may still have to be checked. */
void message_join_name(struct buffer *out, struct span collection, struct span id);

/* The two halves of a checked name. */
void message_split_name(struct span name, struct span *collection, struct span *id);

#endif
