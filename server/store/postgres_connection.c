#include <stdio.h>
#include <time.h>

#include "base/memory.h"
#include "base/must.h"
#include "server/store/postgres_inner.h"

enum { RETRY_MS_MIN = 100, RETRY_MS_MAX = 2000 };

/* ---- The statements ---- */

/* Each is prepared on every new connection. Numbers are BIGINT, all else BYTEA or arrays of these;
 * the casts say so. */
static const char *const texts[POSTGRES_SQL_COUNT] = {
    /* A load is several statements that have to see the same moment. (Who looks sees the same in
     * all: see look_texts.) */
    [POSTGRES_BEGIN] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    [POSTGRES_END] = "COMMIT",

    [POSTGRES_DOCUMENT] = "SELECT epoch, head, folded, owner FROM document WHERE name = $1::bytea",

    /* $1 name, $2 owner, $3 the clock or NULL, $4 the epoch that was seen (0) or NULL for any. */
    [POSTGRES_CLAIM_NEW] =
        "INSERT INTO document AS d (name, owner, epoch, head, folded) VALUES ($1::bytea, $2::bytea,"
        " coalesce($3::bigint, (extract(epoch FROM clock_timestamp()) * 1000)::bigint), 0, 0)"
        " ON CONFLICT (name) DO UPDATE SET owner = excluded.owner,"
        " epoch = greatest(d.epoch + 1, excluded.epoch)"
        " WHERE $4::bigint IS NULL"
        " RETURNING epoch, head, folded, owner",
    [POSTGRES_CLAIM_SEEN] =
        "UPDATE document SET owner = $2::bytea, epoch = greatest(epoch + 1,"
        " coalesce($3::bigint, (extract(epoch FROM clock_timestamp()) * 1000)::bigint))"
        " WHERE name = $1::bytea AND epoch = $4::bigint"
        " RETURNING epoch, head, folded, owner",

    /* $1 name, $2 the highest seq, $3 the latest time. */
    [POSTGRES_SNAPSHOT] = "SELECT s.seq, s.epoch, s.time_ms, s.type, s.content, s.checksum,"
                          " s.created FROM document d"
                          " JOIN snapshot s ON s.document = d.id"
                          " WHERE d.name = $1::bytea AND s.seq <= least($2::bigint, d.head)"
                          " AND s.time_ms <= $3::bigint ORDER BY s.seq DESC LIMIT 1",
    [POSTGRES_ENTRIES_LOAD] =
        "SELECT e.seq, e.epoch, e.serial, e.base, e.time_ms, e.kind, e.rule, e.session, e.author,"
        " e.arrived, e.sequenced, e.checksum FROM document d"
        " JOIN entry e ON e.document = d.id"
        " WHERE d.name = $1::bytea AND e.seq <= least($2::bigint, d.head)"
        " AND e.time_ms <= $3::bigint AND e.seq > coalesce((SELECT s.seq FROM snapshot s"
        " WHERE s.document = d.id AND s.seq <= least($2::bigint, d.head)"
        " AND s.time_ms <= $3::bigint ORDER BY s.seq DESC LIMIT 1), 0) ORDER BY e.seq",
    /* $1 name, $2 from, $3 to. */
    [POSTGRES_ENTRIES_SINCE] =
        "SELECT e.seq, e.epoch, e.serial, e.base, e.time_ms, e.kind, e.rule, e.session, e.author,"
        " e.arrived, e.sequenced, e.checksum FROM document d"
        " JOIN entry e ON e.document = d.id"
        " WHERE d.name = $1::bytea AND e.seq > $2::bigint AND e.seq <= least($3::bigint, d.head)"
        " ORDER BY e.seq",

    /* $1 the name, $2 the session, $3 and $4 its first and last namesake; its own row goes first.
     */
    [POSTGRES_SESSION] = "SELECT s.serial, s.seq, s.floor, s.spent,"
                         " (s.session = $2::bytea)::int::bigint FROM document d"
                         " JOIN session s ON s.document = d.id WHERE d.name = $1::bytea"
                         " AND s.session BETWEEN $3::bytea AND $4::bytea"
                         " ORDER BY s.session <> $2::bytea LIMIT 1",

    [POSTGRES_VERSIONS] = "SELECT v.name, v.seq, v.time_ms, v.author, v.checksum FROM document d"
                          " LEFT JOIN version v ON v.document = d.id"
                          " WHERE d.name = $1::bytea ORDER BY v.seq, v.name",

    /* $1 the name before them, $2 how many. */
    [POSTGRES_NAMES] = "SELECT name FROM document WHERE name > $1::bytea ORDER BY name"
                       " LIMIT $2::bigint",

    /* $1 the name, $2 the first session, $3 how many. */
    [POSTGRES_ROWS] = "SELECT s.serial, s.seq, s.floor, s.spent, s.session FROM document d"
                      " JOIN session s ON s.document = d.id WHERE d.name = $1::bytea"
                      " AND s.session >= $2::bytea ORDER BY s.session LIMIT $3::bigint",

    /* The whole batch. `part` is a document of it, by its place from 1; `fence` are those whose
     * epoch and head are what the batch believes, and only for these anything is written. */
    [POSTGRES_COMMIT] =
        "WITH part AS (SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::bigint[],"
        " $5::bigint[], $6::bigint[]) WITH ORDINALITY"
        " AS part(name, epoch, head, count, release, fold, place)),"

        " fence AS (UPDATE document d SET head = greatest(d.head, p.head + p.count),"
        " folded = CASE WHEN p.fold > d.folded THEN -p.fold ELSE d.folded END,"
        " owner = CASE WHEN p.release = 1 THEN ''::bytea ELSE d.owner END FROM part p"
        " WHERE d.name = p.name AND d.epoch = p.epoch"
        " AND (d.head = p.head OR (d.head > p.head AND p.count = 0)) RETURNING d.id, p.place),"

        " entries AS (INSERT INTO entry (document, seq, epoch, serial, base, time_ms, kind, rule,"
        " checksum, session, author, arrived, sequenced)"
        " SELECT f.id, e.seq, e.epoch, e.serial, e.base, e.time_ms, e.kind, e.rule, e.checksum,"
        " e.session, e.author, e.arrived, e.sequenced"
        " FROM unnest($7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[],"
        " $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bytea[], $17::bytea[],"
        " $18::bytea[], $19::bytea[]) AS e(place, seq, epoch, serial, base, time_ms, kind, rule,"
        " checksum, session, author, arrived, sequenced) JOIN fence f ON f.place = e.place),"

        /* What is there twice is written once: the higher number, and of two lists the later. */
        " sessions AS (INSERT INTO session AS s (document, session, serial, seq, floor, spent)"
        " SELECT f.id, r.session, max(r.serial), max(r.seq), max(r.floor),"
        " (array_agg(r.spent ORDER BY r.serial DESC, r.at DESC))[1]"
        " FROM unnest($20::bigint[], $21::bytea[], $22::bigint[], $23::bigint[], $24::bigint[],"
        " $25::bytea[]) WITH ORDINALITY AS r(place, session, serial, seq, floor, spent, at)"
        " JOIN fence f ON f.place = r.place GROUP BY f.id, r.session"
        " ON CONFLICT (document, session) DO UPDATE SET"
        " spent = CASE WHEN excluded.serial >= s.serial THEN excluded.spent ELSE s.spent END,"
        " serial = greatest(s.serial, excluded.serial), seq = greatest(s.seq, excluded.seq),"
        " floor = greatest(s.floor, excluded.floor)),"

        " snapshots AS (INSERT INTO snapshot (document, seq, epoch, time_ms, created, checksum,"
        " type, content)"
        " SELECT f.id, n.seq, n.epoch, n.time_ms, n.created, n.checksum, n.type, n.content"
        " FROM unnest($26::bigint[], $27::bigint[], $28::bigint[], $29::bigint[], $30::bigint[],"
        " $31::bigint[], $32::bytea[], $33::bytea[])"
        " AS n(place, seq, epoch, time_ms, created, checksum, type, content)"
        " JOIN fence f ON f.place = n.place"
        " ON CONFLICT (document, seq) DO UPDATE SET epoch = excluded.epoch,"
        " time_ms = excluded.time_ms, created = excluded.created, checksum = excluded.checksum,"
        " type = excluded.type, content = excluded.content),"

        " named AS (SELECT DISTINCT ON (f.id, n.name) f.id, n.name, n.seq, n.time_ms, n.checksum,"
        " n.author"
        " FROM unnest($34::bigint[], $35::bytea[], $36::bigint[], $37::bigint[], $38::bigint[],"
        " $39::bytea[]) WITH ORDINALITY AS n(place, name, seq, time_ms, checksum, author, at)"
        " JOIN fence f ON f.place = n.place ORDER BY f.id, n.name, n.at DESC),"

        " gone AS (DELETE FROM version v USING named n"
        " WHERE v.document = n.id AND v.name = n.name AND n.seq = 0),"

        " versions AS (INSERT INTO version (document, name, seq, time_ms, checksum, author)"
        " SELECT id, name, seq, time_ms, checksum, author FROM named WHERE seq > 0"
        " ON CONFLICT (document, name) DO UPDATE SET seq = excluded.seq,"
        " time_ms = excluded.time_ms, checksum = excluded.checksum, author = excluded.author)"

        " SELECT place FROM fence",

    /* Behind POSTGRES_COMMIT, which has left −fold in `folded` if the fence held and the fold is
     * one; nobody else sees that. */
    [POSTGRES_FOLD] = "SELECT fold_document($1::bytea)",

    [POSTGRES_SECRET_MAKE] =
        "INSERT INTO secret (one, bytes) VALUES (1, $1::bytea) ON CONFLICT DO NOTHING",
    [POSTGRES_SECRET] = "SELECT bytes FROM secret",
};

/* Who looks is in one transaction as long as it lives, whose savepoint it goes back to after each
 * read. The moment stays, and the locks of the read go: a table that somebody has to change, for
 * whom everybody else would then wait, is free. */
static const char look_begin[] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SAVEPOINT look";
static const char look_again[] = "ROLLBACK TO look";
static const char *const look_texts[POSTGRES_SQL_COUNT] = {
    [POSTGRES_BEGIN] = look_again,
    [POSTGRES_END] = look_again,
};

/* ---- Connecting ---- */

static uint64_t now_ms(void)
{
    struct timespec now;

    must(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* libpq's messages end with a line end, and may have several lines. */
static void take_message(struct fault *fault, const char *message)
{
    size_t size = strcspn(message, "\n");

    fault_set(fault, STATUS_AWAY, "PostgreSQL: %.*s", (int)size, message);
}

/* What an error means is said by its result; what libpq prints beside goes nowhere. */
static void ignore(void *context, const char *message)
{
    (void)context;
    (void)message;
}

/* A network that was cut says nothing: what is sent has to be acknowledged, and silence is asked
 * about. The URL has the last word on each of these. */
PGconn *postgres_dial(const char *url, const char *program, struct fault *fault)
{
    static const char *const keywords[] = {"application_name",     "connect_timeout",
                                           "target_session_attrs", "tcp_user_timeout",
                                           "keepalives_idle",      "keepalives_interval",
                                           "keepalives_count",     "dbname",
                                           "client_encoding",      NULL};
    const char *const values[] = {program, "3", "read-write", "5000", "2",
                                  "1",     "3", url,          "UTF8", NULL};
    PGconn *connection = PQconnectdbParams(keywords, values, 1);

    (void)PQsetNoticeProcessor(connection, ignore, NULL);
    if (PQstatus(connection) == CONNECTION_OK)
        return connection;
    take_message(fault, PQerrorMessage(connection));
    PQfinish(connection);
    return NULL;
}

static bool execute(PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);

    PQclear(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* Statements are found by index and never wait for long; a commit that was acknowledged is on the
 * disk, whatever the server's default is. */
static const char settings[] =
    "SELECT set_config('enable_seqscan', 'off', false), set_config('jit', 'off', false),"
    " set_config('lock_timeout', '5s', false), set_config('statement_timeout', '20s', false),"
    " set_config('idle_in_transaction_session_timeout', '10s', false);"
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') IN ('off', 'local')";

/* A tool may read much at once, and be read by somebody page by page; a forgotten one ends. */
static const char look_settings[] =
    "SELECT set_config('statement_timeout', '10min', false),"
    " set_config('idle_in_transaction_session_timeout', '1h', false)";

static bool prepare(PGconn *connection, bool looks)
{
    char name[8];

    for (int which = 0; which < POSTGRES_SQL_COUNT; which++) {
        bool other = looks && look_texts[which] != NULL;

        snprintf(name, sizeof(name), "t%d", which);
        PGresult *result =
            PQprepare(connection, name, other ? look_texts[which] : texts[which], 0, NULL);
        ExecStatusType status = PQresultStatus(result);

        PQclear(result);
        if (status != PGRES_COMMAND_OK)
            return false;
    }
    return true;
}

/* Older tables are told before a statement finds that they lack something. */
static enum status set_up(PGconn *connection, bool looks, struct fault *fault)
{
    bool done = execute(connection, settings);

    if (looks)
        done = done && execute(connection, look_settings) && execute(connection, look_begin);
    enum status status = done ? postgres_check_version(connection, fault) : STATUS_OK;
    if (status != STATUS_OK)
        return status;
    done = done && prepare(connection, looks);
    if (looks)
        done = done && execute(connection, look_again);
    if (!done)
        take_message(fault, PQerrorMessage(connection));
    return done ? STATUS_OK : STATUS_AWAY;
}

enum status postgres_connect(struct postgres *postgres, struct fault *fault)
{
    PGconn *connection = postgres_dial(postgres->url, postgres->looks ? "tutti" : "tuttid", fault);

    if (connection == NULL)
        return STATUS_AWAY;
    enum status status = set_up(connection, postgres->looks, fault);
    if (status == STATUS_OK)
        postgres->connection = connection;
    else
        PQfinish(connection);
    return status;
}

static void disconnect(struct postgres *postgres)
{
    PQfinish(postgres->connection);
    postgres->connection = NULL;
    postgres->backend.lost = postgres->looks;
}

/* Has the other side ended it while nobody used it, as by a restart? Nothing is waited for. The
 * server's last words, if there are any, are read before the end is met. */
static bool has_ended(PGconn *connection)
{
    return PQconsumeInput(connection) == 0 || PQconsumeInput(connection) == 0;
}

/* A connection that has ended is found before anything is sent on it, so that nothing is in doubt,
 * and another is made at once; to who looks, it would show another moment. The first failure is
 * told; those that follow are the same one. */
static bool be_connected(struct postgres *postgres)
{
    struct fault fault = {""};

    if (postgres->looks)
        return postgres->connection != NULL;
    if (postgres->connection != NULL && has_ended(postgres->connection))
        disconnect(postgres);
    if (postgres->connection != NULL)
        return true;
    if (now_ms() < postgres->retry_at_ms)
        return false;
    if (postgres_connect(postgres, &fault) == STATUS_OK) {
        postgres->failures = 0;
        return true;
    }
    uint64_t delay_ms = (uint64_t)RETRY_MS_MIN << (postgres->failures < 5 ? postgres->failures : 5);

    postgres->retry_at_ms = now_ms() + (delay_ms < RETRY_MS_MAX ? delay_ms : RETRY_MS_MAX);
    if (postgres->failures++ == 0)
        postgres->backend.fault = fault;
    return false;
}

/* ---- One round trip ---- */

static bool send_query(PGconn *connection, const struct query *query)
{
    const struct parameters none = {0};
    const struct parameters *parameters = query->parameters ? query->parameters : &none;
    const char *values[PARAMETERS_MAX];
    int lengths[PARAMETERS_MAX];
    int formats[PARAMETERS_MAX];
    char name[8];

    for (size_t i = 0; i < parameters->count; i++) {
        const struct parameter *parameter = &parameters->list[i];

        must(parameter->data.size <= INT32_MAX);
        values[i] = parameter->null ? NULL : (const char *)buffer_span(&parameter->data).data;
        lengths[i] = (int)parameter->data.size;
        formats[i] = 1;
    }
    snprintf(name, sizeof(name), "t%d", (int)query->which);
    return PQsendQueryPrepared(connection, name, (int)parameters->count, values, lengths, formats,
                               1) == 1;
}

static bool send_all(PGconn *connection, const struct query *queries, size_t count)
{
    if (PQenterPipelineMode(connection) != 1)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!send_query(connection, &queries[i]))
            return false;
    return PQpipelineSync(connection) == 1;
}

/* A server that is going down, or has been told to end this connection, says so as an error; what
 * became of the transaction it does not say. */
static bool is_the_end(const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    return state == NULL || strncmp(state, "57P", 3) == 0 || strncmp(state, "08", 2) == 0;
}

/* What our own function raises speaks for itself. */
static void take_error(struct fault *fault, const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    if (state != NULL && text != NULL && strcmp(state, "P0001") == 0)
        fault_set(fault, STATUS_FAILED, "%s", text);
    else
        take_message(fault, PQresultErrorMessage(result));
}

/* The result of one statement, behind which a NULL comes. */
static enum status receive_one(struct postgres *postgres, struct query *query)
{
    PGresult *result = PQgetResult(postgres->connection);
    ExecStatusType got = PQresultStatus(result);
    enum status status = STATUS_OK;

    if (got == PGRES_TUPLES_OK || got == PGRES_COMMAND_OK) {
        query->result = result;
        PGresult *end = PQgetResult(postgres->connection);

        must(end == NULL);
        return STATUS_OK;
    }
    status = result == NULL || is_the_end(result) ? STATUS_UNKNOWN : STATUS_FAILED;
    if (result != NULL)
        take_error(&postgres->backend.fault, result);
    else
        take_message(&postgres->backend.fault, PQerrorMessage(postgres->connection));
    PQclear(result);
    return status;
}

static bool receive_sync(PGconn *connection)
{
    PGresult *result = PQgetResult(connection);
    bool synced = PQresultStatus(result) == PGRES_PIPELINE_SYNC;

    PQclear(result);
    return synced && PQexitPipelineMode(connection) == 1;
}

/* What a statement was refused for is known; the connection is then given up all the same, which
 * ends a transaction that BEGIN had opened, whatever state it is in. */
enum status postgres_run(struct postgres *postgres, struct query *queries, size_t count)
{
    enum status status = STATUS_OK;

    if (!be_connected(postgres))
        return STATUS_AWAY;
    if (!send_all(postgres->connection, queries, count)) {
        take_message(&postgres->backend.fault, PQerrorMessage(postgres->connection));
        disconnect(postgres);
        return STATUS_UNKNOWN;
    }
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = receive_one(postgres, &queries[i]);
    if (status == STATUS_OK && !receive_sync(postgres->connection)) {
        take_message(&postgres->backend.fault, PQerrorMessage(postgres->connection));
        status = STATUS_UNKNOWN; /* the end of the transaction was not acknowledged */
    }
    if (status != STATUS_OK) {
        disconnect(postgres);
        postgres_clear(queries, count);
    }
    return status;
}

void postgres_clear(struct query *queries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        PQclear(queries[i].result);
        queries[i].result = NULL;
    }
}

/* ---- Values out ---- */

uint64_t postgres_number(const PGresult *result, int row, int column)
{
    const uint8_t *bytes = (const uint8_t *)PQgetvalue(result, row, column);
    int size = PQgetlength(result, row, column);
    uint64_t value = 0;

    for (int i = 0; i < size; i++)
        value = value << 8 | bytes[i];
    return value;
}

struct span postgres_bytes(const PGresult *result, int row, int column)
{
    if (PQgetisnull(result, row, column))
        return SPAN_NONE;
    return span_of(PQgetvalue(result, row, column), (size_t)PQgetlength(result, row, column));
}
