#include "server/store/sqlite_inner.h"

/* Pages in the write-ahead log that make it worth copying them into the database: 4 MiB. Each
 * checkpoint is two more fsyncs, and until it is done the file grows. */
enum { CHECKPOINT_PAGES = 1000 };

/* While a snapshot is written in pieces, that lane copies the log; unless it falls behind. */
enum { CHECKPOINT_PAGES_BESIDE = 4 * CHECKPOINT_PAGES };

/* What the log holds is durable as it is, so a checkpoint that fails takes nothing back; but then
 * the file is not to be trusted, and SQLite's own automatic checkpoint would have kept that to
 * itself. */
static void copy(struct sqlite *sqlite)
{
    int code =
        sqlite3_wal_checkpoint_v2(sqlite->database, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);

    if (code != SQLITE_OK && code != SQLITE_BUSY)
        (void)sqlite_failed(sqlite);
}

/* The log begins anew only when all of it has been copied, which never happens while others write.
 * So most of it is copied beside them, and what they have added meanwhile in a turn. */
void sqlite_checkpoint(struct sqlite *sqlite)
{
    bool beside = sqlite->in_pieces;
    bool others = !beside && atomic_load(&sqlite->folder->pieces) > 0;
    int pages_max = others ? CHECKPOINT_PAGES_BESIDE : CHECKPOINT_PAGES;

    if (sqlite->wal_pages < pages_max)
        return;
    if (beside)
        copy(sqlite);
    sqlite_folder_await_turn(sqlite->folder);
    copy(sqlite);
    sqlite_folder_end_turn(sqlite->folder);
}
