/* open_store - a store to be looked at, by the name that its operator knows. */
#ifndef TOOLS_TUTTI_OPEN_STORE_H
#define TOOLS_TUTTI_OPEN_STORE_H

#include <stdbool.h>

#include "server/store/store.h"

struct store_names;

/* The data folder of a server that is not running, plain or as sqlite:FOLDER, or postgres://… with
 * or without servers. It has to be there: nothing is made. */
MUST_CHECK enum status open_store(const char *name, struct backend **backend, struct fault *fault);

/* The same to write to, where a data folder is made if there is none: claims are made with it, so
 * its epochs are by the clock. */
MUST_CHECK enum status open_store_or_make(const char *name, struct backend **backend,
                                          struct fault *fault);

/* Is it one of a cluster? */
bool open_store_is_postgres(const char *name);

/* List the documents of the back end that the name opened. */
MUST_CHECK enum status open_store_list(const char *name, struct backend *backend,
                                       struct store_names *names, struct store_arena *arena);

#endif
