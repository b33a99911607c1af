/* naming - gives a seq of a document a name, in the store.
 *
 *   STORE_SINCE: is there such an entry, and whose epoch is it?  -->  STORE_COMMIT, under that
 * fence
 *
 * Beside the batches of whoever sequences the document, so any node can; a claim that comes between
 * refuses it for now. */
#ifndef SERVER_COLLAB_NAMING_H
#define SERVER_COLLAB_NAMING_H

#include "server/store/store.h"

struct hub;
struct naming;

/* Who wants it named. Embedded in what it is. */
struct namer {
    /* `version` is what was written when the status is OK. NOT_CREATED, BEYOND_HEAD or FOLDED:
     * there is nothing to be named; AWAY: try again. */
    void (*named)(struct namer *namer, enum status status, const struct version *version);
};

/* Name the state after the entry `version->seq`, UINT64_MAX: the last durable one, of the document
 * `name`. What the version has is copied; its time becomes now. The namer is told exactly once, in
 * a later turn, unless it was forgotten. */
struct naming *naming_create(struct hub *hub, struct span name, const struct version *version,
                             struct namer *namer);

/* The namer is gone: nobody is told. */
void naming_forget(struct naming *naming);

#endif
