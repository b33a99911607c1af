/* reduce - the smallest schedule that still shows what a large one shows.
 *
 *   30,000 arrivals --shortest beginning--> --latest start--> --fewest arrivals--> --least text-->
 *
 * Delta debugging (Zeller and Hildebrandt 2002) on arrivals. When one is taken out, those that had
 * seen it are brought over its inverse, so that they still mean the same places. */
#ifndef TOOLS_REPLAY_REDUCE_H
#define TOOLS_REPLAY_REDUCE_H

#include <stdbool.h>

#include "tools/replay/schedule.h"

struct reduce {
    bool (*shows)(struct reduce *reduce, const struct schedule *schedule);
    uint64_t tried; /* out: how many schedules were looked at */
};

/* Shrink `schedule` in place for as long as it shows it. False, and nothing changes, when it does
 * not in the beginning. Afterwards seqs count from 1, and nothing in it is taken out. */
bool reduce_run(struct reduce *reduce, struct schedule *schedule);

/* The same with arrival `index` taken out. */
void reduce_take_out(struct schedule *schedule, size_t index);

#endif
