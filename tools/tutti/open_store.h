/* open_store - a store to be looked at, by the name that its operator knows. */
#ifndef TOOLS_TUTTI_OPEN_STORE_H
#define TOOLS_TUTTI_OPEN_STORE_H

#include "server/store/store.h"

/* The data folder of a server that is not running, plain or as sqlite:FOLDER, or postgres://… with
 * or without servers, as it is at this moment (backend_postgres_look()). It has to be there:
 * nothing is made. */
MUST_CHECK enum status open_store(const char *name, struct backend **backend, struct fault *fault);

/* The same to write to, where a data folder is made if there is none: claims are made with it, so
 * its epochs are by the clock. */
MUST_CHECK enum status open_store_or_make(const char *name, struct backend **backend,
                                          struct fault *fault);

#endif
