/* readiness - what /readyz says: may a load balancer send clients here?
 *
 * The loop keeps it up to date; http reads it. */
#ifndef SERVER_NET_READINESS_H
#define SERVER_NET_READINESS_H

#include <stdbool.h>

#include "base/buffer.h"

enum bus_state { BUS_NONE, BUS_UP, BUS_AWAY };

struct readiness {
    bool draining;   /* this node leaves: clients go elsewhere … */
    bool sent_away;  /* … and those that it had were told so: no more WebSockets are taken */
    bool store_away; /* nothing can be acknowledged */
    enum bus_state bus;
};

/* The status of the answer: 200; 404 while it drains, which HAProxy's disable-on-404 understands;
 * 503 without a store. A bus that is away leaves a node ready: it serves what it owns, and reads
 * the rest. */
int readiness_code(const struct readiness *readiness);

/* A word, or with `verbose` a line for each part. */
void readiness_write(const struct readiness *readiness, bool verbose, struct buffer *out);

#endif
