#include "tools/tutti/histogram.h"

#include <stddef.h>

enum { PARTS_BITS = 5 };

_Static_assert(1 << PARTS_BITS == HISTOGRAM_PARTS, "the parts are a power of two");

/* Values below 32 have a bucket each; above, the top six bits choose. */
static size_t bucket_of(uint64_t value)
{
    if (value < HISTOGRAM_PARTS)
        return (size_t)value;
    unsigned shift = 63U - (unsigned)__builtin_clzll(value) - PARTS_BITS;

    return (size_t)(shift + 1) * HISTOGRAM_PARTS + (size_t)(value >> shift) - HISTOGRAM_PARTS;
}

/* The largest value of a bucket. */
static uint64_t bucket_end(size_t bucket)
{
    if (bucket < HISTOGRAM_PARTS)
        return bucket;
    size_t shift = bucket / HISTOGRAM_PARTS - 1;
    uint64_t top = HISTOGRAM_PARTS + bucket % HISTOGRAM_PARTS;

    return ((top + 1) << shift) - 1;
}

void histogram_add(struct histogram *histogram, uint64_t value)
{
    histogram->buckets[bucket_of(value)]++;
    histogram->count++;
    if (value > histogram->largest)
        histogram->largest = value;
}

uint64_t histogram_percentile(const struct histogram *histogram, double percent)
{
    double wanted = percent / 100 * (double)histogram->count;
    uint64_t passed = 0;

    for (size_t i = 0; i < HISTOGRAM_BUCKETS && histogram->count > 0; i++) {
        passed += histogram->buckets[i];
        if (passed > 0 && (double)passed >= wanted) {
            uint64_t end = bucket_end(i);
            return end < histogram->largest ? end : histogram->largest;
        }
    }
    return histogram->largest;
}
