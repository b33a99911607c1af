#include "tests/sim/sim_plan.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
#define TROUBLE_TEXT(trouble, name, what) name,
    SIM_TROUBLE_TABLE(TROUBLE_TEXT)
#undef TROUBLE_TEXT
};

static const char *const texts[] = {
#define TROUBLE_TEXT(trouble, name, what) what,
    SIM_TROUBLE_TABLE(TROUBLE_TEXT)
#undef TROUBLE_TEXT
};

const char *sim_trouble_name(enum sim_trouble trouble)
{
    must(trouble < SIM_TROUBLE_COUNT);
    return names[trouble];
}

const char *sim_trouble_text(enum sim_trouble trouble)
{
    must(trouble < SIM_TROUBLE_COUNT);
    return texts[trouble];
}

struct prng sim_plan_prng(const struct sim_plan *plan, uint64_t salt)
{
    struct prng prng;

    prng_init(&prng, plan->seed);
    prng_init(&prng, prng_next(&prng) ^ salt * UINT64_C(0xD1B54A32D192ED03));
    return prng;
}

struct sim_plan sim_plan_draw(uint64_t seed)
{
    struct sim_plan plan = {.seed = seed};
    struct prng prng = sim_plan_prng(&plan, 0);

    plan.steps = 300 + prng_below(&prng, 900);
    plan.clients = 2 + (unsigned)prng_below(&prng, 3);
    plan.documents = 1 + (unsigned)prng_below(&prng, 3);
    plan.cluster = prng_below(&prng, 2) == 0;
    for (enum sim_trouble trouble = 0; trouble < SIM_TROUBLE_COUNT; trouble++)
        plan.has[trouble] = prng_below(&prng, 5) < 2;
    if (plan.cluster)
        plan.steps += 2500; /* three nodes beat */
    return plan;
}

bool sim_plan_leave_out(struct sim_plan *plan, const char *name)
{
    for (enum sim_trouble trouble = 0; trouble < SIM_TROUBLE_COUNT; trouble++)
        if (strcmp(names[trouble], name) == 0) {
            plan->has[trouble] = false;
            return true;
        }
    return false;
}

static void write_number(struct buffer *out, const char *option, uint64_t value, uint64_t drawn)
{
    if (value != drawn)
        buffer_append_format(out, " %s %llu", option, (unsigned long long)value);
}

void sim_plan_write(const struct sim_plan *plan, struct buffer *out)
{
    struct sim_plan drawn = sim_plan_draw(plan->seed);

    buffer_append_format(out, "--seed %llu", (unsigned long long)plan->seed);
    write_number(out, "--steps", plan->steps, drawn.steps);
    write_number(out, "--clients", plan->clients, drawn.clients);
    write_number(out, "--documents", plan->documents, drawn.documents);
    for (enum sim_trouble trouble = 0; trouble < SIM_TROUBLE_COUNT; trouble++)
        if (drawn.has[trouble] && !plan->has[trouble])
            buffer_append_format(out, " --without %s", names[trouble]);
}

void sim_plan_reproduce(const struct sim_plan *plan)
{
    struct buffer line = {0};

    sim_plan_write(plan, &line);
    if (plan->mutant != NULL)
        buffer_append_format(&line, " --mutant %s", plan->mutant);
    fprintf(stderr, "reproduce: %s %.*s\n", program_invocation_name,
            SPAN_PRINT(buffer_span(&line)));
    buffer_finish(&line);
}
