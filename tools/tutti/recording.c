#include "tools/tutti/recording.h"

#include <errno.h>
#include <string.h>

#include <zlib.h>

#include "base/json_scan.h"
#include "base/json_write.h"
#include "base/memory.h"

enum { READ_SIZE = 1 << 16, DEPTH_MAX = 16, FIRST_CAPACITY = 1024, AGENTS_MAX = 64 };

/* Recordings have millions of values and are our own choice to read. */
static const struct json_limits file_limits = {.depth = DEPTH_MAX, .nodes = SIZE_MAX};

void recording_finish(struct recording *recording)
{
    buffer_finish(&recording->start);
    buffer_finish(&recording->end);
    buffer_finish(&recording->texts);
    memory_free(recording->edits);
    memory_free(recording->patches);
    *recording = (struct recording){0};
}

/* ---- Values ---- */

static enum status malformed(struct fault *fault, size_t number, const char *text)
{
    return fault_set(fault, STATUS_MALFORMED_DOCUMENT, "edit %zu: %s", number, text);
}

/* Room for one more in an array that doubles: `count` is a power of two when it is full. */
static void *grown(void *array, size_t count, size_t size)
{
    if (count == 0)
        return memory_resize(array, FIRST_CAPACITY * size);
    if (count < FIRST_CAPACITY || (count & (count - 1)) != 0)
        return array;
    return memory_resize(array, 2 * count * size);
}

static bool read_text(struct span object, const char *name, struct buffer *out)
{
    struct span value = json_member(object, name);

    if (!span_present(value) || json_kind(value) != JSON_KIND_STRING)
        return false;
    json_string_append(value, out);
    return true;
}

static bool read_number(struct span object, const char *name, size_t *out)
{
    struct span value = json_member(object, name);
    uint64_t number;

    if (!span_present(value) || !json_read_unsigned(value, &number))
        return false;
    *out = (size_t)number;
    return true;
}

/* ---- Edits ---- */

/* [at, deleted, "inserted"] */
static bool add_patch(struct recording *recording, struct span value)
{
    struct recording_patch patch = {.inserted = recording->texts.size};
    struct json_walk walk;
    struct span at;
    struct span deleted;
    struct span inserted;

    if (json_kind(value) != JSON_KIND_ARRAY)
        return false;
    json_walk_init(&walk, value);
    if (!json_walk_element(&walk, &at) || !json_walk_element(&walk, &deleted) ||
        !json_walk_element(&walk, &inserted))
        return false;
    if (!json_read_unsigned(at, &patch.at_points) ||
        !json_read_unsigned(deleted, &patch.deleted_points) ||
        json_kind(inserted) != JSON_KIND_STRING)
        return false;
    json_string_append(inserted, &recording->texts);
    patch.inserted_size = recording->texts.size - patch.inserted;
    recording->patches =
        grown(recording->patches, recording->patches_count, sizeof(*recording->patches));
    recording->patches[recording->patches_count++] = patch;
    return true;
}

static enum status add_edit(struct recording *recording, struct recording_edit edit,
                            struct span patches, struct fault *fault)
{
    size_t number = recording->count + 1;
    struct json_walk walk;
    struct span patch;

    if (!span_present(patches) || json_kind(patches) != JSON_KIND_ARRAY)
        return malformed(fault, number, "it has no patches");
    edit.first = recording->patches_count;
    json_walk_init(&walk, patches);
    while (json_walk_element(&walk, &patch))
        if (!add_patch(recording, patch))
            return malformed(fault, number, "a patch is [position, deleted, \"inserted\"]");
    edit.count = recording->patches_count - edit.first;
    recording->edits = grown(recording->edits, recording->count, sizeof(*recording->edits));
    recording->edits[recording->count++] = edit;
    return STATUS_OK;
}

static enum status parse_sequential(struct recording *recording, struct span file,
                                    struct fault *fault)
{
    struct span transactions = json_member(file, "txns");
    struct json_walk walk;
    struct span transaction;

    recording->agents = 1;
    if (!read_text(file, "startContent", &recording->start) ||
        !read_text(file, "endContent", &recording->end) || !span_present(transactions) ||
        json_kind(transactions) != JSON_KIND_ARRAY)
        return fault_set(fault, STATUS_MALFORMED_DOCUMENT,
                         "it has no startContent, endContent and txns");
    json_walk_init(&walk, transactions);
    while (json_walk_element(&walk, &transaction)) {
        struct recording_edit edit = {.seen = recording->count};

        if (json_kind(transaction) != JSON_KIND_OBJECT)
            return malformed(fault, recording->count + 1, "a transaction is an object");
        enum status status = add_edit(recording, edit, json_member(transaction, "patches"), fault);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* `seen` has what each agent had seen at its last edit. */
static enum status parse_line(struct recording *recording, struct span line, size_t *seen,
                              struct fault *fault)
{
    struct recording_edit edit;
    enum status status = json_scan(line, &file_limits, fault);

    if (status != STATUS_OK)
        return status;
    if (json_kind(line) != JSON_KIND_OBJECT || !read_number(line, "a", &edit.agent) ||
        !read_number(line, "seen", &edit.seen))
        return malformed(fault, recording->count + 1, "a line is {\"a\":…,\"seen\":…,\"p\":…}");
    if (edit.agent >= recording->agents || edit.seen > recording->count)
        return malformed(fault, recording->count + 1, "no such agent, or no such edit to see");
    if (edit.seen < seen[edit.agent])
        return malformed(fault, recording->count + 1, "its agent had seen more before");
    seen[edit.agent] = edit.seen;
    return add_edit(recording, edit, json_member(line, "p"), fault);
}

/* The line before the next end of line, which is dropped with it. */
static struct span next_line(struct span *rest)
{
    const uint8_t *end = rest->size > 0 ? memchr(rest->data, '\n', rest->size) : NULL;
    struct span line = *rest;

    if (end == NULL) {
        *rest = span_of(line.data + line.size, 0);
        return line;
    }
    line.size = (size_t)(end - line.data);
    *rest = span_of(end + 1, rest->size - line.size - 1);
    return line;
}

static enum status parse_script(struct recording *recording, struct span head, struct span lines,
                                struct fault *fault)
{
    size_t seen[AGENTS_MAX] = {0};
    size_t edits;

    if (!read_number(head, "agents", &recording->agents) || !read_number(head, "edits", &edits) ||
        !read_text(head, "endContent", &recording->end))
        return fault_set(fault, STATUS_MALFORMED_DOCUMENT,
                         "it has no agents, edits and endContent");
    if (recording->agents == 0 || recording->agents > AGENTS_MAX)
        return fault_set(fault, STATUS_MALFORMED_DOCUMENT, "1 to %d agents", AGENTS_MAX);
    while (lines.size > 0) {
        struct span line = next_line(&lines);

        if (line.size == 0)
            continue;
        enum status status = parse_line(recording, line, seen, fault);
        if (status != STATUS_OK)
            return status;
    }
    if (recording->count != edits)
        return fault_set(fault, STATUS_MALFORMED_DOCUMENT, "%zu edits, not %zu", recording->count,
                         edits);
    return STATUS_OK;
}

enum status recording_parse(struct recording *recording, struct span bytes, struct fault *fault)
{
    struct span lines = bytes;
    struct span head = next_line(&lines);

    *recording = (struct recording){0};
    if (json_scan(head, &file_limits, NULL) == STATUS_OK && json_kind(head) == JSON_KIND_OBJECT &&
        span_present(json_member(head, "agents")))
        return parse_script(recording, head, lines, fault);

    enum status status = json_scan(bytes, &file_limits, fault);
    if (status != STATUS_OK)
        return status;
    if (json_kind(bytes) != JSON_KIND_OBJECT)
        return fault_set(fault, STATUS_MALFORMED_DOCUMENT, "it is not an object");
    return parse_sequential(recording, bytes, fault);
}

/* ---- The file ---- */

static enum status read_file(const char *path, struct buffer *out, struct fault *fault)
{
    gzFile file = gzopen(path, "rb");
    int size;

    if (file == NULL)
        return fault_set(fault, STATUS_FAILED, "%s: %s", path, strerror(errno));
    while ((size = gzread(file, buffer_reserve(out, READ_SIZE), READ_SIZE)) > 0)
        buffer_grow(out, (size_t)size);

    int error;
    const char *text = gzerror(file, &error);
    enum status status = STATUS_OK;
    if (size < 0)
        status = fault_set(fault, STATUS_FAILED, "%s: %s", path, text);
    gzclose(file);
    return status;
}

enum status recording_read(struct recording *recording, const char *path, struct fault *fault)
{
    struct buffer bytes = {0};

    *recording = (struct recording){0};
    enum status status = read_file(path, &bytes, fault);
    if (status == STATUS_OK)
        status = recording_parse(recording, buffer_span(&bytes), fault);
    buffer_finish(&bytes);
    return status;
}

void recording_write_operation(const struct recording *recording,
                               const struct recording_patch *patch, struct buffer *out)
{
    const char *comma = "";

    buffer_append_byte(out, '[');
    if (patch->at_points > 0 && (patch->inserted_size > 0 || patch->deleted_points > 0)) {
        buffer_append_unsigned(out, patch->at_points);
        comma = ",";
    }
    if (patch->inserted_size > 0) {
        buffer_append_text(out, comma);
        json_write_string(out,
                          span_of(recording->texts.data + patch->inserted, patch->inserted_size));
        comma = ",";
    }
    if (patch->deleted_points > 0)
        buffer_append_format(out, "%s{\"d\":%llu}", comma,
                             (unsigned long long)patch->deleted_points);
    buffer_append_byte(out, ']');
}
