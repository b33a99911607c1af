#include "tools/replay/captured.h"

#include <errno.h>
#include <inttypes.h>

#include "base/memory.h"
#include "tools/replay/record_line.h"

enum { READ_BYTES = 1 << 20 };

/* ---- Files ---- */

static enum status append_file(struct buffer *bytes, FILE *file, const char *path,
                               struct fault *fault)
{
    size_t size;

    do {
        size = fread(buffer_reserve(bytes, READ_BYTES), 1, READ_BYTES, file);
        buffer_grow(bytes, size);
    } while (size > 0);
    bool failed = ferror(file) != 0;

    fclose(file);
    return failed ? fault_set(fault, STATUS_FAILED, "%s: %s", path, strerror(errno)) : STATUS_OK;
}

static FILE *open_part(const char *path, unsigned part)
{
    struct buffer name = {0};

    buffer_append_text(&name, path);
    if (part > 1)
        buffer_append_format(&name, ".%u", part);
    buffer_append_byte(&name, 0);
    FILE *file = fopen((const char *)name.data, "r");

    buffer_finish(&name);
    return file;
}

static enum status read_parts(struct buffer *bytes, const char *path, struct fault *fault)
{
    enum status status = STATUS_OK;

    for (unsigned part = 1; status == STATUS_OK; part++) {
        FILE *file = open_part(path, part);

        if (file == NULL && part > 1)
            return STATUS_OK;
        if (file == NULL)
            return fault_set(fault, STATUS_FAILED, "%s: %s", path, strerror(errno));
        status = append_file(bytes, file, path, fault);
    }
    return status;
}

/* ---- The run ---- */

static void print_record(uint64_t number, const struct capture_record *record, FILE *out)
{
    struct buffer line = {0};

    record_line(record, &line);
    fprintf(out, "%8" PRIu64 "  %.*s\n", number, SPAN_PRINT(buffer_span(&line)));
    buffer_finish(&line);
}

static void note_record(struct rerun *rerun, const struct capture_record *record)
{
    struct captured *captured = container_of(rerun, struct captured, rerun);

    captured->context[rerun->records % CAPTURED_CONTEXT] = *record;
    if (captured->records != NULL)
        print_record(rerun->records, record, captured->records);
}

static void gather(struct rerun *rerun, const struct store_request *request)
{
    gathered_take(container_of(rerun, struct captured, rerun)->gathered, request);
}

enum status captured_run(struct captured *captured, const char *path, struct fault *fault)
{
    enum status status = read_parts(&captured->bytes, path, fault);

    captured->gathered = gathered_create();
    if (status != STATUS_OK)
        return status;
    captured->rerun.tell = note_record;
    captured->rerun.returned = gather;
    rerun_run(&captured->rerun, buffer_span(&captured->bytes));
    return STATUS_OK;
}

void captured_finish(struct captured *captured)
{
    gathered_destroy(captured->gathered);
    buffer_finish(&captured->bytes);
}

/* The last one is the one at hand. */
static void tell_context(const struct captured *captured, FILE *out)
{
    uint64_t end = captured->rerun.records + captured->rerun.has_next;
    uint64_t count = end < CAPTURED_CONTEXT ? end : CAPTURED_CONTEXT;

    for (uint64_t number = end - count; number < end; number++)
        print_record(number, &captured->context[number % CAPTURED_CONTEXT], out);
}

void captured_tell(const struct captured *captured, FILE *out)
{
    static const char *const ends[] = {
        [RERUN_WHOLE] = "all of it is the same again",
        [RERUN_CUT_OFF] = "it ends within a record, as after a crash; before that, it is the same",
        [RERUN_DIFFERS] = "this run is not like the first",
        [RERUN_DAMAGED] = "the file is not what was written",
    };
    const struct rerun *rerun = &captured->rerun;

    if (rerun->end == RERUN_DIFFERS || rerun->end == RERUN_DAMAGED) {
        fprintf(out, "%s\n", rerun->fault.text);
        tell_context(captured, out);
    }
    fprintf(out,
            "%" PRIu64 " records, %" PRIu64 " writes of %" PRIu64 " bytes and %" PRIu64
            " answers and messages compared: %s\n",
            rerun->records, rerun->writes, rerun->bytes, rerun->said, ends[rerun->end]);
}
