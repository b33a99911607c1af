/* visitors - what sessions at other nodes show and say in the documents and rooms of this one, and
 * the other way round.
 *
 *   company --> visitors --HERE, SAY--> the document's channel --> visitors --> company
 *   room    --> visitors --SHOW-------> the room's channel ------> visitors --> room
 *
 * All of it may be lost. Whoever has just begun to hear a channel asks who is here, says what is
 * shown at its own node, and lets go of what nobody says again. A node that is gone takes along
 * what it was told (rule 8): which nodes that may concern is kept here. */
#ifndef SERVER_CLUSTER_VISITORS_H
#define SERVER_CLUSTER_VISITORS_H

#include <stddef.h>
#include <stdint.h>

#include "server/bus/bus.h"

struct aside;
struct cluster;
struct document;
struct node_message;
struct room;

/* A life of another node. */
struct home {
    struct bus_member node;
    uint64_t heard_ms; /* when it said last that somebody is shown there */
};

/* A zeroed one has none. */
struct visitors {
    struct home *homes;
    size_t count;
};

void visitors_finish(struct visitors *visitors);

/* From a session at this node, in the document or room with this name, for all others or for `node`
 * alone. */
void visitors_tell(struct cluster *cluster, struct span name, const struct aside *aside,
                   const char *node);

/* From another node: HERE, SAY or ASK in a document, SHOW or LOOK in a room. What this one said
 * itself is ignored. */
void visitors_hear(struct cluster *cluster, struct document *document,
                   const struct node_message *message);
void visitors_hear_room(struct cluster *cluster, struct room *room,
                        const struct node_message *message);

/* The channel is heard from now on. */
void visitors_joined(struct cluster *cluster, struct document *document);
void visitors_joined_room(struct cluster *cluster, struct room *room);

/* The members are known: forget who was at nodes that are gone. */
void visitors_look(struct cluster *cluster);

#endif
