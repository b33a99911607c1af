/* floor - what this machine can do at all, measured beside a benchmark.
 *
 * A figure alone says little on a machine that is shared and noisy: its ratio to the bare system
 * calls of the same minute says more. */
#ifndef TOOLS_TUTTI_FLOOR_H
#define TOOLS_TUTTI_FLOOR_H

#include <stddef.h>

/* How often a second a small append to a file in `folder` can be made durable by fdatasync(); 0
 * when the folder cannot be written to. */
double floor_syncs(const char *folder, double seconds);

struct floor_fanout {
    double per_second; /* messages at readers; 0 when it cannot be tried here */
    double cpu_us;     /* what one of them costs the process that sends */
};

/* Let messages of `size` bytes reach `readers` sockets through a process that does nothing but
 * relay them by `event` and send(), with `in_flight` under way at a time; those that are read
 * together are sent together. On a busy machine the CPU time says more than the rate. */
struct floor_fanout floor_fanout(size_t readers, size_t in_flight, size_t size, double seconds);

#endif
