#include "ot/peer.h"

#include <string.h>

#include "base/memory.h"
#include "base/mutant.h"
#include "ot/pending.h"
#include "ot/tie.h"

enum { WHO_SIZE = 8 };

struct peer {
    const struct type *type; /* NULL until it is known */

    struct content *confirmed; /* what the stream made, up to `seq`; NULL: not created yet */
    struct content *view;      /* the same and all that is pending */
    bool view_lacks;           /* something pending does not fit into the view */
    struct operation *change;  /* what the last arrival did to the view; NULL: see peer_change() */
    uint64_t seq;
    uint64_t epoch;      /* of the operation at `seq` */
    uint64_t next_epoch; /* of the one that comes next, as far as it was told */

    struct pending pending;
    uint64_t serial;      /* of the first one pending, which is then in flight; 0: it has none */
    uint64_t next_serial; /* the next one never used */
    bool sent;            /* in flight on this connection, and not refused for now since */

    struct others others; /* positions in `confirmed` */

    uint64_t check_every; /* 0: nothing is compared */
    uint64_t check_seq;   /* the state at this is to be compared; 0: none is */
    uint64_t check_hash;

    bool open;
    uint64_t answer_end; /* the seq where the answer to `open` ends, and that operation's epoch */
    uint64_t answer_epoch;

    uint8_t who[WHO_SIZE];
    bool has_who;
    bool needs_session; /* nothing is sent under `who` any more: its serials are not ours alone */
    bool wants_snapshot;
    size_t dropped; /* operations that the last `opened` has handed back */
};

struct peer *peer_create(const struct type *type)
{
    struct peer *peer = memory_zeroed(1, sizeof(*peer));

    peer->type = type;
    peer->next_serial = 1;
    return peer;
}

void peer_destroy(struct peer *peer)
{
    if (peer == NULL)
        return;
    content_destroy(peer->confirmed);
    content_destroy(peer->view);
    operation_discard(peer->change);
    pending_finish(&peer->pending);
    others_finish(&peer->others);
    memory_free(peer);
}

static struct span own_who(const struct peer *peer)
{
    return span_of(peer->who, WHO_SIZE);
}

void peer_set_who(struct peer *peer, struct span who)
{
    must(who.size == WHO_SIZE);
    if (peer->has_who && span_equal(who, own_who(peer)))
        return;
    memcpy(peer->who, who.data, WHO_SIZE);
    peer->has_who = true;
    peer->needs_session = false;
    peer->serial = 0;
    peer->next_serial = 1;
    peer->sent = false;
}

/* ---- The view ---- */

static void remake_view(struct peer *peer)
{
    content_destroy(peer->view);
    peer->view = peer->type->copy(peer->confirmed);
    peer->view_lacks = !pending_replay(&peer->pending, peer->view) && !peer->type->identity;
}

const struct content *peer_view(const struct peer *peer)
{
    return peer->view;
}

const struct operation *peer_change(const struct peer *peer)
{
    return peer->change;
}

static void forget_change(struct peer *peer)
{
    operation_discard(peer->change);
    peer->change = NULL;
}

enum status peer_edit_take(struct peer *peer, struct operation *operation, struct fault *fault)
{
    enum status status;

    if (peer->view == NULL) {
        status = fault_set(fault, STATUS_NOT_CREATED, "the document is not there yet");
    } else if (peer->view_lacks) {
        status = fault_set(fault, STATUS_TOO_LARGE, "earlier edits do not fit any more");
    } else {
        must(operation->type == peer->type);
        status = peer->type->apply(peer->view, operation, fault);
    }
    if (status == STATUS_OK)
        pending_push_take(&peer->pending, peer->serial != 0 ? 1 : 0, operation);
    else
        operation_discard(operation);
    return status;
}

/* ---- What goes to the server ---- */

struct peer_resume peer_resume(const struct peer *peer)
{
    return (struct peer_resume){
        .from = peer->confirmed != NULL ? peer->seq : 0,
        .epoch = peer->confirmed != NULL ? peer->epoch : 0,
        .pending = peer->serial,
        .diverged = peer->wants_snapshot,
    };
}

void peer_disconnected(struct peer *peer)
{
    peer->open = false;
    peer->sent = false;
}

bool peer_next(struct peer *peer, uint64_t *serial, uint64_t *base, struct buffer *operation)
{
    if (!peer->open || peer->seq < peer->answer_end || peer->sent)
        return false;
    if (!peer->has_who || peer->needs_session)
        return false;
    if (peer->serial == 0)
        pending_gather(&peer->pending); /* what others have deleted meanwhile need not be sent */
    if (peer->pending.count == 0)
        return false;
    if (peer->serial == 0)
        peer->serial = peer->next_serial++;
    peer->sent = true;
    *serial = peer->serial;
    *base = peer->seq;
    peer->type->write(peer->pending.operations[0], operation);
    return true;
}

bool peer_may_show(const struct peer *peer, uint64_t *seq)
{
    if (!peer->open || peer->seq < peer->answer_end || !peer_idle(peer))
        return false;
    *seq = peer->seq;
    return true;
}

bool peer_check(struct peer *peer, uint64_t *seq, uint64_t *hash)
{
    if (peer->check_seq == 0)
        return false;
    *seq = peer->check_seq;
    *hash = peer->check_hash;
    peer->check_seq = 0;
    return true;
}

/* ---- The operation in flight meets its fate ---- */

/* It is part of `confirmed`, or of no document at all. */
static void resolve(struct peer *peer)
{
    operation_discard(pending_shift(&peer->pending));
    peer->serial = 0;
    peer->sent = false;
}

/* Our session is not ours alone, or the server has lost it: what is in flight is unsent again, for
 * another session to send. */
static void diverge(struct peer *peer)
{
    peer->serial = 0;
    peer->sent = false;
    peer->needs_session = true;
}

/* Move what was made after the operation in flight to where it is not, by its inverse. */
static enum status rebase_over_inverse(struct peer *peer)
{
    struct operation *moved;
    struct operation *inverse;
    struct operation *first = peer->pending.operations[0];
    enum status status = peer->type->invert(first, peer->confirmed, &inverse);

    if (status != STATUS_OK)
        return status;
    pending_shift(&peer->pending);
    status = pending_rebase(&peer->pending, inverse, SIDE_SECOND, &moved);
    pending_unshift_take(&peer->pending, first);
    operation_discard(inverse);
    if (status == STATUS_OK)
        operation_discard(moved);
    return status;
}

/* Take the operation in flight out of the view; later edits stay. */
static enum status withdraw(struct peer *peer)
{
    enum status status = peer->type->identity ? STATUS_OK : rebase_over_inverse(peer);

    if (status == STATUS_OK) {
        if (mutant_is_on(MUTANT_REUSE_SERIAL))
            peer->next_serial = peer->serial;
        resolve(peer);
        remake_view(peer);
    }
    return status;
}

enum status peer_refused(struct peer *peer, uint64_t serial, enum status reason, uint64_t seq,
                         struct fault *fault)
{
    forget_change(peer);
    if (peer->serial == 0 || serial != peer->serial)
        return STATUS_OK; /* its fate is known already */
    switch (status_class(reason)) {
    case STATUS_RETRY:
    case STATUS_LOGIN:
        peer->sent = false;
        if (mutant_is_on(MUTANT_RENUMBER_REFUSED))
            peer->serial = peer->next_serial++;
        return STATUS_OK;
    case STATUS_FIX:
    case STATUS_FINAL:
        /* A repeat ahead of us comes by in the stream; one behind us is in `confirmed`, so the view
         * has it twice. */
        if (reason == STATUS_REPEATED && seq > peer->seq)
            return STATUS_OK;
        return withdraw(peer);
    case STATUS_CLASS_INNER:
        break;
    }
    return fault_set(fault, STATUS_MALFORMED_MESSAGE, "refused without a reason");
}

/* ---- The stream ---- */

static void step(struct peer *peer, uint64_t seq)
{
    peer->seq = seq;
    if (seq == peer->answer_end)
        peer->next_epoch = peer->answer_epoch;
    peer->epoch = peer->next_epoch;
}

/* One operation was applied, the one with this seq: is it a moment to compare (rule 9)? */
static void step_one(struct peer *peer, uint64_t seq)
{
    step(peer, seq);
    if (peer->check_every == 0 || seq % peer->check_every != 0)
        return;
    peer->check_seq = seq;
    peer->check_hash = content_hash(peer->confirmed);
}

/* May `seq` come next? `known` says that it came before. */
static enum status expect(const struct peer *peer, uint64_t seq, bool *known, struct fault *fault)
{
    *known = seq <= peer->seq;
    if (seq > peer->seq + 1)
        return fault_set(fault, STATUS_FROM_THE_FUTURE, "operation %llu follows %llu",
                         (unsigned long long)seq, (unsigned long long)peer->seq);
    return STATUS_OK;
}

/* `who` is absent for a range. Apply somebody else's operation to `confirmed` and, moved over what
 * is pending, to the view. */
static enum status take_foreign_take(struct peer *peer, struct span who,
                                     struct operation *operation, enum side side,
                                     struct fault *fault)
{
    const struct type *type = peer->type;
    struct operation *moved = NULL;
    enum status status = type->check(peer->confirmed, operation, fault);

    if (status == STATUS_OK && !type->identity)
        status = pending_rebase(&peer->pending, operation, side, &moved);
    if (status != STATUS_OK) {
        operation_discard(operation);
        return status;
    }
    must(type->apply(peer->confirmed, operation, NULL) == STATUS_OK);
    others_move(&peer->others, operation, who);
    if (moved != NULL) {
        operation_discard(operation);
        operation = moved;
    }

    bool replay = peer->view_lacks || (type->identity && peer->pending.count > 0);
    if (replay || type->apply(peer->view, operation, NULL) != STATUS_OK) {
        operation_discard(operation);
        remake_view(peer);
    } else {
        peer->change = operation;
    }
    return STATUS_OK;
}

/* The operation in flight comes by as it was expected. */
static enum status take_own(struct peer *peer, const struct operation *operation,
                            struct fault *fault)
{
    enum status status = peer->type->apply(peer->confirmed, operation, fault);

    if (status != STATUS_OK)
        return status;
    others_move(&peer->others, operation, own_who(peer));
    resolve(peer);
    if (peer->view_lacks)
        remake_view(peer);
    return STATUS_OK;
}

static enum status take_operation_take(struct peer *peer, struct span who,
                                       struct operation *operation, enum peer_event *event,
                                       struct fault *fault)
{
    bool own = peer->has_who && !peer->needs_session && span_equal(who, own_who(peer));
    enum status status;

    if (own && peer->serial != 0 && operation_equal(operation, peer->pending.operations[0])) {
        status = take_own(peer, operation, fault);
        operation_discard(operation);
        if (status == STATUS_OK)
            *event = PEER_OWN;
        return status;
    }
    enum side side = tie_side(peer->type, tie_rule_native(peer->type), own_who(peer), who);
    status = take_foreign_take(peer, who, operation, side, fault);
    if (status == STATUS_OK) {
        *event = own ? PEER_DIVERGED : PEER_FOREIGN;
        if (own) {
            diverge(peer);
            peer->wants_snapshot = true;
        }
    }
    return status;
}

enum status peer_operation(struct peer *peer, uint64_t seq, struct span who, struct span operation,
                           enum peer_event *event, struct fault *fault)
{
    struct operation *decoded;
    bool known;
    enum status status = expect(peer, seq, &known, fault);

    forget_change(peer);
    if (status != STATUS_OK)
        return status;
    if (known) {
        *event = PEER_SKIPPED;
        return STATUS_OK;
    }
    if (peer->confirmed == NULL)
        return fault_set(fault, STATUS_NOT_CREATED, "operation %llu without a document",
                         (unsigned long long)seq);
    status = peer->type->decode(operation, &decoded, fault);
    if (status != STATUS_OK)
        return status;
    status = take_operation_take(peer, who, decoded, event, fault);
    if (status == STATUS_OK)
        step_one(peer, seq);
    return status;
}

enum status peer_composed(struct peer *peer, uint64_t to_seq, struct span operation, uint64_t epoch,
                          struct fault *fault)
{
    struct operation *decoded;

    forget_change(peer);
    if (to_seq <= peer->seq)
        return STATUS_OK;
    if (peer->confirmed == NULL)
        return fault_set(fault, STATUS_NOT_CREATED, "a range without a document");
    enum status status = peer->type->decode(operation, &decoded, fault);
    if (status != STATUS_OK)
        return status;
    status = take_foreign_take(peer, SPAN_NONE, decoded, SIDE_SECOND, fault);
    if (status == STATUS_OK) {
        peer->seq = to_seq;
        peer->epoch = epoch;
        peer->next_epoch = epoch;
    }
    return status;
}

void peer_epoch(struct peer *peer, uint64_t epoch)
{
    peer->next_epoch = epoch;
}

void peer_here(struct peer *peer, struct span who, struct span state)
{
    others_put(&peer->others, who, state);
}

void peer_here_nobody(struct peer *peer)
{
    others_finish(&peer->others);
}

void peer_diverged(struct peer *peer)
{
    peer->wants_snapshot = true;
}

/* ---- Creation and opening ---- */

static enum status check_type(const struct peer *peer, const struct type *type, struct fault *fault)
{
    if (type != NULL && peer->type != NULL && type != peer->type)
        return fault_set(fault, STATUS_TYPE_DIFFERS, "the document is %s, not %s", type->name,
                         peer->type->name);
    return STATUS_OK;
}

static void begin_take(struct peer *peer, struct content *content)
{
    peer->type = content->type;
    peer->confirmed = content;
    remake_view(peer);
}

enum status peer_made(struct peer *peer, uint64_t seq, const struct type *type, struct span data,
                      struct fault *fault)
{
    struct content *content = NULL;
    bool known;
    enum status status = expect(peer, seq, &known, fault);

    forget_change(peer);
    if (status == STATUS_OK && !known)
        status = check_type(peer, type, fault);
    if (status != STATUS_OK || known)
        return status;
    if (peer->confirmed == NULL && type != NULL) {
        status = type->create(data, &content, fault);
        if (status != STATUS_OK)
            return status;
        begin_take(peer, content);
    }
    step(peer, seq);
    return STATUS_OK;
}

/* Rebase what is pending from `before` to `after` over the difference of the two. */
static enum status rebase_over_difference(struct peer *peer, const struct content *before,
                                          const struct content *after)
{
    struct operation *difference;
    struct operation *moved;
    enum status status = peer->type->difference(before, after, &difference);

    if (status != STATUS_OK)
        return status;
    status = pending_rebase(&peer->pending, difference, SIDE_SECOND, &moved);
    operation_discard(difference);
    if (status == STATUS_OK)
        operation_discard(moved);
    return status;
}

/* The snapshot has the operation in flight: what is pending behind it was made on `confirmed` with
 * that operation. */
static enum status rebase_rest(struct peer *peer, const struct content *snapshot,
                               struct fault *fault)
{
    struct operation *first = pending_shift(&peer->pending);
    struct content *before = peer->type->copy(peer->confirmed);
    enum status status = peer->type->apply(before, first, fault);

    if (status == STATUS_OK)
        status = rebase_over_difference(peer, before, snapshot);
    content_destroy(before);
    pending_unshift_take(&peer->pending, first);
    return status;
}

/* Go on from a snapshot instead of `confirmed`; takes it when it succeeds. */
static enum status reload(struct peer *peer, struct content *snapshot, uint64_t serial,
                          struct fault *fault)
{
    bool has_first = peer->serial != 0 && peer->serial <= serial;
    enum status status = STATUS_OK;

    if (!peer->type->identity)
        status = has_first ? rebase_rest(peer, snapshot, fault)
                           : rebase_over_difference(peer, peer->confirmed, snapshot);
    if (status != STATUS_OK)
        return status;
    if (has_first)
        resolve(peer);
    content_destroy(peer->confirmed);
    peer->confirmed = snapshot;
    remake_view(peer);
    return STATUS_OK;
}

static enum status take_snapshot(struct peer *peer, const struct peer_opened *opened,
                                 struct fault *fault)
{
    struct content *snapshot;
    enum status status = opened->type->create(opened->snapshot, &snapshot, fault);

    if (status != STATUS_OK)
        return status;
    if (peer->confirmed == NULL) {
        begin_take(peer, snapshot);
    } else {
        status = reload(peer, snapshot, opened->serial, fault);
        if (status != STATUS_OK) {
            content_destroy(snapshot);
            return status;
        }
    }
    peer->seq = opened->seq;
    peer->wants_snapshot = false;
    return STATUS_OK;
}

/* The document that they were made on is gone. */
static void drop_pending(struct peer *peer)
{
    peer->dropped = peer->pending.count;
    while (peer->pending.count > 0)
        resolve(peer);
    remake_view(peer);
}

/* Are the serials in the server's books those that we have used? It knows more than we when
 * somebody else has our session, and less when it was restored, or when the operation in flight was
 * dropped before it knew of it: old copies of that one still have its serial. */
static bool session_is_ours(const struct peer *peer, const struct peer_opened *opened)
{
    uint64_t first_open = peer->serial != 0 ? peer->serial : peer->next_serial;

    return opened->serial < peer->next_serial && opened->serial + 1 >= first_open;
}

enum status peer_opened(struct peer *peer, const struct peer_opened *opened, struct fault *fault)
{
    enum status status = check_type(peer, opened->type, fault);

    forget_change(peer);
    peer->dropped = 0;
    if (peer->confirmed != NULL && status == STATUS_OK &&
        span_equal(opened->reload, SPAN("deleted")))
        drop_pending(peer);
    bool ours = session_is_ours(peer, opened);

    if (status != STATUS_OK)
        return status;
    if (span_present(opened->snapshot)) {
        must(opened->type != NULL);
        status = take_snapshot(peer, opened, fault);
        if (status != STATUS_OK)
            return status;
    } else if (opened->seq < peer->seq) {
        return fault_set(fault, STATUS_FROM_THE_FUTURE, "the answer ends at %llu, before %llu",
                         (unsigned long long)opened->seq, (unsigned long long)peer->seq);
    }
    if (!ours || span_equal(opened->reload, SPAN("restored")))
        diverge(peer);
    others_finish(&peer->others); /* whoever is here is told behind the answer */
    peer->check_every = opened->check_every;
    peer->check_seq = 0;
    peer->open = true;
    peer->sent = false;
    peer->answer_end = opened->seq;
    peer->answer_epoch = opened->epoch;
    peer->next_epoch = peer->epoch; /* what the last connection told of the next one is void */
    if (opened->type != NULL)
        peer->type = opened->type;
    step(peer, peer->seq);
    return STATUS_OK;
}

/* ---- To look at ---- */

bool peer_needs_session(const struct peer *peer)
{
    return peer->needs_session;
}

size_t peer_dropped(const struct peer *peer)
{
    return peer->dropped;
}

uint64_t peer_seq(const struct peer *peer)
{
    return peer->seq;
}

const struct content *peer_confirmed(const struct peer *peer)
{
    return peer->confirmed;
}

bool peer_in_flight(const struct peer *peer, uint64_t *serial)
{
    if (peer->serial == 0)
        return false;
    *serial = peer->serial;
    return true;
}

bool peer_idle(const struct peer *peer)
{
    return peer->pending.count == 0;
}

const struct others *peer_others(const struct peer *peer)
{
    return &peer->others;
}

bool peer_other(const struct peer *peer, struct span who, struct buffer *out)
{
    const struct other *other = others_find(&peer->others, who);
    struct buffer state = {0};
    struct caret caret;

    if (other == NULL)
        return false;
    caret_write(&other->caret, &state);
    caret_init(&caret, buffer_span(&state));
    for (size_t i = 0; i < peer->pending.count; i++)
        caret_move(&caret, peer->pending.operations[i], false);
    caret_write(&caret, out);
    caret_finish(&caret);
    buffer_finish(&state);
    return true;
}
