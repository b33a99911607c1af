/* session - whose edits they are: what an author knows, made to a key that the store keeps.
 *
 * An HMAC under the deployment's secret, so that every node of it knows the author again without a
 * record, and nobody learns from a store or from a `who` how to be that author (rule 4). */
#ifndef SERVER_COLLAB_SESSION_H
#define SERVER_COLLAB_SESSION_H

#include "base/span.h"
#include "server/store/store.h"

/* A client instance, by the secret that it drew: SESSION_KEY_SIZE bytes. */
struct session_key session_of_secret(const uint8_t deployment[STORE_SECRET_SIZE], struct span user,
                                     const uint8_t secret[SESSION_KEY_SIZE]);

/* One request of a caller from outside, by its idempotency key. */
struct session_key session_of_request(const uint8_t deployment[STORE_SECRET_SIZE], struct span user,
                                      struct span key);

#endif
