#include "tools/tutti/import.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/table.h"
#include "tools/tutti/dump_line.h"
#include "tools/tutti/imported.h"

/* A document that was seen on the way through the dump. */
struct seen {
    UT_hash_handle hh; /* by name */
    size_t size;
    char name[];
};

/* A way through the dump, line by line. */
struct way {
    FILE *dump;
    char *text; /* of getline() */
    size_t room;
    uint64_t number; /* of the line at hand, from 1 */
    struct dump_line line;
};

/* The document at hand. */
struct target {
    struct imported imported;
    struct buffer name; /* empty: there is none */
    uint64_t first;     /* its first line */
    uint64_t operations;
    bool refused;
};

/* ---- The way ---- */

/* The next line that is not empty; NOT_FOUND behind the last. */
static enum status step(struct way *way, struct fault *fault)
{
    for (;;) {
        ssize_t size = getline(&way->text, &way->room, way->dump);

        if (size < 0)
            return ferror(way->dump) ? fault_set(fault, STATUS_FAILED, "the dump cannot be read")
                                     : STATUS_NOT_FOUND;
        way->number++;
        while (size > 0 && (way->text[size - 1] == '\n' || way->text[size - 1] == '\r'))
            size--;
        if (size > 0)
            return dump_line_read(&way->line, span_of(way->text, (size_t)size), fault);
    }
}

static void leave(struct way *way)
{
    dump_line_finish(&way->line);
    memory_free(way->text);
    rewind(way->dump);
}

/* ---- Before anything is imported ---- */

/* False when it was seen before. */
static bool note(struct seen **all, struct span name)
{
    struct seen *seen;

    HASH_FIND(hh, *all, name.data, name.size, seen);
    if (seen != NULL)
        return false;
    seen = memory_allocate(sizeof(*seen) + name.size);
    seen->size = name.size;
    memcpy(seen->name, name.data, name.size);
    HASH_ADD_KEYPTR(hh, *all, seen->name, seen->size, seen);
    return true;
}

static void forget(struct seen *all)
{
    struct seen *seen;
    struct seen *next;

    HASH_ITER (hh, all, seen, next) {
        HASH_DELETE(hh, all, seen);
        memory_free(seen);
    }
}

/* Every line is one, and those of a document stand together. */
static enum status look_through(const struct import *import, struct fault *fault)
{
    struct way way = {.dump = import->dump};
    struct seen *all = NULL;
    struct buffer name = {0};
    struct fault reason = {""};
    enum status status = STATUS_OK;

    while (status == STATUS_OK && (status = step(&way, &reason)) == STATUS_OK) {
        struct span document = way.line.document;

        if (span_equal(document, buffer_span(&name)))
            continue;
        if (!note(&all, document))
            status = fault_set(&reason, STATUS_MALFORMED_MESSAGE,
                               "%.*s comes again: the lines of a document have to stand together",
                               SPAN_PRINT(document));
        buffer_clear(&name);
        buffer_append(&name, document);
    }
    if (status != STATUS_NOT_FOUND)
        fault_set(fault, status, "line %" PRIu64 ": %s", way.number,
                  reason.text[0] != '\0' ? reason.text : status_text(status));
    forget(all);
    buffer_finish(&name);
    leave(&way);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* ---- A document ---- */

static void refuse(struct import *import, struct target *target, uint64_t number,
                   enum status status, const struct fault *fault)
{
    fprintf(import->problems, "line %" PRIu64 ": %.*s: %s\n", number,
            SPAN_PRINT(buffer_span(&target->name)),
            fault->text[0] != '\0' ? fault->text : status_text(status));
    target->refused = true;
    import->refused++;
}

static void add(struct import *import, struct target *target, const struct way *way)
{
    struct fault fault = {""};

    if (target->refused)
        return;
    if (import->snapshots_only) {
        if (way->line.kind != DUMP_SNAPSHOT)
            return;
        imported_finish(&target->imported); /* the last one counts */
    }
    enum status status = imported_add(&target->imported, &way->line, &fault);

    if (status != STATUS_OK)
        refuse(import, target, way->number, status, &fault);
    target->operations += way->line.kind != DUMP_SNAPSHOT;
}

/* The document at hand is complete. */
static void store(struct import *import, struct target *target)
{
    struct fault fault = {""};
    enum status status = STATUS_OK;

    if (target->name.size == 0 || target->refused)
        return;
    if (target->imported.version == 0)
        status = fault_set(&fault, STATUS_NOT_FOUND, "it has no snapshot");
    else
        status =
            imported_store(&target->imported, buffer_span(&target->name), import->backend, &fault);
    if (status == STATUS_REPEATED) {
        import->known++;
    } else if (status == STATUS_OK) {
        import->documents++;
        import->operations += target->operations;
    } else {
        refuse(import, target, target->first, status, &fault);
    }
}

static void begin(struct target *target, const struct way *way)
{
    imported_finish(&target->imported);
    buffer_clear(&target->name);
    buffer_append(&target->name, way->line.document);
    target->first = way->number;
    target->operations = 0;
    target->refused = false;
}

enum status import_run(struct import *import, struct fault *fault)
{
    struct way way = {.dump = import->dump};
    struct target target = {0};
    enum status status = look_through(import, fault);

    while (status == STATUS_OK && (status = step(&way, fault)) == STATUS_OK) {
        if (!span_equal(way.line.document, buffer_span(&target.name))) {
            store(import, &target);
            begin(&target, &way);
        }
        add(import, &target, &way);
    }
    if (status == STATUS_NOT_FOUND) {
        store(import, &target);
        status = STATUS_OK;
    }
    imported_finish(&target.imported);
    buffer_finish(&target.name);
    leave(&way);
    return status;
}
