#include "server/store/checksum.h"
#include "server/store/sqlite_inner.h"

/* A commit waits for one piece at the most: about as long as for another commit. */
enum { PIECE_SIZE = 128 << 10 };

/* SQLite takes no larger value, so no content was larger. */
enum { CONTENT_MAX = 1000 << 20 };

bool sqlite_in_pieces(const struct batch_document *document)
{
    return document->snapshot != NULL && document->snapshot->content.size > PIECE_SIZE &&
           document->count == 0;
}

/* ---- Reading ---- */

static enum status read_pieces(struct sqlite *sqlite, const struct sqlite_place *place,
                               struct store_arena *arena, uint64_t size, struct snapshot *snapshot)
{
    sqlite3_stmt *statement = sqlite_statement(sqlite, SQLITE_PIECES_SQL);
    uint8_t *content = store_arena_allocate(arena, size);
    uint64_t used = 0;
    enum status status;

    sqlite_bind(statement, 1, place->document);
    sqlite_bind(statement, 2, snapshot->seq);
    while ((status = sqlite_row(sqlite, statement)) == STATUS_OK) {
        struct span piece = sqlite_column_blob(statement, 0);

        if (piece.size > size - used)
            break;
        memcpy(content + used, piece.data, piece.size);
        used += piece.size;
    }
    sqlite_reset(statement);
    if (status == STATUS_OK || (status == STATUS_NOT_FOUND && used < size))
        return sqlite_corrupt(sqlite, place->name, "the pieces of a snapshot are not its size");
    snapshot->content = span_of(content, size);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status sqlite_read_snapshot(struct sqlite *sqlite, const struct sqlite_place *place,
                                 struct store_arena *arena, struct snapshot *snapshot)
{
    sqlite3_stmt *statement = sqlite_statement(sqlite, SQLITE_SNAPSHOT_SQL);
    uint64_t pieced = 0;
    uint64_t checksum = UINT64_MAX; /* none */

    *snapshot = (struct snapshot){.type = SPAN(""), .content = SPAN("")};
    sqlite_bind(statement, 1, place->document);
    sqlite_bind(statement, 2, place->seq);
    sqlite_bind(statement, 3, place->time_ms);
    enum status status = sqlite_row(sqlite, statement);
    if (status == STATUS_OK) {
        snapshot->seq = sqlite_column(statement, 0);
        snapshot->epoch = sqlite_column(statement, 1);
        snapshot->time_ms = sqlite_column(statement, 2);
        snapshot->type = store_arena_copy(arena, sqlite_column_text(statement, 3));
        snapshot->content = store_arena_copy(arena, sqlite_column_blob(statement, 4));
        pieced = sqlite_column(statement, 5);
        if (!sqlite_column_is_null(statement, 6))
            checksum = sqlite_column(statement, 6);
        snapshot->created = sqlite_column(statement, 7);
    }
    sqlite_reset(statement);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status == STATUS_OK && snapshot->seq > place->seq)
        return sqlite_corrupt(sqlite, place->name, "a snapshot has a negative seq");
    if (status == STATUS_OK && snapshot->created > snapshot->seq)
        return sqlite_corrupt(sqlite, place->name, "a snapshot is older than its document");
    if (status == STATUS_OK && pieced > CONTENT_MAX)
        return sqlite_corrupt(sqlite, place->name, "a snapshot has a size that cannot be");
    if (status == STATUS_OK && pieced > 0)
        status = read_pieces(sqlite, place, arena, pieced, snapshot);
    if (status == STATUS_OK && checksum != UINT64_MAX &&
        !checksum_holds_snapshot(snapshot, checksum, place->name, &sqlite->backend.fault))
        return STATUS_CORRUPT;
    return status;
}

/* ---- Writing ---- */

static enum status drop(struct sqlite *sqlite, enum sqlite_sql which, uint64_t id, uint64_t seq)
{
    sqlite3_stmt *statement = sqlite_statement(sqlite, which);

    sqlite_bind(statement, 1, id);
    sqlite_bind(statement, 2, seq);
    return sqlite_run(sqlite, statement);
}

/* `content` and `pieced` are what the row says. */
static enum status set_row(struct sqlite *sqlite, uint64_t id, const struct snapshot *snapshot,
                           struct span content, int64_t pieced)
{
    sqlite3_stmt *statement = sqlite_statement(sqlite, SQLITE_SNAPSHOT_SET_SQL);

    sqlite_bind(statement, 1, id);
    sqlite_bind(statement, 2, snapshot->seq);
    sqlite_bind(statement, 3, snapshot->epoch);
    sqlite_bind(statement, 4, snapshot->time_ms);
    sqlite_bind_text(statement, 5, snapshot->type);
    sqlite_bind_blob(statement, 6, content);
    must(sqlite3_bind_int64(statement, 7, pieced) == SQLITE_OK);
    sqlite_bind(statement, 8, checksum_of_snapshot(snapshot));
    sqlite_bind(statement, 9, snapshot->created);
    return sqlite_run(sqlite, statement);
}

static enum status find_unfinished(struct sqlite *sqlite, uint64_t id, uint64_t *seq)
{
    sqlite3_stmt *statement = sqlite_statement(sqlite, SQLITE_SNAPSHOT_UNFINISHED_SQL);

    sqlite_bind(statement, 1, id);
    enum status status = sqlite_row(sqlite, statement);
    if (status == STATUS_OK)
        *seq = sqlite_column(statement, 0);
    sqlite_reset(statement);
    return status;
}

enum status sqlite_set_snapshot(struct sqlite *sqlite, uint64_t id,
                                const struct batch_document *document)
{
    const struct snapshot *snapshot = document->snapshot;
    uint64_t seq = 0;
    enum status status =
        sqlite_in_pieces(document) ? find_unfinished(sqlite, id, &seq) : STATUS_NOT_FOUND;

    if (status == STATUS_OK && seq == snapshot->seq)
        return set_row(sqlite, id, snapshot, SPAN(""), (int64_t)snapshot->content.size);
    if (status == STATUS_OK || status == STATUS_NOT_FOUND)
        status = drop(sqlite, SQLITE_PIECES_DROP_SQL, id, snapshot->seq);
    return status == STATUS_OK ? set_row(sqlite, id, snapshot, snapshot->content, 0) : status;
}

/* ---- Pieces ---- */

static enum status has_snapshot(struct sqlite *sqlite, uint64_t id, uint64_t seq)
{
    sqlite3_stmt *statement = sqlite_statement(sqlite, SQLITE_SNAPSHOT_FROM_SQL);
    uint64_t found = 0;

    sqlite_bind(statement, 1, id);
    sqlite_bind(statement, 2, seq);
    enum status status = sqlite_row(sqlite, statement);
    if (status == STATUS_OK)
        found = sqlite_column(statement, 0);
    sqlite_reset(statement);
    return status == STATUS_OK && found != seq ? STATUS_NOT_FOUND : status;
}

/* Drop what earlier attempts have left, and mark the new one as unfinished. */
static enum status begin_pieces(struct sqlite *sqlite, uint64_t id, const struct snapshot *snapshot)
{
    uint64_t seq = 0;
    enum status status;

    while ((status = find_unfinished(sqlite, id, &seq)) == STATUS_OK) {
        status = drop(sqlite, SQLITE_PIECES_DROP_SQL, id, seq);
        if (status == STATUS_OK)
            status = drop(sqlite, SQLITE_SNAPSHOT_DROP_SQL, id, seq);
        if (status != STATUS_OK)
            return status;
    }
    if (status != STATUS_NOT_FOUND)
        return status;
    status = drop(sqlite, SQLITE_PIECES_DROP_SQL, id, snapshot->seq);
    return status == STATUS_OK ? set_row(sqlite, id, snapshot, SPAN(""), -1) : status;
}

static enum status add_piece(struct sqlite *sqlite, uint64_t id, const struct snapshot *snapshot,
                             size_t at)
{
    sqlite3_stmt *statement = sqlite_statement(sqlite, SQLITE_PIECE_ADD_SQL);
    size_t left = snapshot->content.size - at;

    sqlite_bind(statement, 1, id);
    sqlite_bind(statement, 2, snapshot->seq);
    sqlite_bind(statement, 3, at / PIECE_SIZE);
    sqlite_bind_blob(statement, 4,
                     span_of(snapshot->content.data + at, left < PIECE_SIZE ? left : PIECE_SIZE));
    return sqlite_run(sqlite, statement);
}

/* End the transaction by what became of it. */
static enum status end(struct sqlite *sqlite, enum status status)
{
    if (status == STATUS_OK)
        status = sqlite_end(sqlite);
    else
        sqlite_rollback(sqlite);
    if (status == STATUS_OK)
        sqlite_checkpoint(sqlite);
    return status;
}

/* Within a transaction: begin, unless the fence does not hold or a snapshot is there, which has to
 * be seen until it is replaced. REPEATED: then there is nothing to write beside. */
static enum status prepare(struct sqlite *sqlite, const struct batch_document *document,
                           uint64_t *id)
{
    struct document_row row;
    enum status status = sqlite_find(sqlite, document->name, &row, id);

    if (status == STATUS_NOT_FOUND || (status == STATUS_OK && row.epoch != document->epoch))
        return STATUS_REPEATED;
    if (status == STATUS_OK)
        status = has_snapshot(sqlite, *id, document->snapshot->seq);
    if (status == STATUS_OK)
        return STATUS_REPEATED;
    return status == STATUS_NOT_FOUND ? begin_pieces(sqlite, *id, document->snapshot) : status;
}

static enum status write_pieces(struct sqlite *sqlite, const struct batch_document *document)
{
    const struct snapshot *snapshot = document->snapshot;
    uint64_t id = 0;
    enum status status = sqlite_begin(sqlite);

    if (status == STATUS_OK)
        status = end(sqlite, prepare(sqlite, document, &id));
    for (size_t at = 0; at < snapshot->content.size && status == STATUS_OK; at += PIECE_SIZE) {
        status = sqlite_begin(sqlite);
        if (status == STATUS_OK)
            status = end(sqlite, add_piece(sqlite, id, snapshot, at));
    }
    return status == STATUS_REPEATED ? STATUS_OK : status;
}

enum status sqlite_write_pieces(struct sqlite *sqlite, const struct batch_document *document)
{
    sqlite->in_pieces = true;
    atomic_fetch_add(&sqlite->folder->pieces, 1);
    enum status status = write_pieces(sqlite, document);
    atomic_fetch_sub(&sqlite->folder->pieces, 1);
    sqlite->in_pieces = false;
    return status;
}
