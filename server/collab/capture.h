/* capture - what reached the hub, in order, as bytes: enough to run the same again.
 *
 * The hub and the cluster around it are a pure function of the calls into them, their arguments,
 * the outcomes of the store and what the bus brings. Each of these is a record. So is what they
 * said to a client, to a caller and to other nodes, by its hash: a second run makes a second
 * capture, and the two are the same bytes.
 *
 *   file:    "tutti capture 2\n"  record  record  …
 *   record:  size (LEB128)  kind  fields  check (4 bytes)       size counts kind and fields
 *   check:   of kind and fields, keyed with the record's number: a flipped byte, a record that is
 *            left out and one that moved are all found where they are
 *
 * A size of 0 is the end: of a file that was cut off by a crash, the rest is zeros or missing.
 * A capture holds what clients said, their secrets and the deployment's among it: keep it as you
 * keep the store. */
#ifndef SERVER_COLLAB_CAPTURE_H
#define SERVER_COLLAB_CAPTURE_H

#include "base/fault.h"
#include "protocol/api.h"
#include "server/collab/archive.h"
#include "server/collab/hub.h"

#define CAPTURE_MAGIC "tutti capture 2\n"

enum { CAPTURE_CHECK_SIZE = 4 };

struct call_answer;

enum capture_kind {
    CAPTURE_END,        /* no record: a size of 0 */
    CAPTURE_BEGIN,      /* hub_create() */
    CAPTURE_CONNECT,    /* hub_connect() */
    CAPTURE_RECEIVE,    /* link_receive() */
    CAPTURE_OVERSIZED,  /* link_receive_oversized() */
    CAPTURE_HEARD,      /* link_heard() */
    CAPTURE_BREAK,      /* link_break() */
    CAPTURE_DISCONNECT, /* link_disconnect() */
    CAPTURE_NEXT,       /* hub_next_output(), when it named a link */
    CAPTURE_WRITTEN,    /* link_written() */
    CAPTURE_CALL,       /* call_create() */
    CAPTURE_FORGET,     /* call_forget() */
    CAPTURE_TURN,       /* hub_turn() */
    CAPTURE_DELIVER,    /* hub_deliver() */
    CAPTURE_RETURNED,   /* a request came back from the store */
    CAPTURE_SEND_AWAY,  /* hub_send_away() */
    CAPTURE_SHUTDOWN,   /* hub_shutdown() */
    CAPTURE_GOODBYE,    /* hub_say_goodbye() */
    CAPTURE_DESTROY,    /* hub_destroy() */

    CAPTURE_MEET,       /* cluster_turn() */
    CAPTURE_DRAIN,      /* cluster_drain() */
    CAPTURE_DEPART,     /* cluster_leave() */
    CAPTURE_SUBSCRIBED, /* what the bus reports, within cluster_turn() */
    CAPTURE_MESSAGE,
    CAPTURE_MEMBERS,
    CAPTURE_LOST,

    /* From here on: what the code said, which a second run has to say by itself. */
    CAPTURE_SAID,
    CAPTURE_ANSWERED = CAPTURE_SAID, /* a caller */
    CAPTURE_PUBLISH,                 /* the bus, as the five below */
    CAPTURE_SUBSCRIBE,
    CAPTURE_UNSUBSCRIBE,
    CAPTURE_BEAT,
    CAPTURE_LEAVE,
    CAPTURE_KIND_COUNT
};

/* One record. Which of the fields a kind has is the table in capture.c; the others are zero. */
struct capture_record {
    uint8_t kind;
    uint64_t now_ms;
    uint64_t link;    /* links count from 1 in the order of their connecting */
    uint64_t number;  /* the dialect; the close code; bytes that were written, or that came; a time;
                         whether there are other nodes; which call, or which request to the store:
                         both count from 1 in the order of their making */
    uint64_t hash;    /* of what was written, answered or published */
    struct span text; /* the user; the message or its beginning; the reason; the node; the channel;
                         the outcome of a request; members as struct bus_member */
    struct span bytes;          /* what came by the channel */
    struct hub_config config;   /* BEGIN; `node` is in `text` */
    struct api_request request; /* CALL */
};

/* Describe a record's fields; `now_ms` is that of the record before, and becomes that of this one.
 */
void capture_describe(struct archive *archive, struct capture_record *record, uint64_t *now_ms);

/* Describe what a request came back with. Reading: what is submitted is in `request` already, and
 * what it gets lives in the arena, which is the request's afterwards. */
void capture_describe_outcome(struct archive *archive, struct store_request *request);

/* Where a capture goes. The owner embeds it. */
struct capture {
    /* Bytes of whole records, in order. */
    void (*write)(struct capture *capture, struct span bytes);
    struct buffer scratch; /* the fields below are the hub's; zeroed in the beginning */
    uint64_t count;
    uint64_t now_ms;
};

void capture_finish(struct capture *capture);

/* Write one record. */
void capture_write(struct capture *capture, struct capture_record *record);
void capture_write_outcome(struct capture *capture, struct store_request *request);

/* Record what a caller is told, if there is a capture. */
void capture_answer(struct capture *capture, uint64_t call, const struct call_answer *answer);

/* The hash of the first `size` bytes of these pieces. */
uint64_t capture_hash(const struct span *spans, size_t count, size_t size);

/* The next record of `bytes`, which is the `number`th, from 0. Takes it off their front; its spans
 * are borrowed from them. CAPTURE_END at the end; STATUS_MORE when the bytes end within it, CORRUPT
 * when it is not what was written. */
MUST_CHECK enum status capture_read(struct span *bytes, uint64_t number, uint64_t *now_ms,
                                    struct capture_record *record, struct fault *fault);

#endif
