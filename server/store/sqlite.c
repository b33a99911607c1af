#include "server/store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "server/store/sqlite_inner.h"

/* How long another process's transaction is waited for: a person with the sqlite3 shell. */
enum { BUSY_MS = 5000 };

struct sqlite *sqlite_of(struct backend *backend)
{
    return container_of(backend, struct sqlite, backend);
}

/* ---- The folder and its lock ---- */

/* The path of a file in the folder, zero-terminated; the caller frees it. */
static char *path_in(const char *folder, const char *name)
{
    struct buffer path = {0};

    buffer_append_format(&path, "%s/%s", folder, name);
    buffer_append_byte(&path, '\0');
    return (char *)buffer_release(&path);
}

/* A new folder is an entry of the one above it, which has to reach the disk as well. */
static bool sync_above(const char *folder)
{
    char *copy = memory_copy(folder, strlen(folder) + 1);
    int above = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = above >= 0 && fsync(above) == 0;

    if (above >= 0)
        close(above);
    memory_free(copy);
    return synced;
}

/* Only for its owner: it holds the deployment's secret. */
static enum status make_folder(const char *folder, struct fault *fault)
{
    if (mkdir(folder, 0700) == 0 ? sync_above(folder) : errno == EEXIST)
        return STATUS_OK;
    return fault_set(fault, STATUS_AWAY, "%s: cannot make the folder: %s", folder, strerror(errno));
}

static enum status locked_by_another(int lock, const char *folder, struct fault *fault)
{
    char pid[16] = "";
    ssize_t size = pread(lock, pid, sizeof(pid) - 1, 0);

    pid[size > 0 ? strcspn(pid, "\n") : 0] = '\0';
    return fault_set(fault, STATUS_AWAY, "%s: the folder is in use by process %s", folder,
                     pid[0] != '\0' ? pid : "(unknown)");
}

/* One process for each folder. The lock goes with the process, however it ends; the file stays,
 * because a lock on a name that was taken away guards nothing. */
static enum status take_lock(struct sqlite *sqlite, const char *folder, struct fault *fault)
{
    char *path = path_in(folder, "lock");

    sqlite->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    memory_free(path);
    if (sqlite->lock < 0)
        return fault_set(fault, STATUS_AWAY, "%s: cannot open the lock: %s", folder,
                         strerror(errno));
    if (flock(sqlite->lock, LOCK_EX | LOCK_NB) != 0)
        return locked_by_another(sqlite->lock, folder, fault);
    if (ftruncate(sqlite->lock, 0) != 0 || dprintf(sqlite->lock, "%d\n", (int)getpid()) < 0)
        return fault_set(fault, STATUS_AWAY, "%s: cannot write the lock: %s", folder,
                         strerror(errno));
    return STATUS_OK;
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
static bool set_up(struct sqlite *sqlite)
{
    sqlite3_wal_hook(sqlite->database, remember_pages, sqlite);
    return set_wal(sqlite) &&
           execute(sqlite, "PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;"
                           "PRAGMA cache_size = -16384; PRAGMA journal_size_limit = 16777216") &&
           execute(sqlite, "PRAGMA wal_checkpoint(TRUNCATE)");
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

static enum status open_database(struct sqlite *sqlite, const char *folder, struct fault *fault)
{
    char *path = path_in(folder, SQLITE_FILE_NAME);
    struct fault reason = {""};
    int code =
        sqlite3_open_v2(path, &sqlite->database,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);

    memory_free(path);
    must(sqlite->database != NULL);
    if (code != SQLITE_OK)
        return fault_set(fault, STATUS_AWAY, "%s: %s", folder, sqlite3_errmsg(sqlite->database));
    sqlite3_busy_timeout(sqlite->database, BUSY_MS);

    /* Another program's file is left alone: look before the first change. */
    enum status status = sqlite_migrate(sqlite, &reason);
    if (status != STATUS_OK)
        return fault_set(fault, status, "%s: %s", folder, reason.text);
    if (!set_up(sqlite))
        return fault_set(fault, STATUS_AWAY, "%s: cannot set up the database: %s", folder,
                         sqlite3_errmsg(sqlite->database));
    status = sqlite_prepare(sqlite);
    if (status == STATUS_OK)
        status = read_secret(sqlite, sqlite->backend.secret);
    if (status != STATUS_OK)
        return fault_set(fault, status, "%s: %s", folder, sqlite->backend.fault.text);
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

    if (sqlite->broken || sqlite_begin(sqlite) != STATUS_OK)
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

/* Once broken, the log is left for the next process as it is: closing would copy it over the
 * database, out of pages that may not be what was written. */
static void sqlite_destroy(struct backend *backend)
{
    struct sqlite *sqlite = sqlite_of(backend);

    sqlite_finalize(sqlite);
    if (sqlite->broken)
        (void)sqlite3_db_config(sqlite->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    must(sqlite3_close(sqlite->database) == SQLITE_OK);
    if (sqlite->lock >= 0)
        close(sqlite->lock);
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

enum status backend_sqlite_open(const char *path, store_clock_fn clock, struct backend **backend,
                                struct fault *fault)
{
    struct sqlite *sqlite = memory_zeroed(1, sizeof(*sqlite));

    sqlite->backend.ops = &sqlite_ops;
    sqlite->clock = clock;
    sqlite->lock = -1;
    enum status status = make_folder(path, fault);
    if (status == STATUS_OK)
        status = take_lock(sqlite, path, fault);
    if (status == STATUS_OK)
        status = open_database(sqlite, path, fault);
    if (status != STATUS_OK) {
        sqlite_destroy(&sqlite->backend);
        return status;
    }
    *backend = &sqlite->backend;
    return STATUS_OK;
}
