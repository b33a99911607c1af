#include "base/mutant.h"

#include <string.h>

static const char *const names[] = {
#define MUTANT_TEXT(mutant, name, rule) name,
    MUTANT_TABLE(MUTANT_TEXT)
#undef MUTANT_TEXT
};

static const char *const rules[] = {
#define MUTANT_TEXT(mutant, name, rule) rule,
    MUTANT_TABLE(MUTANT_TEXT)
#undef MUTANT_TEXT
};

const char *mutant_name(enum mutant mutant)
{
    must(mutant < MUTANT_COUNT);
    return names[mutant];
}

const char *mutant_rule(enum mutant mutant)
{
    must(mutant < MUTANT_COUNT);
    return rules[mutant];
}

#ifdef MUTANTS

static enum mutant chosen = MUTANT_COUNT;

bool mutant_is_on(enum mutant mutant)
{
    return mutant == chosen;
}

bool mutant_choose(const char *name)
{
    enum mutant mutant = 0;

    while (name != NULL && mutant < MUTANT_COUNT && strcmp(names[mutant], name) != 0)
        mutant++;
    if (name != NULL && mutant == MUTANT_COUNT)
        return false;
    chosen = name != NULL ? mutant : MUTANT_COUNT;
    return true;
}

#else

bool mutant_choose(const char *name)
{
    return name == NULL;
}

#endif
