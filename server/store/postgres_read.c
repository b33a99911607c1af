#include "base/memory.h"
#include "server/store/checksum.h"
#include "server/store/postgres_inner.h"
#include "server/store/spent.h"

/* Who looks keeps no lock of what was read. */
static enum status let_go(struct postgres *postgres)
{
    struct query end = {.which = POSTGRES_END};
    enum status status = postgres_run(postgres, &end, 1);

    postgres_clear(&end, 1);
    return status;
}

/* A read that was lost on its way has no effect that anybody could ask about, and is done again:
 * the server may be back already. */
enum status postgres_run_read(struct backend *backend, struct query *queries, size_t count)
{
    struct postgres *postgres = postgres_of(backend);
    enum status status = postgres_run(postgres, queries, count);

    if (status == STATUS_UNKNOWN && !postgres->looks) {
        backend->fault.text[0] = '\0';
        status = postgres_run(postgres, queries, count);
    }
    if (status == STATUS_OK && postgres->looks && queries[count - 1].which != POSTGRES_END)
        status = let_go(postgres);
    if (status == STATUS_OK)
        return STATUS_OK;
    postgres_clear(queries, count);
    return STATUS_AWAY;
}

enum status postgres_corrupt(struct backend *backend, struct span name, const char *what)
{
    return fault_set(&backend->fault, STATUS_CORRUPT, "%.*s: %s", SPAN_PRINT(name), what);
}

static uint64_t lower(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

struct span postgres_copy(struct store_arena *arena, const PGresult *result, int row, int column)
{
    return store_arena_copy(arena, postgres_bytes(result, row, column));
}

/* ---- Entries ---- */

static bool read_entry(const PGresult *result, int row, struct store_arena *arena,
                       struct entry *entry)
{
    struct span session = postgres_bytes(result, row, 7);
    uint64_t kind = postgres_number(result, row, 5);
    uint64_t rule = postgres_number(result, row, 6);

    if (session.size != SESSION_KEY_SIZE || kind > ENTRY_DELETE || rule > UINT8_MAX)
        return false;
    *entry = (struct entry){.seq = postgres_number(result, row, 0),
                            .epoch = postgres_number(result, row, 1),
                            .serial = postgres_number(result, row, 2),
                            .base = postgres_number(result, row, 3),
                            .time_ms = postgres_number(result, row, 4),
                            .kind = (uint8_t)kind,
                            .rule = (uint8_t)rule};
    memcpy(entry->session.bytes, session.data, SESSION_KEY_SIZE);
    entry->user = postgres_copy(arena, result, row, 8);
    entry->arrived = postgres_copy(arena, result, row, 9);
    entry->sequenced =
        PQgetisnull(result, row, 10) ? entry->arrived : postgres_copy(arena, result, row, 10);
    return (entry->seq | entry->epoch | entry->serial | entry->base | entry->time_ms) <= INT64_MAX;
}

/* The entries behind `from`, which have no gaps. */
static enum status read_entries(struct backend *backend, struct span name, const PGresult *result,
                                uint64_t from, struct store_arena *arena, struct entry **entries)
{
    int count = PQntuples(result);

    *entries = store_arena_allocate(arena, (size_t)count * sizeof(**entries));
    for (int row = 0; row < count; row++) {
        struct entry *entry = &(*entries)[row];

        if (!read_entry(result, row, arena, entry))
            return postgres_corrupt(backend, name, "an entry has a field that cannot be");
        if (entry->seq != from + (uint64_t)row + 1)
            return postgres_corrupt(backend, name, "the history has a gap");
        if (!PQgetisnull(result, row, 11) &&
            !checksum_holds_entry(entry, postgres_number(result, row, 11), name, &backend->fault))
            return STATUS_CORRUPT;
    }
    return STATUS_OK;
}

/* ---- Load ---- */

static void read_snapshot(const PGresult *result, struct store_arena *arena,
                          struct snapshot *snapshot)
{
    *snapshot = (struct snapshot){.type = SPAN(""), .content = SPAN("")};
    if (PQntuples(result) == 0)
        return;
    snapshot->seq = postgres_number(result, 0, 0);
    snapshot->epoch = postgres_number(result, 0, 1);
    snapshot->time_ms = postgres_number(result, 0, 2);
    snapshot->type = postgres_copy(arena, result, 0, 3);
    snapshot->content = postgres_copy(arena, result, 0, 4);
    snapshot->created = postgres_number(result, 0, 6);
}

static bool snapshot_holds(struct backend *backend, struct span name, const PGresult *result,
                           const struct snapshot *snapshot)
{
    return PQntuples(result) == 0 || PQgetisnull(result, 0, 5) ||
           checksum_holds_snapshot(snapshot, postgres_number(result, 0, 5), name, &backend->fault);
}

/* What one moment's row, snapshot and entries say together. */
static enum status take_load(struct backend *backend, const struct query *queries,
                             struct store_load *load)
{
    const PGresult *entries = queries[3].result;
    struct document_row row;
    struct snapshot snapshot;

    if (PQntuples(queries[1].result) == 0)
        return STATUS_NOT_FOUND;
    postgres_read_row(queries[1].result, &row);
    uint64_t to = lower(load->seq_max, row.head);

    struct store_arena *arena = store_arena_create();
    read_snapshot(queries[2].result, arena, &snapshot);
    struct entry *read = NULL;
    enum status status = STATUS_OK;

    if (snapshot.seq < row.folded && snapshot.seq != to)
        status = STATUS_FOLDED;
    else if (!snapshot_holds(backend, load->name, queries[2].result, &snapshot))
        status = STATUS_CORRUPT;
    else
        status = read_entries(backend, load->name, entries, snapshot.seq, arena, &read);
    size_t count = (size_t)PQntuples(entries);

    if (status == STATUS_OK && load->time_ms_max >= INT64_MAX && snapshot.seq + count != to)
        status = postgres_corrupt(backend, load->name, "the history ends below its head");
    if (status != STATUS_OK) {
        store_arena_destroy(arena);
        return status;
    }
    load->row = row;
    load->snapshot = snapshot;
    load->entries = read;
    load->count = count;
    load->arena = arena;
    return STATUS_OK;
}

enum status postgres_load(struct backend *backend, struct store_load *load)
{
    struct parameters name = {0};
    struct parameters bounds = {0};
    struct query queries[] = {{.which = POSTGRES_BEGIN},
                              {.which = POSTGRES_DOCUMENT, .parameters = &name},
                              {.which = POSTGRES_SNAPSHOT, .parameters = &bounds},
                              {.which = POSTGRES_ENTRIES_LOAD, .parameters = &bounds},
                              {.which = POSTGRES_END}};

    parameters_bytes(&name, load->name);
    parameters_bytes(&bounds, load->name);
    parameters_number(&bounds, lower(load->seq_max, INT64_MAX));
    parameters_number(&bounds, lower(load->time_ms_max, INT64_MAX));
    enum status status = postgres_run_read(backend, queries, 5);
    if (status == STATUS_OK)
        status = take_load(backend, queries, load);
    postgres_clear(queries, 5);
    parameters_finish(&name);
    parameters_finish(&bounds);
    return status;
}

/* ---- Since ---- */

static enum status take_since(struct backend *backend, const struct query *queries,
                              struct store_since *since)
{
    struct document_row row;
    struct entry *entries = NULL;

    if (PQntuples(queries[1].result) == 0)
        return STATUS_NOT_FOUND;
    postgres_read_row(queries[1].result, &row);
    if (since->from < row.folded)
        return STATUS_FOLDED;

    uint64_t to = lower(since->to, row.head);
    uint64_t due = to > since->from ? lower(to - since->from, since->count_max) : 0;
    struct store_arena *arena = store_arena_create();
    enum status status =
        read_entries(backend, since->name, queries[2].result, since->from, arena, &entries);

    if (status == STATUS_OK && (size_t)PQntuples(queries[2].result) != due)
        status = postgres_corrupt(backend, since->name, "the history ends below its head");
    if (status != STATUS_OK) {
        store_arena_destroy(arena);
        return status;
    }
    since->row = row;
    since->entries = entries;
    since->count = due;
    since->arena = arena;
    return STATUS_OK;
}

enum status postgres_since(struct backend *backend, struct store_since *since)
{
    struct parameters name = {0};
    struct parameters range = {0};
    struct query queries[] = {{.which = POSTGRES_BEGIN},
                              {.which = POSTGRES_DOCUMENT, .parameters = &name},
                              {.which = POSTGRES_ENTRIES_SINCE, .parameters = &range},
                              {.which = POSTGRES_END}};
    uint64_t from = lower(since->from, INT64_MAX);
    uint64_t most = lower(since->count_max, INT64_MAX - from);

    parameters_bytes(&name, since->name);
    parameters_bytes(&range, since->name);
    parameters_number(&range, from);
    parameters_number(&range, lower(since->to, from + most));
    enum status status = postgres_run_read(backend, queries, 4);
    if (status == STATUS_OK)
        status = take_since(backend, queries, since);
    postgres_clear(queries, 4);
    parameters_finish(&name);
    parameters_finish(&range);
    return status;
}

/* ---- Sessions, versions ---- */

static void add_session(struct parameters *values, const struct session_key *session)
{
    parameters_bytes(values, span_of(session->bytes, SESSION_KEY_SIZE));
}

bool postgres_read_session(const PGresult *result, int at, struct store_arena *arena,
                           struct session_row *row)
{
    row->serial = postgres_number(result, at, 0);
    row->seq = postgres_number(result, at, 1);
    row->floor = postgres_number(result, at, 2);
    return spent_read(postgres_copy(arena, result, at, 3), arena, row);
}

enum status postgres_session(struct backend *backend, struct store_session *session)
{
    const struct session_key first = session_key_first_namesake(&session->session);
    const struct session_key last = session_key_last_namesake(&session->session);
    struct parameters values = {0};
    struct query query = {.which = POSTGRES_SESSION, .parameters = &values};
    struct session_row row = {.session = session->session};

    parameters_bytes(&values, session->name);
    add_session(&values, &session->session);
    add_session(&values, &first);
    add_session(&values, &last);
    enum status status = postgres_run_read(backend, &query, 1);
    parameters_finish(&values);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(query.result) == 0)
        status = STATUS_NOT_FOUND;
    else if (postgres_number(query.result, 0, 4) == 0)
        status = STATUS_WHO_TAKEN;
    if (status != STATUS_OK) {
        postgres_clear(&query, 1);
        return status;
    }
    struct store_arena *arena = store_arena_create();

    if (!postgres_read_session(query.result, 0, arena, &row))
        status = postgres_corrupt(backend, session->name, "a session's row cannot be");
    postgres_clear(&query, 1);
    if (status != STATUS_OK) {
        store_arena_destroy(arena);
        return status;
    }
    session->row = row;
    session->arena = arena;
    return STATUS_OK;
}

static enum status read_version(struct backend *backend, const PGresult *result, int row,
                                struct store_versions *versions)
{
    struct version *version = &versions->versions[versions->count++];

    *version = (struct version){.name = postgres_copy(versions->arena, result, row, 0),
                                .seq = postgres_number(result, row, 1),
                                .time_ms = postgres_number(result, row, 2),
                                .user = postgres_copy(versions->arena, result, row, 3)};
    return PQgetisnull(result, row, 4) ||
                   checksum_holds_version(version, postgres_number(result, row, 4), versions->name,
                                          &backend->fault)
               ? STATUS_OK
               : STATUS_CORRUPT;
}

/* A document without versions gives one row of NULLs. */
enum status postgres_versions(struct backend *backend, struct store_versions *versions)
{
    struct parameters name = {0};
    struct query query = {.which = POSTGRES_VERSIONS, .parameters = &name};

    parameters_bytes(&name, versions->name);
    enum status status = postgres_run_read(backend, &query, 1);
    parameters_finish(&name);
    if (status != STATUS_OK)
        return status;
    int count = PQntuples(query.result);

    if (count == 0) {
        postgres_clear(&query, 1);
        return STATUS_NOT_FOUND;
    }
    versions->arena = store_arena_create();
    versions->versions =
        store_arena_allocate(versions->arena, (size_t)count * sizeof(*versions->versions));
    versions->count = 0;
    enum status read = STATUS_OK;

    for (int row = 0; row < count && !PQgetisnull(query.result, row, 0) && read == STATUS_OK; row++)
        read = read_version(backend, query.result, row, versions);
    postgres_clear(&query, 1);
    if (read != STATUS_OK) {
        store_arena_destroy(versions->arena);
        versions->arena = NULL;
        versions->count = 0;
    }
    return read;
}
