#include "server/cluster/cluster.h"

#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "server/cluster/cluster_state.h"
#include "server/cluster/forwarding.h"
#include "server/cluster/node_entries.h"
#include "server/cluster/ownership.h"
#include "server/collab/document.h"
#include "server/collab/follow.h"
#include "server/collab/hub.h"
#include "server/collab/room_peers.h"

/* ---- Saying ---- */

static struct span channel_of(struct cluster *cluster, const char *kind, struct span name)
{
    buffer_clear(&cluster->channel);
    buffer_append_text(&cluster->channel, kind);
    buffer_append(&cluster->channel, name);
    return buffer_span(&cluster->channel);
}

static void say(struct cluster *cluster, const char *kind, struct span to,
                const struct node_message *message)
{
    struct span channel = channel_of(cluster, kind, to);

    buffer_clear(&cluster->message);
    node_message_write(&cluster->message, message);
    cluster->bus->ops->publish(cluster->bus, channel, buffer_span(&cluster->message));
}

void cluster_say(struct cluster *cluster, const struct node_message *message)
{
    if (span_present(message->room))
        say(cluster, "r/", message->room, message);
    else
        say(cluster, "d/", message->document, message);
}

void cluster_say_to(struct cluster *cluster, const char *node, const struct node_message *message)
{
    say(cluster, "n/", span_of_string(node), message);
}

bool cluster_is_self(const struct cluster *cluster, const char *node)
{
    return node != NULL && strcmp(node, cluster->self.name) == 0;
}

/* ---- What the hub asks ---- */

static void on_follow(struct peers *peers, enum topic topic, struct span name, bool on)
{
    struct cluster *cluster = cluster_of(peers);
    const struct bus_ops *ops = cluster->bus->ops;
    struct span channel = channel_of(cluster, topic == TOPIC_ROOM ? "r/" : "d/", name);

    (on ? ops->subscribe : ops->unsubscribe)(cluster->bus, channel);
}

static bool on_may_claim(struct peers *peers, const struct document *document)
{
    return ownership_may_claim(cluster_of_const(peers), document);
}

static void on_committed(struct peers *peers, struct document *document, uint64_t from, uint64_t to)
{
    struct cluster *cluster = cluster_of(peers);
    struct buffer body = {0};

    if (from == to) {
        ownership_begun(cluster, document);
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
        cluster_say(cluster, &entries);
    else /* more than a hint should have: followers read the store */
        ownership_tell(cluster, document, cluster->self.name);
    buffer_finish(&body);
}

static void on_released(struct peers *peers, const struct document *document)
{
    ownership_released(cluster_of(peers), document);
}

static void on_submit(struct peers *peers, const struct document *document,
                      const struct submission *submission)
{
    forwarding_submit(cluster_of(peers), document, submission);
}

static void on_tell(struct peers *peers, struct span name, const struct aside *aside,
                    const char *node)
{
    visitors_tell(cluster_of(peers), name, aside, node);
}

static void on_sweep(struct peers *peers, struct document *document)
{
    ownership_sweep(cluster_of(peers), document);
}

static const struct peers_ops peers_ops = {
    .follow = on_follow,
    .may_claim = on_may_claim,
    .committed = on_committed,
    .released = on_released,
    .submit = on_submit,
    .tell = on_tell,
    .sweep = on_sweep,
};

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

static void hear_in_room(struct cluster *cluster, const struct node_message *message)
{
    struct room *room = room_find(cluster->hub, message->room);

    if (room != NULL)
        visitors_hear_room(cluster, room, message);
}

static struct cluster *cluster_of_listener(struct bus_listener *listener)
{
    return container_of(listener, struct cluster, listener);
}

/* Of the channel of a document or a room, or of this node's own. */
static void on_message(struct bus_listener *listener, struct span channel, struct span bytes)
{
    struct cluster *cluster = cluster_of_listener(listener);
    struct node_message message;
    struct document *document;

    (void)channel;
    if (node_message_read(bytes, &message, NULL) != STATUS_OK)
        return; /* of a later version, or of somebody who has no business here */
    if (span_present(message.room)) {
        hear_in_room(cluster, &message);
        return;
    }
    document = document_find(cluster->hub, message.document);
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
        forwarding_hear_submit(cluster, &message);
        break;
    case NODE_ANSWER:
        forwarding_hear_answer(cluster, &message);
        break;
    case NODE_FLOOR:
        forwarding_hear_floor(cluster, &message);
        break;
    case NODE_FOLLOWS:
        follow_need(cluster->hub, message.document);
        break;
    case NODE_TAKE:
        if (!cluster->self.leaving)
            follow_call(cluster->hub, message.document, message.epoch);
        break;
    case NODE_HERE:
    case NODE_SAY:
    case NODE_ASK:
        if (document != NULL)
            visitors_hear(cluster, document, &message);
        break;
    default:
        break;
    }
}

static void on_subscribed(struct bus_listener *listener, struct span channel)
{
    struct cluster *cluster = cluster_of_listener(listener);
    struct document *document = NULL;
    struct room *room = NULL;

    if (channel.size > 2 && channel.data[0] == 'd')
        document = document_find(cluster->hub, span_of(channel.data + 2, channel.size - 2));
    if (channel.size > 2 && channel.data[0] == 'r')
        room = room_find(cluster->hub, span_of(channel.data + 2, channel.size - 2));
    if (document != NULL) {
        follow_joined(document, true);
        visitors_joined(cluster, document);
    }
    if (room != NULL)
        visitors_joined_room(cluster, room);
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

/* This node was stopped for a while: what it believes of others and of its documents is old, and
 * they may have taken it for gone, with all that was shown here. */
static void wake_up(struct cluster *cluster)
{
    struct document *document = NULL;
    struct room *room = NULL;

    membership_forget(&cluster->membership);
    while ((document = follow_next(cluster->hub, document)) != NULL)
        follow_read(document);
    while ((room = room_next(cluster->hub, room)) != NULL)
        room_share(room, NULL);
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

/* The members are known: some may have gone. */
static void come_to_terms(struct cluster *cluster)
{
    visitors_look(cluster);
    ownership_give_up(cluster);
    follow_look_again(cluster->hub);
}

static void beat(struct cluster *cluster)
{
    if (cluster->now_ms - cluster->beat_ms < LIMIT_BEAT_MS)
        return;
    cluster->beat_ms = cluster->now_ms;
    if (!keeps_from_writing(cluster))
        cluster->bus->ops->beat(cluster->bus, &cluster->self);
    if (membership_is_up(&cluster->membership, cluster->now_ms))
        come_to_terms(cluster);
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
    if (cluster->self.leaving)
        ownership_give_up(cluster);
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
    visitors_finish(&cluster->visitors);
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
    follow_enter(cluster->hub, cluster->now_ms, CAPTURE_DRAIN);
    cluster->self.leaving = true;
    cluster->beat_ms = 0; /* the others know at once */
}

bool cluster_is_drained(const struct cluster *cluster)
{
    const struct document *document = NULL;

    if (membership_first(&cluster->membership, SPAN("-"), cluster->self.name) == NULL)
        return true;
    while ((document = follow_next(cluster->hub, document)) != NULL)
        if (document->state == DOCUMENT_OWNED || document->state == DOCUMENT_CLAIMING ||
            (document->state == DOCUMENT_RELEASING && !document->released))
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

const char *cluster_member(const struct cluster *cluster, size_t number)
{
    const struct membership *membership = &cluster->membership;

    return number < membership->count ? membership->members[number].node.name : NULL;
}
