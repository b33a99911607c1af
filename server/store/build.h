/* build - a snapshot made of the one below it and the log. Inner to server/store.
 *
 * Several calls of a back end, none of which holds anything up for long: load, commit the snapshot,
 * then fold piece by piece. Whatever is left half done is right, and done when it is asked for
 * again. */
#ifndef SERVER_STORE_BUILD_H
#define SERVER_STORE_BUILD_H

#include "server/store/store.h"

/* The outcome, as store_build says. */
enum status build_run(struct backend *backend, struct store_build *build);

#endif
