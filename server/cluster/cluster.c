#include "server/cluster/cluster.h"

#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/must.h"
#include "base/mutant.h"
#include "protocol/node_message.h"
#include "server/cluster/membership.h"
#include "server/cluster/node_entries.h"
#include "server/collab/document.h"
#include "server/collab/follow.h"
#include "server/collab/hub.h"
#include "server/collab/peers.h"
#include "server/collab/submission.h"

struct cluster {
    struct peers peers;
    struct bus_listener listener;
    struct bus *bus;
    struct hub *hub;
    struct bus_member self;
    struct membership membership;
    struct buffer channel; /* of the message that is being sent */
    struct buffer message;
    uint64_t now_ms;
    uint64_t beat_ms; /* the last one; 0 = none */
    uint64_t swept_ms;
    bool draining;
};

static struct cluster *cluster_of(struct peers *peers)
{
    return container_of(peers, struct cluster, peers);
}

static const struct cluster *cluster_of_const(const struct peers *peers)
{
    return container_of(peers, const struct cluster, peers);
}

/* ---- Saying ---- */

static struct span channel_of(struct cluster *cluster, const char *kind, struct span name)
{
    buffer_clear(&cluster->channel);
    buffer_append_text(&cluster->channel, kind);
    buffer_append(&cluster->channel, name);
    return buffer_span(&cluster->channel);
}

static struct span document_channel(struct cluster *cluster, struct span name)
{
    return channel_of(cluster, "d/", name);
}

static void say(struct cluster *cluster, const char *kind, struct span to,
                const struct node_message *message)
{
    struct span channel = channel_of(cluster, kind, to);

    buffer_clear(&cluster->message);
    node_message_write(&cluster->message, message);
    cluster->bus->ops->publish(cluster->bus, channel, buffer_span(&cluster->message));
}

static void say_to_followers(struct cluster *cluster, const struct node_message *message)
{
    say(cluster, "d/", message->document, message);
}

static void say_to_node(struct cluster *cluster, const char *node,
                        const struct node_message *message)
{
    say(cluster, "n/", span_of_string(node), message);
}

static void say_head(struct cluster *cluster, const struct document *document, const char *owner)
{
    const struct node_message head = {.kind = NODE_HEAD,
                                      .document = document_name(document),
                                      .node = span_of_string(owner),
                                      .epoch = document->epoch,
                                      .seq = document->committed};

    say_to_followers(cluster, &head);
}

static void say_take(struct cluster *cluster, const struct document *document, const char *node)
{
    const struct node_message take = {.kind = NODE_TAKE,
                                      .document = document_name(document),
                                      .node = span_of_string(cluster->self.name)};

    say_to_node(cluster, node, &take);
}

/* ---- What the hub asks ---- */

static void on_follow(struct peers *peers, struct document *document)
{
    struct cluster *cluster = cluster_of(peers);

    cluster->bus->ops->subscribe(cluster->bus, document_channel(cluster, document_name(document)));
}

static void on_unfollow(struct peers *peers, struct document *document)
{
    struct cluster *cluster = cluster_of(peers);

    cluster->bus->ops->unsubscribe(cluster->bus,
                                   document_channel(cluster, document_name(document)));
}

static bool is_self(const struct cluster *cluster, const char *node)
{
    return node != NULL && strcmp(node, cluster->self.name) == 0;
}

static bool ranks_first(const struct cluster *cluster, const struct document *document)
{
    return is_self(cluster, membership_first(&cluster->membership, document_name(document), NULL));
}

/* One that was given up goes to who ranks first; if that one does not come, to anybody. */
static bool may_claim_from_nobody(const struct cluster *cluster, const struct document *document)
{
    uint64_t ownerless_ms = document->follow.ownerless_ms;

    return ownerless_ms == 0 || ranks_first(cluster, document) ||
           cluster->now_ms - ownerless_ms >= LIMIT_RESEND_MS;
}

static bool on_may_claim(struct peers *peers, const struct document *document)
{
    const struct cluster *cluster = cluster_of_const(peers);
    const char *owner = document->follow.row.owner;

    if (cluster->draining)
        return false;
    if (is_self(cluster, owner))
        return true;
    if (!membership_is_up(&cluster->membership, cluster->now_ms))
        return false;
    if (owner[0] == '\0')
        return may_claim_from_nobody(cluster, document);
    return (mutant_is_on(MUTANT_TAKE_FROM_LIVING) ||
            membership_is_gone(&cluster->membership, owner, cluster->now_ms)) &&
           ranks_first(cluster, document);
}

static void on_committed(struct peers *peers, struct document *document, uint64_t from, uint64_t to)
{
    struct cluster *cluster = cluster_of(peers);
    struct buffer body = {0};

    if (from == to) {
        say_head(cluster, document, cluster->self.name);
        return;
    }
    document->follow.changed_ms = cluster->now_ms;
    node_entries_write(&body, &document->history, from, to);
    const struct node_message entries = {.kind = NODE_ENTRIES,
                                         .document = document_name(document),
                                         .node = span_of_string(cluster->self.name),
                                         .epoch = document->epoch,
                                         .seq = from + 1,
                                         .flags = to - from,
                                         .body = buffer_span(&body)};

    if (body.size <= LIMIT_BUS_MESSAGE_BYTES)
        say_to_followers(cluster, &entries);
    else /* more than a hint should have: followers read the store */
        say_head(cluster, document, cluster->self.name);
    buffer_finish(&body);
}

static void on_released(struct peers *peers, const struct document *document)
{
    struct cluster *cluster = cluster_of(peers);
    const char *first =
        membership_first(&cluster->membership, document_name(document), cluster->self.name);

    if (first != NULL && (document->follow.giving || cluster->draining))
        say_take(cluster, document, first);
    say_head(cluster, document, "");
}

static void on_submit(struct peers *peers, const struct document *document,
                      const struct submission *submission)
{
    struct cluster *cluster = cluster_of(peers);
    const char *owner = document->follow.row.owner;
    struct node_message message = {.kind = submission->floor ? NODE_FLOOR : NODE_SUBMIT,
                                   .document = document_name(document),
                                   .node = span_of_string(cluster->self.name),
                                   .start = cluster->self.start,
                                   .attempt = submission->attempt,
                                   .serial = submission->serial,
                                   .base = submission->base,
                                   .code = (uint64_t)status_code(submission->refusal),
                                   .flags = submission->kind,
                                   .user = submission->user,
                                   .body = submission->operation};

    if (owner[0] == '\0' || is_self(cluster, owner))
        return; /* nobody to tell yet: it is sent again */
    memcpy(message.session, submission->session.bytes, NODE_SESSION_SIZE);
    say_to_node(cluster, owner, &message);
}

/* ---- Once a second ---- */

/* Tell the head soon after the last change, when the last message may have been lost, and now and
 * then for ever. */
static void tell_head(struct cluster *cluster, struct document *document)
{
    struct follow *follow = &document->follow;
    bool changed = cluster->now_ms - follow->changed_ms < 3 * LIMIT_HEAD_MS;

    if (!changed && cluster->now_ms - follow->told_ms < LIMIT_HEAD_QUIET_MS)
        return;
    follow->told_ms = cluster->now_ms;
    say_head(cluster, document, cluster->self.name);
}

static void consider_giving(struct cluster *cluster, struct document *document)
{
    struct follow *follow = &document->follow;
    const char *first = membership_first(&cluster->membership, document_name(document), NULL);
    bool up = membership_is_up(&cluster->membership, cluster->now_ms);

    if (!up || first == NULL || is_self(cluster, first)) {
        follow->others_turn_ms = 0;
        return;
    }
    if (follow->others_turn_ms == 0)
        follow->others_turn_ms = cluster->now_ms;
    if (cluster->now_ms - follow->others_turn_ms >= LIMIT_HAND_OVER_MS)
        follow_give(document);
}

/* Whoever reads it here keeps it awake at its owner; without one, who ranks first is asked. */
static void call_for_owner(struct cluster *cluster, struct document *document)
{
    const char *owner = document->follow.row.owner;
    const char *first = membership_first(&cluster->membership, document_name(document),
                                         cluster->draining ? cluster->self.name : NULL);
    const struct node_message follows = {.kind = NODE_FOLLOWS,
                                         .document = document_name(document),
                                         .node = span_of_string(cluster->self.name)};
    bool ownerless =
        owner[0] == '\0' || membership_is_gone(&cluster->membership, owner, cluster->now_ms);

    if (ownerless && first != NULL && !is_self(cluster, first))
        say_take(cluster, document, first);
    else if (!ownerless && !is_self(cluster, owner))
        say_to_node(cluster, owner, &follows);
}

static void on_sweep(struct peers *peers, struct document *document)
{
    struct cluster *cluster = cluster_of(peers);

    if (document->state != DOCUMENT_OWNED) {
        if (document->readers != NULL || document->inbox != NULL)
            call_for_owner(cluster, document);
        return;
    }
    tell_head(cluster, document);
    if (document->follow.giving)
        return;
    if (cluster->draining)
        follow_give(document);
    else
        consider_giving(cluster, document);
}

static const struct peers_ops peers_ops = {
    .follow = on_follow,
    .unfollow = on_unfollow,
    .may_claim = on_may_claim,
    .committed = on_committed,
    .released = on_released,
    .submit = on_submit,
    .sweep = on_sweep,
};

/* ---- Edits of other nodes ---- */

/* Who forwarded an edit, until that is told. */
struct remote {
    struct submitter submitter;
    struct cluster *cluster;
    struct bus_member node;
    uint64_t attempt;
    size_t name_size;
    uint8_t name[]; /* the document's */
};

/* What the stream tells is not told again; what was dropped is lost. */
static void remote_told(struct submitter *submitter, const struct outcome *outcome)
{
    struct remote *remote = container_of(submitter, struct remote, submitter);
    const struct node_message answer = {.kind = NODE_ANSWER,
                                        .document = span_of(remote->name, remote->name_size),
                                        .start = remote->node.start,
                                        .attempt = remote->attempt,
                                        .seq = outcome->seq,
                                        .serial = outcome->serial,
                                        .code = (uint64_t)status_code(outcome->status)};

    if (outcome->status != STATUS_OK && outcome->status != STATUS_SERIAL_GAP)
        say_to_node(remote->cluster, remote->node.name, &answer);
    memory_free(remote);
}

static struct remote *remote_create(struct cluster *cluster, const struct node_message *message)
{
    struct remote *remote = memory_zeroed(1, sizeof(*remote) + message->document.size);

    remote->submitter.told = remote_told;
    remote->cluster = cluster;
    remote->node.start = message->start;
    memcpy(remote->node.name, message->node.data, message->node.size);
    remote->attempt = message->attempt;
    remote->name_size = message->document.size;
    memcpy(remote->name, message->document.data, message->document.size);
    return remote;
}

static void hear_submit(struct cluster *cluster, const struct node_message *message)
{
    enum status refusal = status_of_code((int)message->code);

    if (message->flags > ENTRY_DELETE || message->node.size >= sizeof(cluster->self.name) ||
        refusal == STATUS_COUNT)
        return;
    struct submission submission = {.kind = (enum entry_kind)message->flags,
                                    .refusal = refusal,
                                    .serial = message->serial,
                                    .base = message->base,
                                    .user = message->user,
                                    .operation = message->body,
                                    .remote = true};
    struct document *document = follow_need(cluster->hub, message->document);
    struct remote *remote = remote_create(cluster, message);

    memcpy(submission.session.bytes, message->session, NODE_SESSION_SIZE);
    submission.submitter = &remote->submitter;
    if (!follow_take_in(document, &submission))
        memory_free(remote);
}

static void hear_floor(struct cluster *cluster, const struct node_message *message)
{
    struct session_key session;

    memcpy(session.bytes, message->session, NODE_SESSION_SIZE);
    follow_take_floor(follow_need(cluster->hub, message->document), &session, message->serial,
                      message->base);
}

static void hear_answer(struct cluster *cluster, const struct node_message *message)
{
    struct document *document = follow_find(cluster->hub, message->document);
    const struct outcome outcome = {.serial = message->serial,
                                    .status = status_of_code((int)message->code),
                                    .seq = message->seq};

    if (document != NULL && message->start == cluster->self.start &&
        outcome.status != STATUS_COUNT && outcome.status != STATUS_OK)
        follow_answer(document, message->attempt, &outcome);
}

/* ---- What the bus reports ---- */

static void hear_entries(struct document *document, const struct node_message *message)
{
    size_t count = 0;
    struct entry *entries = node_entries_read(message, &count);

    if (entries == NULL)
        return;
    follow_entries(document, entries, count);
    follow_head(document, message->epoch, message->seq + count - 1, message->node);
    memory_free(entries);
}

static struct cluster *cluster_of_listener(struct bus_listener *listener)
{
    return container_of(listener, struct cluster, listener);
}

/* Of a document's channel, or of this node's own. */
static void on_message(struct bus_listener *listener, struct span channel, struct span bytes)
{
    struct cluster *cluster = cluster_of_listener(listener);
    struct node_message message;
    struct document *document;

    (void)channel;
    if (node_message_read(bytes, &message, NULL) != STATUS_OK)
        return; /* of a later version, or of somebody who has no business here */
    document = follow_find(cluster->hub, message.document);
    switch (message.kind) {
    case NODE_ENTRIES:
        if (document != NULL)
            hear_entries(document, &message);
        break;
    case NODE_HEAD:
        if (document != NULL)
            follow_head(document, message.epoch, message.seq, message.node);
        break;
    case NODE_SUBMIT:
        hear_submit(cluster, &message);
        break;
    case NODE_ANSWER:
        hear_answer(cluster, &message);
        break;
    case NODE_FLOOR:
        hear_floor(cluster, &message);
        break;
    case NODE_FOLLOWS:
        follow_need(cluster->hub, message.document);
        break;
    case NODE_TAKE:
        if (!cluster->draining)
            follow_read(follow_need(cluster->hub, message.document));
        break;
    default:
        break;
    }
}

static void on_subscribed(struct bus_listener *listener, struct span channel)
{
    struct cluster *cluster = cluster_of_listener(listener);
    struct document *document = NULL;

    if (channel.size > 2 && channel.data[0] == 'd')
        document = follow_find(cluster->hub, span_of(channel.data + 2, channel.size - 2));
    if (document != NULL)
        follow_joined(document, true);
}

static void on_members(struct bus_listener *listener, const struct bus_member *members,
                       size_t count)
{
    struct cluster *cluster = cluster_of_listener(listener);

    membership_answer(&cluster->membership, members, count, cluster->now_ms);
}

static void on_lost(struct bus_listener *listener)
{
    struct cluster *cluster = cluster_of_listener(listener);
    struct document *document = NULL;

    membership_forget(&cluster->membership);
    while ((document = follow_next(cluster->hub, document)) != NULL)
        follow_joined(document, false);
}

static const struct bus_listener_ops listener_ops = {
    .subscribed = on_subscribed, .message = on_message, .members = on_members, .lost = on_lost};

/* ---- The turn ---- */

/* This node was stopped for a while: what it believes of others and of its documents is old. */
static void wake_up(struct cluster *cluster)
{
    struct document *document = NULL;

    membership_forget(&cluster->membership);
    while ((document = follow_next(cluster->hub, document)) != NULL)
        follow_read(document);
}

/* While the bus is away nobody confirms a channel. */
static void stop_waiting(struct cluster *cluster)
{
    struct document *document = NULL;

    while ((document = follow_next(cluster->hub, document)) != NULL)
        if (document->state == DOCUMENT_JOINING)
            follow_joined(document, false);
}

/* It owns something and cannot write: others may. */
static bool keeps_from_writing(const struct cluster *cluster)
{
    const struct document *document = NULL;

    if (!hub_store_is_away(cluster->hub))
        return false;
    while ((document = follow_next(cluster->hub, document)) != NULL)
        if (document->state != DOCUMENT_FOLLOWED && document->state != DOCUMENT_JOINING &&
            document->state != DOCUMENT_BROKEN)
            return true;
    return false;
}

static void beat(struct cluster *cluster)
{
    if (cluster->now_ms - cluster->beat_ms < LIMIT_BEAT_MS)
        return;
    cluster->beat_ms = cluster->now_ms;
    if (!keeps_from_writing(cluster))
        cluster->bus->ops->beat(cluster->bus, &cluster->self);
    if (membership_is_up(&cluster->membership, cluster->now_ms))
        follow_look_again(cluster->hub);
    else
        stop_waiting(cluster);
}

void cluster_turn(struct cluster *cluster, uint64_t now_ms)
{
    bool slept = cluster->now_ms != 0 && now_ms - cluster->now_ms >= LIMIT_UNANSWERED_MS;

    follow_enter(cluster->hub, now_ms, CAPTURE_MEET);
    cluster->now_ms = now_ms;
    if (slept)
        wake_up(cluster);
    cluster->bus->ops->poll(cluster->bus);
    beat(cluster);
}

uint64_t cluster_next_timeout(const struct cluster *cluster, uint64_t now_ms)
{
    uint64_t due_ms = cluster->beat_ms + LIMIT_BEAT_MS;

    return due_ms > now_ms ? due_ms - now_ms : 0;
}

/* ---- Coming and going ---- */

struct cluster *cluster_create(const struct bus_member *self, struct bus *bus)
{
    struct cluster *cluster = memory_zeroed(1, sizeof(*cluster));

    cluster->peers.ops = &peers_ops;
    cluster->listener.ops = &listener_ops;
    cluster->self = *self;
    cluster->bus = bus;
    bus->listener = &cluster->listener;
    return cluster;
}

void cluster_destroy(struct cluster *cluster)
{
    if (cluster == NULL)
        return;
    membership_finish(&cluster->membership);
    buffer_finish(&cluster->channel);
    buffer_finish(&cluster->message);
    memory_free(cluster);
}

struct peers *cluster_peers(struct cluster *cluster)
{
    return &cluster->peers;
}

void cluster_attach(struct cluster *cluster, struct hub *hub)
{
    cluster->hub = hub;
    cluster->bus->ops->subscribe(cluster->bus,
                                 channel_of(cluster, "n/", span_of_string(cluster->self.name)));
}

void cluster_drain(struct cluster *cluster)
{
    struct document *document = NULL;

    follow_enter(cluster->hub, cluster->now_ms, CAPTURE_DRAIN);
    cluster->draining = true;
    while ((document = follow_next(cluster->hub, document)) != NULL)
        if (document->state == DOCUMENT_OWNED)
            follow_give(document);
}

bool cluster_is_drained(const struct cluster *cluster)
{
    const struct document *document = NULL;

    if (membership_first(&cluster->membership, SPAN("-"), cluster->self.name) == NULL)
        return true;
    while ((document = follow_next(cluster->hub, document)) != NULL)
        if (document->state == DOCUMENT_OWNED || document->state == DOCUMENT_CLAIMING ||
            document->state == DOCUMENT_RELEASING)
            return false;
    return true;
}

void cluster_leave(struct cluster *cluster)
{
    follow_enter(cluster->hub, cluster->now_ms, CAPTURE_DEPART);
    cluster->bus->ops->leave(cluster->bus, &cluster->self);
}

bool cluster_is_up(const struct cluster *cluster)
{
    return membership_is_up(&cluster->membership, cluster->now_ms);
}
