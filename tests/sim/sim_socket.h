/* sim_socket - one connection between a client and a node, with everything that a network does to
 * it.
 *
 * Each end sees what a program sees: bytes that arrive in any split, room for more bytes or none,
 * and the end of the connection, if it is told. The wire is the real one: masked frames up, what
 * link_output() gives down, both through protocol/websocket. */
#ifndef TESTS_SIM_SIM_SOCKET_H
#define TESTS_SIM_SIM_SOCKET_H

#include "base/prng.h"
#include "protocol/websocket.h"
#include "server/collab/hub.h"
#include "tests/sim/sim_pipe.h"

struct sim;
struct sim_client;
struct sim_node;

/* What a node takes as one message: more than anybody types in a run. */
enum { SIM_MESSAGE_BYTES = 64 << 10 };

struct sim_socket {
    struct sim *sim;
    struct sim_socket *prev, *next; /* in sim->sockets */
    struct prng prng;
    size_t room; /* bytes that may be under way to the client; a slow reader's socket is small */

    struct sim_client *client; /* NULL: it has closed its end */
    struct websocket_decoder from_node;
    struct sim_pipe down;

    struct sim_node *node; /* NULL: it has closed its end */
    struct link *link;
    struct websocket_decoder from_client;
    struct sim_pipe up;
    struct buffer input; /* arrived at the node, not read yet */
    bool ended;          /* … and behind it, the client's end */
    bool blocked;        /* the link has more than the socket took */
};

/* Connect; the node is up. Freed by sim_socket_bury(). */
struct sim_socket *sim_socket_open(struct sim_client *client, struct sim_node *node);

/* The client sends one message. */
void sim_socket_say(struct sim_socket *socket, struct span message);

/* The node lets its link read up to `messages_max` messages of what has arrived. True when there
 * may be more that it could read now. */
bool sim_socket_read(struct sim_socket *socket, unsigned messages_max);

/* The node writes what its link has, as far as the socket takes it, and closes the connection when
 * the link wants that. */
void sim_socket_write(struct sim_socket *socket);

/* It breaks: bytes under way are lost both ways, and each end is told, or not. */
void sim_socket_break(struct sim_socket *socket);

/* All of them break, and nothing that is under way arrives. */
void sim_socket_cut_all(struct sim *sim);

/* One end closes: the other is told behind what was sent. */
void sim_socket_leave_client(struct sim_socket *socket);
void sim_socket_leave_node(struct sim_socket *socket);

/* Free those that have no end any more. Between two steps. */
void sim_socket_bury(struct sim *sim);

#endif
