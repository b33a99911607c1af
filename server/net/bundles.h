/* bundles - what somebody needs who looks for a fault, kept as files in the data folder.
 *
 *   FOLDER/diverged-01.json … diverged-16.json
 *
 * The first ones are kept, since a fault shows itself most plainly where it begins; once there are
 * so many, no more are written until the operator has taken some away. */
#ifndef SERVER_NET_BUNDLES_H
#define SERVER_NET_BUNDLES_H

#include "server/collab/hub.h"

struct bundles {
    struct bundle_keeper keeper;
    const char *folder; /* borrowed */
};

void bundles_init(struct bundles *bundles, const char *folder);

#endif
