/* process - what another process on this machine costs, from /proc. */
#ifndef TOOLS_TUTTI_PROCESS_H
#define TOOLS_TUTTI_PROCESS_H

#include <stdint.h>

struct process_usage {
    double cpu_seconds;
    uint64_t rss_bytes;
};

/* Zeros when there is no such process. */
struct process_usage process_usage(int pid);

/* Who listens on this TCP port here; 0 when nobody does that we may look at. */
int process_listening_on(unsigned port);

#endif
