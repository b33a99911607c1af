#include "tests/sim/sim_shrink.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/sim/sim.h"

/* Below this, a try with fewer steps is not worth its time. */
enum { STEPS_MIN = 4 };

/* Run it in a process of its own, in silence. */
static bool fails(const struct sim_plan *plan)
{
    int wait_status = 0;

    fflush(stdout);
    pid_t child = fork();
    must(child >= 0);
    if (child == 0) {
        int nowhere = open("/dev/null", O_WRONLY);

        must(nowhere >= 0 && dup2(nowhere, STDOUT_FILENO) >= 0 &&
             dup2(nowhere, STDERR_FILENO) >= 0);
        sim_run(plan, false);
        _exit(0);
    }
    must(waitpid(child, &wait_status, 0) == child);
    return !WIFEXITED(wait_status) || WEXITSTATUS(wait_status) != 0;
}

/* Keep the smaller plan if it still fails. */
static bool keep(struct sim_plan *plan, const struct sim_plan *smaller)
{
    if (!fails(smaller))
        return false;
    *plan = *smaller;
    return true;
}

/* The fewest steps by halving: not exact, since a shorter run is another one behind its end. */
static bool lower_steps(struct sim_plan *plan)
{
    bool lowered = false;

    for (uint64_t by = plan->steps / 2; by >= STEPS_MIN; by /= 2)
        while (plan->steps > by) {
            struct sim_plan smaller = *plan;

            smaller.steps -= by;
            if (!keep(plan, &smaller))
                break;
            lowered = true;
        }
    return lowered;
}

static bool lower_counts(struct sim_plan *plan)
{
    struct sim_plan fewer_clients = *plan;
    bool lowered = false;

    fewer_clients.clients--;
    if (plan->clients > 1)
        lowered |= keep(plan, &fewer_clients);
    struct sim_plan fewer_documents = *plan;

    fewer_documents.documents--;
    if (plan->documents > 1)
        lowered |= keep(plan, &fewer_documents);
    return lowered;
}

static bool leave_out_troubles(struct sim_plan *plan)
{
    bool lowered = false;

    for (enum sim_trouble trouble = 0; trouble < SIM_TROUBLE_COUNT; trouble++) {
        struct sim_plan smaller = *plan;

        smaller.has[trouble] = false;
        if (plan->has[trouble])
            lowered |= keep(plan, &smaller);
    }
    return lowered;
}

void sim_shrink(const struct sim_plan *from)
{
    struct sim_plan plan = *from;

    if (!fails(&plan)) {
        printf("seed %llu does not fail\n", (unsigned long long)plan.seed);
        return;
    }
    while (leave_out_troubles(&plan) || lower_counts(&plan) || lower_steps(&plan))
        continue;
    sim_run(&plan, false); /* says what fails, and does not return */
}
