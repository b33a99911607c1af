/* redis_url - redis://[user[:password]@]host[:port][?prefix=PREFIX], taken apart. */
#ifndef SERVER_BUS_REDIS_URL_H
#define SERVER_BUS_REDIS_URL_H

#include <stdint.h>

#include "base/fault.h"

struct redis_url {
    char *host;
    char *user;     /* NULL: Redis' default user */
    char *password; /* NULL: none */
    char *prefix;   /* of keys and channels; "tutti:" unless the URL says otherwise */
    uint16_t port;
};

/* MALFORMED_NAME with the reason, which never shows the password. */
MUST_CHECK enum status redis_url_read(struct redis_url *url, const char *text, struct fault *fault);

/* A zeroed one is allowed. */
void redis_url_finish(struct redis_url *url);

#endif
