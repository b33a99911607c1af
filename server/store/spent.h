/* spent - the spent serials of a session's row as text, [[serial,code],…]: one form for every back
 * end that keeps text. */
#ifndef SERVER_STORE_SPENT_H
#define SERVER_STORE_SPENT_H

#include "server/store/store.h"

void spent_write(struct buffer *out, const struct session_row *row);

/* Fill in the row's list; false when the text is not one. */
MUST_CHECK bool spent_read(struct span text, struct store_arena *arena, struct session_row *row);

#endif
