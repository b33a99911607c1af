#include "server/store/checksum.h"
#include "server/store/sqlite_inner.h"

enum status sqlite_set_version(struct sqlite *sqlite, uint64_t document,
                               const struct version *version)
{
    bool drops = version->seq == 0;
    sqlite3_stmt *statement =
        sqlite_statement(sqlite, drops ? SQLITE_VERSION_DROP_SQL : SQLITE_VERSION_SET_SQL);

    sqlite_bind(statement, 1, document);
    sqlite_bind_text(statement, 2, version->name);
    if (!drops) {
        sqlite_bind(statement, 3, version->seq);
        sqlite_bind(statement, 4, version->time_ms);
        sqlite_bind_text(statement, 5, version->user);
        sqlite_bind(statement, 6, checksum_of_version(version));
    }
    return sqlite_run(sqlite, statement);
}

static struct version read_version(sqlite3_stmt *statement, struct store_arena *arena)
{
    return (struct version){
        .name = store_arena_copy(arena, sqlite_column_text(statement, 0)),
        .seq = sqlite_column(statement, 1),
        .time_ms = sqlite_column(statement, 2),
        .user = store_arena_copy(arena, sqlite_column_text(statement, 3)),
    };
}

/* What the statement stands on has become this. */
static bool holds(struct sqlite *sqlite, sqlite3_stmt *statement, const struct version *version,
                  struct span name)
{
    return sqlite_column_is_null(statement, 4) ||
           checksum_holds_version(version, sqlite_column(statement, 4), name,
                                  &sqlite->backend.fault);
}

/* The array grows in the arena: those that were outgrown are together no larger than the last. */
static enum status read_versions(struct sqlite *sqlite, uint64_t document,
                                 struct store_versions *versions)
{
    sqlite3_stmt *statement = sqlite_statement(sqlite, SQLITE_VERSIONS_SQL);
    struct version *found = NULL;
    size_t capacity = 0;
    size_t count = 0;
    enum status status;

    sqlite_bind(statement, 1, document);
    while ((status = sqlite_row(sqlite, statement)) == STATUS_OK) {
        if (count == capacity) {
            struct version *grown;

            capacity = capacity > 0 ? capacity * 2 : 16;
            grown = store_arena_allocate(versions->arena, capacity * sizeof(*grown));
            if (count > 0)
                memcpy(grown, found, count * sizeof(*grown));
            found = grown;
        }
        found[count] = read_version(statement, versions->arena);
        if (!holds(sqlite, statement, &found[count++], versions->name)) {
            status = STATUS_CORRUPT;
            break;
        }
    }
    sqlite_reset(statement);
    if (status != STATUS_NOT_FOUND)
        return status;
    versions->versions = found;
    versions->count = count;
    return STATUS_OK;
}

enum status sqlite_versions(struct backend *backend, struct store_versions *versions)
{
    struct sqlite *sqlite = sqlite_of(backend);
    struct document_row row;
    uint64_t id;
    enum status status = sqlite_look(sqlite);

    if (status != STATUS_OK)
        return status;
    versions->arena = store_arena_create();
    status = sqlite_find(sqlite, versions->name, &row, &id);
    if (status == STATUS_OK)
        status = read_versions(sqlite, id, versions);
    sqlite_look_end(sqlite);
    if (status != STATUS_OK) {
        store_arena_destroy(versions->arena);
        versions->arena = NULL;
    }
    return status;
}
