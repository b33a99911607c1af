#include "server/cluster/visitors.h"

#include <string.h>

#include "base/json_scan.h"
#include "base/limits.h"
#include "base/mutant.h"
#include "base/utf8.h"
#include "protocol/message.h"
#include "server/cluster/cluster_state.h"
#include "server/collab/company.h"
#include "server/collab/document.h"
#include "server/collab/follow.h"
#include "server/collab/room_peers.h"

void visitors_finish(struct visitors *visitors)
{
    memory_free(visitors->homes);
    *visitors = (struct visitors){0};
}

/* ---- Telling ---- */

static const enum node_message_kind kinds[] = {
    [ASIDE_HERE] = NODE_HERE, [ASIDE_SAY] = NODE_SAY, [ASIDE_SHOW] = NODE_SHOW};

static void say(struct cluster *cluster, const char *node, struct node_message *message)
{
    message->node = span_of_string(cluster->self.name);
    message->start = cluster->self.start;
    if (node != NULL)
        cluster_say_to(cluster, node, message);
    else
        cluster_say(cluster, message);
}

void visitors_tell(struct cluster *cluster, struct span name, const struct aside *aside,
                   const char *node)
{
    bool in_room = aside->kind == ASIDE_SHOW;
    struct node_message message = {.kind = kinds[aside->kind],
                                   .document = in_room ? aside->document : name,
                                   .room = in_room ? name : SPAN_NONE,
                                   .seq = aside->seq,
                                   .to = aside->to,
                                   .id = aside->id,
                                   .version = aside->version,
                                   .body = aside->json};

    memcpy(message.session, aside->session.bytes, NODE_SESSION_SIZE);
    say(cluster, node, &message);
}

void visitors_joined(struct cluster *cluster, struct document *document)
{
    struct node_message ask = {.kind = NODE_ASK, .document = document_name(document)};

    company_doubt(document);
    company_share(document, NULL);
    say(cluster, NULL, &ask);
}

void visitors_joined_room(struct cluster *cluster, struct room *room)
{
    struct node_message look = {.kind = NODE_LOOK, .room = room_name(room)};

    room_doubt(room);
    room_share(room, NULL);
    say(cluster, NULL, &look);
}

/* ---- Hearing ---- */

/* Somebody is shown at this life of a node. */
static void note_home(struct cluster *cluster, const struct bus_member *node)
{
    struct visitors *visitors = &cluster->visitors;
    struct home *home = visitors->homes;
    size_t at = 0;

    while (at < visitors->count &&
           (home[at].node.start != node->start || strcmp(home[at].node.name, node->name) != 0))
        at++;
    if (at == visitors->count) {
        visitors->homes = memory_resize(visitors->homes, ++visitors->count * sizeof(*home));
        visitors->homes[at].node = *node;
    }
    visitors->homes[at].heard_ms = cluster->now_ms;
}

/* Who says it. False when it is this node, or has no name that a node can have. */
static bool read_home(const struct cluster *cluster, const struct node_message *message,
                      struct bus_member *node)
{
    *node = (struct bus_member){.start = message->start};
    if (message->start == cluster->self.start || message->node.size >= sizeof(node->name))
        return false;
    memcpy(node->name, message->node.data, message->node.size);
    return true;
}

/* What a client said passed these limits at its own node. */
static bool is_fit(const struct node_message *message)
{
    size_t size_max = message->kind == NODE_SAY ? LIMIT_SIGNAL_BYTES : LIMIT_PRESENCE_BYTES;

    return message->body.size <= size_max &&
           json_scan(message->body, &json_limits_default, NULL) == STATUS_OK;
}

static bool is_fit_for_room(const struct node_message *message)
{
    return message->id.size > 0 && message->id.size <= LIMIT_ROOM_NAME_BYTES &&
           utf8_check(message->id, NULL) &&
           (!span_present(message->document) ||
            message_check_name(message->document, NULL) == STATUS_OK);
}

static struct aside read_aside(const struct node_message *message, enum aside_kind kind)
{
    struct aside aside = {.kind = kind,
                          .seq = message->seq,
                          .json = message->body,
                          .to = message->to,
                          .id = message->id,
                          .version = message->version};

    if (kind == ASIDE_SHOW)
        aside.document = message->document;
    memcpy(aside.session.bytes, message->session, NODE_SESSION_SIZE);
    return aside;
}

static void hear_aside(struct document *document, const struct node_message *message,
                       enum aside_kind kind)
{
    const struct aside aside = read_aside(message, kind);

    company_hear(document, message->start, &aside);
}

void visitors_hear(struct cluster *cluster, struct document *document,
                   const struct node_message *message)
{
    struct bus_member node;

    if (!read_home(cluster, message, &node))
        return;
    if (message->kind == NODE_ASK) {
        company_share(document, node.name);
    } else if (message->kind == NODE_SAY && is_fit(message)) {
        hear_aside(document, message, ASIDE_SAY);
    } else if (message->kind == NODE_HERE && (!span_present(message->body) || is_fit(message))) {
        note_home(cluster, &node);
        hear_aside(document, message, ASIDE_HERE);
    }
}

void visitors_hear_room(struct cluster *cluster, struct room *room,
                        const struct node_message *message)
{
    struct bus_member node;

    if (!read_home(cluster, message, &node))
        return;
    if (message->kind == NODE_LOOK) {
        room_share(room, node.name);
    } else if (is_fit_for_room(message) && (!span_present(message->body) || is_fit(message))) {
        const struct aside show = read_aside(message, ASIDE_SHOW);

        note_home(cluster, &node);
        room_hear(room, node.start, &show);
    }
}

/* ---- Nodes that are gone ---- */

/* It may have been heard before it was among the members. */
static bool is_gone(const struct cluster *cluster, const struct home *home)
{
    return cluster->now_ms - home->heard_ms >= LIMIT_GONE_MS &&
           membership_life_is_gone(&cluster->membership, &home->node, cluster->now_ms);
}

static void lose(struct cluster *cluster, uint64_t start)
{
    struct document *document = NULL;
    struct room *room = NULL;

    if (mutant_is_on(MUTANT_PRESENCE_GHOSTS))
        return;
    while ((document = follow_next(cluster->hub, document)) != NULL)
        company_lose(document, start);
    while ((room = room_next(cluster->hub, room)) != NULL)
        room_lose(room, start);
}

void visitors_look(struct cluster *cluster)
{
    struct visitors *visitors = &cluster->visitors;
    size_t kept = 0;

    for (size_t i = 0; i < visitors->count; i++)
        if (is_gone(cluster, &visitors->homes[i]))
            lose(cluster, visitors->homes[i].node.start);
        else
            visitors->homes[kept++] = visitors->homes[i];
    visitors->count = kept;
}
