/* postgres_inner - what the files of the PostgreSQL back end share. Nobody else includes it but
 * tests.
 *
 *   postgres.c             opening, claims, the secret
 *   postgres_schema.c      the tables, and how older ones become newer ones
 *   postgres_connection.c  one connection that comes back; what an error means
 *   postgres_parameters.c  values and arrays for a statement
 *   postgres_read.c        load, since, session, versions
 *   postgres_commit.c      one statement for a batch
 *   postgres_survey.c      what only the tools ask (survey.h)
 *
 * All that came from clients is BYTEA: every byte is kept, and names are ordered as bytes. */
#ifndef SERVER_STORE_POSTGRES_INNER_H
#define SERVER_STORE_POSTGRES_INNER_H

#include <libpq-fe.h>

#include "server/store/postgres_parameters.h"
#include "server/store/store.h"

enum postgres_sql {
    POSTGRES_BEGIN,
    POSTGRES_END,
    POSTGRES_DOCUMENT,
    POSTGRES_CLAIM_NEW,
    POSTGRES_CLAIM_SEEN,
    POSTGRES_SNAPSHOT,
    POSTGRES_ENTRIES_LOAD,
    POSTGRES_ENTRIES_SINCE,
    POSTGRES_SESSION,
    POSTGRES_VERSIONS,
    POSTGRES_NAMES,
    POSTGRES_ROWS,
    POSTGRES_COMMIT,
    POSTGRES_FOLD,
    POSTGRES_SECRET_MAKE,
    POSTGRES_SECRET,
    POSTGRES_SQL_COUNT
};

struct postgres {
    struct backend backend;
    store_clock_fn clock; /* NULL: the database's */
    char *url;
    bool looks;           /* for good at one moment: backend_postgres_look() */
    PGconn *connection;   /* NULL: lost */
    uint64_t retry_at_ms; /* the next attempt to have one, by the monotonic clock */
    unsigned failures;    /* in a row */
};

struct postgres *postgres_of(struct backend *backend);

/* ---- postgres_connection.c ---- */

/* A statement of a round trip. */
struct query {
    enum postgres_sql which;
    const struct parameters *parameters; /* NULL: none */
    PGresult *result;                    /* out: its rows; NULL when it failed */
};

/* Run statements in order, in one round trip and one transaction. OK: all have their results. AWAY:
 * there is no connection and nothing was sent. UNKNOWN: the connection was lost on the way. FAILED:
 * a statement was refused, and nothing has changed. The reason is in the back end's fault. */
MUST_CHECK enum status postgres_run(struct postgres *postgres, struct query *queries, size_t count);
void postgres_clear(struct query *queries, size_t count);

/* Connect for the first time, with the reason in `fault`; the statements are prepared. */
MUST_CHECK enum status postgres_connect(struct postgres *postgres, struct fault *fault);

/* Connect only, under the name by which the database's operator knows the program. NULL with the
 * reason in `fault`. */
PGconn *postgres_dial(const char *url, const char *program, struct fault *fault);

/* Values out, by row and column. False when they cannot be. */
uint64_t postgres_number(const PGresult *result, int row, int column);
struct span postgres_bytes(const PGresult *result, int row, int column);

/* ---- postgres_schema.c ---- */

/* Is the database one that this program can work with? */
MUST_CHECK enum status postgres_check_version(PGconn *connection, struct fault *fault);

/* ---- The calls of the table ---- */

/* A row of POSTGRES_DOCUMENT. */
void postgres_read_row(const PGresult *result, struct document_row *row);

enum status postgres_load(struct backend *backend, struct store_load *load);
enum status postgres_since(struct backend *backend, struct store_since *since);
enum status postgres_session(struct backend *backend, struct store_session *session);
enum status postgres_versions(struct backend *backend, struct store_versions *versions);
enum status postgres_commit(struct backend *backend, struct batch_document *documents,
                            size_t count);

/* ---- What these reads share with those of postgres_survey.c ---- */

/* As postgres_run(), once more when it was lost on the way; AWAY whatever has come between. */
MUST_CHECK enum status postgres_run_read(struct backend *backend, struct query *queries,
                                         size_t count);

struct span postgres_copy(struct store_arena *arena, const PGresult *result, int row, int column);

/* The row at `at` of POSTGRES_SESSION or POSTGRES_ROWS, all but the key. False when it cannot be.
 */
bool postgres_read_session(const PGresult *result, int at, struct store_arena *arena,
                           struct session_row *row);

/* CORRUPT, with what is wrong with the document in the back end's fault. */
enum status postgres_corrupt(struct backend *backend, struct span name, const char *what);

/* ---- postgres_survey.c ---- */

extern const struct survey_ops postgres_survey_ops;

#endif
