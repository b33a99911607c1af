/* inspection - what an operator sees of a hub: figures that are read off it.
 *
 *   hub --inspection_*()--> structs --> whoever shows them
 *
 * Looking changes nothing: no call here is recorded in a capture, none is needed to run one again,
 * and nothing is kept for whoever looks. What a figure costs is paid by the one who asks for it:
 * the hub counts only what it cannot know afterwards, and lists are walked when they are asked for.
 */
#ifndef SERVER_COLLAB_INSPECTION_H
#define SERVER_COLLAB_INSPECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/collab/hub.h"

/* What waits where, now. */
struct inspection_queues {
    uint64_t inbox;        /* edits that have no fate yet, or were forwarded and have none */
    uint64_t tentative;    /* entries that are sequenced and not durable */
    bool batch_in_flight;  /* the store is writing one … */
    uint64_t requests;     /* … and was asked so many things, that among them */
    uint64_t output_bytes; /* private output of all links that waits for their sockets */
    uint64_t behind;       /* readers that are served from the log */
};

/* The whole hub. */
struct inspection {
    struct hub_counts counts;
    uint64_t sessions; /* links that said who they are */
    uint64_t readers;  /* a link that has a document open, for each document */
    struct inspection_queues queues;
};

/* Walks the links and the loaded documents once. */
struct inspection inspection_of(const struct hub *hub);

#endif
