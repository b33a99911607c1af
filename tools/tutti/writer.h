/* writer - one client in one document: a connection below, the client half (ot/peer.h) above.
 *
 *   stream  ->  inbox  --writer_step()-->  peer  --writer_send()-->  edits
 *
 * What comes in the stream waits in the inbox until it is stepped over, so that a driver can let a
 * client read no further than it wants. Most drivers step until there is nothing left. */
#ifndef TOOLS_TUTTI_WRITER_H
#define TOOLS_TUTTI_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "ot/peer.h"
#include "tools/tutti/client.h"

struct writer;

struct writer_ops {
    /* Something came: the document is open, the inbox has more, a refusal was taken, or a pause
     * is over. The driver steps, edits and sends as it likes. */
    void (*woke)(struct writer *writer);
    void (*failed)(struct writer *writer, const char *why);
};

/* One thing that came in the stream. */
enum writer_item_kind { WRITER_OPERATION, WRITER_MADE, WRITER_EPOCH, WRITER_COMPOSED, WRITER_HERE };

struct writer_item {
    struct writer_item *next;
    enum writer_item_kind kind;
    uint64_t seq;     /* or the epoch; of a range its last one */
    uint64_t epoch;   /* of a range */
    struct span who;  /* of presence: absent when nobody is here */
    struct span type; /* of a creation; empty when it was none of a document */
    struct span data; /* the operation, or what a creation began with, or what somebody shows;
                         absent when none */
    uint8_t bytes[];
};

/* The document that writers open, and make when it is not there. */
struct writer_document {
    struct span name;
    const struct type *type;
    struct span start; /* what it begins with, JSON */
};

struct writer {
    const struct writer_ops *ops;
    const struct writer_document *document;
    struct client client;
    struct peer *peer;
    struct event pause; /* a refusal for now asks to be patient */
    uint64_t channel;
    bool open;
    struct writer_item *inbox; /* the oldest first */
    struct writer_item *newest;
    bool own_in_inbox;   /* what we sent has come back */
    uint64_t answer_end; /* nothing is sent before this seq is read */
    uint64_t reloads;    /* snapshots in place of operations */

    /* Of the operation in flight: */
    uint64_t base;
    uint64_t sent_ns;
    /* Of the last one acknowledged: */
    uint64_t seq;
    uint64_t latency_ns;
};

void writer_init(struct writer *writer, struct wire_target *target,
                 const struct writer_document *document, const struct writer_ops *ops);
void writer_finish(struct writer *writer);

/* Connect, and open the document. */
void writer_connect(struct writer *writer);

/* Go away without a word; what was read and done is kept. */
void writer_disconnect(struct writer *writer);

/* What waits at the front of the inbox; NULL when nothing does. */
const struct writer_item *writer_front(const struct writer *writer);

/* Step over it. `event` says what an operation was (peer.h); SKIPPED for everything else. Fails the
 * writer when it cannot be, and returns false. */
bool writer_step(struct writer *writer, enum peer_event *event);

/* Has to be stepped over now, whatever the driver wants to hold back: the rest of the answer to
 * `open`, or all up to our own operation. */
bool writer_must_step(const struct writer *writer);

/* Send the next edit, if there is one and it may be sent. */
bool writer_send(struct writer *writer);

void writer_fail(struct writer *writer, const char *why);

#endif
