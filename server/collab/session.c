#include "server/collab/session.h"

#include <string.h>

#include "base/buffer.h"
#include "base/hash.h"

/* `proofs` of different kinds differ in their length, so that none is another kind's. */
static struct session_key session_of(const uint8_t deployment[STORE_SECRET_SIZE], struct span user,
                                     struct span kind, struct span proof)
{
    struct session_key session;
    struct buffer named = {0};
    uint8_t digest[HASH_SHA256_SIZE];

    buffer_append(&named, user);
    buffer_append_byte(&named, 0);
    buffer_append(&named, kind);
    buffer_append(&named, proof);
    hash_hmac(span_of(deployment, STORE_SECRET_SIZE), buffer_span(&named), digest);
    buffer_finish(&named);
    memcpy(session.bytes, digest, SESSION_KEY_SIZE);
    return session;
}

struct session_key session_of_secret(const uint8_t deployment[STORE_SECRET_SIZE], struct span user,
                                     const uint8_t secret[SESSION_KEY_SIZE])
{
    return session_of(deployment, user, SPAN(""), span_of(secret, SESSION_KEY_SIZE));
}

struct session_key session_of_request(const uint8_t deployment[STORE_SECRET_SIZE], struct span user,
                                      struct span key)
{
    /* Longer than any secret of a client. */
    return session_of(deployment, user, SPAN("the request with the key "), key);
}
