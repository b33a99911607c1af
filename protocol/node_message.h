/* node_message - what the nodes of a cluster tell each other over the bus.
 *
 *   to all who follow a document        to one node
 *   ENTRIES   what one commit made      SUBMIT    an edit, for the owner
 *             durable                   ANSWER    what became of it, when the stream does not tell
 *   HEAD      how far it is, and        FOLLOWS   somebody reads it here: do not let it sleep
 *             who owns it               TAKE      become its owner
 *   HERE      presence of one session   FLOOR     sequence nothing older of one session
 *   SAY       a signal                  HERE      as an answer to ASK
 *   ASK       who is here?
 *
 * and to all who are in a channel of presence
 *   SHOW      a value of one session              SHOW      as an answer to LOOK
 *   LOOK      what is shown?
 *
 * Bytes: the version, the kind, then the fields of that kind in a fixed order. Numbers are
 * base-128, lowest first (as in protocol buffers), bytes have their length before them; 0 is
 * "absent", so a length is one more than it is. Every message is a hint: it may be lost, late or
 * come twice, and whoever reads it believes nothing that the store denies. */
#ifndef PROTOCOL_NODE_MESSAGE_H
#define PROTOCOL_NODE_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/span.h"

enum { NODE_SESSION_SIZE = 16 };

enum node_message_kind {
    NODE_ENTRIES,
    NODE_HEAD,
    NODE_SUBMIT,
    NODE_ANSWER,
    NODE_FLOOR,
    NODE_FOLLOWS,
    NODE_TAKE,
    NODE_HERE,
    NODE_SAY,
    NODE_ASK,
    NODE_SHOW,
    NODE_LOOK,
    NODE_KIND_COUNT
};

/* One struct for all kinds; which fields each has stands in node_message.c. Fields that a kind does
 * not have are zero. */
struct node_message {
    enum node_message_kind kind;
    struct span document; /* SHOW: which one it has a range in; absent: none */
    struct span node;     /* who says it; of ENTRIES and HEAD: the owner, empty when nobody is */
    uint64_t start;       /* which life of that node (bus_member) */
    uint64_t attempt; /* SUBMIT, ANSWER: counts over that life; an answer is to this one alone */
    uint64_t epoch;   /* of the claim under which it is said; HEAD: of the owner's; TAKE: of the one
                         that is over */
    uint64_t seq;     /* ENTRIES: of the first; HEAD: the committed head; ANSWER, HERE,
                         SHOW */
    uint64_t serial;  /* SUBMIT, ANSWER */
    uint64_t base;    /* SUBMIT */
    uint64_t code;    /* SUBMIT: of its refusal, 0 = none; ANSWER: its status' code */
    uint64_t flags; /* SUBMIT: what kind of edit it is (node_submission.c); ENTRIES: how many there
                       are */
    struct span type; /* SUBMIT: what the document has to be; absent: anything */
    struct span user; /* SUBMIT */
    struct span to;   /* SAY: the one session to tell; absent: all */
    struct span body; /* SUBMIT: the operation; ENTRIES: see below; HERE, SAY, SHOW: JSON; ANSWER:
                         the refusal in words; absent: none */
    struct span room; /* SHOW, LOOK: its name */
    struct span id;   /* SHOW: of the value, as its version */
    uint64_t version;
    uint8_t session[NODE_SESSION_SIZE]; /* SUBMIT, FLOOR, HERE, SAY, SHOW */
};

void node_message_write(struct buffer *out, const struct node_message *message);

/* Spans point into `bytes`. MALFORMED_MESSAGE when they are not a message of this version. */
MUST_CHECK enum status node_message_read(struct span bytes, struct node_message *message,
                                         struct fault *fault);

/* ---- The body of ENTRIES: entries `seq`, `seq` + 1, … ---- */

struct node_entry {
    uint64_t epoch;
    uint64_t serial;
    uint64_t base;
    uint64_t time_ms;
    uint64_t kind;
    uint64_t rule;
    struct span user;
    struct span arrived;
    struct span sequenced; /* absent: as it arrived */
    uint8_t session[NODE_SESSION_SIZE];
};

void node_entry_write(struct buffer *out, const struct node_entry *entry);

/* Take the next entry off the front of `body`. False when there is none, or it is malformed: then
 * `body` is not empty. Spans point into it. */
bool node_entry_next(struct span *body, struct node_entry *entry);

#endif
