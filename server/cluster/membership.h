/* membership - which nodes live, by the answers to this node's own beats.
 *
 * Each answer names all who beat lately. A node is *gone* when it was missing from every answer for
 * LIMIT_GONE_MS, and answers came all that time: a node that hears nothing itself, or was stopped
 * for a while, knows nothing of others and waits again. No two clocks are compared. */
#ifndef SERVER_CLUSTER_MEMBERSHIP_H
#define SERVER_CLUSTER_MEMBERSHIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "server/bus/bus.h"

struct member {
    struct bus_member node;
    uint64_t present_ms; /* of the last answer that named it */
};

struct membership {
    struct member *members; /* those that were named, until they are gone */
    size_t count;
    uint64_t since_ms;    /* answers came without a break since */
    uint64_t answered_ms; /* the last one; 0 = none */
};

/* A zeroed one has no answers. */
void membership_finish(struct membership *membership);

/* An answer has come. */
void membership_answer(struct membership *membership, const struct bus_member *members,
                       size_t count, uint64_t now_ms);

/* The bus was lost, or this node was stopped: what is known is not known any more. */
void membership_forget(struct membership *membership);

/* Answers come. */
bool membership_is_up(const struct membership *membership, uint64_t now_ms);

/* No life of this node was in an answer for so long. False while answers do not come. */
bool membership_is_gone(const struct membership *membership, const char *node, uint64_t now_ms);

/* The same of one life of a node. */
bool membership_life_is_gone(const struct membership *membership, const struct bus_member *life,
                             uint64_t now_ms);

/* Who comes first for this document among those of the last answer (highest random weight, Thaler
 * and Ravishankar 1998), those that are leaving and `without` (NULL: nobody) left out. NULL when
 * there is none. Borrowed. */
const char *membership_first(const struct membership *membership, struct span document,
                             const char *without);

#endif
