/* room_peers - a channel of presence at several nodes: what is shown at one is told at all.
 *
 *   room_tell --ASIDE_SHOW--> peers ~~~~ the room's channel ~~~~> room_hear --> room_tell
 *
 * All of it may be lost, come late or twice. Of a session and an id the highest version counts,
 * and is of the node that said it: a `null` from another node does not clear it (rule 8), since the
 * client may have moved. A node renews what is shown at it, as no client does; what is not renewed
 * goes, so that a lost `null` leaves no ghost. A node that is gone takes its values along. */
#ifndef SERVER_COLLAB_ROOM_PEERS_H
#define SERVER_COLLAB_ROOM_PEERS_H

#include <stdint.h>

#include "base/span.h"

struct aside;
struct hub;
struct room;

/* ---- From the cluster ---- */

/* The room with this name, NULL when nobody at this node is in it; all, one after the other. */
struct room *room_find(const struct hub *hub, struct span name);
struct room *room_next(const struct hub *hub, const struct room *room);
struct span room_name(const struct room *room);

/* Something is shown at another node, which `node` is the start of, or is not any more. Borrowed;
 * its id and state passed the limits. */
void room_hear(struct room *room, uint64_t node, const struct aside *show);

/* Tell the node with this name, or all when it is NULL, what is shown at this one. */
void room_share(struct room *room, const char *node);

/* Some of what other nodes said may have been missed: what they do not say again soon goes. */
void room_doubt(struct room *room);

/* A node is gone, and what was shown at it goes along. */
void room_lose(struct room *room, uint64_t node);

/* ---- From the hub ---- */

/* Once a second: renew what is shown here, take away what others did not renew. */
void room_sweep(struct room *room);

#endif
