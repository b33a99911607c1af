/* reader - one link that has one document open: a cursor and what it still has to be told.
 *
 * There is no queue of operations for a reader. A slow one is a cursor that lags, one that comes
 * back is a cursor that starts behind.
 *
 *   OPENING --answer made--> WAITING --its seq is durable--> LOG <--> STREAM
 *      |                        |                             |          |
 *      +------------------------+---------- CLOSED -----------+----------+
 *
 *   OPENING  the document is being loaded, or this session's row is, or its place is looked up
 *   WAITING  the answer is made at a seq that is not durable yet, or has a floor that is not
 *   LOG      behind the stream: served from the history or the store (catch_up.h)
 *   STREAM   a place in the document's stream
 *   CLOSED   answers nothing more; removed when no byte of it is half sent */
#ifndef SERVER_COLLAB_READER_H
#define SERVER_COLLAB_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/table.h"
#include "protocol/message.h"
#include "server/collab/audience.h"
#include "server/collab/stream.h"
#include "server/collab/submission.h"
#include "server/store/store.h"

struct document;
struct inquiry;
struct link;
struct log_read;
struct range;

/* Is the operation that a client saw last in our history? */
enum reader_origin {
    ORIGIN_UNKNOWN, /* not looked up yet */
    ORIGIN_OURS,
    ORIGIN_FOLDED, /* it was, or not: it is not kept */
    ORIGIN_FOREIGN /* the history was another one: the store is one that was restored */
};

enum reader_state { READER_OPENING, READER_WAITING, READER_LOG, READER_STREAM, READER_CLOSED };

struct reader {
    struct submitter submitter; /* of its client's edits */
    enum reader_state state;
    struct document *document;
    struct link *link;
    struct reader *prev, *next;                       /* in document->readers */
    struct reader *unanswered_prev, *unanswered_next; /* in document->unanswered */
    struct reader *link_prev, *link_next;             /* in link->readers */
    struct reader *dirty_prev, *dirty_next;           /* in link->dirty, while is_dirty */
    bool is_dirty;                                    /* STREAM, and its place is not the end */
    struct reader *lagging_prev, *lagging_next;       /* in hub->lagging, while is_lagging */
    bool is_lagging;                                  /* LOG, and its link has room */
    struct cursor cursor;                             /* STREAM: its place */

    /* What `open` asked for, while OPENING. */
    const struct type *type;
    bool create;
    struct buffer data; /* what a creation begins with */
    bool has_data;
    uint64_t from;
    uint64_t from_epoch;
    enum reader_origin origin; /* of `from` */
    uint64_t in_flight;        /* `pending` of `open`; 0 = none */
    bool diverged;

    struct buffer answer;        /* `opened`, or a part of what `inquiry` gets */
    uint64_t answer_seq;         /* where it ends, and that it waits for */
    uint64_t answer_generation;  /* of the batch that it waits for as well; 0 = none */
    enum status pending_refusal; /* of `pending`, told behind `opened`; OK = none */

    bool row_asked;      /* of a followed document: its author's row is read for it */
    uint64_t after_read; /* … the read of the store that has to come first; 0 = none */
    uint64_t asked_ms;   /* … the owner was asked to make it */
    /* Of a reader by name (inquiry.h, posting.h). */
    struct inquiry *inquiry; /* the request that it has a part of; NULL once that is answered */
    bool has_part;
    uint64_t
        until; /* it ends when it has put this before its client; UINT64_MAX = a subscription */

    uint64_t channel;   /* its number in messages, from `opened` on; 0 before */
    UT_hash_handle hh;  /* in link->channels, by channel, while in_channels */
    bool in_channels;   /* the client knows the channel */
    uint64_t seq;       /* LOG: of the last operation put before it */
    uint64_t epoch;     /* LOG: of that operation; 0 = it has to be told */
    uint64_t closes_at; /* STREAM: the place at which it ends (a deletion); UINT64_MAX = none */
    struct log_read *log_read; /* what is being read from the store for it; NULL = nothing */

    struct reader *telling_prev, *telling_next;   /* in link->telling: BEHIND, ASKING */
    struct reader *audience_prev, *audience_next; /* in a list of its audience */
    enum audience_part audience;                  /* STREAM: what it was told beside the stream */
    uint64_t told;                                /* … up to which place */
    bool was_told;                                /* … ever: it may have to forget something */
    bool is_shown;                                /* its session shows itself to the others */

    uint64_t serial_next; /* the lowest serial not seen yet; a higher one is a gap */
    uint64_t
        refused_now; /* rule 1: refused for now, later ones are dropped until it comes; 0 = none */

    /* What of its session is unresolved (rule 3a). */
    struct backlog taken; /* its submissions that it was not told about */
    uint64_t pending;     /* the one in flight at `open`, while it has no fate; 0 = none */
    uint64_t own_serial;  /* the highest serial of its session whose fate is known here */
    uint64_t own_seq;     /* the highest seq of an operation of its session that is known */

    struct range *range;    /* LOG: entries behind `seq` on their way to become one; NULL = none */
    uint64_t composed_to;   /* rule 3b: an edit with a base before it has to be rebased */
    uint64_t composable_to; /* rule 3c: the answer up to here may be composed whatever is pending */
    uint64_t single_to;     /* LOG: entries up to here go singly */
    size_t lag_bytes;       /* LOG: put before it since it had last come to the head */
};

/* The only door between states. */
void reader_move(struct reader *reader, enum reader_state state);

/* A reader of a document that is open for it: the answer was made durable. */
static inline bool reader_is_live(const struct reader *reader)
{
    return reader->state == READER_LOG || reader->state == READER_STREAM;
}

/* Begin: `open` is borrowed; the document and the link know the reader afterwards. */
struct reader *reader_create(struct link *link, struct document *document,
                             const struct message_open *open);

/* The same for requests that name the document: one that is subscribed, which link_reader() finds
 * by the document's number, and one that ends with its part of the answer. MESSAGE_NOW as `from`
 * asks for the content. */
void reader_subscribe(struct link *link, struct document *document, struct inquiry *inquiry,
                      uint64_t from);
void reader_fetch(struct link *link, struct document *document, struct inquiry *inquiry,
                  uint64_t from);

/* One that puts the durable entries behind `from` up to `until` before its client, and ends. */
void reader_post(struct link *link, struct document *document, uint64_t from, uint64_t until);

/* It is no subscription any more: it brings what is durable by now, and ends. */
void reader_unfollow(struct reader *reader);

/* Is the entry `seq` still to come by? Else it has come, or is part of the content. */
bool reader_will_bring(const struct reader *reader, uint64_t seq);

/* Take it out of the document and the link and free it. Its submissions go on without it. */
void reader_destroy(struct reader *reader);

/* Tell the client that the document is closed for it, and destroy the reader. */
void reader_close(struct reader *reader, enum status reason);

/* A submission of its client was taken in. */
void reader_take_in(struct reader *reader, const struct submission *submission);

/* Tell that a serial is refused for now: it and all later ones come again. */
void reader_refuse_for_now(struct reader *reader, uint64_t serial, enum status reason);

/* An operation of its session has a seq, whoever sent it here. */
void reader_expect_own(struct reader *reader, uint64_t serial, uint64_t seq);

/* The same for whoever has the document open under that session. */
void reader_expect_session(const struct document *document, const struct session_key *session,
                           uint64_t serial, uint64_t seq);

/* An operation of its session was taken in here, refused for now, or pending at `open`, and has
 * neither come by nor been refused for good. */
bool reader_is_unresolved(const struct reader *reader);

/* WAITING: everything that the answer tells is durable. */
bool reader_may_answer(const struct reader *reader);

/* Then send it, or give it to its request; go on as LOG. */
void reader_answer(struct reader *reader);

/* STREAM: there are bytes behind its place. */
void reader_touch(struct reader *reader);

/* The stream that it follows: its document's, in its dialect. */
struct stream *reader_stream(const struct reader *reader);

/* STREAM: what is to be written. Borrowed until the stream changes. */
struct span reader_rest(const struct reader *reader);

/* STREAM: `size` bytes of it were written. True when the last frame is half sent. A deletion
 * written to its end destroys the reader. */
bool reader_advance(struct reader *reader, size_t size);

/* The seq of the last operation put before it; 0 before the answer. */
uint64_t reader_place(const struct reader *reader);

/* LOG: the next deliver lets it go on; not any more. */
void reader_lag(struct reader *reader);
void reader_leave_lagging(struct reader *reader);

/* STREAM: its place is about to be dropped; it goes on as LOG. False when it had begun with the
 * frame that ends its document: then it is destroyed, and the link finishes the frame. */
bool reader_leave_stream(struct reader *reader);

#endif
