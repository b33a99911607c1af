#include <stdio.h>

#include "server/store/sqlite_inner.h"

/* Tells our file from another program's: "Tutt". */
enum { APPLICATION_ID = 0x54757474 };

/* Step i makes version i + 1 of version i. A step that was released is never changed: a store out
 * there has it behind it. Names are TEXT for the reader of a dump; SQLite compares them as bytes.
 * What came from clients is BLOB, which keeps every byte. */
static const char *const steps[] = {
    "CREATE TABLE document ("
    " id INTEGER PRIMARY KEY,"
    " name TEXT NOT NULL UNIQUE,"
    " epoch INTEGER NOT NULL," /* of the latest claim */
    " head INTEGER NOT NULL,"
    " owner TEXT NOT NULL" /* '' is nobody */
    ") STRICT;"

    "CREATE TABLE entry ("
    " document INTEGER NOT NULL,"
    " seq INTEGER NOT NULL,"
    " epoch INTEGER NOT NULL,"
    " session BLOB NOT NULL,"
    " serial INTEGER NOT NULL,"
    " base INTEGER NOT NULL,"
    " time_ms INTEGER NOT NULL,"
    " kind INTEGER NOT NULL,"
    " rule INTEGER NOT NULL,"
    " user TEXT NOT NULL,"
    " arrived BLOB NOT NULL,"
    " sequenced BLOB," /* NULL: as it arrived */
    " PRIMARY KEY (document, seq)"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE session ("
    " document INTEGER NOT NULL,"
    " session BLOB NOT NULL,"
    " serial INTEGER NOT NULL,"
    " seq INTEGER NOT NULL,"
    " floor INTEGER NOT NULL,"
    " spent TEXT NOT NULL," /* JSON: [[serial,code],…] */
    " PRIMARY KEY (document, session)"
    ") STRICT, WITHOUT ROWID;"

    /* With a rowid: the key is searched without walking over the contents. */
    "CREATE TABLE snapshot ("
    " document INTEGER NOT NULL,"
    " seq INTEGER NOT NULL,"
    " epoch INTEGER NOT NULL,"
    " time_ms INTEGER NOT NULL,"
    " type TEXT NOT NULL," /* '': the document does not exist at seq */
    " content BLOB NOT NULL,"
    " PRIMARY KEY (document, seq)"
    ") STRICT;"

    "CREATE TABLE secret ("
    " one INTEGER PRIMARY KEY CHECK (one = 1),"
    " bytes BLOB NOT NULL"
    ") STRICT;",

    /* Named versions, and logs that do not begin at 1. */
    "ALTER TABLE document ADD COLUMN folded INTEGER NOT NULL DEFAULT 0;"

    "CREATE TABLE version ("
    " document INTEGER NOT NULL,"
    " name TEXT NOT NULL,"
    " seq INTEGER NOT NULL,"
    " time_ms INTEGER NOT NULL,"
    " user TEXT NOT NULL,"
    " PRIMARY KEY (document, name)"
    ") STRICT, WITHOUT ROWID;"

    /* Large snapshots lie in pieces. Bytes in pieces; 0: the content is in the row; −1: it is
     * being written. */
    "ALTER TABLE snapshot ADD COLUMN pieced INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX snapshot_unfinished ON snapshot (document) WHERE pieced < 0;"

    "CREATE TABLE piece ("
    " document INTEGER NOT NULL,"
    " seq INTEGER NOT NULL," /* of the snapshot */
    " place INTEGER NOT NULL,"
    " bytes BLOB NOT NULL,"
    " PRIMARY KEY (document, seq, place)"
    ") STRICT;",

    /* Over the whole row (checksum.h); NULL: it was written before this. */
    "ALTER TABLE entry ADD COLUMN checksum INTEGER;"
    "ALTER TABLE snapshot ADD COLUMN checksum INTEGER;"
    "ALTER TABLE version ADD COLUMN checksum INTEGER;"

    /* The seq of the creation, or of the deletion, that lies before; 0: it is not known. */
    "ALTER TABLE snapshot ADD COLUMN created INTEGER NOT NULL DEFAULT 0;",
};

enum { VERSION = sizeof(steps) / sizeof(steps[0]) };

static enum status execute(struct sqlite *sqlite, const char *sql, struct fault *fault)
{
    if (sqlite3_exec(sqlite->database, sql, NULL, NULL, NULL) == SQLITE_OK)
        return STATUS_OK;
    return fault_set(fault, STATUS_AWAY, "cannot make the tables: %s",
                     sqlite3_errmsg(sqlite->database));
}

/* The value of a pragma that gives one number. */
static enum status read_number(struct sqlite *sqlite, const char *sql, int *number,
                               struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool read = sqlite3_prepare_v2(sqlite->database, sql, -1, &statement, NULL) == SQLITE_OK &&
                sqlite3_step(statement) == SQLITE_ROW;

    if (read)
        *number = sqlite3_column_int(statement, 0);
    else
        fault_set(fault, STATUS_CORRUPT, "cannot be read: %s", sqlite3_errmsg(sqlite->database));
    sqlite3_finalize(statement);
    return read ? STATUS_OK : STATUS_CORRUPT;
}

/* All steps from `version` on and the number of the version, in one transaction. */
static enum status run_steps(struct sqlite *sqlite, int version, struct fault *fault)
{
    char stamp[80];
    enum status status = execute(sqlite, "BEGIN IMMEDIATE", fault);

    if (status != STATUS_OK)
        return status;
    for (; version < VERSION && status == STATUS_OK; version++)
        status = execute(sqlite, steps[version], fault);
    snprintf(stamp, sizeof(stamp), "PRAGMA application_id = %d; PRAGMA user_version = %d",
             APPLICATION_ID, VERSION);
    if (status == STATUS_OK)
        status = execute(sqlite, stamp, fault);
    if (status == STATUS_OK)
        status = execute(sqlite, "COMMIT", fault);
    if (status != STATUS_OK)
        (void)execute(sqlite, "ROLLBACK", NULL);
    return status;
}

enum status sqlite_migrate(struct sqlite *sqlite, struct fault *fault)
{
    int application = 0;
    int version = 0;
    enum status status = read_number(sqlite, "PRAGMA application_id", &application, fault);

    if (status == STATUS_OK)
        status = read_number(sqlite, "PRAGMA user_version", &version, fault);
    if (status != STATUS_OK)
        return status;
    if (application != APPLICATION_ID && (application != 0 || version != 0))
        return fault_set(fault, STATUS_CORRUPT, "the database is not one of Tutti's");
    if (version > VERSION)
        return fault_set(fault, STATUS_CORRUPT,
                         "the database has version %d, newer than this program's %d", version,
                         VERSION);
    return version == VERSION ? STATUS_OK : run_steps(sqlite, version, fault);
}
