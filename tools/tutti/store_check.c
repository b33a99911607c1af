#include "tools/tutti/store_check.h"

#include <inttypes.h>
#include <stdarg.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/table.h"
#include "server/collab/state.h"
#include "server/store/sqlite.h"
#include "server/store/survey.h"
#include "tools/replay/snapshots.h"

/* Names and rows that are read at once. */
enum { PAGE_SIZE = 1000 };

/* What the log has of a session in the document at hand. */
struct author {
    UT_hash_handle hh; /* by session */
    struct session_key session;
    uint64_t serial; /* of its last operation */
    uint64_t seq;
    bool has_row;
};

struct check {
    struct backend *backend;
    FILE *out;
    struct store_check_counts counts;
    /* The document at hand: */
    struct span name;
    struct document_row row;
    struct state state; /* after the entry `seq` */
    bool replays;       /* false from the first entry on that cannot be applied */
    uint64_t seq;
    uint64_t begin; /* of what is looked at: 0 unless the log was folded */
    uint64_t epoch;
    uint64_t time_ms;
    struct snapshots snapshots;
    struct author *authors;
    struct fault said; /* why it could not be read, last: not said twice */
    /* The store: */
    struct fault away; /* why it was lost on the way; empty: it is there */
};

static bool is_away(const struct check *check)
{
    return check->away.text[0] != '\0';
}

static void problem(struct check *check, const char *format, ...) PRINTF_LIKE(2, 3);

/* What does not fit once the store is away is not the store's fault. */
static void problem(struct check *check, const char *format, ...)
{
    va_list values;

    if (is_away(check))
        return;
    fprintf(check->out, "%.*s: ", SPAN_PRINT(check->name));
    va_start(values, format);
    vfprintf(check->out, format, values);
    va_end(values);
    fputc('\n', check->out);
    check->counts.problems++;
}

/* Something could not be read: the store is away, or holds what cannot be. Where it says why, it
 * begins with the document's name. What is damaged may be met on several ways: it is one problem.
 */
static void unreadable(struct check *check, const struct fault *fault, enum status status)
{
    const char *reason = fault_text(fault, status);
    size_t size = check->name.size;

    if (status == STATUS_AWAY && !is_away(check))
        (void)fault_set(&check->away, status, "%s", reason);
    if (strncmp(reason, (const char *)check->name.data, size) == 0 &&
        strncmp(reason + size, ": ", 2) == 0)
        reason += size + 2;
    if (strcmp(reason, check->said.text) == 0)
        return;
    problem(check, "%s", reason);
    (void)fault_set(&check->said, status, "%s", reason);
}

/* The same, of a call to the store. */
static void failed(struct check *check, enum status status)
{
    unreadable(check, &check->backend->fault, status);
    check->backend->fault.text[0] = '\0';
}

/* ---- Snapshots ---- */

static void find_snapshots(struct check *check)
{
    struct fault fault = {""};
    enum status status;
    bool more;

    do {
        status = snapshots_find(&check->snapshots, &more, &fault);
        if (status != STATUS_OK)
            unreadable(check, &fault, status);
    } while (more);
}

/* Of a log that was folded, the oldest snapshot is the beginning: what lies between the fold and it
 * was on its way out. */
static void begin_at_fold(struct check *check)
{
    uint64_t seq = snapshots_log_begin(&check->snapshots);
    struct snapshot snapshot;
    struct fault fault = {""};

    enum status status =
        seq > 0 ? snapshots_at(&check->snapshots, seq, &snapshot, &fault) : STATUS_NOT_FOUND;
    check->replays = status == STATUS_OK;
    if (status == STATUS_NOT_FOUND)
        problem(check, "its log was folded up to %" PRIu64 ", without a snapshot",
                check->row.folded);
    else if (status != STATUS_OK)
        unreadable(check, &fault, status);
    if (status != STATUS_OK) {
        check->seq = check->row.folded;
        return;
    }
    check->counts.snapshots++;
    check->seq = seq;
    check->epoch = snapshot.epoch;
    check->time_ms = snapshot.time_ms;
    if (state_from_snapshot(&check->state, &snapshot, &fault) != STATUS_OK) {
        problem(check, "snapshot %" PRIu64 ": it cannot be read: %s", seq, fault.text);
        check->replays = false;
    }
}

/* As states are compared between clients and servers (rule 9): the beginning of SHA-256. */
static uint64_t hash_of(struct span content)
{
    uint8_t digest[HASH_SHA256_SIZE];
    uint64_t hash = 0;

    hash_sha256(content, digest);
    for (size_t i = 0; i < sizeof(hash); i++)
        hash = hash << 8 | digest[i];
    return hash;
}

static void compare_snapshot(struct check *check, const struct snapshot *snapshot,
                             const struct entry *entry)
{
    const struct type *type = check->state.type;
    struct buffer content = {0};

    if (type != NULL)
        type->encode(check->state.content, &content);
    if (snapshot->epoch != entry->epoch)
        problem(check, "snapshot %" PRIu64 ": its epoch is %" PRIu64 ", the operation's %" PRIu64,
                entry->seq, snapshot->epoch, entry->epoch);
    if (snapshot->time_ms != entry->time_ms)
        problem(check, "snapshot %" PRIu64 ": its time is not the operation's", entry->seq);
    if (snapshot->created != 0 && snapshot->created != check->state.created)
        problem(check,
                "snapshot %" PRIu64 ": it is of a document made or deleted at seq %" PRIu64
                ", in the log at %" PRIu64,
                entry->seq, snapshot->created, check->state.created);
    if (!span_equal(snapshot->type, span_of_string(type != NULL ? type->name : "")))
        problem(check, "snapshot %" PRIu64 ": the type is \"%.*s\" and the log makes \"%s\"",
                entry->seq, SPAN_PRINT(snapshot->type), type != NULL ? type->name : "");
    else if (!span_equal(snapshot->content, buffer_span(&content)))
        problem(check,
                "snapshot %" PRIu64 ": the content is not what the log makes: its hash is "
                "%016" PRIx64 ", of what the log makes %016" PRIx64,
                entry->seq, hash_of(snapshot->content), hash_of(buffer_span(&content)));
    buffer_finish(&content);
}

/* If there is a snapshot of this entry, it is what the log has made. */
static void check_snapshot(struct check *check, const struct entry *entry)
{
    struct snapshot snapshot;
    struct fault fault = {""};
    enum status status = snapshots_at(&check->snapshots, entry->seq, &snapshot, &fault);

    if (status == STATUS_NOT_FOUND)
        return;
    if (status != STATUS_OK) {
        unreadable(check, &fault, status);
        return;
    }
    check->counts.snapshots++;
    if (check->replays)
        compare_snapshot(check, &snapshot, entry);
}

/* ---- Versions ---- */

/* It can be read even if its operations have left the log: by a snapshot of its own. */
static void check_folded_version(struct check *check, const struct version *version)
{
    struct store_load load = {
        .request.call = STORE_LOAD,
        .name = check->name,
        .seq_max = version->seq,
        .time_ms_max = UINT64_MAX,
    };
    struct state state = {0};
    struct fault fault = {""};

    store_run(check->backend, &load.request);
    if (load.request.status == STATUS_OK &&
        state_from_snapshot(&state, &load.snapshot, &fault) != STATUS_OK)
        problem(check, "snapshot %" PRIu64 ": it cannot be read: %s", version->seq, fault.text);
    else if (load.request.status != STATUS_OK && load.request.status != STATUS_FOLDED)
        failed(check, load.request.status); /* it may have been named when all was folded */
    state_finish(&state);
    store_arena_destroy(load.arena);
}

static void check_versions(struct check *check)
{
    struct store_versions versions = {.request.call = STORE_VERSIONS, .name = check->name};

    store_run(check->backend, &versions.request);
    if (versions.request.status != STATUS_OK) {
        failed(check, versions.request.status);
        return;
    }
    for (size_t i = 0; i < versions.count; i++) {
        const struct version *version = &versions.versions[i];

        if (version->seq == 0 || version->seq > check->row.head)
            problem(check, "version \"%.*s\": its seq is %" PRIu64 ", the head is %" PRIu64,
                    SPAN_PRINT(version->name), version->seq, check->row.head);
        else if (version->seq < check->begin)
            check_folded_version(check, version);
        check->counts.versions++;
    }
    store_arena_destroy(versions.arena);
}

/* ---- The log ---- */

static struct author *find_author(struct check *check, const struct session_key *session)
{
    struct author *author;

    HASH_FIND(hh, check->authors, session, sizeof(*session), author);
    return author;
}

/* To ensure that a document exists takes no serial and leaves no row. */
static void note_author(struct check *check, const struct entry *entry)
{
    struct author *author = find_author(check, &entry->session);

    if (entry->serial == 0)
        return;
    if (author == NULL) {
        author = memory_zeroed(1, sizeof(*author));
        author->session = entry->session;
        HASH_ADD(hh, check->authors, session, sizeof(author->session), author);
    }
    if (entry->serial <= author->serial)
        problem(check, "seq %" PRIu64 ": serial %" PRIu64 " comes after %" PRIu64, entry->seq,
                entry->serial, author->serial);
    author->serial = entry->serial;
    author->seq = entry->seq;
}

static void check_order(struct check *check, const struct entry *entry)
{
    if (entry->epoch < check->epoch)
        problem(check, "seq %" PRIu64 ": the epoch falls from %" PRIu64 " to %" PRIu64, entry->seq,
                check->epoch, entry->epoch);
    if (entry->epoch > check->row.epoch)
        problem(check, "seq %" PRIu64 ": epoch %" PRIu64 " was never claimed", entry->seq,
                entry->epoch);
    if (entry->time_ms < check->time_ms)
        problem(check, "seq %" PRIu64 ": the time falls from %" PRIu64 " to %" PRIu64, entry->seq,
                check->time_ms, entry->time_ms);
    if (entry->base >= entry->seq)
        problem(check, "seq %" PRIu64 ": its base is %" PRIu64, entry->seq, entry->base);
    check->epoch = entry->epoch;
    check->time_ms = entry->time_ms;
}

static void check_entry(struct check *check, const struct entry *entry)
{
    struct fault fault = {""};

    check_order(check, entry);
    note_author(check, entry);
    check->seq = entry->seq;
    check->counts.operations++;
    if (check->replays && state_apply(&check->state, entry, &fault) != STATUS_OK) {
        problem(check, "seq %" PRIu64 ": it cannot be applied: %s", entry->seq, fault.text);
        check->replays = false;
    }
    check_snapshot(check, entry);
}

/* False when the rest of the log cannot be read. */
static bool check_log(struct check *check)
{
    while (check->seq < check->row.head) {
        struct store_since since = {
            .request.call = STORE_SINCE,
            .name = check->name,
            .from = check->seq,
            .to = check->row.head,
            .count_max = LIMIT_SINCE_ENTRIES,
        };

        store_run(check->backend, &since.request);
        if (since.request.status != STATUS_OK) {
            failed(check, since.request.status);
            return false;
        }
        for (size_t i = 0; i < since.count; i++)
            check_entry(check, &since.entries[i]);
        store_arena_destroy(since.arena);
    }
    return true;
}

/* ---- Sessions ---- */

static void check_row(struct check *check, const struct session_row *row)
{
    struct author *author = find_author(check, &row->session);
    struct who who = who_of(&row->session);
    uint64_t serial = author != NULL ? author->serial : 0;
    uint64_t seq = author != NULL ? author->seq : 0;

    check->counts.sessions++;
    for (size_t i = 0; i < row->spent_count; i++)
        serial = row->spent[i].serial > serial ? row->spent[i].serial : serial;
    bool folded = author == NULL && row->seq > 0 && row->seq <= check->begin;

    if (folded) /* what it wrote has left the log */
        return;
    if (row->serial != serial)
        problem(check, "session %.8s: its serial is %" PRIu64 ", the last one used %" PRIu64,
                who.text, row->serial, serial);
    if (row->seq != seq)
        problem(check, "session %.8s: its seq is %" PRIu64 ", in the log %" PRIu64, who.text,
                row->seq, seq);
    if (row->floor > check->row.head)
        problem(check, "session %.8s: its floor %" PRIu64 " is above the head", who.text,
                row->floor);
    if (author != NULL)
        author->has_row = true;
}

/* The first key behind this one; all zero behind the last. */
static struct session_key key_after(struct session_key key)
{
    for (size_t i = SESSION_KEY_SIZE; i-- > 0;) {
        if (++key.bytes[i] != 0)
            break;
    }
    return key;
}

/* False when they cannot be read. */
static bool check_rows(struct check *check)
{
    struct survey_rows rows = {.name = check->name, .count_max = PAGE_SIZE};

    do {
        struct store_arena *arena = store_arena_create();
        enum status status = check->backend->survey->rows(check->backend, &rows, arena);

        if (status == STATUS_OK) {
            for (size_t i = 0; i < rows.count; i++)
                check_row(check, &rows.rows[i]);
            if (rows.count > 0)
                rows.from = key_after(rows.rows[rows.count - 1].session);
        } else {
            failed(check, status);
        }
        store_arena_destroy(arena);
        if (status != STATUS_OK)
            return false;
    } while (rows.count == PAGE_SIZE);
    return true;
}

static void check_authors(struct check *check)
{
    struct author *author;
    struct author *next;

    HASH_ITER (hh, check->authors, author, next) {
        if (!author->has_row)
            problem(check, "session %.8s: it has operations and no row",
                    who_of(&author->session).text);
    }
}

/* ---- A document, a store ---- */

/* Forget the document at hand. */
static void leave(struct check *check)
{
    struct author *author;
    struct author *next;

    HASH_ITER (hh, check->authors, author, next) {
        HASH_DELETE(hh, check->authors, author);
        memory_free(author);
    }
    snapshots_finish(&check->snapshots);
    state_finish(&check->state);
}

static void check_document(struct check *check, struct span name)
{
    struct fault fault = {""};

    check->counts.documents++;
    *check = (struct check){
        .backend = check->backend,
        .out = check->out,
        .counts = check->counts,
        .away = check->away,
        .name = name,
        .replays = true,
    };
    enum status status = snapshots_begin(&check->snapshots, check->backend, name, &fault);

    if (status != STATUS_OK) {
        unreadable(check, &fault, status);
        return;
    }
    check->row = check->snapshots.row;
    find_snapshots(check);
    if (check->row.folded > 0)
        begin_at_fold(check);
    check->begin = check->seq;
    check_versions(check);
    if (check_log(check) && check_rows(check))
        check_authors(check);
    leave(check);
}

/* The files first, where they are the store's own: what the rest finds in damaged ones means
 * little. */
static bool check_files(struct check *check)
{
    const struct survey_ops *survey = check->backend->survey;
    struct fault fault = {""};

    if (survey->verify == NULL || survey->verify(check->backend, &fault) == STATUS_OK)
        return true;
    problem(check, "%s", fault.text);
    return false;
}

static void check_documents(struct check *check)
{
    struct survey_names names = {.count_max = PAGE_SIZE};
    struct store_arena *arena = store_arena_create();
    const struct span whole = check->name;
    enum status status;

    do {
        status = check->backend->survey->names(check->backend, &names, arena);
        for (size_t i = 0; status == STATUS_OK && i < names.count && !is_away(check); i++)
            check_document(check, names.names[i]);
        if (status == STATUS_OK && names.count > 0)
            names.after = names.names[names.count - 1];
    } while (status == STATUS_OK && names.count == PAGE_SIZE && !is_away(check));
    check->name = whole;
    if (status != STATUS_OK)
        failed(check, status);
    store_arena_destroy(arena);
}

enum status store_check(struct backend *backend, FILE *out, struct store_check_counts *counts,
                        struct fault *fault)
{
    struct check check = {.backend = backend, .out = out, .name = SPAN(SQLITE_FILE_NAME)};

    if (check_files(&check))
        check_documents(&check);
    *counts = check.counts;
    return is_away(&check) ? fault_set(fault, STATUS_AWAY, "%s", check.away.text) : STATUS_OK;
}
