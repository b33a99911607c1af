/* cluster - one node among others: who owns what, and how edits and entries travel between nodes.
 *
 *   hub --peers--> cluster --publish--> bus        d/DOCUMENT   what its owner made durable
 *   hub <-follow-- cluster <--reports-- bus        n/NODE       edits for it as an owner, answers
 *                                                  r/ROOM       what is shown in it
 *
 * Pure, as the hub is: the time is an argument, and all that arrives comes by the bus's poll.
 *
 * Ownership is sticky: the document's row in the store names the owner, and a claim is a
 * compare-and-set on the epoch that was seen. It is allowed when the row names nobody or this node,
 * or when the named node is gone and this one ranks first (membership). A living owner gives,
 * nobody takes: when it drains, or when another has ranked first for LIMIT_HAND_OVER_MS. An owner
 * that cannot reach the store does not beat, so that one that can takes over. Nothing of that is
 * needed for safety, which is the store's fence. */
#ifndef SERVER_CLUSTER_CLUSTER_H
#define SERVER_CLUSTER_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/bus/bus.h"

struct cluster;
struct hub;
struct peers;

/* The bus stays the caller's and outlives the cluster. `self` tells this life of the node from the
 * one before. */
struct cluster *cluster_create(const struct bus_member *self, struct bus *bus);

/* After the hub. */
void cluster_destroy(struct cluster *cluster); /* NULL allowed */

/* For the hub's configuration; then the hub is told. */
struct peers *cluster_peers(struct cluster *cluster);
void cluster_attach(struct cluster *cluster, struct hub *hub);

/* Before each turn of the hub: take in what the bus has brought, beat when it is time. */
void cluster_turn(struct cluster *cluster, uint64_t now_ms);

/* Milliseconds until cluster_turn() wants to be called though nothing arrives. */
uint64_t cluster_next_timeout(const struct cluster *cluster, uint64_t now_ms);

/* Leave: claim nothing any more, hand all documents over. */
void cluster_drain(struct cluster *cluster);

/* This node owns nothing any more, or has nobody to hand over to. */
bool cluster_is_drained(const struct cluster *cluster);

/* Out of the members; the last thing that a node says. */
void cluster_leave(struct cluster *cluster);

/* The bus answers. */
bool cluster_is_up(const struct cluster *cluster);

/* The names of the nodes that are not known to be gone, this one's among them, one after the other;
 * NULL behind the last. */
const char *cluster_member(const struct cluster *cluster, size_t number);

#endif
