#include "server/cluster/ownership.h"

#include "base/limits.h"
#include "base/mutant.h"
#include "server/cluster/cluster_state.h"
#include "server/collab/document.h"
#include "server/collab/follow.h"

/* ---- Claiming ---- */

static bool ranks_first(const struct cluster *cluster, const struct document *document)
{
    return cluster_is_self(cluster,
                           membership_first(&cluster->membership, document_name(document), NULL));
}

/* One that was given up goes to who was asked to take it, or ranks first; if that one does not
 * come, to anybody. */
static bool may_claim_from_nobody(const struct cluster *cluster, const struct document *document)
{
    const struct follow *follow = &document->follow;

    return follow->ownerless_ms == 0 || follow->called_epoch == follow->row.epoch ||
           ranks_first(cluster, document) ||
           cluster->now_ms - follow->ownerless_ms >= LIMIT_RESEND_MS;
}

bool ownership_may_claim(const struct cluster *cluster, const struct document *document)
{
    const char *owner = document->follow.row.owner;

    if (cluster->self.leaving)
        return false;
    if (cluster_is_self(cluster, owner))
        return true;
    if (!membership_is_up(&cluster->membership, cluster->now_ms))
        return false;
    if (owner[0] == '\0')
        return may_claim_from_nobody(cluster, document);
    return (mutant_is_on(MUTANT_TAKE_FROM_LIVING) ||
            membership_is_gone(&cluster->membership, owner, cluster->now_ms)) &&
           ranks_first(cluster, document);
}

/* ---- Telling ---- */

void ownership_tell(struct cluster *cluster, const struct document *document, const char *owner)
{
    const struct node_message head = {.kind = NODE_HEAD,
                                      .document = document_name(document),
                                      .node = span_of_string(owner),
                                      .epoch = document->epoch,
                                      .seq = document->committed};

    cluster_say(cluster, &head);
}

void ownership_begun(struct cluster *cluster, struct document *document)
{
    document->follow.others_turn_ms = 0; /* of an earlier time as its owner */
    ownership_tell(cluster, document, cluster->self.name);
}

static void say_take(struct cluster *cluster, const struct document *document, const char *node)
{
    const struct node_message take = {.kind = NODE_TAKE,
                                      .document = document_name(document),
                                      .node = span_of_string(cluster->self.name),
                                      .epoch = document->follow.row.epoch};

    cluster_say_to(cluster, node, &take);
}

/* ---- Giving ---- */

void ownership_released(struct cluster *cluster, const struct document *document)
{
    const char *first =
        membership_first(&cluster->membership, document_name(document), cluster->self.name);

    ownership_tell(cluster, document, "");
    if (first != NULL && (document->follow.giving || cluster->self.leaving))
        say_take(cluster, document, first);
}

/* Tell the head soon after the last change, when the last message may have been lost, and now and
 * then for ever. */
static void tell_head(struct cluster *cluster, struct document *document)
{
    struct follow *follow = &document->follow;
    bool changed = cluster->now_ms - follow->changed_ms < 3 * LIMIT_HEAD_MS;

    if (!changed && cluster->now_ms - follow->told_ms < LIMIT_HEAD_QUIET_MS)
        return;
    follow->told_ms = cluster->now_ms;
    ownership_tell(cluster, document, cluster->self.name);
}

/* Given, and not heard yet to be claimed; one that nobody wants is not waited for. */
static bool is_on_its_way(const struct cluster *cluster, const struct document *document)
{
    const struct follow *follow = &document->follow;

    if (follow->giving)
        return true;
    return follow->row.owner[0] == '\0' && follow->ownerless_ms != 0 &&
           cluster->now_ms - follow->ownerless_ms < LIMIT_RESEND_MS;
}

/* Another ranks first, as far as this node hears. */
static bool is_others_turn(const struct cluster *cluster, const struct document *document)
{
    const char *first = membership_first(&cluster->membership, document_name(document), NULL);

    return membership_is_up(&cluster->membership, cluster->now_ms) && first != NULL &&
           !cluster_is_self(cluster, first);
}

static bool is_to_go(const struct cluster *cluster, const struct document *document)
{
    const struct follow *follow = &document->follow;

    if (document->state != DOCUMENT_OWNED || follow->giving)
        return false;
    return cluster->self.leaving ||
           (follow->others_turn_ms != 0 &&
            cluster->now_ms - follow->others_turn_ms >= LIMIT_HAND_OVER_MS &&
            is_others_turn(cluster, document));
}

void ownership_give_up(struct cluster *cluster)
{
    struct document *document = NULL;
    size_t count = 0;

    while ((document = follow_next(cluster->hub, document)) != NULL)
        count += is_on_its_way(cluster, document);
    while (count < LIMIT_GIVEN_AT_ONCE && (document = follow_next(cluster->hub, document)) != NULL)
        if (is_to_go(cluster, document)) {
            follow_give(document);
            count++;
        }
}

static void note_others_turn(struct cluster *cluster, struct document *document)
{
    struct follow *follow = &document->follow;

    if (!is_others_turn(cluster, document))
        follow->others_turn_ms = 0;
    else if (follow->others_turn_ms == 0)
        follow->others_turn_ms = cluster->now_ms;
}

/* Whoever reads it here keeps it awake at its owner; without one, who ranks first is asked. */
static void call_for_owner(struct cluster *cluster, struct document *document)
{
    const char *owner = document->follow.row.owner;
    const char *first = membership_first(&cluster->membership, document_name(document),
                                         cluster->self.leaving ? cluster->self.name : NULL);
    const struct node_message follows = {.kind = NODE_FOLLOWS,
                                         .document = document_name(document),
                                         .node = span_of_string(cluster->self.name)};
    bool ownerless =
        owner[0] == '\0' || membership_is_gone(&cluster->membership, owner, cluster->now_ms);

    if (ownerless && first != NULL && !cluster_is_self(cluster, first))
        say_take(cluster, document, first);
    else if (!ownerless && !cluster_is_self(cluster, owner))
        cluster_say_to(cluster, owner, &follows);
}

void ownership_sweep(struct cluster *cluster, struct document *document)
{
    if (document->state != DOCUMENT_OWNED) {
        if (document->readers != NULL || document->inbox != NULL)
            call_for_owner(cluster, document);
        return;
    }
    tell_head(cluster, document);
    note_others_turn(cluster, document);
}
