/* sim_shrink - make the plan of a failing seed small: fewer steps, clients, documents and kinds of
 * trouble, as long as it still fails. Each try is a process of its own, since a failure ends it. */
#ifndef TESTS_SIM_SIM_SHRINK_H
#define TESTS_SIM_SIM_SHRINK_H

#include "tests/sim/sim_plan.h"

/* Says what it found, with the line that reproduces it; nothing but a word when the plan does not
 * fail. */
void sim_shrink(const struct sim_plan *plan);

#endif
