/* peer - the client half of one document: shows its own edits at once, reconciles with the order.
 *
 *   confirmed (seq)  --in flight (serial, one)-->  .  --queue (composed)-->  view
 *
 * `confirmed` is what the server's stream made of the document up to `seq`. The operation in flight
 * and the queue are kept rebased: in flight applies to `confirmed`, the queue after it. A foreign
 * operation moves all three; one's own coming by in the stream is its acknowledgement.
 * Types whose transform is the identity reconcile by replay: the view is made again from
 * `confirmed`, in flight and queue.
 *
 * Pure: fed with what arrived, asked for what to send. Used by the simulator, the tests and the
 * tools; the JavaScript client has the same states and words. Rules of ordering 1, 3, 4, 5, 7, 8
 * and 9. */
#ifndef OT_PEER_H
#define OT_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/span.h"
#include "ot/others.h"
#include "ot/type.h"

struct peer;

/* A document that was never opened. The type may be NULL: `opened` tells it. */
struct peer *peer_create(const struct type *type);
void peer_destroy(struct peer *peer);

/* The session's public id, from `welcome`; 8 bytes, copied. Told before the first operation is sent
 * and again when the session changes (then the serials begin anew at 1: the operation in flight
 * becomes unsent again and takes a serial of the new session). Telling the same one again changes
 * nothing. */
void peer_set_who(struct peer *peer, struct span who);

/* ---- What the application does ---- */

/* Change the view at once; the operation waits in the queue, composed with what waits there
 * already. Takes the operation in every outcome. NOT_APPLICABLE etc. as apply: nothing changes. */
MUST_CHECK enum status peer_edit_take(struct peer *peer, struct operation *operation,
                                      struct fault *fault);

/* The document as the user sees it; NULL before the first `opened`. Borrowed until the next call.
 */
const struct content *peer_view(const struct peer *peer);

/* What the last arrival did to the view, when that is one operation: somebody else's, moved over
 * what is pending. An editor shows it, a cursor moves by it. NULL when the view stayed as it was or
 * was made anew. Borrowed until the next arrival. */
const struct operation *peer_change(const struct peer *peer);

/* ---- What goes to the server ---- */

/* The values for `open`: seq and its epoch when something is confirmed (`from` 0: nothing is), the
 * serial in flight (`pending` 0: none is), and whether a snapshot is wanted after a divergence. */
struct peer_resume {
    uint64_t from;
    uint64_t epoch;
    uint64_t pending;
    bool diverged;
};
struct peer_resume peer_resume(const struct peer *peer);

/* The connection is gone: what was in flight keeps its serial and is sent again in its rebased form
 * when `opened` and the operations up to its seq have arrived. */
void peer_disconnected(struct peer *peer);

/* The edit to send now, if there is one: `operation` gets its canonical JSON. False when nothing is
 * to be sent: not open, the answer to `open` not read to its end, one in flight already, or nothing
 * queued. */
bool peer_next(struct peer *peer, uint64_t *serial, uint64_t *base, struct buffer *operation);

/* May it be told what this client shows? `seq` is that of its positions: not while an edit is
 * pending, since others see a document without it (rule 8). */
bool peer_may_show(const struct peer *peer, uint64_t *seq);

/* A state to be compared (rule 9), once: its seq and hash. False when there is none. A seq within a
 * composed range has none, and of two that were passed since the last call the first is left out.
 */
bool peer_check(struct peer *peer, uint64_t *seq, uint64_t *hash);

/* ---- What arrives ---- */

/* The answer to `open`. An absent `snapshot` means the operations after `from` follow, up to `seq`.
 * A snapshot after `from` is a reload: a pending serial <= `serial` is dropped as sequenced, the
 * rest is rebased over the type's difference (rule 5). After `deleted` nothing is: what was pending
 * is dropped, see peer_dropped(); with the serial in flight the session is, unless the server knows
 * that one's fate. A `serial` that was never used here shows that somebody else uses
 * the session, one that is lower than a fate that is known that the server was restored, as
 * `restored` says: what is in flight is unsent again and needs a new session. */
struct peer_opened {
    const struct type *type;
    struct span snapshot; /* JSON that passed json_scan() */
    uint64_t seq;         /* the end of the answer */
    uint64_t serial;      /* the session's highest serial used up to that seq */
    uint64_t epoch;       /* of the operation at `seq` */
    uint64_t check_every; /* states are compared at its multiples; 0 = never */
    struct span reload;   /* why a snapshot comes after `from`; absent when none does */
};
MUST_CHECK enum status peer_opened(struct peer *peer, const struct peer_opened *opened,
                                   struct fault *fault);

/* What an arrival meant, for the tools that count and the tests that check. */
enum peer_event {
    PEER_FOREIGN, /* somebody else's operation */
    PEER_OWN,     /* ours: acknowledged */
    PEER_SKIPPED, /* known already (a frame may begin before a reader's place) */
    PEER_DIVERGED /* ours, but not what we had in flight: ours is unsent again and needs a new
                     session */
};

/* One operation of the stream: number `seq`, by `who`. FROM_THE_FUTURE when seqs were left out,
 * MALFORMED_OPERATION or NOT_APPLICABLE when it cannot be: the caller opens anew. */
MUST_CHECK enum status peer_operation(struct peer *peer, uint64_t seq, struct span who,
                                      struct span operation, enum peer_event *event,
                                      struct fault *fault);

/* A creation or an empty step of the stream: takes the number, changes nothing once created. */
MUST_CHECK enum status peer_made(struct peer *peer, uint64_t seq, const struct type *type,
                                 struct span data, struct fault *fault);

/* One operation for a range that ends at `to_seq`: pending operations go second (rule 3). */
MUST_CHECK enum status peer_composed(struct peer *peer, uint64_t to_seq, struct span operation,
                                     uint64_t epoch, struct fault *fault);

/* The operations that follow have this epoch. */
void peer_epoch(struct peer *peer, uint64_t epoch);

/* Somebody shows this, at the seq that was read last; an absent `state`: nothing any more. */
void peer_here(struct peer *peer, struct span who, struct span state);

/* Nobody is here but those who are told from now on. */
void peer_here_nobody(struct peer *peer);

/* A hash was compared, and the server has another one: a snapshot is wanted. Close and open. */
void peer_diverged(struct peer *peer);

/* `refused`. For good: the serial is spent, its operation leaves the view by its inverse, later
 * edits stay. For now: the same serial is sent again by the next peer_next(), rebased. REPEATED
 * with its seq: acknowledged. */
MUST_CHECK enum status peer_refused(struct peer *peer, uint64_t serial, enum status reason,
                                    uint64_t seq, struct fault *fault);

/* ---- To look at ---- */

/* Nothing is sent any more before peer_set_who() has told of a new session. The caller first brings
 * what it has sent under the old one in other documents to its fate. */
bool peer_needs_session(const struct peer *peer);

/* So many pending operations the last peer_opened() has refused for good, as made on a document
 * that was deleted since. They are gone from the view. */
size_t peer_dropped(const struct peer *peer);

uint64_t peer_seq(const struct peer *peer);                     /* of `confirmed` */
const struct content *peer_confirmed(const struct peer *peer);  /* without pending operations */
bool peer_in_flight(const struct peer *peer, uint64_t *serial); /* an operation without its fate */
bool peer_idle(const struct peer *peer);                        /* everything acknowledged */

/* Who else is here, with positions in `confirmed`. */
const struct others *peer_others(const struct peer *peer);

/* Append what `who` shows with its positions in the view; false when it shows nothing. */
bool peer_other(const struct peer *peer, struct span who, struct buffer *out);

#endif
