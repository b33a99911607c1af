/* clock - the wall clock of a process, which here never goes backwards.
 *
 * The core is told `now` as an argument; this is where it comes from. When somebody sets the
 * system's clock back, time stands still until it has caught up. */
#ifndef SERVER_NET_CLOCK_H
#define SERVER_NET_CLOCK_H

#include <stdint.h>

struct clock {
    uint64_t last_ms; /* what the last reading gave; a zeroed clock is a new one */
};

/* Milliseconds since 1970, at least what the last call gave. */
uint64_t clock_now_ms(struct clock *clock);

#endif
