/* sequencer - gives each submission its fate: a seq, a refusal for good, or a refusal for now.
 *
 * In order of arrival: known already? base sound? transform over what its author had not seen,
 * apply to the document, append to the history. Pure but for the two reads that it may have to wait
 * for (a session's row, older entries); the document's inbox waits with it. */
#ifndef SERVER_COLLAB_SEQUENCER_H
#define SERVER_COLLAB_SEQUENCER_H

#include "base/fault.h"
#include "base/span.h"
#include "base/status.h"
#include "ot/type.h"

struct document;
struct session_key;

/* Work off the inbox of an owned document, as far as its reads and limits allow. */
void sequencer_run(struct document *document);

/* What loading_older() was asked for has come, or not. */
void sequencer_fetched(struct document *document, enum status status);

/* Append a creation; there is no document at the head. `data` is absent for the type's empty
 * document. MALFORMED_DOCUMENT or TOO_LARGE when it cannot be. */
struct creation {
    const struct type *type;
    struct span data; /* JSON that passed json_scan() */
    const struct session_key *session;
    struct span user;
    uint64_t serial; /* 0 when it is to be ensured, not one of the session's own */
    uint64_t base;
};
MUST_CHECK enum status sequencer_create(struct document *document, const struct creation *creation,
                                        struct fault *fault);

#endif
