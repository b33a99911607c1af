/* histogram - how often each latency was measured, to within 3 percent, in memory that does not
 * grow.
 *
 * Buckets are as wide as 1/32 of the power of two that they begin at (after HdrHistogram, Tene). */
#ifndef TOOLS_TUTTI_HISTOGRAM_H
#define TOOLS_TUTTI_HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_PARTS = 32, HISTOGRAM_BUCKETS = 60 * HISTOGRAM_PARTS };

struct histogram {
    uint64_t buckets[HISTOGRAM_BUCKETS];
    uint64_t count;
    uint64_t largest;
};

void histogram_add(struct histogram *histogram, uint64_t value);

/* A value that `percent` of all are not above; 0 of an empty histogram. */
uint64_t histogram_percentile(const struct histogram *histogram, double percent);

#endif
