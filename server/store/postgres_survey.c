#include "server/store/postgres_inner.h"
#include "server/store/survey.h"

/* No name is empty: the first one is behind the empty one. */
static enum status list_names(struct backend *backend, struct survey_names *names,
                              struct store_arena *arena)
{
    struct parameters values = {0};
    struct query query = {.which = POSTGRES_NAMES, .parameters = &values};

    parameters_bytes(&values, span_present(names->after) ? names->after : SPAN(""));
    parameters_number(&values, names->count_max);
    enum status status = postgres_run_read(backend, &query, 1);
    parameters_finish(&values);
    if (status != STATUS_OK)
        return status;
    int count = PQntuples(query.result);

    names->names = store_arena_allocate(arena, (size_t)count * sizeof(*names->names));
    names->count = (size_t)count;
    for (int row = 0; row < count; row++)
        names->names[row] = postgres_copy(arena, query.result, row, 0);
    postgres_clear(&query, 1);
    return STATUS_OK;
}

/* False when a row cannot be. */
static bool read_rows(const PGresult *result, struct store_arena *arena, struct session_row *rows)
{
    for (int at = 0; at < PQntuples(result); at++) {
        struct span session = postgres_bytes(result, at, 4);

        if (session.size != SESSION_KEY_SIZE ||
            !postgres_read_session(result, at, arena, &rows[at]))
            return false;
        memcpy(rows[at].session.bytes, session.data, SESSION_KEY_SIZE);
    }
    return true;
}

static enum status list_rows(struct backend *backend, struct survey_rows *rows,
                             struct store_arena *arena)
{
    struct parameters values = {0};
    struct query query = {.which = POSTGRES_ROWS, .parameters = &values};

    parameters_bytes(&values, rows->name);
    parameters_bytes(&values, span_of(rows->from.bytes, SESSION_KEY_SIZE));
    parameters_number(&values, rows->count_max);
    enum status status = postgres_run_read(backend, &query, 1);
    parameters_finish(&values);
    if (status != STATUS_OK)
        return status;
    size_t count = (size_t)PQntuples(query.result);
    struct session_row *found = store_arena_allocate(arena, count * sizeof(*found));

    if (read_rows(query.result, arena, found)) {
        rows->rows = found;
        rows->count = count;
    } else {
        status = postgres_corrupt(backend, rows->name, "a session's row cannot be");
    }
    postgres_clear(&query, 1);
    return status;
}

const struct survey_ops postgres_survey_ops = {.names = list_names, .rows = list_rows};
