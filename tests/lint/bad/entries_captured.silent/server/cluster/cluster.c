#include "server/cluster/cluster.h"

void cluster_shake(struct cluster *cluster)
{
    (void)cluster;
}
