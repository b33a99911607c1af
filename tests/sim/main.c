/* The simulator's command line: which seeds to run, and how. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mutant.h"
#include "tests/sim/sim.h"
#include "tests/sim/sim_shrink.h"

static const char usage[] =
    "usage: sim [option …]\n"
    "  --seeds A-B     run these seeds, until one fails (1-100)\n"
    "  --seed N        run one seed; with it, to lower what it has:\n"
    "  --steps N         events before the trouble ends\n"
    "  --clients N       how many\n"
    "  --documents N     how many\n"
    "  --without KIND    leave out a kind of trouble\n"
    "  --one-node      leave out the seeds that run three nodes at once\n"
    "  --trace         say what happens\n"
    "  --tally         say at the end how often what happened\n"
    "  --shrink        find a smaller plan that fails as well\n"
    "  --mutant NAME   break a rule\n"
    "  --mutants       the names of all rules that can be broken, one a line\n"
    "  --troubles      the kinds of trouble\n";

struct options {
    uint64_t first;
    uint64_t last;
    uint64_t steps;
    uint64_t clients;
    uint64_t documents;
    const char *without[SIM_TROUBLE_COUNT];
    unsigned without_count;
    const char *mutant;
    bool one_node;
    bool traced;
    bool shrinks;
    bool counts;
};

/* What a sanitizer finds ends in abort() as well, so that it is said how to reproduce it. */
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);
const char *__asan_default_options(void)
{
    return "abort_on_error=1";
}
const char *__ubsan_default_options(void)
{
    return "abort_on_error=1";
}

/* Of the run under way, for when it aborts. */
static struct sim_plan running;

static void aborted(int number)
{
    sim_plan_reproduce(&running);
    signal(number, SIG_DFL);
    raise(number);
}

_Noreturn static void misused(const char *what)
{
    fprintf(stderr, "sim: %s\n%s", what, usage);
    exit(2);
}

static uint64_t number_of(const char *text)
{
    char *end;
    uint64_t number = strtoull(text, &end, 10);

    if (end == text || (*end != '\0' && *end != '-'))
        misused("a number is missing");
    return number;
}

static void take_seeds(struct options *options, const char *text)
{
    const char *dash = strchr(text, '-');

    options->first = number_of(text);
    options->last = dash != NULL ? number_of(dash + 1) : options->first;
}

static void take_value(struct options *options, const char *name, const char *value)
{
    if (strcmp(name, "--seeds") == 0 || strcmp(name, "--seed") == 0)
        take_seeds(options, value);
    else if (strcmp(name, "--steps") == 0)
        options->steps = number_of(value);
    else if (strcmp(name, "--clients") == 0)
        options->clients = number_of(value);
    else if (strcmp(name, "--documents") == 0)
        options->documents = number_of(value);
    else if (strcmp(name, "--mutant") == 0)
        options->mutant = value;
    else if (strcmp(name, "--without") == 0 && options->without_count < SIM_TROUBLE_COUNT)
        options->without[options->without_count++] = value;
    else
        misused(name);
}

static void list_mutants(void)
{
    for (enum mutant mutant = 0; mutant < MUTANT_COUNT; mutant++)
        printf("%-24s %s\n", mutant_name(mutant), mutant_rule(mutant));
    exit(0);
}

static void list_troubles(void)
{
    for (enum sim_trouble trouble = 0; trouble < SIM_TROUBLE_COUNT; trouble++)
        printf("%-12s %s\n", sim_trouble_name(trouble), sim_trouble_text(trouble));
    exit(0);
}

static struct options read_options(int count, char **words)
{
    struct options options = {.first = 1, .last = 100};

    for (int i = 1; i < count; i++) {
        if (strcmp(words[i], "--one-node") == 0)
            options.one_node = true;
        else if (strcmp(words[i], "--trace") == 0)
            options.traced = true;
        else if (strcmp(words[i], "--shrink") == 0)
            options.shrinks = true;
        else if (strcmp(words[i], "--tally") == 0)
            options.counts = true;
        else if (strcmp(words[i], "--mutants") == 0)
            list_mutants();
        else if (strcmp(words[i], "--troubles") == 0)
            list_troubles();
        else if (i + 1 < count)
            take_value(&options, words[i], words[i + 1]), i++;
        else
            misused(words[i]);
    }
    if (!mutant_choose(options.mutant))
        misused("no such mutant, or this build has none (-Dmutants=true)");
    return options;
}

/* What the seed draws, lowered by the options. */
static struct sim_plan plan_of(const struct options *options, uint64_t seed)
{
    struct sim_plan plan = sim_plan_draw(seed);

    plan.mutant = options->mutant;
    if (options->steps > 0)
        plan.steps = options->steps;
    if (options->clients > 0 && options->clients <= SIM_CLIENTS_MAX)
        plan.clients = (unsigned)options->clients;
    if (options->documents > 0 && options->documents <= SIM_DOCUMENTS_MAX)
        plan.documents = (unsigned)options->documents;
    for (unsigned i = 0; i < options->without_count; i++)
        if (!sim_plan_leave_out(&plan, options->without[i]))
            misused("no such kind of trouble: see --troubles");
    return plan;
}

int main(int count, char **words)
{
    struct options options = read_options(count, words);
    uint64_t run = 0;

    signal(SIGABRT, aborted);
    signal(SIGSEGV, aborted);
    for (uint64_t seed = options.first; seed <= options.last; seed++) {
        running = plan_of(&options, seed);
        if (options.one_node && running.cluster)
            continue;
        run++;
        if (options.shrinks)
            sim_shrink(&running);
        else
            sim_run(&running, options.traced);
    }
    if (options.counts)
        sim_tally_print();
    printf("%" PRIu64 " seeds, all is well\n", run);
    return 0;
}
