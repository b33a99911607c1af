#ifndef SERVER_CLUSTER_CLUSTER_H
#define SERVER_CLUSTER_CLUSTER_H

struct cluster;

void cluster_shake(struct cluster *cluster);

#endif
