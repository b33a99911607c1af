#include "server/net/clock.h"

#include <time.h>

#include "base/must.h"

uint64_t clock_now_ms(struct clock *clock)
{
    struct timespec now;

    must(clock_gettime(CLOCK_REALTIME, &now) == 0);
    uint64_t now_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;

    if (now_ms > clock->last_ms)
        clock->last_ms = now_ms;
    return clock->last_ms;
}
