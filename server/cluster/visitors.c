#include "server/cluster/visitors.h"

#include <string.h>

#include "base/json_scan.h"
#include "base/limits.h"
#include "base/mutant.h"
#include "server/cluster/cluster_state.h"
#include "server/collab/company.h"
#include "server/collab/document.h"
#include "server/collab/follow.h"

void visitors_finish(struct visitors *visitors)
{
    memory_free(visitors->homes);
    *visitors = (struct visitors){0};
}

/* ---- Telling ---- */

static const enum node_message_kind kinds[] = {[ASIDE_HERE] = NODE_HERE, [ASIDE_SAY] = NODE_SAY};

static void say(struct cluster *cluster, const char *node, struct node_message *message)
{
    message->node = span_of_string(cluster->self.name);
    message->start = cluster->self.start;
    if (node != NULL)
        cluster_say_to(cluster, node, message);
    else
        cluster_say(cluster, message);
}

void visitors_tell(struct cluster *cluster, const struct document *document,
                   const struct aside *aside, const char *node)
{
    struct node_message message = {.kind = kinds[aside->kind],
                                   .document = document_name(document),
                                   .seq = aside->seq,
                                   .to = aside->to,
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

/* What a client said passed these limits at its own node. */
static bool is_fit(const struct node_message *message)
{
    size_t size_max = message->kind == NODE_HERE ? LIMIT_PRESENCE_BYTES : LIMIT_SIGNAL_BYTES;

    return message->body.size <= size_max &&
           json_scan(message->body, &json_limits_default, NULL) == STATUS_OK;
}

static void hear_aside(struct document *document, const struct node_message *message,
                       enum aside_kind kind)
{
    struct aside aside = {
        .kind = kind, .seq = message->seq, .json = message->body, .to = message->to};

    memcpy(aside.session.bytes, message->session, NODE_SESSION_SIZE);
    company_hear(document, message->start, &aside);
}

void visitors_hear(struct cluster *cluster, struct document *document,
                   const struct node_message *message)
{
    struct bus_member node = {.start = message->start};

    if (message->start == cluster->self.start || message->node.size >= sizeof(node.name))
        return;
    memcpy(node.name, message->node.data, message->node.size);
    if (message->kind == NODE_ASK) {
        company_share(document, node.name);
    } else if (message->kind == NODE_SAY && is_fit(message)) {
        hear_aside(document, message, ASIDE_SAY);
    } else if (message->kind == NODE_HERE && (!span_present(message->body) || is_fit(message))) {
        note_home(cluster, &node);
        hear_aside(document, message, ASIDE_HERE);
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

    while (!mutant_is_on(MUTANT_PRESENCE_GHOSTS) &&
           (document = follow_next(cluster->hub, document)) != NULL)
        company_lose(document, start);
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
