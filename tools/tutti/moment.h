/* moment - a clock for intervals, in nanoseconds. */
#ifndef TOOLS_TUTTI_MOMENT_H
#define TOOLS_TUTTI_MOMENT_H

#include <stdint.h>
#include <time.h>

static inline uint64_t moment_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static inline double moment_seconds(uint64_t ns)
{
    return (double)ns / 1e9;
}

static inline double moment_ms(uint64_t ns)
{
    return (double)ns / 1e6;
}

#endif
