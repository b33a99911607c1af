/* inspector - what an operator looks at, on a listener of its own: a page, and figures as JSON.
 *
 *   GET / …                            the page (assets.h)
 *   GET /api/server                    the node: who is there, what waits, what was done so far
 *   GET /api/documents                 those that are loaded
 *   GET /api/documents/C/ID            one, and who has it open
 *   GET /api/documents/C/ID/log        its operations as they become durable (inspector_log.h)
 *
 * It only reads (server/collab/inspection.h), and there is no path from it to the API or from the
 * clients' port to it: what it shows, documents among it, is for whoever runs the server. So it
 * answers only to names that no stranger's name server can make, and to no other page. */
#ifndef SERVER_NET_INSPECTOR_H
#define SERVER_NET_INSPECTOR_H

#include "base/fault.h"
#include "server/net/address.h"

struct clock;
struct cluster;
struct connections;
struct event_base;
struct hub;
struct inspector;
struct readiness;

/* All of it is borrowed and outlives the inspector. */
struct inspector_config {
    struct event_base *events;
    const struct hub *hub;
    const struct cluster *cluster; /* NULL: a single node */
    const struct connections *connections;
    const struct readiness *readiness;
    struct clock *clock;
    const char *place; /* HOST:PORT as the operator wrote it: a name of ours */
    const char *node;  /* its name; NULL: it has none */
    const char *version;
    const char *store; /* "memory", "sqlite" or "postgres" */
};

/* Listen and serve. FAILED with the reason when it cannot listen there. */
MUST_CHECK enum status inspector_create(const struct inspector_config *config,
                                        const struct address *address, struct inspector **inspector,
                                        struct fault *fault);
void inspector_destroy(struct inspector *inspector); /* NULL allowed */

/* The end of a turn. */
void inspector_turn(struct inspector *inspector);

const struct address *inspector_address(const struct inspector *inspector);

#endif
