/* forwarding - edits on their way to the node that sequences them, and the answers back. */
#ifndef SERVER_CLUSTER_FORWARDING_H
#define SERVER_CLUSTER_FORWARDING_H

struct cluster;
struct document;
struct node_message;
struct submission;

/* An edit of this node's clients, for the owner that the row names. */
void forwarding_submit(struct cluster *cluster, const struct document *document,
                       const struct submission *submission);

/* Another node's edit, wish for a floor, and answer. */
void forwarding_hear_submit(struct cluster *cluster, const struct node_message *message);
void forwarding_hear_floor(struct cluster *cluster, const struct node_message *message);
void forwarding_hear_answer(struct cluster *cluster, const struct node_message *message);

#endif
