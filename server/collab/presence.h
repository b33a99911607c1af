/* presence - who shows itself in a document, and how: a table in which the latest value counts.
 *
 *   session --> what node 3 was told   the latest: this is shown
 *               what node 1 was told   the same client, before it moved; goes when node 1 says so
 *
 * A value is of a session and one start of one node (rule 8): a client that has moved to another
 * node must not disappear when the node that it left clears up. Positions are of the document at
 * the value's seq and are moved along the history. What has changed since it was last told is in
 * a list of its own, so that many changes in a turn are told as one.
 *
 * It is nobody's history: nothing of it is stored, all of it can be lost. */
#ifndef SERVER_COLLAB_PRESENCE_H
#define SERVER_COLLAB_PRESENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/table.h"
#include "ot/caret.h"
#include "server/store/store.h"

struct history;

struct presence_value {
    struct presence_value *prev, *next; /* of the session, the latest first */
    uint64_t node;                      /* the start of the node that was told */
    uint64_t seq;                       /* the positions are of the document at this */
    uint64_t renewed_ms;
    struct caret caret;
};

struct presence_session {
    struct session_key key;
    struct presence_value
        *values;  /* the first is shown; NULL: it is gone, and this is to be told */
    bool changed; /* … since it was last told */
    struct presence_session *changed_prev, *changed_next;
    UT_hash_handle hh; /* in presence->sessions, by key */
};

/* The owner of a zeroed table has an empty one. */
struct presence {
    struct presence_session *sessions;
    struct presence_session *changed; /* in the order of their first change */
};

/* What values are moved along: the entries of `history` up to the durable `head`, operations of
 * `type`. */
struct presence_track {
    const struct history *history;
    const struct type *type; /* NULL: not known now, nothing can be moved */
    uint64_t created;        /* values of a seq before it are of another document */
    uint64_t head;
};

/* What one session shows, as it came. */
struct presence_news {
    struct session_key session;
    uint64_t node;
    uint64_t seq;      /* may lie beyond the head: the value then waits to be told */
    struct span state; /* JSON that passed json_scan() */
    uint64_t now_ms;
};

/* Take a value over what the same session and node said before. Not taken: one whose seq lies too
 * far back to be moved, and one more than LIMIT_PRESENCE_VALUES sessions. The same again only
 * renews. */
void presence_put(struct presence *presence, const struct presence_news *news,
                  const struct presence_track *track);

/* The session shows nothing at this node any more. */
void presence_clear(struct presence *presence, const struct session_key *session, uint64_t node);

/* What the session shows at this node; NULL: nothing. */
struct presence_value *presence_value_of(const struct presence_session *session, uint64_t node);

/* A node is gone: what it was told goes with it. */
void presence_drop_node(struct presence *presence, uint64_t node);

/* The last renewal of what is to go LIMIT_GONE_MS from now unless it is renewed. */
uint64_t presence_doubtful_ms(uint64_t now_ms);

/* What was told at other nodes than `node` counts as last renewed at `renewed_ms`, if that is
 * earlier than it was. */
void presence_doubt(struct presence *presence, uint64_t node, uint64_t renewed_ms);

/* Take away what was not renewed since `before_ms`. */
void presence_expire(struct presence *presence, uint64_t before_ms);

/* More is durable: move all values to the head, except those that are beyond it. */
void presence_move(struct presence *presence, const struct presence_track *track);

/* This session's change has been told: it is not in the list any more, and freed if it is gone. */
void presence_told(struct presence *presence, struct presence_session *session);

/* Empty the table, and nobody has to be told. */
void presence_finish(struct presence *presence);

#endif
