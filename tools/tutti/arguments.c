#include "tools/tutti/arguments.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_option(const struct argument *argument)
{
    return argument->name[0] == '-';
}

/* A word that may be left out, as the last ones may. */
static bool is_optional(const struct argument *argument)
{
    return argument->name[0] == '[';
}

static void print_help(FILE *out, const char *command, const struct argument *table, size_t count)
{
    fprintf(out, "usage: tutti %s", command);
    for (size_t i = 0; i < count; i++)
        if (!is_option(&table[i]))
            fprintf(out, " %s", table[i].name);
    fputs(" [OPTION...]\n\n", out);
    for (size_t i = 0; i < count; i++) {
        const char *value = table[i].value != NULL ? table[i].value : "";

        fprintf(out, "  %s %-*s %s\n", table[i].name, (int)(20 - strlen(table[i].name)), value,
                table[i].help);
    }
}

static bool store(const struct argument *argument, const char *value)
{
    char *end;

    if (argument->text != NULL) {
        *argument->text = value;
        return true;
    }
    errno = 0;
    *argument->number = strtoull(value, &end, 10);
    return errno == 0 && value[0] >= '0' && value[0] <= '9' && *end == '\0';
}

/* The option with this name, or the `position`th word. */
static const struct argument *find(const char *name, size_t position, const struct argument *table,
                                   size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (name[0] == '-' && strcmp(name, table[i].name) == 0)
            return &table[i];
        if (name[0] != '-' && !is_option(&table[i]) && position-- == 0)
            return &table[i];
    }
    return NULL;
}

static bool fail(const char *command, const char *what, const char *name)
{
    fprintf(stderr, "tutti %s: %s %s; --help tells more\n", command, what, name);
    return false;
}

bool arguments_read(int argc, char **argv, const struct argument *table, size_t count)
{
    size_t words = 0;

    for (int i = 1; i < argc; i++) {
        const char *name = argv[i];
        const char *value = name;

        if (strcmp(name, "--help") == 0) {
            print_help(stdout, argv[0], table, count);
            return false;
        }
        const struct argument *argument = find(name, words, table, count);
        if (argument == NULL)
            return fail(argv[0], "cannot make sense of", name);
        if (argument->flag != NULL) {
            *argument->flag = true;
            continue;
        }
        if (is_option(argument)) {
            if (i + 1 == argc)
                return fail(argv[0], "a value is missing after", name);
            value = argv[++i];
        } else {
            words++;
        }
        if (!store(argument, value))
            return fail(argv[0], "not a number:", value);
    }
    for (size_t i = 0; i < count; i++)
        if (!is_option(&table[i]) && !is_optional(&table[i]) && words-- == 0)
            return fail(argv[0], "missing:", table[i].name);
    return true;
}
