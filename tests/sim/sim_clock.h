/* sim_clock - virtual time: a heap of timers; time is what the next one says.
 *
 * A timer sits inside of what it belongs to, which gets itself back with container_of(). Timers of
 * one moment fire in the order in which they were set, so a run is the same every time. */
#ifndef TESTS_SIM_SIM_CLOCK_H
#define TESTS_SIM_SIM_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_timer {
    void (*fire)(struct sim_timer *timer);
    uint64_t at_ms;
    uint64_t order; /* among those of one moment */
    size_t place;   /* in the heap, from 1; 0: it is not set */
};

struct sim_clock {
    uint64_t now_ms;
    uint64_t orders;         /* given so far */
    struct sim_timer **heap; /* [1] fires next; [0] is not used */
    size_t count;
    size_t capacity;
};

/* The clock's memory; its timers are stopped by those who own them. */
void sim_clock_finish(struct sim_clock *clock);

/* Let it fire after so long; one that is set already is moved. */
void sim_timer_set(struct sim_clock *clock, struct sim_timer *timer, uint64_t after_ms);

/* The same, unless it is set to fire earlier. */
void sim_timer_hurry(struct sim_clock *clock, struct sim_timer *timer, uint64_t after_ms);

/* It does not fire any more. Allowed for one that is not set. */
void sim_timer_stop(struct sim_clock *clock, struct sim_timer *timer);

/* Fire the next timer; false when none is set. */
bool sim_clock_step(struct sim_clock *clock);

#endif
