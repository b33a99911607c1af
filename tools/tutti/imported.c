#include "tools/tutti/imported.h"

#include <inttypes.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/table.h"
#include "ot/tie.h"
#include "tools/tutti/dump_line.h"

/* The row of one source. */
struct source_row {
    UT_hash_handle hh; /* by row.session */
    struct session_row row;
};

/* Nobody can go on under it: an id that a server of ours gives proves itself. */
static struct session_key session_of(struct span source)
{
    struct session_key session = {{0}};
    struct buffer text = {0};
    uint8_t digest[HASH_SHA256_SIZE];

    if (!span_present(source))
        return session;
    buffer_append_text(&text, "ShareDB:");
    buffer_append(&text, source);
    hash_sha256(buffer_span(&text), digest);
    buffer_finish(&text);
    memcpy(session.bytes, digest, sizeof(session.bytes));
    return session;
}

/* Serials only rise here, where a source may have used one twice. */
static uint64_t note_serial(struct imported *imported, const struct entry *entry)
{
    struct source_row *source;

    HASH_FIND(hh, imported->sources, &entry->session, sizeof(entry->session), source);
    if (source == NULL) {
        source = memory_zeroed(1, sizeof(*source));
        source->row.session = entry->session;
        HASH_ADD(hh, imported->sources, row.session, sizeof(entry->session), source);
    }
    struct session_row *row = &source->row;

    row->serial = entry->serial > row->serial ? entry->serial : row->serial + 1;
    row->seq = entry->seq;
    return row->serial;
}

static void append(struct imported *imported, const struct entry *entry)
{
    if (imported->arena == NULL)
        imported->arena = store_arena_create();
    if (imported->version == imported->room) {
        imported->room = imported->room == 0 ? 16 : 2 * imported->room;
        imported->entries =
            memory_resize(imported->entries, imported->room * sizeof(*imported->entries));
    }
    imported->entries[imported->version++] = store_arena_copy_entry(imported->arena, entry);
}

/* ---- Types ---- */

static enum status find_type(struct span name, const struct type **type, struct fault *fault)
{
    const struct type *found = type_find(name);

    if (found == NULL || found->uri == NULL)
        return fault_set(fault, STATUS_TYPE_UNKNOWN, "the type %.*s is not known here",
                         SPAN_PRINT(name));
    *type = found;
    return STATUS_OK;
}

/* ---- Operations ---- */

static enum status write_edit(const struct state *state, struct span json, struct buffer *out,
                              struct fault *fault)
{
    struct operation *operation = NULL;

    if (state->type == NULL)
        return fault_set(fault, STATUS_NOT_CREATED, "there is no document to edit");
    enum status status = state->type->decode(json, &operation, fault);

    if (status == STATUS_OK)
        state->type->write(operation, out);
    operation_discard(operation);
    return status;
}

static enum status write_nothing(const struct state *state, struct buffer *out)
{
    struct operation *operation = NULL;
    enum status status = state->type->difference(state->content, state->content, &operation);

    if (status == STATUS_OK)
        state->type->write(operation, out);
    operation_discard(operation);
    return status;
}

static enum status write_create(const struct state *state, const struct dump_line *line,
                                struct buffer *out, struct fault *fault)
{
    const struct type *type = NULL;
    struct content *content = NULL;
    struct buffer data = {0};

    if (state->type != NULL)
        return fault_set(fault, STATUS_CREATED, "the document exists already");
    enum status status = find_type(line->type, &type, fault);

    if (status == STATUS_OK)
        status = type->create(line->data, &content, fault);
    if (status == STATUS_OK) {
        type->encode(content, &data);
        state_write_creation(out, type, buffer_span(&data));
    }
    content_destroy(content);
    buffer_finish(&data);
    return status;
}

/* The entry's kind and its operation, in canonical form. */
static enum status write_operation(const struct state *state, const struct dump_line *line,
                                   enum entry_kind *kind, struct buffer *out, struct fault *fault)
{
    switch (line->kind) {
    case DUMP_EDIT:
        *kind = ENTRY_EDIT;
        return write_edit(state, line->operation, out, fault);
    case DUMP_CREATE:
        *kind = ENTRY_CREATE;
        return write_create(state, line, out, fault);
    case DUMP_NOTHING:
        *kind = state->type != NULL ? ENTRY_EDIT : ENTRY_DELETE;
        return state->type != NULL ? write_nothing(state, out) : STATUS_OK;
    default:
        *kind = ENTRY_DELETE;
        return STATUS_OK;
    }
}

static enum status add_operation(struct imported *imported, const struct dump_line *line,
                                 struct fault *fault)
{
    struct buffer operation = {0};
    enum entry_kind kind;

    if (line->version != imported->version && imported->version == 0)
        return fault_set(fault, STATUS_SERIAL_GAP,
                         "the document begins at version %" PRIu64
                         ": a snapshot of that version has to come first",
                         line->version);
    if (line->version != imported->version)
        return fault_set(fault, STATUS_SERIAL_GAP,
                         "version %" PRIu64 " comes where %" PRIu64 " has to be", line->version,
                         imported->version);
    enum status status = write_operation(&imported->state, line, &kind, &operation, fault);

    if (status == STATUS_OK) {
        struct entry entry = {
            .seq = imported->version + 1,
            .serial = line->serial,
            .base = imported->version,
            .session = session_of(line->source),
            .kind = (uint8_t)kind,
            .rule = TIE_LATER,
            .user = SPAN(""),
            .arrived = buffer_span(&operation),
            .sequenced = buffer_span(&operation),
        };

        if (line->time_ms > imported->time_ms)
            imported->time_ms = line->time_ms;
        entry.time_ms = imported->time_ms;
        status = state_apply(&imported->state, &entry, fault);
        if (status == STATUS_OK) {
            entry.serial = span_present(line->source) ? note_serial(imported, &entry) : 0;
            append(imported, &entry);
        }
    }
    buffer_finish(&operation);
    return status;
}

/* ---- Snapshots ---- */

/* What has left the log still counts: each version is one operation. */
static void append_folded(struct imported *imported, uint64_t version)
{
    while (imported->version < version) {
        struct entry entry = {
            .seq = imported->version + 1,
            .base = imported->version,
            .kind = ENTRY_DELETE,
            .rule = TIE_LATER,
            .time_ms = imported->time_ms,
            .user = SPAN(""),
            .arrived = SPAN(""),
        };

        entry.sequenced = entry.arrived;
        append(imported, &entry);
    }
}

static enum status begin(struct imported *imported, const struct dump_line *line,
                         struct fault *fault)
{
    struct snapshot snapshot = {.seq = line->version, .type = SPAN("")};
    const struct type *type = NULL;
    enum status status = STATUS_OK;

    if (line->version > LIMIT_IMPORT_VERSION)
        return fault_set(fault, STATUS_TOO_LARGE,
                         "version %" PRIu64 " is too high to begin with: at most %d", line->version,
                         LIMIT_IMPORT_VERSION);
    if (span_present(line->type)) {
        status = find_type(line->type, &type, fault);
        snapshot.type = line->type;
        snapshot.content = line->data;
    }
    if (status == STATUS_OK)
        status = state_from_snapshot(&imported->state, &snapshot, fault);
    if (status != STATUS_OK)
        return status;
    imported->time_ms = line->time_ms;
    imported->beginning_ms = line->time_ms;
    imported->begun = line->version;
    imported->beginning_type = type;
    if (type != NULL)
        type->encode(imported->state.content, &imported->beginning);
    append_folded(imported, line->version);
    return STATUS_OK;
}

/* Is the snapshot what the operations have made? */
static enum status compare(const struct imported *imported, const struct dump_line *line,
                           struct fault *fault)
{
    const struct state *state = &imported->state;
    const struct type *type = NULL;
    struct content *content = NULL;
    bool same = state->type == NULL;
    enum status status = STATUS_OK;

    if (span_present(line->type)) {
        status = find_type(line->type, &type, fault);
        if (status == STATUS_OK)
            status = type->create(line->data, &content, fault);
        same = status == STATUS_OK && type == state->type && content_equal(content, state->content);
    }
    content_destroy(content);
    if (status == STATUS_OK && !same)
        return fault_set(fault, STATUS_CORRUPT, "the snapshot is not what the operations make");
    return status;
}

static enum status add_snapshot(struct imported *imported, const struct dump_line *line,
                                struct fault *fault)
{
    if (imported->version == 0)
        return begin(imported, line, fault);
    if (line->version != imported->version)
        return fault_set(fault, STATUS_SERIAL_GAP,
                         "a snapshot of version %" PRIu64
                         " comes where the operations before it make %" PRIu64,
                         line->version, imported->version);
    return compare(imported, line, fault);
}

enum status imported_add(struct imported *imported, const struct dump_line *line,
                         struct fault *fault)
{
    return line->kind == DUMP_SNAPSHOT ? add_snapshot(imported, line, fault)
                                       : add_operation(imported, line, fault);
}

/* ---- Into the store ---- */

/* What the backend says of a call that went wrong. */
static enum status fail(struct backend *backend, enum status status, struct fault *fault)
{
    const char *reason = backend->fault.text;

    fault_set(fault, status, "%s", reason[0] != '\0' ? reason : status_text(status));
    backend->fault.text[0] = '\0';
    return status;
}

static bool is_same(const struct imported *imported, const struct store_load *load)
{
    const struct state *state = &imported->state;
    struct buffer stored = {0};
    struct buffer content = {0};
    struct snapshot snapshot;
    bool same = false;

    if (load->row.head >= imported->version &&
        state_build(load, &stored, &snapshot, NULL) == STATUS_OK) {
        if (state->type != NULL)
            state->type->encode(state->content, &content);
        same =
            span_equal(snapshot.content, buffer_span(&content)) &&
            span_equal(snapshot.type, span_of_string(state->type != NULL ? state->type->name : ""));
    }
    buffer_finish(&stored);
    buffer_finish(&content);
    return same;
}

/* What the store has under that name. OK: nothing; `epoch` is that of its row, or 0. */
static enum status look(const struct imported *imported, struct span name, struct backend *backend,
                        uint64_t *epoch, struct fault *fault)
{
    struct store_load load = {
        .request.call = STORE_LOAD,
        .name = name,
        .seq_max = imported->version,
        .time_ms_max = UINT64_MAX,
    };

    store_run(backend, &load.request);
    switch (load.request.status) {
    case STATUS_NOT_FOUND:
        *epoch = 0;
        return STATUS_OK;
    case STATUS_FOLDED:
        return fault_set(fault, STATUS_FOLDED,
                         "the store has it already, and not at version %" PRIu64 " any more",
                         imported->version);
    case STATUS_OK:
        break;
    default:
        return fail(backend, load.request.status, fault);
    }
    bool exists = load.row.head > 0;
    bool same = exists && is_same(imported, &load);

    *epoch = load.row.epoch;
    store_arena_destroy(load.arena);
    if (same)
        return STATUS_REPEATED;
    return exists ? fault_set(fault, STATUS_CREATED, "the store has another document of this name")
                  : STATUS_OK;
}

static enum status claim(struct span name, struct backend *backend, uint64_t *epoch,
                         struct fault *fault)
{
    struct store_claim claim = {
        .request.call = STORE_CLAIM,
        .name = name,
        .node = "import",
        .seen_epoch = *epoch,
    };

    store_run(backend, &claim.request);
    if (claim.request.status == STATUS_FENCED)
        return fault_set(fault, STATUS_FENCED, "a server works on it: is one running?");
    if (claim.request.status != STATUS_OK)
        return fail(backend, claim.request.status, fault);
    *epoch = claim.row.epoch;
    return STATUS_OK;
}

/* The snapshot that goes with the batch: where the operations begin, or what they make. */
static struct snapshot snapshot_of(struct imported *imported, uint64_t epoch)
{
    struct snapshot snapshot = {
        .seq = imported->version, .epoch = epoch, .time_ms = imported->time_ms, .type = SPAN("")};
    const struct type *type = imported->state.type;

    if (imported->begun > 0) {
        snapshot.seq = imported->begun;
        snapshot.time_ms = imported->beginning_ms;
        type = imported->beginning_type;
    } else if (type != NULL) {
        type->encode(imported->state.content, &imported->beginning);
    }
    if (imported->begun == 0)
        snapshot.created = imported->state.created;
    if (type != NULL)
        snapshot.type = span_of_string(type->name);
    snapshot.content = buffer_span(&imported->beginning);
    return snapshot;
}

static enum status commit(struct imported *imported, struct batch_document *part,
                          struct backend *backend, struct fault *fault)
{
    struct snapshot snapshot = snapshot_of(imported, part->epoch);
    struct session_row *rows =
        memory_zeroed(HASH_COUNT(imported->sources) + 1, sizeof(struct session_row));
    struct store_commit commit = {.request.call = STORE_COMMIT, .documents = part, .count = 1};
    const struct source_row *source;

    for (source = imported->sources; source != NULL; source = source->hh.next)
        rows[part->row_count++] = source->row;
    for (size_t i = 0; i < imported->version; i++)
        imported->entries[i].epoch = part->epoch;
    part->entries = imported->entries;
    part->count = imported->version;
    part->rows = rows;
    part->snapshot = &snapshot;
    part->fold = imported->begun;
    store_run(backend, &commit.request);
    memory_free(rows);
    if (commit.request.status != STATUS_OK)
        return fail(backend, commit.request.status, fault);
    return part->outcome == STATUS_OK ? STATUS_OK : fail(backend, part->outcome, fault);
}

enum status imported_store(struct imported *imported, struct span name, struct backend *backend,
                           struct fault *fault)
{
    struct batch_document part = {.name = name, .release = true};
    enum status status = look(imported, name, backend, &part.epoch, fault);

    if (status == STATUS_OK)
        status = claim(name, backend, &part.epoch, fault);
    if (status == STATUS_OK)
        status = commit(imported, &part, backend, fault);
    return status;
}

void imported_finish(struct imported *imported)
{
    struct source_row *source;
    struct source_row *next;

    HASH_ITER (hh, imported->sources, source, next) {
        HASH_DELETE(hh, imported->sources, source);
        memory_free(source);
    }
    state_finish(&imported->state);
    buffer_finish(&imported->beginning);
    memory_free(imported->entries);
    store_arena_destroy(imported->arena);
    *imported = (struct imported){0};
}
