#include "server/net/options.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { NAME_MAX_SIZE = 32, CAPTURE_PART_MIB = 1024, CAPTURE_PART_MIB_MAX = 1 << 20 };

struct row {
    const char *name;
    const char *argument; /* NULL: a switch, which the environment cannot set */
    const char *help;
    enum status (*set)(struct options *options, const char *value, struct fault *fault);
};

static void replace(char **text, const char *value)
{
    memory_free(*text);
    *text = memory_copy(value, strlen(value) + 1);
}

static enum status set_listen(struct options *options, const char *value, struct fault *fault)
{
    if (strchr(value, ':') == NULL)
        return fault_set(fault, STATUS_FAILED, "--listen wants HOST:PORT, not \"%s\"", value);
    replace(&options->listen, value);
    return STATUS_OK;
}

static enum status set_admin(struct options *options, const char *value, struct fault *fault)
{
    if (strchr(value, ':') == NULL)
        return fault_set(fault, STATUS_FAILED, "--admin wants HOST:PORT, not \"%s\"", value);
    replace(&options->admin, value);
    return STATUS_OK;
}

static enum status set_data(struct options *options, const char *value, struct fault *fault)
{
    if (*value == '\0')
        return fault_set(fault, STATUS_FAILED, "--data wants a folder");
    options->store = OPTIONS_STORE_SQLITE;
    replace(&options->store_path, value);
    return STATUS_OK;
}

static enum status set_store(struct options *options, const char *value, struct fault *fault)
{
    static const char sqlite[] = "sqlite:";

    if (strcmp(value, "memory") == 0) {
        options->store = OPTIONS_STORE_MEMORY;
        return STATUS_OK;
    }
    if (strncmp(value, sqlite, sizeof(sqlite) - 1) == 0 && value[sizeof(sqlite) - 1] != '\0')
        return set_data(options, value + sizeof(sqlite) - 1, fault);
    if (strncmp(value, "postgres://", 11) == 0 || strncmp(value, "postgresql://", 13) == 0) {
        options->store = OPTIONS_STORE_POSTGRES;
        replace(&options->store_path, value);
        return STATUS_OK;
    }
    return fault_set(fault, STATUS_FAILED,
                     "--store wants memory, sqlite:DIR or postgres://…, not \"%s\"", value);
}

static enum status set_node(struct options *options, const char *value, struct fault *fault)
{
    if (*value == '\0' || strlen(value) > OPTIONS_NODE_SIZE_MAX)
        return fault_set(fault, STATUS_FAILED, "--node wants a name of 1 to %d bytes",
                         OPTIONS_NODE_SIZE_MAX);
    replace(&options->node, value);
    return STATUS_OK;
}

static enum status set_bus(struct options *options, const char *value, struct fault *fault)
{
    if (strncmp(value, "redis://", 8) != 0)
        return fault_set(fault, STATUS_FAILED, "--bus wants redis://…, not \"%s\"", value);
    replace(&options->bus, value);
    return STATUS_OK;
}

/* "all", a number of operations, or a number of days: "30d". */
static enum status set_keep(struct options *options, const char *value, struct fault *fault)
{
    enum { DAY_MS = 24 * 3600 * 1000, NUMBER_MAX = 1000000000 };
    char *end = NULL;
    unsigned long number = isdigit((unsigned char)*value) ? strtoul(value, &end, 10) : 0;
    bool days = number > 0 && strcmp(end, "d") == 0;
    bool operations = number > 0 && *end == '\0';

    if (number > NUMBER_MAX || (!days && !operations && strcmp(value, "all") != 0))
        return fault_set(fault, STATUS_FAILED,
                         "--keep wants all, a number of operations, or of days as 30d, not \"%s\"",
                         value);
    options->keep_operations = operations ? number : 0;
    options->keep_ms = days ? number * DAY_MS : 0;
    return STATUS_OK;
}

static enum status add_origin(struct options *options, const char *value, size_t size,
                              struct fault *fault)
{
    char *origin = memory_zeroed(size + 1, 1);

    memcpy(origin, value, size);
    options->origins =
        memory_resize(options->origins, (options->origins_count + 1) * sizeof(*options->origins));
    options->origins[options->origins_count++] = origin;
    if (strcmp(origin, "*") == 0 || strstr(origin, "://") != NULL)
        return STATUS_OK;
    return fault_set(fault, STATUS_FAILED,
                     "--origin wants one as https://example.org, or \"*\", not \"%s\"", origin);
}

/* May be given again; several in one value have commas between them. */
static enum status add_origins(struct options *options, const char *value, struct fault *fault)
{
    enum status status = STATUS_OK;

    for (size_t size; status == STATUS_OK && *value != '\0'; value += size + (value[size] == ',')) {
        size = strcspn(value, ",");
        status = add_origin(options, value, size, fault);
    }
    return status;
}

static enum status set_capture(struct options *options, const char *value, struct fault *fault)
{
    if (*value == '\0')
        return fault_set(fault, STATUS_FAILED, "--capture wants a file");
    replace(&options->capture, value);
    return STATUS_OK;
}

static enum status set_capture_part(struct options *options, const char *value, struct fault *fault)
{
    char *end;
    unsigned long long mib = strtoull(value, &end, 10);

    if (*value < '1' || *value > '9' || *end != '\0' || mib > CAPTURE_PART_MIB_MAX)
        return fault_set(fault, STATUS_FAILED, "--capture-part wants 1 to %d MiB, not \"%s\"",
                         CAPTURE_PART_MIB_MAX, value);
    options->capture_part_bytes = mib << 20;
    return STATUS_OK;
}

static enum status set_help(struct options *options, const char *value, struct fault *fault)
{
    (void)value;
    (void)fault;
    options->help = true;
    return STATUS_OK;
}

static enum status set_version(struct options *options, const char *value, struct fault *fault)
{
    (void)value;
    (void)fault;
    options->version = true;
    return STATUS_OK;
}

static const struct row table[] = {
    {"listen", "HOST:PORT", "where clients connect (127.0.0.1:7400; port 0 takes a free one)",
     set_listen},
    {"admin", "HOST:PORT",
     "where the inspector listens: 127.0.0.1:7401, and nothing that strangers reach (nowhere)",
     set_admin},
    {"data", "DIR", "the same as --store sqlite:DIR (data)", set_data},
    {"store", "STORE", "memory, sqlite:DIR with its folder, or postgres://USER@HOST/DATABASE",
     set_store},
    {"bus", "URL", "redis://USER:PASSWORD@HOST:PORT, where the nodes of a cluster meet", set_bus},
    {"node", "NAME", "this node's name, unlike any other's (the host's)", set_node},
    {"keep", "HISTORY",
     "the history that documents keep: all, or at least so many operations, or days as 30d (all)",
     set_keep},
    {"origin", "ORIGIN", "a web page's origin that may connect, besides this host; \"*\" is any",
     add_origins},
    {"capture", "FILE", "record what reaches the core, for tutti replay; a new file", set_capture},
    {"capture-part", "MIB", "begin a new part behind so much (1024)", set_capture_part},
    {"help", NULL, "print this text", set_help},
    {"version", NULL, "print the version", set_version},
};
enum { ROWS = sizeof(table) / sizeof(table[0]) };

/* Changed, added and left out letters between two short words (Levenshtein 1966). */
static size_t distance(const char *a, const char *b)
{
    size_t row[NAME_MAX_SIZE + 1];
    size_t width = strlen(b);

    if (width > NAME_MAX_SIZE)
        return SIZE_MAX;
    for (size_t i = 0; i <= width; i++)
        row[i] = i;
    for (size_t i = 0; a[i] != '\0'; i++) {
        size_t diagonal = row[0]++;

        for (size_t j = 0; j < width; j++) {
            size_t best = diagonal + (a[i] != b[j]);

            diagonal = row[j + 1];
            best = row[j] + 1 < best ? row[j] + 1 : best;
            row[j + 1] = diagonal + 1 < best ? diagonal + 1 : best;
        }
    }
    return row[width];
}

static const char *nearest(const char *name)
{
    size_t best = 0;

    for (size_t i = 1; i < ROWS; i++)
        if (distance(name, table[i].name) < distance(name, table[best].name))
            best = i;
    return table[best].name;
}

static const struct row *find(const char *name, size_t size)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strlen(table[i].name) == size && memcmp(table[i].name, name, size) == 0)
            return &table[i];
    return NULL;
}

static void environment_name(const struct row *row, char out[NAME_MAX_SIZE])
{
    snprintf(out, NAME_MAX_SIZE, "TUTTI_%s", row->name);
    for (char *at = out; *at != '\0'; at++)
        *at = *at == '-' ? '_' : (char)toupper((unsigned char)*at);
}

static enum status read_environment(struct options *options, options_environment_fn environment,
                                    struct fault *fault)
{
    for (size_t i = 0; i < ROWS; i++) {
        char name[NAME_MAX_SIZE];
        enum status status;

        if (table[i].argument == NULL)
            continue;
        environment_name(&table[i], name);
        const char *value = environment(name);
        if (value == NULL)
            continue;
        status = table[i].set(options, value, fault);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* `--name value`, `--name=value` or `--name`; stores how many arguments that was. */
static enum status read_argument(struct options *options, char *const *argv, int *used,
                                 struct fault *fault)
{
    const char *text = argv[0];

    *used = 1;
    if (strncmp(text, "--", 2) != 0)
        return fault_set(fault, STATUS_FAILED, "\"%s\" is not an option; did you mean --%s?", text,
                         nearest(text + (*text == '-')));
    const char *name = text + 2;
    size_t size = strcspn(name, "=");
    const struct row *row = find(name, size);
    const char *value = name[size] == '=' ? name + size + 1 : NULL;

    if (row == NULL)
        return fault_set(fault, STATUS_FAILED, "there is no option %.*s; did you mean --%s?",
                         (int)size + 2, text, nearest(name));
    if (row->argument == NULL)
        return value == NULL ? row->set(options, NULL, fault)
                             : fault_set(fault, STATUS_FAILED, "--%s takes no value", row->name);
    if (value == NULL) {
        value = argv[1];
        *used = 2;
    }
    if (value == NULL)
        return fault_set(fault, STATUS_FAILED, "--%s wants %s", row->name, row->argument);
    return row->set(options, value, fault);
}

enum status options_read(struct options *options, int argc, char *const *argv,
                         options_environment_fn environment, struct fault *fault)
{
    *options = (struct options){.store = OPTIONS_STORE_SQLITE};
    replace(&options->listen, "127.0.0.1:7400");
    replace(&options->store_path, "data");
    options->capture_part_bytes = (uint64_t)CAPTURE_PART_MIB << 20;

    enum status status = read_environment(options, environment, fault);
    for (int at = 1, used = 0; status == STATUS_OK && at < argc; at += used)
        status = read_argument(options, argv + at, &used, fault);
    return status;
}

void options_finish(struct options *options)
{
    for (size_t i = 0; i < options->origins_count; i++)
        memory_free(options->origins[i]);
    memory_free(options->origins);
    memory_free(options->listen);
    memory_free(options->admin);
    memory_free(options->store_path);
    memory_free(options->node);
    memory_free(options->bus);
    memory_free(options->capture);
    *options = (struct options){0};
}

void options_print_help(FILE *out)
{
    fprintf(out, "tuttid - a multiplayer document server\n\nusage: tuttid [options]\n\n");
    for (size_t i = 0; i < ROWS; i++) {
        char environment[NAME_MAX_SIZE];
        char flag[2 * NAME_MAX_SIZE];
        const char *argument = table[i].argument;

        environment_name(&table[i], environment);
        snprintf(flag, sizeof(flag), "--%s %s", table[i].name, argument ? argument : "");
        fprintf(out, "  %-20s %-16s %s\n", flag, argument ? environment : "", table[i].help);
    }
    fprintf(out, "\nA variable of the environment stands for its flag; the flag wins.\n");
}
