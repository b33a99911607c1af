/* open_store - the store of a server that is not running, by the name that its operator knows. */
#ifndef TOOLS_TUTTI_OPEN_STORE_H
#define TOOLS_TUTTI_OPEN_STORE_H

#include "server/store/store.h"

/* A data folder, plain or as sqlite:FOLDER. It has to be there: nothing is made. */
MUST_CHECK enum status open_store(const char *name, struct backend **backend, struct fault *fault);

#endif
