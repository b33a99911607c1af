/* room_value - what somebody shows in a channel of presence: the latest of a session and an id.
 *
 * When it says of which document and version it is, its range {"index":…,"length":…} is moved along
 * that document's history. Only rich text has such ranges.
 *
 * A value is told from one place, its seat: the link that showed it, or the node that it was shown
 * at. */
#ifndef SERVER_COLLAB_ROOM_VALUE_H
#define SERVER_COLLAB_ROOM_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "base/table.h"
#include "server/collab/peers.h"

struct hub;
struct room_seat;

struct room_value {
    UT_hash_handle hh;              /* in room->values, by session and id */
    struct room_value *prev, *next; /* of the seat */
    struct room_seat *seat;
    bool changed;        /* since it was last told */
    uint64_t version;    /* its client counts */
    uint64_t seq;        /* the range is of the document at this */
    uint64_t renewed_ms; /* when its node said it last: another one to us, or we to the others */
    struct session_key session;
    struct span id;       /* in `bytes` */
    struct span document; /* its name, in `bytes`; absent when it is of none */
    struct buffer state;  /* JSON; empty when its document has ended */
    uint8_t bytes[];
};

/* What an ASIDE_SHOW says. */
struct room_value *room_value_create(const struct aside *show);
void room_value_destroy(struct room_value *value);

/* The same as an ASIDE_SHOW, without a state when there is nothing to see. Borrowed. */
struct aside room_value_aside(const struct room_value *value);

/* Values are told apart by this: a session and an id of at most LIMIT_ROOM_NAME_BYTES. */
struct room_key {
    size_t size;
    uint8_t bytes[SESSION_KEY_SIZE + LIMIT_ROOM_NAME_BYTES];
};
struct room_key room_key_of(const struct session_key *session, struct span id);

/* Move it as far as memory knows its document's history. */
void room_value_move(struct room_value *value, const struct hub *hub);

/* Append the words of ShareDB's wire that tell it in this channel. */
void room_value_write(const struct room_value *value, struct span channel, struct buffer *out);

#endif
