/* tutti import sharedb [FILE] --store STORE: the documents of another server into the store of one
 * that is not running. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "server/store/store.h"
#include "tools/tutti/arguments.h"
#include "tools/tutti/import.h"
#include "tools/tutti/open_store.h"
#include "tools/tutti/tutti.h"

/* All is in the store; some documents were refused; nothing was, or not everything was looked at.
 */
enum { EXIT_IMPORTED = 0, EXIT_REFUSED = 1, EXIT_TROUBLE = 2 };

enum { PIECE_BYTES = 64 << 10 };

/* A pipe can be read once only. */
static FILE *kept(FILE *from)
{
    static char piece[PIECE_BYTES];
    FILE *file = tmpfile();
    size_t size;

    if (file == NULL)
        return NULL;
    while ((size = fread(piece, 1, sizeof(piece), from)) > 0)
        if (fwrite(piece, 1, size, file) != size)
            break;
    if (ferror(from) || ferror(file)) {
        fclose(file);
        return NULL;
    }
    rewind(file);
    return file;
}

static int run(struct import *import, const char *store)
{
    struct fault fault = {""};

    if (open_store_or_make(store, &import->backend, &fault) != STATUS_OK) {
        fprintf(stderr, "tutti import: %s\n", fault.text);
        return EXIT_TROUBLE;
    }
    enum status status = import_run(import, &fault);

    import->backend->ops->destroy(import->backend);
    if (status != STATUS_OK)
        fprintf(stderr, "tutti import: %s\n", fault.text);
    printf("%" PRIu64 " documents imported with %" PRIu64 " operations, %" PRIu64
           " were there already, %" PRIu64 " refused\n",
           import->documents, import->operations, import->known, import->refused);
    if (status != STATUS_OK)
        return EXIT_TROUBLE;
    return import->refused > 0 ? EXIT_REFUSED : EXIT_IMPORTED;
}

int tutti_import(int argc, char **argv)
{
    struct import import = {.problems = stderr};
    const char *format = NULL;
    const char *path = NULL;
    const char *store = NULL;
    const struct argument table[] = {
        {.name = "FORMAT", .help = "sharedb: lines of JSON", .text = &format},
        {.name = "[FILE]", .help = "the dump; standard input without it", .text = &path},
        {.name = "--store",
         .value = "STORE",
         .help = "sqlite:FOLDER or postgres://…; no server may be running",
         .text = &store},
        {.name = "--snapshots-only",
         .help = "leave the operations out: each document begins with its last snapshot",
         .flag = &import.snapshots_only},
    };

    if (!arguments_read(argc, argv, table, sizeof(table) / sizeof(table[0])))
        return EXIT_TROUBLE;
    if (strcmp(format, "sharedb") != 0 || store == NULL) {
        fputs("usage: tutti import sharedb [FILE] --store STORE\n", stderr);
        return EXIT_TROUBLE;
    }
    import.dump = path != NULL ? fopen(path, "r") : kept(stdin);
    if (import.dump == NULL) {
        fprintf(stderr, "tutti import: %s: %s\n", path != NULL ? path : "standard input",
                strerror(errno));
        return EXIT_TROUBLE;
    }
    int code = run(&import, store);

    fclose(import.dump);
    return code;
}
