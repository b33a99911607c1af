#include "tests/sim/sim_clock.h"

#include "base/memory.h"
#include "base/must.h"

enum { FIRST_CAPACITY = 64 };

void sim_clock_finish(struct sim_clock *clock)
{
    must(clock->count == 0);
    memory_free(clock->heap);
    *clock = (struct sim_clock){0};
}

static bool is_before(const struct sim_timer *a, const struct sim_timer *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

static void put(struct sim_clock *clock, size_t place, struct sim_timer *timer)
{
    clock->heap[place] = timer;
    timer->place = place;
}

/* Find the place of a timer, beginning at a free one: first towards the top, then away from it. */
static void settle(struct sim_clock *clock, size_t place, struct sim_timer *timer)
{
    while (place > 1 && is_before(timer, clock->heap[place / 2])) {
        put(clock, place, clock->heap[place / 2]);
        place /= 2;
    }
    while (2 * place <= clock->count) {
        size_t child = 2 * place;

        if (child < clock->count && is_before(clock->heap[child + 1], clock->heap[child]))
            child++;
        if (!is_before(clock->heap[child], timer))
            break;
        put(clock, place, clock->heap[child]);
        place = child;
    }
    put(clock, place, timer);
}

void sim_timer_stop(struct sim_clock *clock, struct sim_timer *timer)
{
    size_t place = timer->place;

    if (place == 0)
        return;
    struct sim_timer *last = clock->heap[clock->count--];

    timer->place = 0;
    if (last != timer)
        settle(clock, place, last);
}

void sim_timer_set(struct sim_clock *clock, struct sim_timer *timer, uint64_t after_ms)
{
    sim_timer_stop(clock, timer);
    timer->at_ms = clock->now_ms + after_ms;
    timer->order = clock->orders++;
    if (clock->count + 1 >= clock->capacity) {
        clock->capacity = clock->capacity ? clock->capacity * 2 : FIRST_CAPACITY;
        clock->heap = memory_resize(clock->heap, clock->capacity * sizeof(*clock->heap));
    }
    clock->count++;
    settle(clock, clock->count, timer);
}

void sim_timer_hurry(struct sim_clock *clock, struct sim_timer *timer, uint64_t after_ms)
{
    if (timer->place == 0 || timer->at_ms > clock->now_ms + after_ms)
        sim_timer_set(clock, timer, after_ms);
}

bool sim_clock_step(struct sim_clock *clock)
{
    if (clock->count == 0)
        return false;
    struct sim_timer *timer = clock->heap[1];

    sim_timer_stop(clock, timer);
    clock->now_ms = timer->at_ms;
    timer->fire(timer);
    return true;
}
