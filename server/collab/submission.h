/* submission - one edit or deletion that a client sent, until it has its fate.
 *
 *   inbox --sequenced or refused for good--> decided --its batch is durable--> gone
 *     ^                                         |
 *     +------- its batch was not taken ---------+            (rule 7: we send it again)
 *
 * It outlives the connection it came over: what has been taken in goes on. */
#ifndef SERVER_COLLAB_SUBMISSION_H
#define SERVER_COLLAB_SUBMISSION_H

#include <stdint.h>

#include "base/span.h"
#include "ot/tie.h"
#include "server/store/store.h"

struct author;
struct reader;

struct submission {
    struct submission *prev; /* in the document's inbox or its decided list */
    struct submission *next;
    struct reader *reader; /* who waits for the answer; NULL when it is gone */
    struct session_key session;
    enum entry_kind kind;
    enum status refusal; /* OK, or why it is refused for good */
    uint64_t serial;
    uint64_t base;
    uint64_t seq;        /* once sequenced */
    uint64_t generation; /* of the batch that carries its fate, once decided */
    struct span user;
    struct span operation; /* JSON as it came; absent when it was unreadable */
    uint8_t bytes[];       /* user, operation */
};

/* A submission with copies of the spans. */
struct submission *submission_create(const struct submission *from);
void submission_destroy(struct submission *submission);

#endif
