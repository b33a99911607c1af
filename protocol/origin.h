/* origin - which pages may use a server from a browser.
 *
 * A browser names the origin of a page in a request that the page makes; who names none is no
 * browser, or asks for what its own origin has. A page's origin has to be the host that it asks,
 * scheme aside, or one that the operator allows, such as "https://example.org", or "*" for all. */
#ifndef PROTOCOL_ORIGIN_H
#define PROTOCOL_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

/* The allowed ones, zero-terminated. */
struct origins {
    const char *const *list;
    size_t count;
};

/* Header values without white space around them; `origin` is absent when there was none. */
bool origin_is_allowed(struct span origin, struct span host, const struct origins *origins);

/* The same for who named no origin, on a host that no name server of a stranger's may have made: it
 * has to be the host of an allowed origin. */
bool origin_host_is_allowed(struct span host, const struct origins *origins);

/* A host that no stranger's name server can make: an address, or a name of this machine. */
bool origin_host_is_own(struct span host);

#endif
