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

#include "base/span.h"
#include "server/collab/hub.h"
#include "server/store/store.h"

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

/* ---- Documents: those that are loaded. All text is borrowed until the next call into the hub ----
 */

enum inspected_role {
    INSPECTED_NEITHER, /* it is still being loaded, or cannot be */
    INSPECTED_OWNER,   /* this node sequences it */
    INSPECTED_REPLICA  /* this node follows it */
};

struct inspected_document {
    struct span name;
    struct span type;  /* absent: there is no document of that name, or it is not known yet */
    const char *state; /* of document.h, in small letters */
    enum inspected_role role;
    struct span owner;  /* the node that sequences it; absent: nobody, or not known */
    uint64_t epoch;     /* of the latest claim that is known here */
    uint64_t time_ms;   /* of the entry at `head`; 0: not known */
    uint64_t head;      /* the highest seq, tentative ones among them */
    uint64_t committed; /* the highest durable one */
    uint64_t tentative; /* how many are not durable yet; 0 where another node sequences */
    uint64_t inbox;
    uint64_t readers;
    uint64_t behind;        /* readers that are served from the log */
    uint64_t history_from;  /* the oldest entry in memory, */
    uint64_t history_count; /* how many there are, */
    uint64_t history_bytes; /* and their bytes */
    uint64_t published;     /* entries that became durable while it was loaded */
};

/* One of them; false when it is not loaded. */
bool inspection_document(const struct hub *hub, struct span name, struct inspected_document *out);

/* Those whose names begin with `prefix`, the one that changed last first, at most `max`. Returns
 * how many; `*left_off` is how many more there are. Walks all loaded documents once. */
size_t inspection_documents(const struct hub *hub, struct span prefix,
                            struct inspected_document *list, size_t max, size_t *left_off);

/* ---- Who has a document open ---- */

struct inspected_session {
    struct who who; /* never the session itself, which is a secret */
    bool has_who;   /* event streams have none */
    struct span user;
    const char *dialect;
    const char *state;     /* of reader.h, in small letters */
    uint64_t cursor;       /* the last seq that it was sent; 0 before the document itself is */
    uint64_t behind;       /* durable entries that it has not been sent */
    uint64_t output_bytes; /* that wait for its socket, of this document and of it alone */
    uint64_t serial;       /* its last edit here that has its fate; 0: none is known */
    bool here;             /* it shows itself to the others */
};

/* In the order in which they came, at most `max`. Returns how many, 0 when the document is not
 * loaded; `*left_off` is how many more there are. */
size_t inspection_sessions(const struct hub *hub, struct span name, struct inspected_session *list,
                           size_t max, size_t *left_off);

#endif
