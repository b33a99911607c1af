/* submission - one edit or deletion that a client sent, until it has its fate.
 *
 *   inbox --sequenced or refused for good--> decided --its batch is durable--> gone
 *     ^                                         |
 *     +------- its batch was not taken ---------+            (rule 7: we send it again)
 *
 * It outlives the connection it came over: what has been taken in goes on. Whoever sent it is told
 * its fate exactly once, when it is durable, unless it went away before. */
#ifndef SERVER_COLLAB_SUBMISSION_H
#define SERVER_COLLAB_SUBMISSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/span.h"
#include "ot/tie.h"
#include "ot/type.h"
#include "server/store/store.h"

/* What has become of a submission. */
struct outcome {
    uint64_t serial;
    /* OK: sequenced, and durable. REPEATED: it was so before. SERIAL_GAP: dropped, since a serial
     * before it is still open. Else why it was refused; the class says whether for now or for
     * good. */
    enum status status;
    uint64_t seq;            /* OK, REPEATED: its number; 0 when that can no longer be told */
    size_t size;             /* bytes of its operation */
    const struct fault *why; /* a refusal in words; NULL: the text of its status says all */
};

/* How much was taken in that has no fate yet. */
struct backlog {
    size_t count;
    size_t bytes;
};

static inline void backlog_add(struct backlog *backlog, size_t bytes)
{
    backlog->count++;
    backlog->bytes += bytes;
}

static inline void backlog_take_off(struct backlog *backlog, struct backlog part)
{
    backlog->count -= part.count;
    backlog->bytes -= part.bytes;
}

/* Who sends submissions: a reader, a call from outside. Embedded in what it is. */
struct submitter {
    void (*told)(struct submitter *submitter, const struct outcome *outcome);
};

struct submission {
    struct submission *prev; /* in the document's inbox or its decided list */
    struct submission *next;
    struct submitter *submitter; /* who has to be told; NULL when it was, or is gone */
    struct session_key session;
    enum entry_kind kind;
    enum status refusal; /* OK, or why it is refused for good, */
    struct fault *why;   /* and that in words, owned; NULL: the text of the status says all */
    bool sparse;         /* its session's serials only rise; others come without gaps */
    bool ties_later;     /* TIE_LATER in every type; else as native authors have it */
    bool at_head;        /* its base is wherever the document is when it is sequenced */
    bool restores;       /* `operation` is the state that the document has to become (needs `type`
                            and `at_head`) */
    bool creates;        /* makes an empty document first if there is none (needs the same) */
    const struct type *type; /* what the document has to be; NULL: anything */
    uint64_t serial;
    uint64_t base;
    uint64_t seq;        /* once sequenced */
    bool floor;          /* not an edit: the wish that none with a lower base is sequenced */
    bool remote;         /* another node sent it, and sends it again if need be */
    uint64_t attempt;    /* of a followed document: the last time it was forwarded; 0 = not … */
    uint64_t sent_ms;    /* … and when that was */
    uint64_t generation; /* of the batch that carries its fate, once decided */
    struct span user;
    struct span operation; /* JSON as it came; absent when it was unreadable; of a creation
                              {"data":…,"type":…} (state.h) */
    uint8_t bytes[];       /* user, operation */
};

/* A submission with copies of the spans and of `why`. */
struct submission *submission_create(const struct submission *from);

/* Its refusal in words: copied, in place of what was said before; none when `why` is NULL. */
void submission_explain(struct submission *submission, const struct fault *why);

/* Tell the submitter what has become of it, if there still is one. */
void submission_tell(struct submission *submission, enum status status, uint64_t seq);

/* Its submitter is gone: nobody is told about those of the list that are its own. */
void submission_forget(struct submission *list, const struct submitter *submitter);

/* It was told before. */
void submission_destroy(struct submission *submission);

#endif
