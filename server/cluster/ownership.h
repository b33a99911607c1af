/* ownership - which documents this node may claim, and when it gives one up. */
#ifndef SERVER_CLUSTER_OWNERSHIP_H
#define SERVER_CLUSTER_OWNERSHIP_H

#include <stdbool.h>

struct cluster;
struct document;

/* May it claim the document, by the row that it has seen? */
bool ownership_may_claim(const struct cluster *cluster, const struct document *document);

/* Say how far the document is, and that `owner` has it; "": nobody. */
void ownership_tell(struct cluster *cluster, const struct document *document, const char *owner);

/* This node owns it from now on. */
void ownership_begun(struct cluster *cluster, struct document *document);

/* It was given up: all are told, then to whom it falls is asked to take it, who need not look at
 * the store any more before it claims. */
void ownership_released(struct cluster *cluster, const struct document *document);

/* Give documents up, a few at a time: all when this node is leaving, else those for which another
 * has ranked first for long. */
void ownership_give_up(struct cluster *cluster);

/* Once a second, for a document that is owned or followed: tell the head; note whether another
 * ranks first; look for an owner. */
void ownership_sweep(struct cluster *cluster, struct document *document);

#endif
