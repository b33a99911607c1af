#include "ot/peer.h"

#include <string.h>

#include "base/memory.h"
#include "base/mutant.h"
#include "ot/copy.h"
#include "ot/tie.h"

enum { WHO_SIZE = 8 };

struct peer {
    struct copy copy; /* its confirmed content is what the stream made, up to `seq` */
    uint64_t seq;
    uint64_t epoch;      /* of the operation at `seq` */
    uint64_t next_epoch; /* of the one that comes next, as far as it was told */

    uint64_t serial;      /* of the first one pending, which is then in flight; 0: it has none */
    uint64_t next_serial; /* the next one never used */
    bool sent;            /* in flight on this connection, and not refused for now since */

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

    peer->copy.type = type;
    peer->next_serial = 1;
    return peer;
}

void peer_destroy(struct peer *peer)
{
    if (peer == NULL)
        return;
    copy_finish(&peer->copy);
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

enum status peer_edit_take(struct peer *peer, struct operation *operation, struct fault *fault)
{
    return copy_edit_take(&peer->copy, peer->serial != 0 ? 1 : 0, operation, fault);
}

/* ---- What goes to the server ---- */

struct peer_resume peer_resume(const struct peer *peer)
{
    return (struct peer_resume){
        .from = peer->copy.confirmed != NULL ? peer->seq : 0,
        .epoch = peer->copy.confirmed != NULL ? peer->epoch : 0,
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
    if (peer->serial == 0) /* what others have deleted meanwhile need not be sent */
        pending_gather(&peer->copy.pending);
    if (peer->copy.pending.count == 0)
        return false;
    if (peer->serial == 0)
        peer->serial = peer->next_serial++;
    peer->sent = true;
    *serial = peer->serial;
    *base = peer->seq;
    peer->copy.type->write(peer->copy.pending.operations[0], operation);
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

/* Nothing is in flight any more. */
static void land(struct peer *peer)
{
    peer->serial = 0;
    peer->sent = false;
}

/* Our session is not ours alone, or the server has lost it: what is in flight is unsent again, for
 * another session to send. */
static void diverge(struct peer *peer)
{
    land(peer);
    peer->needs_session = true;
}

/* The operation in flight leaves the view; later edits stay. */
static enum status withdraw(struct peer *peer)
{
    enum status status = copy_withdraw(&peer->copy);

    if (status != STATUS_OK)
        return status;
    if (mutant_is_on(MUTANT_REUSE_SERIAL))
        peer->next_serial = peer->serial;
    land(peer);
    return STATUS_OK;
}

enum status peer_refused(struct peer *peer, uint64_t serial, enum status reason, uint64_t seq,
                         struct fault *fault)
{
    copy_forget_change(&peer->copy);
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
    peer->check_hash = content_hash(peer->copy.confirmed);
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

static enum status take_operation_take(struct peer *peer, struct span who,
                                       struct operation *operation, enum peer_event *event,
                                       struct fault *fault)
{
    bool own = peer->has_who && !peer->needs_session && span_equal(who, own_who(peer));
    enum status status;

    if (own && peer->serial != 0 && operation_equal(operation, peer->copy.pending.operations[0])) {
        status = copy_confirm(&peer->copy, who, operation, fault);
        operation_discard(operation);
        if (status == STATUS_OK) {
            land(peer);
            *event = PEER_OWN;
        }
        return status;
    }
    const struct type *type = peer->copy.type;
    enum side side = tie_side(type, tie_rule_native(type), own_who(peer), who);

    status = copy_foreign_take(&peer->copy, who, operation, side, fault);
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

    copy_forget_change(&peer->copy);
    if (status != STATUS_OK)
        return status;
    if (known) {
        *event = PEER_SKIPPED;
        return STATUS_OK;
    }
    if (peer->copy.confirmed == NULL)
        return fault_set(fault, STATUS_NOT_CREATED, "operation %llu without a document",
                         (unsigned long long)seq);
    status = peer->copy.type->decode(operation, &decoded, fault);
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

    copy_forget_change(&peer->copy);
    if (to_seq <= peer->seq)
        return STATUS_OK;
    if (peer->copy.confirmed == NULL)
        return fault_set(fault, STATUS_NOT_CREATED, "a range without a document");
    enum status status = peer->copy.type->decode(operation, &decoded, fault);
    if (status != STATUS_OK)
        return status;
    status = copy_foreign_take(&peer->copy, SPAN_NONE, decoded, SIDE_SECOND, fault);
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
    others_put(&peer->copy.others, who, state);
}

void peer_here_nobody(struct peer *peer)
{
    others_finish(&peer->copy.others);
}

void peer_diverged(struct peer *peer)
{
    peer->wants_snapshot = true;
}

/* ---- Creation and opening ---- */

static enum status check_type(const struct peer *peer, const struct type *type, struct fault *fault)
{
    if (type != NULL && peer->copy.type != NULL && type != peer->copy.type)
        return fault_set(fault, STATUS_TYPE_DIFFERS, "the document is %s, not %s", type->name,
                         peer->copy.type->name);
    return STATUS_OK;
}

enum status peer_made(struct peer *peer, uint64_t seq, const struct type *type, struct span data,
                      struct fault *fault)
{
    struct content *content = NULL;
    bool known;
    enum status status = expect(peer, seq, &known, fault);

    copy_forget_change(&peer->copy);
    if (status == STATUS_OK && !known)
        status = check_type(peer, type, fault);
    if (status != STATUS_OK || known)
        return status;
    if (peer->copy.confirmed == NULL && type != NULL) {
        status = type->create(data, &content, fault);
        if (status != STATUS_OK)
            return status;
        copy_begin_take(&peer->copy, content);
    }
    step(peer, seq);
    return STATUS_OK;
}

/* Go on from a snapshot. With a serial up to `opened->serial`, what was in flight is in it. */
static enum status take_snapshot(struct peer *peer, const struct peer_opened *opened,
                                 struct fault *fault)
{
    struct copy *copy = &peer->copy;
    bool has_first = peer->serial != 0 && peer->serial <= opened->serial;
    struct content *snapshot;
    enum status status = opened->type->create(opened->snapshot, &snapshot, fault);

    if (status != STATUS_OK)
        return status;
    if (copy->confirmed == NULL)
        copy_begin_take(copy, snapshot);
    else
        status = copy_reload_take(copy, snapshot, has_first, fault);
    if (status != STATUS_OK)
        return status;
    if (has_first)
        land(peer);
    peer->seq = opened->seq;
    peer->wants_snapshot = false;
    return STATUS_OK;
}

/* The document that everything pending was made on is gone. */
static void drop_pending(struct peer *peer)
{
    peer->dropped = copy_withdraw_all(&peer->copy);
    land(peer);
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

    copy_forget_change(&peer->copy);
    peer->dropped = 0;
    if (peer->copy.confirmed != NULL && status == STATUS_OK &&
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
    others_finish(&peer->copy.others); /* whoever is here is told behind the answer */
    peer->check_every = opened->check_every;
    peer->check_seq = 0;
    peer->open = true;
    peer->sent = false;
    peer->answer_end = opened->seq;
    peer->answer_epoch = opened->epoch;
    peer->next_epoch = peer->epoch; /* what the last connection told of the next one is void */
    if (opened->type != NULL)
        peer->copy.type = opened->type;
    step(peer, peer->seq);
    return STATUS_OK;
}

/* ---- To look at ---- */

const struct content *peer_view(const struct peer *peer)
{
    return peer->copy.view;
}

const struct operation *peer_change(const struct peer *peer)
{
    return peer->copy.change;
}

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
    return peer->copy.confirmed;
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
    return peer->copy.pending.count == 0;
}

const struct others *peer_others(const struct peer *peer)
{
    return &peer->copy.others;
}

bool peer_other(const struct peer *peer, struct span who, struct buffer *out)
{
    return copy_other(&peer->copy, who, out);
}
