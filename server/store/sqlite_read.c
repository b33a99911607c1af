#include "base/memory.h"
#include "server/store/checksum.h"
#include "server/store/spent.h"
#include "server/store/sqlite_inner.h"

/* ---- Documents ---- */

static void read_owner(struct document_row *row, struct span owner)
{
    size_t size = owner.size < sizeof(row->owner) ? owner.size : sizeof(row->owner) - 1;

    memset(row->owner, 0, sizeof(row->owner));
    if (size > 0)
        memcpy(row->owner, owner.data, size);
}

enum status sqlite_find(struct sqlite *sqlite, struct span name, struct document_row *row,
                        uint64_t *id)
{
    sqlite3_stmt *statement = sqlite_statement(sqlite, SQLITE_DOCUMENT_SQL);

    sqlite_bind_text(statement, 1, name);
    enum status status = sqlite_row(sqlite, statement);
    if (status == STATUS_OK) {
        *id = sqlite_column(statement, 0);
        row->epoch = sqlite_column(statement, 1);
        row->head = sqlite_column(statement, 2);
        row->folded = sqlite_column(statement, 3);
        read_owner(row, sqlite_column_text(statement, 4));
    }
    sqlite_reset(statement);
    if (status == STATUS_OK && (row->epoch | row->head | row->folded) > INT64_MAX)
        status = sqlite_corrupt(sqlite, name, "the document's row has a negative number");
    return status;
}

/* ---- Entries ---- */

/* Entries `from` + 1 … `to` of a document, up to the first younger one, read into an array that
 * grows in the arena. */
struct reading {
    struct span name;
    uint64_t document;
    uint64_t from;
    uint64_t to;
    uint64_t time_ms_max;
    struct store_arena *arena;
    struct entry *entries;
    size_t count;
    size_t capacity;
};

/* The next place of the array. The arrays that were outgrown stay in the arena: together they are
 * no larger than the last one. */
static struct entry *next_place(struct reading *reading)
{
    if (reading->count == reading->capacity) {
        size_t capacity = reading->capacity > 0 ? reading->capacity * 2 : 16;
        struct entry *entries = store_arena_allocate(reading->arena, capacity * sizeof(*entries));

        if (reading->count > 0)
            memcpy(entries, reading->entries, reading->count * sizeof(*entries));
        reading->entries = entries;
        reading->capacity = capacity;
    }
    return &reading->entries[reading->count++];
}

/* The row that the statement stands on; false when it cannot be an entry. */
static bool read_entry(sqlite3_stmt *statement, struct store_arena *arena, struct entry *entry)
{
    struct span session = sqlite_column_blob(statement, 5);
    uint64_t kind = sqlite_column(statement, 6);
    uint64_t rule = sqlite_column(statement, 7);

    if (session.size != SESSION_KEY_SIZE || kind > ENTRY_DELETE || rule > UINT8_MAX)
        return false;
    *entry = (struct entry){
        .seq = sqlite_column(statement, 0),
        .epoch = sqlite_column(statement, 1),
        .serial = sqlite_column(statement, 2),
        .base = sqlite_column(statement, 3),
        .time_ms = sqlite_column(statement, 4),
        .kind = (uint8_t)kind,
        .rule = (uint8_t)rule,
    };
    if ((entry->seq | entry->epoch | entry->serial | entry->base | entry->time_ms) > INT64_MAX)
        return false;
    memcpy(entry->session.bytes, session.data, SESSION_KEY_SIZE);
    entry->user = store_arena_copy(arena, sqlite_column_text(statement, 8));
    entry->arrived = store_arena_copy(arena, sqlite_column_blob(statement, 9));
    entry->sequenced = sqlite_column_is_null(statement, 10)
                           ? entry->arrived
                           : store_arena_copy(arena, sqlite_column_blob(statement, 10));
    return true;
}

/* Step through the rows; they have no gaps. */
static enum status step_through(struct sqlite *sqlite, sqlite3_stmt *statement,
                                struct reading *reading)
{
    enum status status;

    while ((status = sqlite_row(sqlite, statement)) == STATUS_OK) {
        struct entry *entry = next_place(reading);

        if (!read_entry(statement, reading->arena, entry))
            return sqlite_corrupt(sqlite, reading->name, "an entry has a field that cannot be");
        if (entry->seq != reading->from + reading->count)
            return sqlite_corrupt(sqlite, reading->name, "the history has a gap");
        if (!sqlite_column_is_null(statement, 11) &&
            !checksum_holds_entry(entry, sqlite_column(statement, 11), reading->name,
                                  &sqlite->backend.fault))
            return STATUS_CORRUPT;
        if (entry->time_ms > reading->time_ms_max) {
            reading->count--;
            return STATUS_OK;
        }
    }
    if (status != STATUS_NOT_FOUND)
        return status;
    if (reading->count < reading->to - reading->from)
        return sqlite_corrupt(sqlite, reading->name, "the history ends below its head");
    return STATUS_OK;
}

static enum status read_entries(struct sqlite *sqlite, struct reading *reading)
{
    sqlite3_stmt *statement = sqlite_statement(sqlite, SQLITE_ENTRIES_SQL);

    if (reading->from == reading->to)
        return STATUS_OK;
    sqlite_bind(statement, 1, reading->document);
    sqlite_bind(statement, 2, reading->from);
    sqlite_bind(statement, 3, reading->to);
    enum status status = step_through(sqlite, statement, reading);
    sqlite_reset(statement);
    return status;
}

/* ---- Load, since ---- */

static uint64_t lower(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static enum status load_document(struct sqlite *sqlite, struct store_load *load)
{
    struct reading reading = {.name = load->name,
                              .time_ms_max = lower(load->time_ms_max, INT64_MAX)};
    struct document_row row;
    struct snapshot snapshot;
    enum status status = sqlite_find(sqlite, load->name, &row, &reading.document);
    if (status != STATUS_OK)
        return status;

    reading.arena = store_arena_create();
    reading.to = lower(load->seq_max, row.head);
    status = sqlite_read_snapshot(sqlite,
                                  &(struct sqlite_place){.name = load->name,
                                                         .document = reading.document,
                                                         .seq = reading.to,
                                                         .time_ms = reading.time_ms_max},
                                  reading.arena, &snapshot);
    if (status == STATUS_OK && snapshot.seq < row.folded && snapshot.seq != reading.to)
        status = STATUS_FOLDED;
    if (status == STATUS_OK) {
        reading.from = snapshot.seq;
        status = read_entries(sqlite, &reading);
    }
    if (status != STATUS_OK) {
        store_arena_destroy(reading.arena);
        return status;
    }
    load->row = row;
    load->snapshot = snapshot;
    load->entries = reading.entries;
    load->count = reading.count;
    load->arena = reading.arena;
    return STATUS_OK;
}

enum status sqlite_load(struct backend *backend, struct store_load *load)
{
    struct sqlite *sqlite = sqlite_of(backend);
    enum status status = sqlite_look(sqlite);

    if (status != STATUS_OK)
        return status;
    status = load_document(sqlite, load);
    sqlite_look_end(sqlite);
    return status;
}

static enum status read_since(struct sqlite *sqlite, struct store_since *since)
{
    struct reading reading = {.name = since->name, .from = since->from, .time_ms_max = UINT64_MAX};
    struct document_row row;
    enum status status = sqlite_find(sqlite, since->name, &row, &reading.document);
    if (status != STATUS_OK)
        return status;
    if (since->from < row.folded)
        return STATUS_FOLDED;

    uint64_t to = lower(since->to, row.head);
    reading.to =
        to > since->from ? since->from + lower(to - since->from, since->count_max) : since->from;
    reading.arena = store_arena_create();
    status = read_entries(sqlite, &reading);
    if (status != STATUS_OK) {
        store_arena_destroy(reading.arena);
        return status;
    }
    since->row = row;
    since->entries = reading.entries;
    since->count = reading.count;
    since->arena = reading.arena;
    return STATUS_OK;
}

enum status sqlite_since(struct backend *backend, struct store_since *since)
{
    struct sqlite *sqlite = sqlite_of(backend);
    enum status status = sqlite_look(sqlite);

    if (status != STATUS_OK)
        return status;
    status = read_since(sqlite, since);
    sqlite_look_end(sqlite);
    return status;
}

/* ---- Sessions ---- */

static bool read_row(sqlite3_stmt *statement, struct store_arena *arena, struct session_row *row)
{
    struct span session = sqlite_column_blob(statement, 0);

    if (session.size != SESSION_KEY_SIZE)
        return false;
    memcpy(row->session.bytes, session.data, SESSION_KEY_SIZE);
    row->serial = sqlite_column(statement, 1);
    row->seq = sqlite_column(statement, 2);
    row->floor = sqlite_column(statement, 3);
    return spent_read(store_arena_copy(arena, sqlite_column_text(statement, 4)), arena, row);
}

enum status sqlite_read_rows(struct sqlite *sqlite, const struct sqlite_row_range *range,
                             struct store_arena *arena, struct session_row *rows, size_t *count)
{
    sqlite3_stmt *statement = sqlite_statement(sqlite, SQLITE_SESSIONS_SQL);
    enum status status;
    size_t found = 0;

    sqlite_bind(statement, 1, range->document);
    sqlite_bind_blob(statement, 2, span_of(range->session.bytes, SESSION_KEY_SIZE));
    sqlite_bind(statement, 3, range->count_max);
    while ((status = sqlite_row(sqlite, statement)) == STATUS_OK) {
        if (!read_row(statement, arena, &rows[found++])) {
            status = sqlite_corrupt(sqlite, range->name, "a session's row cannot be");
            break;
        }
    }
    sqlite_reset(statement);
    if (status != STATUS_NOT_FOUND)
        return status;
    *count = found;
    return STATUS_OK;
}

/* The first row from `range->session` on; NOT_FOUND when there is none. */
static enum status read_first(struct sqlite *sqlite, struct sqlite_row_range *range,
                              struct store_arena *arena, struct session_row *row)
{
    size_t count = 0;

    range->count_max = 1;
    enum status status = sqlite_read_rows(sqlite, range, arena, row, &count);
    return status == STATUS_OK && count == 0 ? STATUS_NOT_FOUND : status;
}

/* It has no row: is there one of another session with the same public id? Those lie together. */
static enum status look_for_namesake(struct sqlite *sqlite, struct sqlite_row_range range,
                                     struct store_arena *arena)
{
    const struct session_key session = range.session;
    struct session_row row;

    range.session = session_key_first_namesake(&session);
    enum status status = read_first(sqlite, &range, arena, &row);
    if (status != STATUS_OK)
        return status;
    return session_key_is_namesake(&row.session, &session) ? STATUS_WHO_TAKEN : STATUS_NOT_FOUND;
}

static enum status read_session(struct sqlite *sqlite, struct store_session *session)
{
    struct sqlite_row_range range = {.name = session->name, .session = session->session};
    struct document_row document;
    struct session_row row;
    enum status status = sqlite_find(sqlite, session->name, &document, &range.document);
    if (status != STATUS_OK)
        return status;

    struct store_arena *arena = store_arena_create();
    status = read_first(sqlite, &range, arena, &row);
    if (status == STATUS_NOT_FOUND ||
        (status == STATUS_OK && memcmp(&row.session, &session->session, SESSION_KEY_SIZE) != 0))
        status = look_for_namesake(sqlite, range, arena);
    if (status != STATUS_OK) {
        store_arena_destroy(arena);
        return status;
    }
    session->row = row;
    session->arena = arena;
    return STATUS_OK;
}

enum status sqlite_session(struct backend *backend, struct store_session *session)
{
    struct sqlite *sqlite = sqlite_of(backend);
    enum status status = sqlite_look(sqlite);

    if (status != STATUS_OK)
        return status;
    status = read_session(sqlite, session);
    sqlite_look_end(sqlite);
    return status;
}
