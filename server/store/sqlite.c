#include "server/store/sqlite.h"

#include <sys/random.h>

#include "base/memory.h"
#include "server/store/sqlite_inner.h"

/* How long another process's transaction is waited for: a person with the sqlite3 shell. */
enum { BUSY_MS = 5000 };

struct sqlite *sqlite_of(struct backend *backend)
{
    return container_of(backend, struct sqlite, backend);
}

/* ---- Opening ---- */

static int remember_pages(void *context, sqlite3 *database, const char *name, int pages)
{
    (void)database;
    (void)name;
    ((struct sqlite *)context)->wal_pages = pages;
    return SQLITE_OK;
}

static bool execute(struct sqlite *sqlite, const char *sql)
{
    return sqlite3_exec(sqlite->database, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* A file system that cannot share memory between processes keeps the old journal, and says so only
 * in the answer. */
static bool set_wal(struct sqlite *sqlite)
{
    sqlite3_stmt *statement = NULL;
    bool set = sqlite3_prepare_v2(sqlite->database, "PRAGMA journal_mode = WAL", -1, &statement,
                                  NULL) == SQLITE_OK &&
               sqlite3_step(statement) == SQLITE_ROW &&
               span_equal(sqlite_column_text(statement, 0), SPAN("wal"));

    sqlite3_finalize(statement);
    return set;
}

/* The checkpoint copies what an earlier process left in the log into the database and syncs it:
 * if that process stopped because an fsync had failed, what we read may be in memory only, and
 * another fsync of the same pages would not say so. */
static bool copy_log(struct sqlite *sqlite)
{
    return execute(sqlite, "PRAGMA wal_checkpoint(TRUNCATE)");
}

static bool set_up(struct sqlite *sqlite)
{
    sqlite3_busy_timeout(sqlite->database, BUSY_MS);
    sqlite3_wal_hook(sqlite->database, remember_pages, sqlite);
    return set_wal(sqlite) &&
           execute(sqlite, "PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;"
                           "PRAGMA cache_size = -16384; PRAGMA journal_size_limit = 16777216");
}

static enum status read_secret(struct sqlite *sqlite, uint8_t out[STORE_SECRET_SIZE])
{
    uint8_t drawn[STORE_SECRET_SIZE];

    must(getentropy(drawn, sizeof(drawn)) == 0);
    sqlite3_stmt *make = sqlite_statement(sqlite, SQLITE_SECRET_MAKE_SQL);
    sqlite_bind_blob(make, 1, span_of(drawn, sizeof(drawn)));
    enum status status = sqlite_run(sqlite, make);
    if (status != STATUS_OK)
        return status;

    sqlite3_stmt *read = sqlite_statement(sqlite, SQLITE_SECRET_SQL);
    status = sqlite_row(sqlite, read);
    struct span bytes = status == STATUS_OK ? sqlite_column_blob(read, 0) : SPAN_NONE;
    if (bytes.size == STORE_SECRET_SIZE)
        memcpy(out, bytes.data, STORE_SECRET_SIZE);
    else if (status == STATUS_OK || status == STATUS_NOT_FOUND)
        status = sqlite_corrupt(sqlite, SPAN("secret"), "it has not 32 bytes");
    sqlite_reset(read);
    return status;
}

static enum status open_file(struct sqlite *sqlite, struct fault *fault)
{
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    char *path = sqlite_folder_path(sqlite->folder, SQLITE_FILE_NAME);
    int code = sqlite3_open_v2(path, &sqlite->database, flags, NULL);

    memory_free(path);
    must(sqlite->database != NULL);
    if (code == SQLITE_OK)
        return STATUS_OK;
    return fault_set(fault, STATUS_AWAY, "%s: %s", sqlite->folder->path,
                     sqlite3_errmsg(sqlite->database));
}

/* The first connection: another program's file is left alone, so look before the first change. */
static enum status open_first(struct sqlite *sqlite, struct fault *fault)
{
    struct fault reason = {""};
    enum status status = open_file(sqlite, fault);

    if (status != STATUS_OK)
        return status;
    status = sqlite_migrate(sqlite, &reason);
    if (status != STATUS_OK)
        return fault_set(fault, status, "%s: %s", sqlite->folder->path, reason.text);
    if (!set_up(sqlite) || !copy_log(sqlite))
        return fault_set(fault, STATUS_AWAY, "%s: cannot set up the database: %s",
                         sqlite->folder->path, sqlite3_errmsg(sqlite->database));
    status = sqlite_prepare(sqlite);
    if (status == STATUS_OK)
        status = read_secret(sqlite, sqlite->backend.secret);
    if (status != STATUS_OK)
        return fault_set(fault, status, "%s: %s", sqlite->folder->path, sqlite->backend.fault.text);
    return STATUS_OK;
}

/* One more connection to what the first has set up. */
static enum status open_next(struct sqlite *sqlite, struct fault *fault)
{
    enum status status = open_file(sqlite, fault);

    if (status != STATUS_OK)
        return status;
    if (!set_up(sqlite) || sqlite_prepare(sqlite) != STATUS_OK)
        return fault_set(fault, STATUS_AWAY, "%s: cannot set up a connection: %s",
                         sqlite->folder->path, sqlite3_errmsg(sqlite->database));
    return STATUS_OK;
}

/* ---- Claims ---- */

/* Within a transaction. FENCED leaves everything as it is. */
static enum status claim_row(struct sqlite *sqlite, const struct store_claim *claim,
                             struct document_row *row)
{
    uint64_t now = sqlite->clock();
    uint64_t id = 0;
    enum status status = sqlite_find(sqlite, claim->name, row, &id);
    bool makes = status == STATUS_NOT_FOUND;

    if (status != STATUS_OK && !makes)
        return status;
    if (claim->seen_epoch != UINT64_MAX && claim->seen_epoch != row->epoch)
        return STATUS_FENCED;
    row->epoch = now > row->epoch ? now : row->epoch + 1;
    memcpy(row->owner, claim->node, strlen(claim->node) + 1);

    sqlite3_stmt *statement =
        sqlite_statement(sqlite, makes ? SQLITE_DOCUMENT_MAKE_SQL : SQLITE_DOCUMENT_CLAIM_SQL);
    if (makes)
        sqlite_bind_text(statement, 1, claim->name);
    else
        sqlite_bind(statement, 1, id);
    sqlite_bind(statement, 2, row->epoch);
    sqlite_bind_text(statement, 3, span_of_string(claim->node));
    return sqlite_run(sqlite, statement);
}

static enum status sqlite_claim(struct backend *backend, struct store_claim *claim)
{
    struct sqlite *sqlite = sqlite_of(backend);
    struct document_row row = {0};

    if (sqlite_begin(sqlite) != STATUS_OK)
        return STATUS_AWAY;
    enum status status = claim_row(sqlite, claim, &row);
    if (status == STATUS_OK)
        status = sqlite_end(sqlite);
    else
        sqlite_rollback(sqlite);
    if (status == STATUS_OK || status == STATUS_FENCED)
        claim->row = row;
    return status;
}

/* ---- The table ---- */

/* Once it is lost, the log is left for the next process as it is: closing would copy it over the
 * database, out of pages that may not be what was written. */
static void sqlite_destroy(struct backend *backend)
{
    struct sqlite *sqlite = sqlite_of(backend);

    sqlite_finalize(sqlite);
    if (sqlite_lost(sqlite))
        (void)sqlite3_db_config(sqlite->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    must(sqlite3_close(sqlite->database) == SQLITE_OK);
    sqlite_folder_leave(sqlite->folder);
    memory_free(sqlite);
}

static const struct backend_ops sqlite_ops = {
    .claim = sqlite_claim,
    .load = sqlite_load,
    .since = sqlite_since,
    .session = sqlite_session,
    .versions = sqlite_versions,
    .commit = sqlite_commit,
    .destroy = sqlite_destroy,
};

static struct sqlite *sqlite_create_take(struct sqlite_folder *folder, store_clock_fn clock)
{
    struct sqlite *sqlite = memory_zeroed(1, sizeof(*sqlite));

    sqlite->backend.ops = &sqlite_ops;
    sqlite->backend.survey = &sqlite_survey_ops;
    sqlite->folder = folder;
    sqlite->clock = clock;
    return sqlite;
}

enum status backend_sqlite_open(const char *path, store_clock_fn clock, struct backend **backend,
                                struct fault *fault)
{
    struct sqlite *sqlite = sqlite_create_take(sqlite_folder_create(path), clock);
    enum status status = sqlite_folder_open(sqlite->folder, fault);

    if (status == STATUS_OK)
        status = open_first(sqlite, fault);
    if (status == STATUS_OK)
        *backend = &sqlite->backend;
    else
        sqlite_destroy(&sqlite->backend);
    return status;
}

enum status backend_sqlite_open_beside(struct backend *backend, struct backend **beside,
                                       struct fault *fault)
{
    struct sqlite *first = sqlite_of(backend);
    struct sqlite *next = sqlite_create_take(first->folder, first->clock);

    first->folder->users++;
    memcpy(next->backend.secret, backend->secret, STORE_SECRET_SIZE);
    enum status status = open_next(next, fault);
    if (status == STATUS_OK)
        *beside = &next->backend;
    else
        sqlite_destroy(&next->backend);
    return status;
}
