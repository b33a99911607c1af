#include "server/store/sqlite_inner.h"
#include "server/store/survey.h"

static enum status list_names(struct backend *backend, struct survey_names *names,
                              struct store_arena *arena)
{
    struct sqlite *sqlite = sqlite_of(backend);
    struct span *found = store_arena_allocate(arena, names->count_max * sizeof(*found));
    size_t count = 0;
    enum status status;

    if (sqlite_lost(sqlite))
        return STATUS_AWAY;
    sqlite3_stmt *statement = sqlite_statement(sqlite, SQLITE_DOCUMENT_NAMES_SQL);
    sqlite_bind_text(statement, 1, names->after);
    sqlite_bind(statement, 2, names->count_max);
    while ((status = sqlite_row(sqlite, statement)) == STATUS_OK)
        found[count++] = store_arena_copy(arena, sqlite_column_text(statement, 0));
    sqlite_reset(statement);
    if (status != STATUS_NOT_FOUND)
        return status;
    names->names = found;
    names->count = count;
    return STATUS_OK;
}

static enum status list_rows(struct backend *backend, struct survey_rows *rows,
                             struct store_arena *arena)
{
    struct sqlite *sqlite = sqlite_of(backend);
    struct session_row *found = store_arena_allocate(arena, rows->count_max * sizeof(*found));
    struct document_row document;
    struct sqlite_row_range range = {
        .name = rows->name, .session = rows->from, .count_max = rows->count_max};

    if (sqlite_lost(sqlite))
        return STATUS_AWAY;
    enum status status = sqlite_find(sqlite, rows->name, &document, &range.document);
    if (status == STATUS_OK)
        status = sqlite_read_rows(sqlite, &range, arena, found, &rows->count);
    if (status == STATUS_OK)
        rows->rows = found;
    return status;
}

static enum status verify(struct backend *backend, struct fault *fault)
{
    struct sqlite *sqlite = sqlite_of(backend);
    sqlite3_stmt *statement = NULL;
    struct span answer = SPAN_NONE;

    if (sqlite3_prepare_v2(sqlite->database, "PRAGMA integrity_check(1)", -1, &statement, NULL) ==
            SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        answer = sqlite_column_text(statement, 0);
    enum status status = STATUS_OK;
    if (!span_present(answer))
        status = fault_set(fault, STATUS_CORRUPT, "%s", sqlite3_errmsg(sqlite->database));
    else if (!span_equal(answer, SPAN("ok")))
        status = fault_set(fault, STATUS_CORRUPT, "%.*s", SPAN_PRINT(answer));
    sqlite3_finalize(statement);
    return status;
}

const struct survey_ops sqlite_survey_ops = {
    .names = list_names,
    .rows = list_rows,
    .verify = verify,
};
