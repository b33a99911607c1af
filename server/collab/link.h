/* link - one connected client: its session, its private output, the documents it has open.
 *
 *   GREETING --hello--> OPEN --close, break, taken--> CLOSING --written--> (the carrier
 * disconnects)
 *
 * What it is to be written, in this order:
 *   rest      the rest of a frame that was half sent when its stream went on without it
 *   half      the rest of a half-sent frame in a stream
 *   private   frames for this client alone
 *   dirty     for each document: everything from the cursor to the end of the stream
 *   telling   for each document: what is told beside the stream, if it can be now */
#ifndef SERVER_COLLAB_LINK_H
#define SERVER_COLLAB_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/table.h"
#include "server/collab/dialect.h"
#include "server/collab/hub.h"
#include "server/collab/reader.h"

enum link_state { LINK_GREETING, LINK_OPEN, LINK_CLOSING };

struct link {
    enum link_state state;
    const struct dialect *dialect;
    struct hub *hub;
    struct link *prev, *next;             /* in hub->links */
    struct link *ready_prev, *ready_next; /* in hub->ready, while is_ready */
    bool is_ready;
    bool ends;    /* its document is closed, and with it all that it came for */
    bool blocked; /* the socket is full: the carrier comes back by itself */
    bool starved; /* a reader in LOG waits for room */
    void *context;
    struct buffer user;

    struct session_key session; /* from OPEN on */
    struct who who;
    UT_hash_handle hh; /* in hub->sessions */
    bool in_sessions;
    bool returned; /* it goes on with a session of an earlier connection */

    struct backlog taken; /* of all its readers */

    size_t offered; /* bytes of the last link_output() */
    struct buffer rest;
    struct buffer private;
    size_t private_written; /* bytes at its front that the socket has taken */
    struct reader *half;
    struct reader *readers;
    struct reader *channels; /* those with a channel, by it */
    size_t reader_count;
    struct reader *dirty;
    struct reader *telling;
    struct question *questions; /* what it asked of the past, the oldest first */
    size_t question_count;

    struct room_seat *seats; /* in channels of presence */
    size_t seat_count;

    struct posting *postings;  /* edits that are owed an answer, by a document's name */
    struct inquiry *inquiries; /* requests to read that are */

    bool is_overrun; /* in hub->overrun: to be closed with 1013 */
    struct link *overrun_prev, *overrun_next;

    uint64_t number; /* of its connection: they count from 1, a newer one has a higher */
    uint64_t born_ms;
    uint64_t heard_ms;
    uint64_t told_ms;
    uint64_t moved_ms; /* when the socket last took something, or had nothing to take */
    uint64_t asked_ms; /* the last heartbeat of a dialect that pings */
};

/* Frames for this client alone: append one between begin and end. */
struct buffer *link_begin(struct link *link, size_t *mark);
void link_end(struct link *link, size_t mark);

/* Close what takes nothing: what its streams hold for it is not kept for the goodbye. */
void link_abandon(struct link *link, uint16_t code, const char *reason);

/* Too much of what it sent has no fate yet: its input waits. */
bool link_is_full(const struct link *link);

/* May a reader in LOG put more into the private output? One that may not goes on when the socket
 * has taken something. */
bool link_has_room(struct link *link);

/* Private bytes that wait for the socket. */
size_t link_private_size(const struct link *link);

/* There is something to write. */
void link_touch(struct link *link);

/* What its stream holds for this reader goes into the private output. */
void link_take_stream(struct link *link, struct reader *reader);

/* A frame of this reader is half sent: copy its rest, since the stream or the reader goes away. */
void link_keep_half(struct link *link, struct reader *reader);

/* Say goodbye with a WebSocket close frame; every reader is gone after it. */
void link_close(struct link *link, uint16_t code, const char *reason);

/* Close for a reason of the status table: its code is 4000 + the status' code. */
void link_close_status(struct link *link, enum status reason);

/* The same, with what is wrong in words. */
void link_close_fault(struct link *link, enum status reason, const struct fault *why);

/* The reader with this channel; NULL when there is none. */
struct reader *link_reader(const struct link *link, uint64_t channel);

/* This session is the link's from now on. Of two links that say so the one that connected later has
 * it, and the other is closed: false when that is this one. */
bool link_take_session(struct link *link, const struct session_key *session);

/* The link that has this session; NULL when there is none here. */
struct link *link_of_session(const struct hub *hub, const struct session_key *session);

/* The next deliver closes it with 1013: its client comes back and says how far it got. */
void link_overrun(struct link *link);

#endif
