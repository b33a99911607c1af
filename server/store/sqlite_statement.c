#include "server/store/sqlite_inner.h"

static const char *const texts[SQLITE_SQL_COUNT] = {
#define SQLITE_SQL(name, sql) sql,
    SQLITE_STATEMENTS(SQLITE_SQL)
#undef SQLITE_SQL
};

enum status sqlite_prepare(struct sqlite *sqlite)
{
    for (int which = 0; which < SQLITE_SQL_COUNT; which++) {
        if (sqlite3_prepare_v3(sqlite->database, texts[which], -1, SQLITE_PREPARE_PERSISTENT,
                               &sqlite->statements[which], NULL) != SQLITE_OK)
            return sqlite_failed(sqlite);
    }
    return STATUS_OK;
}

void sqlite_finalize(struct sqlite *sqlite)
{
    for (int which = 0; which < SQLITE_SQL_COUNT; which++)
        sqlite3_finalize(sqlite->statements[which]);
}

sqlite3_stmt *sqlite_statement(struct sqlite *sqlite, enum sqlite_sql which)
{
    must(!sqlite3_stmt_busy(sqlite->statements[which]));
    return sqlite->statements[which];
}

/* What it returns is what the last step returned, which was looked at then. */
void sqlite_reset(sqlite3_stmt *statement)
{
    (void)sqlite3_reset(statement);
}

/* ---- Values ---- */

void sqlite_bind(sqlite3_stmt *statement, int place, uint64_t value)
{
    must(value <= INT64_MAX);
    must(sqlite3_bind_int64(statement, place, (sqlite3_int64)value) == SQLITE_OK);
}

/* SQLite takes an absent pointer for NULL. */
static const void *bytes_of(struct span span)
{
    return span.size > 0 ? (const void *)span.data : "";
}

void sqlite_bind_text(sqlite3_stmt *statement, int place, struct span text)
{
    must(sqlite3_bind_text64(statement, place, bytes_of(text), text.size, SQLITE_STATIC,
                             SQLITE_UTF8) == SQLITE_OK);
}

void sqlite_bind_blob(sqlite3_stmt *statement, int place, struct span bytes)
{
    must(sqlite3_bind_blob64(statement, place, bytes_of(bytes), bytes.size, SQLITE_STATIC) ==
         SQLITE_OK);
}

bool sqlite_column_is_null(sqlite3_stmt *statement, int column)
{
    return sqlite3_column_type(statement, column) == SQLITE_NULL;
}

uint64_t sqlite_column(sqlite3_stmt *statement, int column)
{
    return (uint64_t)sqlite3_column_int64(statement, column);
}

struct span sqlite_column_text(sqlite3_stmt *statement, int column)
{
    const void *text = sqlite3_column_text(statement, column);

    return span_of(text, (size_t)sqlite3_column_bytes(statement, column));
}

struct span sqlite_column_blob(sqlite3_stmt *statement, int column)
{
    const void *bytes = sqlite3_column_blob(statement, column);

    return span_of(bytes, (size_t)sqlite3_column_bytes(statement, column));
}

/* ---- Steps ---- */

enum status sqlite_row(struct sqlite *sqlite, sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);

    if (code == SQLITE_ROW)
        return STATUS_OK;
    return code == SQLITE_DONE ? STATUS_NOT_FOUND : sqlite_failed(sqlite);
}

enum status sqlite_run(struct sqlite *sqlite, sqlite3_stmt *statement)
{
    enum status status = sqlite_row(sqlite, statement);

    must(status != STATUS_OK);
    sqlite_reset(statement);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* ---- What an error means ---- */

bool sqlite_lost(struct sqlite *sqlite)
{
    if (atomic_load(&sqlite->folder->lost))
        sqlite->backend.lost = true;
    return sqlite->backend.lost;
}

static void lose(struct sqlite *sqlite)
{
    atomic_store(&sqlite->folder->lost, true);
    sqlite->backend.lost = true;
}

enum status sqlite_failed(struct sqlite *sqlite)
{
    int code = sqlite3_extended_errcode(sqlite->database);

    fault_set(&sqlite->backend.fault, STATUS_FAILED, "SQLite: %s (%s, %d)",
              sqlite3_errmsg(sqlite->database), sqlite3_errstr(code), code);
    switch (code & 0xff) {
    case SQLITE_BUSY:
        return STATUS_AWAY;
    case SQLITE_CONSTRAINT:
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG:
        return STATUS_FAILED;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        lose(sqlite);
        return STATUS_CORRUPT;
    default:
        lose(sqlite);
        return STATUS_AWAY;
    }
}

enum status sqlite_corrupt(struct sqlite *sqlite, struct span name, const char *what)
{
    return fault_set(&sqlite->backend.fault, STATUS_CORRUPT, "%.*s: %s", SPAN_PRINT(name), what);
}

/* ---- Transactions ---- */

/* SQLite has often rolled back already. When it cannot, closing the file will. */
static void roll_back(struct sqlite *sqlite)
{
    sqlite3_stmt *rollback = sqlite_statement(sqlite, SQLITE_ROLLBACK_SQL);

    if (sqlite3_get_autocommit(sqlite->database))
        return;
    if (sqlite3_step(rollback) != SQLITE_DONE)
        lose(sqlite);
    sqlite_reset(rollback);
}

enum status sqlite_look(struct sqlite *sqlite)
{
    if (sqlite_lost(sqlite))
        return STATUS_AWAY;
    return sqlite_run(sqlite, sqlite_statement(sqlite, SQLITE_LOOK_SQL));
}

void sqlite_look_end(struct sqlite *sqlite)
{
    roll_back(sqlite);
}

enum status sqlite_begin(struct sqlite *sqlite)
{
    sqlite_folder_await_turn(sqlite->folder);
    enum status status = sqlite_lost(sqlite)
                             ? STATUS_AWAY
                             : sqlite_run(sqlite, sqlite_statement(sqlite, SQLITE_BEGIN_SQL));
    if (status != STATUS_OK)
        sqlite_folder_end_turn(sqlite->folder);
    return status;
}

/* A full disk is noticed by a write, before the record of the commit is whole, and the next
 * transaction is written over it: it did not happen. After any other failure, above all a failed
 * fsync, what the disk has is anybody's guess: the system may have dropped the pages and call the
 * next fsync a success. */
enum status sqlite_end(struct sqlite *sqlite)
{
    enum status status = sqlite_run(sqlite, sqlite_statement(sqlite, SQLITE_COMMIT_SQL));

    if (status != STATUS_OK)
        roll_back(sqlite);
    if (status != STATUS_OK && status != STATUS_FAILED) {
        lose(sqlite);
        status = STATUS_UNKNOWN;
    }
    sqlite_folder_end_turn(sqlite->folder);
    return status;
}

void sqlite_rollback(struct sqlite *sqlite)
{
    roll_back(sqlite);
    sqlite_folder_end_turn(sqlite->folder);
}
