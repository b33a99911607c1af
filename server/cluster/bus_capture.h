/* bus_capture - a bus whose traffic is recorded in a capture.
 *
 *   cluster  --publish, subscribe, beat-->  bus_capture  -->  bus
 *            <--reports-------------------              <--
 *
 * What the bus reports is recorded before the cluster is told, and what the cluster says before the
 * bus is: the order of the records is the order in which things happened. */
#ifndef SERVER_CLUSTER_BUS_CAPTURE_H
#define SERVER_CLUSTER_BUS_CAPTURE_H

struct bus;
struct capture;

/* The bus to be used in the place of this one, which it owns from now on. The capture stays the
 * caller's and outlives it. */
struct bus *bus_capture_create_take(struct bus *bus, struct capture *capture);

#endif
