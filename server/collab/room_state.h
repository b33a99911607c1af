/* room_state - what `room` and `room_peers` share. Not for anyone else.
 *
 *   room --seats--> link   it listens, or shows values
 *        |          link
 *        |          node   values that were shown at another one
 *        +-values-> each of them once, by session and id, at one of the seats  */
#ifndef SERVER_COLLAB_ROOM_STATE_H
#define SERVER_COLLAB_ROOM_STATE_H

#include "server/collab/hub_state.h"
#include "server/collab/room_value.h"

struct room_seat {
    struct room_seat *prev, *next; /* in room->seats */
    struct room_seat *link_prev, *link_next;
    struct room *room;
    struct link *link; /* NULL: it is another node's, … */
    uint64_t node;     /* … which this is the start of */
    bool listens;
    bool behind; /* it has to be told everything */
    struct room_value *values;
};

struct room {
    struct hub *hub;
    UT_hash_handle hh; /* in hub->rooms, by name */
    struct room_seat *seats;
    size_t links; /* of them are links'; the room is there as long as one is */
    struct room_value *values;
    bool is_telling;
    struct room *telling_prev, *telling_next; /* in hub->rooms_telling */
    size_t name_size;
    uint8_t name[];
};

/* NULL when nobody shows that. */
struct room_value *room_value_of(const struct room *room, const struct session_key *session,
                                 struct span id);

/* A place for one more? */
bool room_is_full(const struct room *room);

/* For a link, or for a node when `link` is NULL. */
struct room_seat *room_seat_create(struct room *room, struct link *link);

/* A seat whose last value goes is left, unless its link listens; after the last link the room is
 * gone. So after each of these the seat that a value had, and the room, may be gone. */

/* Show it at this seat from now on, wherever it was before. */
void room_put(struct room_seat *seat, const struct aside *show);

/* Nobody sees it any more, and everybody is told now; the same of all at a seat. */
void room_take_away(struct room_value *value);
void room_take_all_away(struct room_seat *seat);

/* Tell the other nodes, or the one with this name, what is shown here. */
void room_pass_on(struct room_value *value, const char *node);

#endif
