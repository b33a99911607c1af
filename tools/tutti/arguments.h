/* arguments - the options of a subcommand, from a table. */
#ifndef TOOLS_TUTTI_ARGUMENTS_H
#define TOOLS_TUTTI_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exactly one of the three says where the value goes. */
struct argument {
    const char *name;  /* "--seconds"; without dashes it stands for a word of its own, in order,
                          "[WORD]" for one that may be left out */
    const char *value; /* what the value is called in the help; NULL for a flag */
    const char *help;
    bool *flag;
    uint64_t *number;
    const char **text;
};

/* Read argv[1] and on. Prints what is wrong, or the help, and returns false. */
bool arguments_read(int argc, char **argv, const struct argument *table, size_t count);

#endif
