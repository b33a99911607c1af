/* room - a presence channel of ShareDB's clients: who listens in it, and what each of them shows.
 *
 *   p   show a value under an id    --> the latest of each id, told once a turn to all who listen
 *   ps  listen                      --> everything that is shown, then what changes
 *
 * A channel is a name and nothing more. When a value says of which document and version it is, its
 * range {"index":…,"length":…} is moved along that document's history before it is told; a listener
 * moves it on by itself, over what it knows beyond. A link's values go with it. Values of other
 * nodes are in it as well (room_peers), and are told in the same way.
 *
 * A listener that reads too slowly skips values and is told all of them later. That a value is gone
 * is never skipped: their wire has no words for "nobody else". */
#ifndef SERVER_COLLAB_ROOM_H
#define SERVER_COLLAB_ROOM_H

struct link;
struct message;
struct room;

/* MESSAGE_SHOW: take the value over what the link showed under the same id, or take that away. */
void room_show(struct link *link, const struct message *message);

/* MESSAGE_LISTEN, and no longer: MESSAGE_UNLISTEN also takes away what the link shows there. A
 * client that has come back is asked to show itself again. */
void room_listen(struct link *link, const struct message *message);
void room_unlisten(struct link *link, const struct message *message);

/* MESSAGE_ASK: tell everything again. */
void room_ask(struct link *link, const struct message *message);

/* Tell what has changed. Called once for each room in hub->rooms_telling by hub_deliver(). */
void room_tell(struct room *room);

/* The link can be written to again: what it skipped can be told. */
void room_link_drained(struct link *link);

/* The link goes away, and all that it shows. */
void room_forget_all(struct link *link);

#endif
