/* sqlite_inner - what the files of the SQLite back end share. Nobody else includes it but tests.
 *
 *   sqlite.c            opening and closing, claims, the secret
 *   sqlite_folder.c     the folder and its lock; whose turn it is to write
 *   sqlite_schema.c     the tables, and how an older file becomes a newer one
 *   sqlite_statement.c  prepared statements, values in and out, what an error means
 *   sqlite_read.c       load, since, session
 *   sqlite_commit.c     one transaction for a batch
 *   sqlite_snapshot.c   snapshots, the large ones in pieces
 *   sqlite_checkpoint.c when the write-ahead log is copied into the database
 *   sqlite_version.c    named versions
 *   sqlite_survey.c     what only the tools ask (survey.h) */
#ifndef SERVER_STORE_SQLITE_INNER_H
#define SERVER_STORE_SQLITE_INNER_H

#include <pthread.h>
#include <stdatomic.h>

#include <sqlite3.h>

#include "server/store/store.h"

/* X(name, SQL): each is prepared when the store is opened. */
#define SQLITE_STATEMENTS(X)                                                                       \
    X(LOOK, "BEGIN")                                                                               \
    X(BEGIN, "BEGIN IMMEDIATE")                                                                    \
    X(COMMIT, "COMMIT")                                                                            \
    X(ROLLBACK, "ROLLBACK")                                                                        \
    X(DOCUMENT, "SELECT id, epoch, head, folded, owner FROM document WHERE name = ?1")             \
    X(DOCUMENT_MAKE, "INSERT INTO document (name, epoch, head, owner) VALUES (?1, ?2, 0, ?3)")     \
    X(DOCUMENT_CLAIM, "UPDATE document SET epoch = ?2, owner = ?3 WHERE id = ?1")                  \
    X(DOCUMENT_NAMES, "SELECT name FROM document WHERE name > ?1 ORDER BY name LIMIT ?2")          \
    X(DOCUMENT_ADVANCE,                                                                            \
      "UPDATE document SET head = max(head, ?4), owner = CASE WHEN ?5 THEN '' ELSE owner END"      \
      " WHERE name = ?1 AND epoch = ?2 AND (head = ?3 OR (head > ?3 AND ?4 = ?3)) RETURNING id")   \
    X(DOCUMENT_FOLD, "UPDATE document SET folded = ?2 WHERE id = ?1 AND folded < ?2 RETURNING id") \
    X(ENTRY_ADD,                                                                                   \
      "INSERT INTO entry VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)")         \
    X(ENTRIES_FOLD, "DELETE FROM entry WHERE document = ?1 AND seq <= ?2")                         \
    X(ENTRIES,                                                                                     \
      "SELECT seq, epoch, serial, base, time_ms, session, kind, rule, user, arrived, sequenced,"   \
      " checksum FROM entry WHERE document = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY seq")          \
    X(SNAPSHOT_SET,                                                                                \
      "INSERT INTO snapshot VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO UPDATE SET" \
      " epoch = excluded.epoch, time_ms = excluded.time_ms, type = excluded.type,"                 \
      " content = excluded.content, pieced = excluded.pieced, checksum = excluded.checksum,"       \
      " created = excluded.created")                                                               \
    X(SNAPSHOT_UNFINISHED, "SELECT seq FROM snapshot WHERE document = ?1 AND pieced < 0")          \
    X(SNAPSHOT_DROP, "DELETE FROM snapshot WHERE document = ?1 AND seq = ?2")                      \
    X(PIECE_ADD, "INSERT INTO piece VALUES (?1, ?2, ?3, ?4)")                                      \
    X(PIECES, "SELECT bytes FROM piece WHERE document = ?1 AND seq = ?2 ORDER BY place")           \
    X(PIECES_DROP, "DELETE FROM piece WHERE document = ?1 AND seq = ?2")                           \
    X(PIECES_FOLD, "DELETE FROM piece WHERE document = ?1 AND seq < ?2"                            \
                   " AND seq NOT IN (SELECT seq FROM version WHERE document = ?1)")                \
    X(SNAPSHOT,                                                                                    \
      "SELECT seq, epoch, time_ms, type, content, pieced, checksum, created FROM snapshot"         \
      " WHERE document = ?1 AND seq <= ?2 AND time_ms <= ?3 AND pieced >= 0"                       \
      " ORDER BY seq DESC LIMIT 1")                                                                \
    X(SNAPSHOT_FROM,                                                                               \
      "SELECT seq FROM snapshot WHERE document = ?1 AND seq >= ?2 AND pieced >= 0 LIMIT 1")        \
    X(SNAPSHOTS_FOLD, "DELETE FROM snapshot WHERE document = ?1 AND seq < ?2"                      \
                      " AND seq NOT IN (SELECT seq FROM version WHERE document = ?1)")             \
    X(VERSION_SET, "INSERT INTO version VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET" \
                   " seq = excluded.seq, time_ms = excluded.time_ms, user = excluded.user,"        \
                   " checksum = excluded.checksum")                                                \
    X(VERSION_DROP, "DELETE FROM version WHERE document = ?1 AND name = ?2")                       \
    X(VERSIONS, "SELECT name, seq, time_ms, user, checksum FROM version WHERE document = ?1"       \
                " ORDER BY seq, name")                                                             \
    X(SESSION_SET,                                                                                 \
      "INSERT INTO session VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET"              \
      " spent = CASE WHEN excluded.serial >= serial THEN excluded.spent ELSE spent END,"           \
      " serial = max(serial, excluded.serial), seq = max(seq, excluded.seq),"                      \
      " floor = max(floor, excluded.floor)")                                                       \
    X(SESSIONS, "SELECT session, serial, seq, floor, spent FROM session"                           \
                " WHERE document = ?1 AND session >= ?2 ORDER BY session LIMIT ?3")                \
    X(SECRET_MAKE, "INSERT OR IGNORE INTO secret VALUES (1, ?1)")                                  \
    X(SECRET, "SELECT bytes FROM secret")

enum sqlite_sql {
#define SQLITE_NAME(name, sql) SQLITE_##name##_SQL,
    SQLITE_STATEMENTS(SQLITE_NAME)
#undef SQLITE_NAME
        SQLITE_SQL_COUNT
};

/* What the connections of this process share. SQLite has one writer at a time, and lets the others
 * ask again and again; here they stand in line. */
struct sqlite_folder {
    char *path;
    int lock;           /* the descriptor that holds the folder's lock; −1 = none */
    unsigned users;     /* the connections; they come and go on one thread */
    atomic_bool lost;   /* reading or writing has failed: nothing is believed any more */
    atomic_uint pieces; /* connections that are writing a snapshot in pieces */
    pthread_mutex_t mutex;
    pthread_cond_t served;
    /* Under the mutex: */
    uint64_t tickets; /* given out so far */
    uint64_t serving; /* whose turn it is */
};

struct sqlite {
    struct backend backend;
    struct sqlite_folder *folder;
    store_clock_fn clock;
    sqlite3 *database;
    sqlite3_stmt *statements[SQLITE_SQL_COUNT];
    int wal_pages;  /* in the write-ahead log, after the last commit */
    bool in_pieces; /* it is writing a snapshot in pieces */
};

struct sqlite *sqlite_of(struct backend *backend);

/* ---- sqlite_folder.c ---- */

/* With one user; nothing is touched yet. */
struct sqlite_folder *sqlite_folder_create(const char *path);

/* Make it if it is missing, and lock it. */
MUST_CHECK enum status sqlite_folder_open(struct sqlite_folder *folder, struct fault *fault);

/* One user less; the last one frees it. */
void sqlite_folder_leave(struct sqlite_folder *folder);

/* The path of a file in the folder, zero-terminated; the caller frees it. */
char *sqlite_folder_path(const struct sqlite_folder *folder, const char *name);

/* Wait until it is this thread's turn to write, first come, first served; let the next one. */
void sqlite_folder_await_turn(struct sqlite_folder *folder);
void sqlite_folder_end_turn(struct sqlite_folder *folder);

/* ---- sqlite_statement.c ---- */

/* Every call asks this first, and then answers AWAY. */
bool sqlite_lost(struct sqlite *sqlite);

/* Prepare all statements. The reason is in the back end's fault when that fails. */
MUST_CHECK enum status sqlite_prepare(struct sqlite *sqlite);
void sqlite_finalize(struct sqlite *sqlite);

/* The statement, ready to be bound. It stays in use until sqlite_reset(), which has to come before
 * the end of its transaction and before what was bound goes away. */
sqlite3_stmt *sqlite_statement(struct sqlite *sqlite, enum sqlite_sql which);
void sqlite_reset(sqlite3_stmt *statement);

/* Values in, by place, from 1. The bytes are borrowed until the reset. */
void sqlite_bind(sqlite3_stmt *statement, int place, uint64_t value);
void sqlite_bind_text(sqlite3_stmt *statement, int place, struct span text);
void sqlite_bind_blob(sqlite3_stmt *statement, int place, struct span bytes);

/* Values out, by column, from 0. */
bool sqlite_column_is_null(sqlite3_stmt *statement, int column);
uint64_t sqlite_column(sqlite3_stmt *statement, int column);
struct span sqlite_column_text(sqlite3_stmt *statement, int column); /* until the next step */
struct span sqlite_column_blob(sqlite3_stmt *statement, int column); /* until the next step */

/* Does the statement have a(nother) row? OK and yes, NOT_FOUND, or as sqlite_failed(). */
MUST_CHECK enum status sqlite_row(struct sqlite *sqlite, sqlite3_stmt *statement);

/* Run a statement that gives no rows, and reset it. */
MUST_CHECK enum status sqlite_run(struct sqlite *sqlite, sqlite3_stmt *statement);

/* Note the reason of the failure that SQLite has just reported and judge it: AWAY when another
 * process is in the way; FAILED when this request cannot be done and another may; CORRUPT or AWAY
 * when the file cannot be trusted any more, and then every later call is AWAY. */
enum status sqlite_failed(struct sqlite *sqlite);

/* The file holds what no version of ours would write. */
enum status sqlite_corrupt(struct sqlite *sqlite, struct span name, const char *what);

/* Look at the store as it is at one moment, whatever is written beside, until the end. */
MUST_CHECK enum status sqlite_look(struct sqlite *sqlite);
void sqlite_look_end(struct sqlite *sqlite);

/* Begin a transaction that will write, when it is this connection's turn. */
MUST_CHECK enum status sqlite_begin(struct sqlite *sqlite);

/* End it: OK, FAILED (it did not happen) or UNKNOWN (the store is lost). */
MUST_CHECK enum status sqlite_end(struct sqlite *sqlite);

/* End it as if it had not begun. */
void sqlite_rollback(struct sqlite *sqlite);

/* ---- sqlite_schema.c ---- */

/* Make the tables, or bring those of an older version up to this one's. A file of a newer version
 * or of another program is left alone. The reason is in `fault`. */
MUST_CHECK enum status sqlite_migrate(struct sqlite *sqlite, struct fault *fault);

/* ---- sqlite_snapshot.c ---- */

/* The newest finished snapshot that is neither behind `seq` nor younger than `time_ms`, with its
 * bytes in the arena; seq 0 when there is none. */
struct sqlite_place {
    struct span name; /* the document's, for the reason of a failure */
    uint64_t document;
    uint64_t seq;
    uint64_t time_ms;
};
MUST_CHECK enum status sqlite_read_snapshot(struct sqlite *sqlite, const struct sqlite_place *place,
                                            struct store_arena *arena, struct snapshot *snapshot);

/* Does the part of a batch have a snapshot that is written in pieces, each in a transaction of its
 * own, so that nobody waits for all of it? Only parts without entries: those are not waited for. */
bool sqlite_in_pieces(const struct batch_document *document);

/* Write them, before the transaction of the batch. The snapshot is seen when sqlite_set_snapshot()
 * has finished it. What was left unfinished goes away with the next one of the document. */
MUST_CHECK enum status sqlite_write_pieces(struct sqlite *sqlite,
                                           const struct batch_document *document);

/* Within a transaction. */
MUST_CHECK enum status sqlite_set_snapshot(struct sqlite *sqlite, uint64_t id,
                                           const struct batch_document *document);

/* ---- sqlite_checkpoint.c ---- */

/* After a commit: copy the log into the database when it is long enough. */
void sqlite_checkpoint(struct sqlite *sqlite);

/* ---- sqlite_version.c ---- */

/* Within a transaction. */
MUST_CHECK enum status sqlite_set_version(struct sqlite *sqlite, uint64_t document,
                                          const struct version *version);

/* ---- sqlite_read.c, sqlite_commit.c, sqlite_version.c: the calls of the table ---- */

/* A document's row and, in `id`, its number. OK, NOT_FOUND or why it could not be read. */
MUST_CHECK enum status sqlite_find(struct sqlite *sqlite, struct span name,
                                   struct document_row *row, uint64_t *id);

/* Up to `count_max` rows of a document, from `session` on, by key. Returns how many in `count`. */
struct sqlite_row_range {
    struct span name; /* the document's, for the reason of a failure */
    uint64_t document;
    struct session_key session;
    size_t count_max;
};
MUST_CHECK enum status sqlite_read_rows(struct sqlite *sqlite, const struct sqlite_row_range *range,
                                        struct store_arena *arena, struct session_row *rows,
                                        size_t *count);

enum status sqlite_load(struct backend *backend, struct store_load *load);
enum status sqlite_since(struct backend *backend, struct store_since *since);
enum status sqlite_session(struct backend *backend, struct store_session *session);
enum status sqlite_versions(struct backend *backend, struct store_versions *versions);
enum status sqlite_commit(struct backend *backend, struct batch_document *documents, size_t count);

/* ---- sqlite_survey.c ---- */

extern const struct survey_ops sqlite_survey_ops;

#endif
