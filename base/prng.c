#include "base/prng.h"

#include "base/must.h"

void prng_init(struct prng *prng, uint64_t seed)
{
    prng->state = seed;
}

uint64_t prng_next(struct prng *prng)
{
    uint64_t mixed = prng->state += 0x9E3779B97F4A7C15U;

    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBU;
    return mixed ^ (mixed >> 31);
}

uint64_t prng_below(struct prng *prng, uint64_t limit)
{
    must(limit > 0);
    /* Numbers under the threshold would make the low results likelier. */
    uint64_t threshold = (0 - limit) % limit;
    uint64_t drawn = prng_next(prng);

    while (drawn < threshold)
        drawn = prng_next(prng);
    return drawn % limit;
}

double prng_unit(struct prng *prng)
{
    return (double)(prng_next(prng) >> 11) * 0x1.0p-53;
}
