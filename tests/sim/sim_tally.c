#include "tests/sim/sim_tally.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

static uint64_t counts[SIM_TALLY_COUNT];

static const char *const texts[] = {
#define TALLY_TEXT(event, what) what,
    SIM_TALLY_TABLE(TALLY_TEXT)
#undef TALLY_TEXT
};

void sim_tally(enum sim_tally event)
{
    counts[event]++;
}

void sim_tally_print(void)
{
    for (enum sim_tally event = 0; event < SIM_TALLY_COUNT; event++)
        printf("%12" PRIu64 " %s\n", counts[event], texts[event]);
}
