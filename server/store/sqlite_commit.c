#include "base/memory.h"
#include "server/store/checksum.h"
#include "server/store/spent.h"
#include "server/store/sqlite_inner.h"

/* ---- The parts of a document ---- */

/* Move the head, if epoch and head are what the batch believes. NOT_FOUND when the fence does not
 * hold. */
static enum status advance(struct sqlite *sqlite, const struct batch_document *document,
                           uint64_t *id)
{
    sqlite3_stmt *statement = sqlite_statement(sqlite, SQLITE_DOCUMENT_ADVANCE_SQL);

    sqlite_bind_text(statement, 1, document->name);
    sqlite_bind(statement, 2, document->epoch);
    sqlite_bind(statement, 3, document->head);
    sqlite_bind(statement, 4, document->head + document->count);
    sqlite_bind(statement, 5, document->release);
    enum status status = sqlite_row(sqlite, statement);
    if (status == STATUS_OK)
        *id = sqlite_column(statement, 0);
    sqlite_reset(statement);
    return status;
}

static enum status add_entry(struct sqlite *sqlite, uint64_t document, const struct entry *entry)
{
    sqlite3_stmt *statement = sqlite_statement(sqlite, SQLITE_ENTRY_ADD_SQL);

    sqlite_bind(statement, 1, document);
    sqlite_bind(statement, 2, entry->seq);
    sqlite_bind(statement, 3, entry->epoch);
    sqlite_bind_blob(statement, 4, span_of(entry->session.bytes, SESSION_KEY_SIZE));
    sqlite_bind(statement, 5, entry->serial);
    sqlite_bind(statement, 6, entry->base);
    sqlite_bind(statement, 7, entry->time_ms);
    sqlite_bind(statement, 8, entry->kind);
    sqlite_bind(statement, 9, entry->rule);
    sqlite_bind_text(statement, 10, entry->user);
    sqlite_bind_blob(statement, 11, entry->arrived);
    if (entry_is_as_it_arrived(entry))
        must(sqlite3_bind_null(statement, 12) == SQLITE_OK);
    else
        sqlite_bind_blob(statement, 12, entry->sequenced);
    sqlite_bind(statement, 13, checksum_of_entry(entry));
    return sqlite_run(sqlite, statement);
}

static enum status set_row(struct sqlite *sqlite, uint64_t document, const struct session_row *row)
{
    sqlite3_stmt *statement = sqlite_statement(sqlite, SQLITE_SESSION_SET_SQL);
    struct buffer spent = {0};

    spent_write(&spent, row);
    sqlite_bind(statement, 1, document);
    sqlite_bind_blob(statement, 2, span_of(row->session.bytes, SESSION_KEY_SIZE));
    sqlite_bind(statement, 3, row->serial);
    sqlite_bind(statement, 4, row->seq);
    sqlite_bind(statement, 5, row->floor);
    sqlite_bind_text(statement, 6, buffer_span(&spent));
    enum status status = sqlite_run(sqlite, statement);
    buffer_finish(&spent);
    return status;
}

/* ---- Folds ---- */

static enum status delete_up_to(struct sqlite *sqlite, enum sqlite_sql which, uint64_t document,
                                uint64_t seq)
{
    sqlite3_stmt *statement = sqlite_statement(sqlite, which);

    sqlite_bind(statement, 1, document);
    sqlite_bind(statement, 2, seq);
    return sqlite_run(sqlite, statement);
}

/* Does a row come of a document and a seq? OK and yes, NOT_FOUND, or why it cannot be known. */
static enum status ask(struct sqlite *sqlite, enum sqlite_sql which, uint64_t document,
                       uint64_t seq)
{
    sqlite3_stmt *statement = sqlite_statement(sqlite, which);

    sqlite_bind(statement, 1, document);
    sqlite_bind(statement, 2, seq);
    enum status status = sqlite_row(sqlite, statement);
    sqlite_reset(statement);
    return status;
}

static enum status fold(struct sqlite *sqlite, uint64_t id, const struct batch_document *document)
{
    uint64_t seq = document->fold;
    enum status status = ask(sqlite, SQLITE_DOCUMENT_FOLD_SQL, id, seq);

    if (status == STATUS_NOT_FOUND)
        return STATUS_OK; /* it was folded further already */
    if (status == STATUS_OK)
        status = ask(sqlite, SQLITE_SNAPSHOT_FROM_SQL, id, seq);
    if (status == STATUS_NOT_FOUND)
        return fault_set(&sqlite->backend.fault, STATUS_FAILED, "%.*s: a fold needs a snapshot",
                         SPAN_PRINT(document->name));
    if (status == STATUS_OK)
        status = delete_up_to(sqlite, SQLITE_ENTRIES_FOLD_SQL, id, seq);
    if (status == STATUS_OK)
        status = delete_up_to(sqlite, SQLITE_PIECES_FOLD_SQL, id, seq);
    if (status == STATUS_OK)
        status = delete_up_to(sqlite, SQLITE_SNAPSHOTS_FOLD_SQL, id, seq);
    return status;
}

/* ---- The batch ---- */

static enum status write_one(struct sqlite *sqlite, struct batch_document *document)
{
    uint64_t id = 0;
    enum status status = advance(sqlite, document, &id);

    if (status == STATUS_NOT_FOUND) {
        document->outcome = STATUS_FENCED;
        return STATUS_OK;
    }
    for (size_t i = 0; i < document->count && status == STATUS_OK; i++)
        status = add_entry(sqlite, id, &document->entries[i]);
    for (size_t i = 0; i < document->row_count && status == STATUS_OK; i++)
        status = set_row(sqlite, id, &document->rows[i]);
    if (status == STATUS_OK && document->snapshot != NULL)
        status = sqlite_set_snapshot(sqlite, id, document);
    for (size_t i = 0; i < document->version_count && status == STATUS_OK; i++)
        status = sqlite_set_version(sqlite, id, &document->versions[i]);
    if (status == STATUS_OK && document->fold > 0)
        status = fold(sqlite, id, document);
    return status;
}

/* All that can be written beside, document by document. What is fenced is found out again when the
 * rest is written. */
static enum status write_beside(struct sqlite *sqlite, const struct batch_document *documents,
                                size_t count)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        if (sqlite_in_pieces(&documents[i]))
            status = sqlite_write_pieces(sqlite, &documents[i]);
    }
    return status;
}

enum status sqlite_commit(struct backend *backend, struct batch_document *documents, size_t count)
{
    struct sqlite *sqlite = sqlite_of(backend);

    enum status status = write_beside(sqlite, documents, count);
    if (status != STATUS_OK)
        return status == STATUS_UNKNOWN || status == STATUS_AWAY ? status : STATUS_FAILED;
    if (sqlite_begin(sqlite) != STATUS_OK)
        return STATUS_AWAY;
    for (size_t i = 0; i < count; i++) {
        if (write_one(sqlite, &documents[i]) != STATUS_OK) {
            sqlite_rollback(sqlite);
            return STATUS_FAILED;
        }
    }
    status = sqlite_end(sqlite);
    if (status == STATUS_OK)
        sqlite_checkpoint(sqlite);
    return status;
}
