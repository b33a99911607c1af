/* sim_client - one session over all its connections, and the person behind it.
 *
 * It keeps the rules that PROTOCOL.md gives to clients: says hello with its secret, opens its
 * documents with what it has of them, takes a silent connection for dead, comes back after a while.
 * The person types into a document now and then, connected or not, and after the trouble once more
 * into each of them.
 *
 * When a document shows that its session is not its own any more, it takes a new one (rule 4): it
 * begins nothing under the old one, brings what it has sent to its fate, and comes back as another
 * with everything that is still unsent. */
#ifndef TESTS_SIM_SIM_CLIENT_H
#define TESTS_SIM_SIM_CLIENT_H

#include "base/prng.h"
#include "protocol/native.h"
#include "server/store/store.h"
#include "tests/sim/sim_clock.h"
#include "tests/sim/sim_editor.h"
#include "tests/sim/sim_plan.h"

struct sim;
struct sim_socket;

struct sim_client {
    struct sim *sim;
    char name[16];
    struct prng prng;
    char secret[22];           /* the session's */
    struct who who;            /* once it was welcomed */
    bool welcomed;             /* on this connection */
    struct sim_socket *socket; /* NULL: not connected */
    struct sim_timer connect;  /* when it tries again */
    struct sim_timer away;     /* it goes, since its node has asked it to */
    struct sim_timer beat;     /* looks at the time since … */
    uint64_t heard_ms;
    uint64_t said_ms;
    struct sim_timer type; /* when the person types next */
    unsigned deletes;      /* it came to delete the document before this one, and does nothing else;
                              above the last one: it has done so */
    unsigned patience;     /* then it goes */
    struct sim_timer renew; /* takes a new session, if one is needed and nothing is in flight */
    bool renews;            /* nothing new is sent under this session */
    struct sim_editor editors[SIM_DOCUMENTS_MAX];
    struct buffer scratch;
};

struct sim_client *sim_client_create(struct sim *sim, unsigned index);
void sim_client_destroy(struct sim_client *client);

const char *sim_client_name(const struct sim_client *client);

/* The socket brings a message, a close frame, or the end of the connection. */
void sim_client_hear(struct sim_client *client, struct span message);
void sim_client_closed(struct sim_client *client, uint16_t code, struct span reason);
void sim_client_lost(struct sim_client *client);

/* A document needs a new session. */
void sim_client_renew(struct sim_client *client);

/* An edit that was in flight has met its fate. */
void sim_client_fated(struct sim_client *client);

/* Send a message, if there is a connection. */
void sim_client_say(struct sim_client *client, const struct buffer *message);

#endif
