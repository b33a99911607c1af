/* source - the sessions of ShareDB's clients: `src` on their wire.
 *
 *   8 bytes drawn | 8 bytes of HMAC(deployment's key, user and the drawn)  =  the session's key
 *
 * A ShareDB client has no secret: it shows the id that it was given before, and everybody who reads
 * along sees it as `src`. So an id proves by itself that we gave it, and to whom: no other user may
 * go on under it, and what nobody gave is given to nobody. */
#ifndef SERVER_COLLAB_SOURCE_H
#define SERVER_COLLAB_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "server/store/store.h"

enum { SOURCE_DRAWN_SIZE = 8, SOURCE_LETTERS = 22 };

/* The key of a session of `user`, from what was drawn for it. */
struct session_key source_issue(const uint8_t secret[STORE_SECRET_SIZE], struct span user,
                                const uint8_t drawn[SOURCE_DRAWN_SIZE]);

/* The key that the id `text` spells; false when we did not issue it to this user. */
bool source_read(const uint8_t secret[STORE_SECRET_SIZE], struct span user, struct span text,
                 struct session_key *session);

/* Append the id: any session's key, as 22 characters of base64url. */
void source_write(struct buffer *out, const struct session_key *session);

#endif
