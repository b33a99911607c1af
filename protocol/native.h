/* native - the dialect `tutti.v1`: one JSON array a message (protocol/PROTOCOL.md).
 *
 * Encoders append the JSON only; who sends it puts the WebSocket frame around it. Decoding a
 * message scans it once and builds nothing. */
#ifndef PROTOCOL_NATIVE_H
#define PROTOCOL_NATIVE_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/json_scan.h"
#include "base/span.h"
#include "protocol/message.h"

/* Where a refusal of a message has to go when it cannot be decoded whole. */
struct native_place {
    uint64_t channel; /* 0 when none could be read */
    uint64_t serial;  /* 0 when none could be read: then the connection is closed */
};

/* Both an edit and a deletion name their channel and serial first: whatever is wrong behind them,
 * that much can be read, even of what is not JSON, or is cut off. */
struct native_place native_find_place(struct span text);

/* Decode what a client sent. Spans of `message` point into `text`, or into `scratch` (cleared
 * first) where a string was spelled with escapes; an edit needs none of it. MALFORMED_MESSAGE with
 * what and where, MALFORMED_NAME, MALFORMED_OPERATION for a name that an object repeats, or what
 * json_scan() says. On failure `place` tells what could still be read of an edit or deletion, so
 * that its serial can be refused for good. */
MUST_CHECK enum status native_decode(struct span text, struct buffer *scratch,
                                     struct message *message, struct native_place *place,
                                     struct fault *fault);

/* ---- server -> client ---- */

struct native_welcome {
    struct span who;
    struct span user;
    uint64_t message_bytes_max;
    uint64_t document_bytes_max;
    uint64_t heartbeat_ms;
};
void native_welcome(struct buffer *out, const struct native_welcome *welcome);

struct native_opened {
    uint64_t channel;
    struct span name;
    uint64_t seq;
    struct span type;
    struct span snapshot; /* canonical JSON; absent when operations follow */
    uint64_t serial;
    uint64_t epoch;
    uint64_t check_every;
    const char *reload; /* NULL when the snapshot was asked for */
};
void native_opened(struct buffer *out, const struct native_opened *opened);

/* A frame of operations: begin, then one call for each operation in order, then end. */
void native_operations_begin(struct buffer *out, uint64_t channel, uint64_t seq);
void native_operations_add(struct buffer *out, struct span who, struct span operation);
void native_operations_end(struct buffer *out);

/* `data` may be absent. */
void native_made(struct buffer *out, uint64_t channel, uint64_t seq, struct span who,
                 struct span type, struct span data);
void native_epoch(struct buffer *out, uint64_t channel, uint64_t epoch);

/* One operation for a range that ends at `to_seq`, whose epoch is `epoch`. */
void native_composed(struct buffer *out, uint64_t channel, uint64_t to_seq, struct span operation,
                     uint64_t epoch);

/* `text` explains; `seq` is written when it is not 0, `retry_after_ms` likewise. */
struct native_refused {
    uint64_t channel;
    uint64_t serial;
    int code;
    const char *text;
    uint64_t seq;
    uint64_t retry_after_ms;
};
void native_refused(struct buffer *out, const struct native_refused *refused);

/* ---- The answers to `read`; their objects are those of the HTTP API as well ---- */

/* A document as it was: no type when it did not exist then. */
struct native_past {
    uint64_t seq;
    uint64_t epoch;   /* of the entry `seq`, */
    uint64_t time_ms; /* and when it was made durable; 0 for both at seq 0 */
    struct span type;
    struct span snapshot;
};
void native_history_state(struct buffer *out, uint64_t request, const struct native_past *past);

/* One entry of the log; exactly one of the last three is what it is. */
struct native_past_entry {
    uint64_t seq;
    struct span who;
    struct span user;
    uint64_t time_ms;
    struct span operation; /* an edit's, as sequenced */
    struct span creation;  /* {"data":…,"type":…} */
    bool deletion;
};

/* A list of them: begin, then one call for each, then end; `next` is the first that did not fit, 0
 * when that was all. */
void native_history_begin(struct buffer *out, uint64_t request);
void native_past_entry(struct buffer *out, const struct native_past_entry *entry);
void native_history_end(struct buffer *out, uint64_t next);

/* A text as it was, by who wrote it: begin (without a snapshot), then one call for each run of code
 * points, with commas between, then end. A run whose `seq` is 0 is of nobody who is known. */
struct native_past_run {
    uint64_t points;
    uint64_t seq; /* of the entry that wrote it, */
    struct span who;
    struct span user;
    uint64_t time_ms; /* and when */
};
void native_blame_begin(struct buffer *out, uint64_t request, const struct native_past *past);
void native_past_run(struct buffer *out, const struct native_past_run *run);
void native_blame_end(struct buffer *out);

void native_history_failed(struct buffer *out, uint64_t request, int code, const char *text);

/* A document that is open (channel), or one that could not be opened (name, channel 0). `text` is a
 * plain sentence. */
void native_closed(struct buffer *out, uint64_t channel, struct span name, int code,
                   const char *text);

/* Somebody's presence; an absent `state` says that it shows nothing any more. */
void native_here(struct buffer *out, uint64_t channel, uint64_t seq, struct span who,
                 struct span state);

/* Nobody is here but those who are told from now on. */
void native_here_nobody(struct buffer *out, uint64_t channel, uint64_t seq);
void native_say(struct buffer *out, uint64_t channel, struct span who, struct span event);
void native_diverged(struct buffer *out, uint64_t channel, uint64_t seq);
void native_goaway(struct buffer *out, uint64_t after_ms, uint64_t within_ms);
void native_heartbeat(struct buffer *out);

/* ---- client -> server, for the tools ---- */

void native_hello(struct buffer *out, const struct message_hello *hello);

/* Members in a fixed order: type, create, data, from, epoch, pending, diverged; those that are
 * absent, 0 or false are left out. */
void native_open(struct buffer *out, const struct message_open *open);
void native_edit(struct buffer *out, uint64_t channel, uint64_t serial, uint64_t base,
                 struct span operation);
void native_delete(struct buffer *out, uint64_t channel, uint64_t serial, uint64_t base);
void native_close(struct buffer *out, uint64_t channel);
void native_read(struct buffer *out, const struct message_read *read);

/* `state` absent: null. `to` absent: all. */
void native_show(struct buffer *out, uint64_t channel, uint64_t seq, struct span state);
void native_signal(struct buffer *out, uint64_t channel, struct span event, struct span to);
void native_check(struct buffer *out, uint64_t channel, uint64_t seq, uint64_t hash);

/* What the server sends, decoded; for the tools and the simulator. */
enum native_event_kind {
    NATIVE_OPERATIONS,
    NATIVE_WELCOME,
    NATIVE_OPENED,
    NATIVE_REFUSED,
    NATIVE_MADE,
    NATIVE_EPOCH,
    NATIVE_COMPOSED,
    NATIVE_CLOSED,
    NATIVE_HERE,
    NATIVE_SAY,
    NATIVE_DIVERGED,
    NATIVE_GOAWAY,
    NATIVE_HISTORY,
    NATIVE_HEARTBEAT
};

struct native_event {
    enum native_event_kind kind;
    uint64_t channel;
    uint64_t seq;               /* OPERATIONS: of the first one; COMPOSED: of the last one; OPENED,
                                   MADE, HERE, DIVERGED, REFUSED (0 = none) */
    struct span operations;     /* OPERATIONS: the frame; step with native_operations_walk_next() */
    struct span name;           /* OPENED; CLOSED when it names a document */
    struct span who;            /* WELCOME, MADE, SAY; HERE: absent when it says "nobody" */
    struct span user;           /* WELCOME */
    struct span type;           /* OPENED, MADE */
    struct span data;           /* OPENED: snapshot; MADE: what it began with; HERE: state; may be
                                   absent. SAY: event; COMPOSED: the operation */
    uint64_t serial;            /* OPENED, REFUSED */
    uint64_t epoch;             /* OPENED, EPOCH, COMPOSED */
    uint64_t after_ms;          /* GOAWAY; REFUSED: retry_after_ms */
    uint64_t within_ms;         /* GOAWAY */
    uint64_t heartbeat_ms;      /* WELCOME */
    uint64_t check_every;       /* OPENED */
    uint64_t message_bytes_max; /* WELCOME */
    uint64_t document_bytes_max; /* WELCOME */
    int code;                    /* REFUSED, CLOSED */
    struct span text;            /* REFUSED, CLOSED */
    struct span reload;          /* OPENED; absent when none */
    uint64_t request;            /* HISTORY */
    struct span past;            /* HISTORY: the answer, an object */
};

/* Spans point into `text`, or into `scratch` (cleared first) where a string was spelled with
 * escapes. An operation is JSON and checked no further. */
MUST_CHECK enum status native_event_decode(struct span text, struct buffer *scratch,
                                           struct native_event *event, struct fault *fault);

/* Steps over the operations of a frame, which is borrowed for the walk. */
struct native_operations_walk {
    struct json_walk elements;
    uint64_t seq; /* of the next operation */
};
void native_operations_walk_init(struct native_operations_walk *walk,
                                 const struct native_event *event);

/* False at the end. `who` is its bytes without quotes. */
bool native_operations_walk_next(struct native_operations_walk *walk, uint64_t *seq,
                                 struct span *who, struct span *operation);

#endif
