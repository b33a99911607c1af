/* prng - repeatable random numbers from a seed (SplitMix64, Steele, Lea and Flood 2014).
 *
 * For tests, the simulator and jitter. Secrets come from the operating system. */
#ifndef BASE_PRNG_H
#define BASE_PRNG_H

#include <stdint.h>

struct prng {
    uint64_t state;
};

void prng_init(struct prng *prng, uint64_t seed);
uint64_t prng_next(struct prng *prng);

/* Uniform in 0 … limit − 1; `limit` is at least 1. */
uint64_t prng_below(struct prng *prng, uint64_t limit);

/* Uniform in [0, 1). */
double prng_unit(struct prng *prng);

#endif
