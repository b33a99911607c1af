/* store - where a document's history is durable.
 *
 * Two tables, one idea. `struct backend_ops` is what a back end does, blocking: memory, sqlite,
 * later postgres; all pass one conformance suite (tests/store). `struct store_ops` is how the core
 * asks: it submits a request and is told the outcome exactly once, never before the call returns,
 * from store's own poll on the loop's thread. `worker` carries requests to threads, one for each
 * lane; `direct` runs them at the next poll, in order (tests, simulator).
 *
 *   hub  --submit-->  store_ops (worker | direct)  --run-->  backend_ops (memory | sqlite)
 *        <--done----                               <--------
 *
 * Every write is conditional on the document's epoch and head: the fence. Values only; nothing here
 * knows a socket or a clock. */
#ifndef SERVER_STORE_STORE_H
#define SERVER_STORE_STORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/span.h"
#include "base/status.h"

enum { SESSION_KEY_SIZE = 16, WHO_SIZE = 8, STORE_SECRET_SIZE = 32 };

/* A session in the store: HMAC of user and secret under the deployment's key, cut to 16 bytes.
 * All zero is "nobody": what the server itself writes (an ensured creation). */
struct session_key {
    uint8_t bytes[SESSION_KEY_SIZE];
};

/* The public id of a session: the first 8 characters of base64url of its key. */
struct who {
    char text[WHO_SIZE];
};
struct who who_of(const struct session_key *session);

/* Both have the same public id. */
bool session_key_is_namesake(const struct session_key *a, const struct session_key *b);

/* The keys of all sessions with the public id of this one lie from here to the last namesake. */
struct session_key session_key_first_namesake(const struct session_key *session);
struct session_key session_key_last_namesake(const struct session_key *session);

enum entry_kind { ENTRY_EDIT = 0, ENTRY_CREATE = 1, ENTRY_DELETE = 2 };

/* "edit", "create", "delete". */
const char *entry_kind_text(enum entry_kind kind);

/* One entry of a document's history; what the log keeps of it. */
struct entry {
    uint64_t seq;
    uint64_t epoch;
    uint64_t serial; /* the session's own number; 0 for an ensured creation */
    uint64_t base;
    uint64_t time_ms; /* since 1970; max(now, the previous entry's) */
    struct session_key session;
    uint8_t kind; /* enum entry_kind */
    uint8_t rule; /* enum tie_rule (ot/tie.h) by which it was sequenced */
    struct span user;
    struct span arrived;   /* the operation as it came, canonical JSON; of a creation
                              {"type":…,"data":…}; empty for a deletion */
    struct span sequenced; /* as sequenced; the same span when it is the same */
};

/* It needed no transform: both forms have the same bytes. */
bool entry_is_as_it_arrived(const struct entry *entry);

/* A serial that was refused for good, and with which code. */
struct spent {
    uint64_t serial;
    int code;
};

/* What a document remembers of a session; outlives folded history. */
struct session_row {
    struct session_key session;
    uint64_t serial; /* the last one used: sequenced or spent */
    uint64_t seq;    /* of the last sequenced one; 0 when none was */
    uint64_t floor;  /* an edit with a base below is never sequenced (rule 3c) */
    struct spent *spent;
    size_t spent_count;
};

/* The document's own row. */
struct document_row {
    uint64_t epoch;  /* of its latest claim; 0 = never claimed */
    uint64_t head;   /* committed */
    uint64_t folded; /* entries up to and with this one have left the log; 0 = none has */
    char owner[64];  /* the node that sequences it, zero-terminated; "" = nobody */
};

/* A snapshot: the content after the entry `seq`, of epoch `epoch`. A document keeps all that were
 * made, so that it can be read at any seq by way of the one below. */
struct snapshot {
    uint64_t seq;
    uint64_t epoch;
    uint64_t time_ms;    /* of the entry at seq */
    uint64_t created;    /* the document was made, or deleted, by this entry; 0: nobody can tell */
    struct span type;    /* the type's name; empty when the document does not exist at seq */
    struct span content; /* canonical JSON */
};

/* A seq of the document that somebody gave a name. */
struct version {
    struct span name; /* its key in the document; not empty */
    uint64_t seq;
    uint64_t time_ms; /* when it was named */
    struct span user; /* who named it */
};

/* Memory of what a read gave: entries, rows and their bytes in one piece. A read that is OK gives
 * one, which is then the submitter's; any other gives none. Nothing that a read gives is absent:
 * what was written as an absent span comes back as an empty one. */
struct store_arena;
void store_arena_destroy(struct store_arena *arena); /* NULL allowed */

/* ---- Requests ---- */

enum store_call {
    STORE_CLAIM,
    STORE_LOAD,
    STORE_SINCE,
    STORE_SESSION,
    STORE_VERSIONS,
    STORE_COMMIT,
    STORE_BUILD
};

/* Embedded first in each request below. The submitter owns the request; it stays where it is, and
 * everything it points to unchanged, until `done` was called. */
struct store_request {
    enum store_call call;
    enum status status;                          /* the outcome, set before `done` */
    void (*done)(struct store_request *request); /* on the loop's thread */
    struct store_request *next;                  /* the queue's, while submitted */
    uint64_t number;                             /* the submitter's own */
};

/* Become the sequencer: compare-and-set on the epoch that was seen. OK: `row` is the row with the
 * new epoch, max(row.epoch + 1, now_ms of the store). FENCED: somebody else claimed it; `row` is
 * what is there. A document that was never stored has epoch 0 and head 0, and is made by its claim.
 * Any other status: it may or may not have been claimed; claim again. */
struct store_claim {
    struct store_request request;
    struct span name;
    const char *node;
    uint64_t
        seen_epoch; /* UINT64_MAX: whatever it is (a single node, which holds the store's lock) */
    struct document_row row; /* out */
};

/* Read a document as it was at a seq or a time: the newest snapshot that is neither behind
 * `seq_max` nor younger than `time_ms_max`, and the entries after it of which the same is true. The
 * times of entries never fall, so that is a prefix of the log. NOT_FOUND when the store has no such
 * document, FOLDED when it cannot tell any more: entries that this needs have left the log, and
 * there is no snapshot at exactly min(`seq_max`, head). */
struct store_load {
    struct store_request request;
    struct span name;
    uint64_t seq_max;         /* UINT64_MAX: all */
    uint64_t time_ms_max;     /* UINT64_MAX: all */
    struct document_row row;  /* out, all below */
    struct snapshot snapshot; /* seq 0 when there is none */
    struct entry *entries;
    size_t count;
    struct store_arena *arena;
};

/* Read entries `from` + 1 … min(`to`, head), at most `count_max`. NOT_FOUND when the document is
 * unknown, FOLDED when `from` lies below `row.folded`: even of an empty range. */
struct store_since {
    struct store_request request;
    struct span name;
    uint64_t from;
    uint64_t to;
    size_t count_max;
    struct document_row row; /* out, all below */
    struct entry *entries;
    size_t count;
    struct store_arena *arena;
};

/* Read one session's row in a document; when it never wrote there WHO_TAKEN if another session with
 * the same public id did (rule 4), else NOT_FOUND. */
struct store_session {
    struct store_request request;
    struct span name;
    struct session_key session;
    struct session_row row; /* out */
    struct store_arena *arena;
};

/* List the named versions of a document, by seq, those of one seq by name. NOT_FOUND when the
 * document is unknown. */
struct store_versions {
    struct store_request request;
    struct span name;
    struct version *versions; /* out */
    size_t count;
    struct store_arena *arena;
};

/* What one document has in a batch. All of it is made durable, or nothing.
 *
 * The fence: the store holds this epoch, and this head; a part without entries, which depends on
 * none that are new, needs only that the store's head is not below. So snapshots, versions and
 * folds may be written beside the batches of the owner. */
struct batch_document {
    struct span name;
    uint64_t epoch;
    uint64_t head;
    const struct entry *entries; /* head + 1, head + 2, … ; may be none */
    size_t count;
    const struct session_row *rows; /* the new values; one that is lower than what is stored does
                                       not lower it, and spent serials go with the higher serial */
    size_t row_count;
    const struct snapshot *snapshot; /* NULL when none; a second one at a seq replaces the first */
    const struct version *versions;  /* one replaces that of the same name; seq 0 takes it away */
    size_t version_count;
    /* Entries up to and with this one leave the log, and snapshots below it, but those that a
     * version names; 0 = none. FAILED unless there is a snapshot at or above it, this part's among
     * them. A fold that is lower than an earlier one changes nothing. Session rows stay (rule 6).
     */
    uint64_t fold;
    bool release;        /* give the document up: owner becomes "" */
    enum status outcome; /* out: OK, FENCED, FAILED or UNKNOWN */
};

/* Make a batch durable; documents in key order (by bytes), each at most once. `request.status` is
 * OK when the outcomes of the documents tell; AWAY when the store could not be reached and nothing
 * was written. */
struct store_commit {
    struct store_request request;
    struct batch_document *documents;
    size_t count;
};

/* The content of a document out of what a load gave, as a snapshot of the last entry that it has,
 * or of the loaded one; `content` is where its bytes go. A pure function: it runs beside the loop.
 * The store knows no document types; who asks for a snapshot brings it. */
typedef enum status (*store_build_fn)(const struct store_load *load, struct buffer *content,
                                      struct snapshot *snapshot, struct fault *fault);

/* Make a snapshot of a document as it was at a seq or a time, out of the one below and the log, if
 * there is none yet; then fold what lies before, if `fold` says so: each version that is folded
 * over gets a snapshot of its own first. Not in the way of commits, and written under the fence.
 *
 * OK, also when there was no entry yet; FENCED when `epoch` is not the document's any more; FOLDED
 * when that time lies below the log; LEAVING when it was given up; NOT_FOUND, CORRUPT, FAILED,
 * UNKNOWN, AWAY. It can be asked for again later, nothing depends on it. */
struct store_build {
    struct store_request request;
    struct span name;
    uint64_t epoch;
    uint64_t seq_max;     /* UINT64_MAX: the head */
    uint64_t time_ms_max; /* UINT64_MAX: now */
    bool fold;
    store_build_fn build;
    uint64_t seq;         /* out: of the snapshot; 0 when there was no entry */
    atomic_bool given_up; /* the submitter does not want the rest any more; it ends soon */
};

/* ---- The core's side ---- */

struct store {
    const struct store_ops *ops;
    /* Why the store failed last, "" when it has not: poll writes it, for the loop to log; whoever
     * logs it empties it. */
    struct fault fault;
    /* It answers nothing but AWAY any more, for good: what it holds is not to be believed by this
     * process, which has to end. Poll writes it. */
    bool lost;
};

struct store_ops {
    void (*submit)(struct store *store, struct store_request *request);
    /* Report what has finished. Returns the number of reports. */
    size_t (*poll)(struct store *store);
    /* All submitted requests have been reported. */
    void (*destroy)(struct store *store);
};

/* ---- The back ends' side ---- */

struct survey_ops;

struct backend {
    const struct backend_ops *ops;
    const struct survey_ops *survey; /* what tools ask (survey.h); NULL: nobody does */
    /* Written with each FAILED, UNKNOWN, CORRUPT and the first AWAY; the carrier passes it on to
     * the store's. */
    struct fault fault;
    bool lost; /* as in struct store; written by its calls */
    /* The deployment's: made once by whoever comes first, read when the back end is opened. */
    uint8_t secret[STORE_SECRET_SIZE];
};

/* Blocking calls, from one thread at a time. They fill the request's outputs and return its status.
 * NOT_FOUND, FOLDED and FENCED are answers; all others leave their reason in `fault`. */
struct backend_ops {
    enum status (*claim)(struct backend *backend, struct store_claim *claim);
    enum status (*load)(struct backend *backend, struct store_load *load);
    enum status (*since)(struct backend *backend, struct store_since *since);
    enum status (*session)(struct backend *backend, struct store_session *session);
    enum status (*versions)(struct backend *backend, struct store_versions *versions);
    /* One transaction for `count` documents: all durable (OK), or none (FAILED), or nobody knows
     * (UNKNOWN), or AWAY. A document whose fence does not hold gets FENCED as its outcome and takes
     * no part; the outcomes of the others are the caller's. */
    enum status (*commit)(struct backend *backend, struct batch_document *documents, size_t count);
    void (*destroy)(struct backend *backend);
};

/* Run one request on a back end: the call it names; a batch that fails whole is halved until the
 * culprit is alone, an unknown one never (rule 2); a build is several calls (build.c). */
void store_run(struct backend *backend, struct store_request *request);

/* ---- Back ends and carriers ---- */

/* `now_ms` gives the store's clock for epochs; the tests pass their own. */
typedef uint64_t (*store_clock_fn)(void);

struct backend *backend_memory_create(store_clock_fn clock);

/* SQLite in the folder `path` (made if it is missing), locked against other processes: WAL,
 * synchronous=FULL. Fails with the reason in `fault`. */
MUST_CHECK enum status backend_sqlite_open(const char *path, store_clock_fn clock,
                                           struct backend **backend, struct fault *fault);

/* One more connection to the store that `backend` has open, for another lane. */
MUST_CHECK enum status backend_sqlite_open_beside(struct backend *backend, struct backend **beside,
                                                  struct fault *fault);

/* PostgreSQL at a URL or connection string of libpq, once for each lane; its tables were made by
 * the migration. Epochs are by the database's clock unless there is another. A connection that is
 * lost comes back by itself, meanwhile every call is AWAY; one that has ended between two calls is
 * replaced by the second of them. Fails with the reason in `fault`, also where it was built without
 * libpq. */
MUST_CHECK enum status backend_postgres_open(const char *url, store_clock_fn clock,
                                             struct backend **backend, struct fault *fault);

/* The same to look at it, for tools: every read sees the store as it was when this was opened,
 * whatever servers write meanwhile. Nothing is made or written, and between two reads no lock is
 * held that anybody waits for. The back end is not asked to claim or to commit, and has no secret.
 * A connection that is lost takes that moment along: every later call is AWAY, and `lost` set. */
MUST_CHECK enum status backend_postgres_look(const char *url, struct backend **backend,
                                             struct fault *fault);

/* Make the tables, or bring older ones up to this program's version; nothing when they are. */
MUST_CHECK enum status backend_postgres_migrate(const char *url, struct fault *fault);

/* Takes the back end. Requests run inside poll. */
struct store *store_direct_create_take(struct backend *backend);

/* What runs beside each other. Requests of one lane run in the order of their submission, those of
 * two lanes in any; so reads do not wait for commits, nor commits for the building of snapshots. */
enum store_lane { STORE_LANE_COMMIT, STORE_LANE_READ, STORE_LANE_BUILD, STORE_LANES };

/* Takes the back ends: one connection to the same store for each lane. One that is NULL has its
 * requests run on the lane of the commits. Each lane is a thread of its own; `wake` is called from
 * there when there is something to poll, and must be safe there. */
struct store *store_worker_create_take(struct backend *const lanes[STORE_LANES],
                                       void (*wake)(void *), void *context);

/* ---- Arena, for back ends ---- */

struct store_arena *store_arena_create(void);

/* Room that lives as long as the arena and does not move. */
void *store_arena_allocate(struct store_arena *arena, size_t size);
struct span store_arena_copy(struct store_arena *arena, struct span bytes);
struct entry store_arena_copy_entry(struct store_arena *arena, const struct entry *entry);

#endif
