#include <stdio.h>
#include <stdlib.h>

#include "server/store/postgres_inner.h"

/* Step i makes version i + 1 of version i. A step that was released is never changed: a database
 * out there has it behind it. `oldest` is the version of the oldest program that can still work on
 * the tables after the step: while nodes are replaced one by one, both are at work. No step writes
 * a table anew: it would keep the nodes waiting, and be empty for who looks (the transactions of
 * backend_postgres_look() are older than the step). */
struct step {
    int oldest;
    const char *sql;
};

static const struct step steps[] = {
    {1,
     "CREATE TABLE document ("
     " id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
     " name BYTEA NOT NULL UNIQUE,"
     " epoch BIGINT NOT NULL," /* of the latest claim */
     " head BIGINT NOT NULL,"
     " folded BIGINT NOT NULL,"  /* entries up to this one have left the log */
     " owner BYTEA NOT NULL"     /* empty: nobody */
     ") WITH (fillfactor = 70);" /* its rows change with every commit */

     "CREATE TABLE entry ("
     " document BIGINT NOT NULL,"
     " seq BIGINT NOT NULL,"
     " epoch BIGINT NOT NULL,"
     " serial BIGINT NOT NULL,"
     " base BIGINT NOT NULL,"
     " time_ms BIGINT NOT NULL,"
     " kind BIGINT NOT NULL,"
     " rule BIGINT NOT NULL,"
     " session BYTEA NOT NULL,"
     " author BYTEA NOT NULL,"
     " arrived BYTEA NOT NULL,"
     " sequenced BYTEA," /* NULL: as it arrived */
     " PRIMARY KEY (document, seq));"

     "CREATE TABLE session ("
     " document BIGINT NOT NULL,"
     " session BYTEA NOT NULL,"
     " serial BIGINT NOT NULL,"
     " seq BIGINT NOT NULL,"
     " floor BIGINT NOT NULL,"
     " spent BYTEA NOT NULL," /* JSON: [[serial,code],…] */
     " PRIMARY KEY (document, session)"
     ") WITH (fillfactor = 70);"

     "CREATE TABLE snapshot ("
     " document BIGINT NOT NULL,"
     " seq BIGINT NOT NULL,"
     " epoch BIGINT NOT NULL,"
     " time_ms BIGINT NOT NULL,"
     " type BYTEA NOT NULL," /* empty: the document does not exist at seq */
     " content BYTEA NOT NULL,"
     " PRIMARY KEY (document, seq));"

     "CREATE TABLE version ("
     " document BIGINT NOT NULL,"
     " name BYTEA NOT NULL,"
     " seq BIGINT NOT NULL,"
     " time_ms BIGINT NOT NULL,"
     " author BYTEA NOT NULL,"
     " PRIMARY KEY (document, name));"

     "CREATE TABLE secret ("
     " one BIGINT PRIMARY KEY CHECK (one = 1),"
     " bytes BYTEA NOT NULL);"

     /* A fold that was begun, and is marked by its minus: take away what lies before it, unless
      * nothing would be left to begin from. */
     "CREATE FUNCTION fold_document(named BYTEA) RETURNS VOID LANGUAGE plpgsql AS $$"
     " DECLARE d document; BEGIN"
     " UPDATE document SET folded = -folded WHERE name = named AND folded < 0 RETURNING * INTO d;"
     " IF NOT FOUND THEN RETURN; END IF;"
     " IF NOT EXISTS (SELECT FROM snapshot WHERE document = d.id AND seq >= d.folded) THEN"
     "  RAISE '%: a fold needs a snapshot', encode(named, 'escape'); END IF;"
     " DELETE FROM entry WHERE document = d.id AND seq <= d.folded;"
     " DELETE FROM snapshot WHERE document = d.id AND seq < d.folded"
     "  AND seq NOT IN (SELECT seq FROM version WHERE document = d.id);"
     " END $$;"},

    /* Over the whole row (checksum.h); NULL: it was written before this, or by an older program
     * that replaced it, which knows nothing of checksums. */
    {1, "ALTER TABLE entry ADD COLUMN checksum BIGINT;"
        "ALTER TABLE snapshot ADD COLUMN checksum BIGINT;"
        "ALTER TABLE version ADD COLUMN checksum BIGINT;"

        /* The seq of the creation, or of the deletion, that lies before; 0: it is not known. */
        "ALTER TABLE snapshot ADD COLUMN created BIGINT NOT NULL DEFAULT 0;"

        "CREATE FUNCTION forget_checksum() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN"
        " IF NEW IS DISTINCT FROM OLD AND NEW.checksum = OLD.checksum THEN NEW.checksum = NULL;"
        " END IF;"
        " RETURN NEW; END $$;"
        "CREATE TRIGGER checksum BEFORE UPDATE ON snapshot"
        " FOR EACH ROW EXECUTE FUNCTION forget_checksum();"
        "CREATE TRIGGER checksum BEFORE UPDATE ON version"
        " FOR EACH ROW EXECUTE FUNCTION forget_checksum();"},
};

enum { VERSION = sizeof(steps) / sizeof(steps[0]) };

/* One at a time: two nodes may be told to migrate at once. Made outside of the steps, so that an
 * empty database can be told from another program's. */
static const char prepare[] = "SELECT pg_advisory_xact_lock(x'54757474'::bigint);"
                              "CREATE TABLE IF NOT EXISTS tutti ("
                              " one BIGINT PRIMARY KEY CHECK (one = 1),"
                              " version BIGINT NOT NULL,"
                              " oldest BIGINT NOT NULL);" /* program that can work with it */
                              "INSERT INTO tutti VALUES (1, 0, 0) ON CONFLICT DO NOTHING";

static enum status execute(PGconn *connection, const char *sql, struct fault *fault)
{
    PGresult *result = PQexec(connection, sql);
    ExecStatusType got = PQresultStatus(result);

    PQclear(result);
    if (got == PGRES_COMMAND_OK || got == PGRES_TUPLES_OK)
        return STATUS_OK;
    return fault_set(fault, STATUS_AWAY, "%.*s", (int)strcspn(PQerrorMessage(connection), "\n"),
                     PQerrorMessage(connection));
}

struct versions {
    int version;
    int oldest;
};

static enum status read_versions(PGconn *connection, struct versions *versions, struct fault *fault)
{
    PGresult *result = PQexec(connection, "SELECT version, oldest FROM tutti");
    enum status status = STATUS_OK;

    if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1) {
        versions->version = (int)strtol(PQgetvalue(result, 0, 0), NULL, 10);
        versions->oldest = (int)strtol(PQgetvalue(result, 0, 1), NULL, 10);
    } else {
        status = fault_set(fault, STATUS_AWAY,
                           "the database has no tables of Tutti's (tutti store migrate URL makes "
                           "them), or they may not be read");
    }
    PQclear(result);
    return status;
}

enum status postgres_check_version(PGconn *connection, struct fault *fault)
{
    struct versions versions = {0};
    enum status status = read_versions(connection, &versions, fault);

    if (status != STATUS_OK)
        return status;
    if (versions.version < VERSION)
        return fault_set(fault, STATUS_AWAY,
                         "the tables have version %d, this program needs %d: "
                         "tutti store migrate URL",
                         versions.version, VERSION);
    if (versions.oldest > VERSION)
        return fault_set(fault, STATUS_CORRUPT,
                         "the tables have version %d, which needs a newer program",
                         versions.version);
    return STATUS_OK;
}

/* ---- Migrating ---- */

static enum status run_steps(PGconn *connection, struct fault *fault)
{
    struct versions versions = {0};
    char stamp[80];
    enum status status = execute(connection, prepare, fault);

    if (status == STATUS_OK)
        status = read_versions(connection, &versions, fault);
    if (status != STATUS_OK || versions.version >= VERSION)
        return status;
    for (int version = versions.version; version < VERSION && status == STATUS_OK; version++)
        status = execute(connection, steps[version].sql, fault);
    snprintf(stamp, sizeof(stamp), "UPDATE tutti SET version = %d, oldest = %d", VERSION,
             steps[VERSION - 1].oldest);
    return status == STATUS_OK ? execute(connection, stamp, fault) : status;
}

enum status backend_postgres_migrate(const char *url, struct fault *fault)
{
    PGconn *connection = postgres_dial(url, "tutti", fault);

    if (connection == NULL)
        return STATUS_AWAY;
    enum status status = execute(connection, "SET client_min_messages = warning; BEGIN", fault);
    if (status == STATUS_OK)
        status = run_steps(connection, fault);
    if (status == STATUS_OK)
        status = execute(connection, "COMMIT", fault);
    PQfinish(connection);
    return status;
}
