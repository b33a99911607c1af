/* call - a request from outside of any link, and its one answer: the HTTP API.
 *
 *                    +-- reading (what was) --+
 *   call_create() ---+                        +--> answered, once, in a later turn
 *                    +-- submission ----------+
 *
 * An answer is JSON, ready to go. A call that writes is an author of its own, whose secret is the
 * idempotency key and whose only serial is 1: sent again, also after a restart of the server, it
 * has the same fate and the same answer (rules 1 and 4). */
#ifndef SERVER_COLLAB_CALL_H
#define SERVER_COLLAB_CALL_H

#include <stdint.h>

#include "base/fault.h"
#include "base/span.h"

struct api_request;
struct call;
struct hub;

/* Borrowed for the call that brings it. */
struct call_answer {
    enum status status;
    struct span json;        /* OK: the object */
    const struct fault *why; /* else: what is wrong, in words; NULL: the text of the status */
    uint64_t seq;            /* a document's, as it was read: with its epoch this names the state */
    uint64_t epoch;
};

/* Who calls. Embedded in what it is. */
struct caller {
    void (*answered)(struct caller *caller, const struct call_answer *answer);
};

/* Begin. The request is borrowed; `user` is who asks, "" when there is no auth. The caller is told
 * exactly once, unless it was forgotten, and the call is gone with that. */
struct call *call_create(struct hub *hub, const struct api_request *request, struct span user,
                         struct caller *caller, uint64_t now_ms);

/* The caller is gone: nobody is told. What has been submitted goes on. */
void call_forget(struct call *call);

#endif
