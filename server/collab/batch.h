/* batch - what one turn hands to the store: the new entries and rows of all its documents.
 *
 * One batch is in flight at a time; what is sequenced meanwhile forms the next (group commit). */
#ifndef SERVER_COLLAB_BATCH_H
#define SERVER_COLLAB_BATCH_H

#include <stdbool.h>

#include "server/store/store.h"

struct hub;
struct document;

struct batch_part; /* what one document has in it */

struct batch {
    struct store_commit commit;
    struct batch_part *parts; /* in key order; parallel to commit.documents */
    bool in_flight;
    struct hub *hub;
};

/* Gather what the documents in hub->work have and submit it, if there is anything and none is in
 * flight. */
void batch_start(struct hub *hub);

#endif
