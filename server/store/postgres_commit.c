#include "base/memory.h"
#include "server/store/checksum.h"
#include "server/store/postgres_inner.h"
#include "server/store/spent.h"

/* The places of the arrays in POSTGRES_COMMIT: all columns of one thing follow each other. */
struct columns {
    size_t parts;
    size_t entries;
    size_t rows;
    size_t snapshots;
    size_t versions;
};

/* What is absent is stored as empty. */
static struct span span_or_empty(struct span bytes)
{
    return span_present(bytes) ? bytes : SPAN("");
}

/* An array for each letter, n of numbers and b of bytes. Returns the place of the first. */
static size_t add_columns(struct parameters *parameters, const char *letters)
{
    size_t first = parameters->count;

    for (; *letters != '\0'; letters++)
        (void)(*letters == 'n' ? parameters_numbers(parameters)
                               : parameters_bytes_array(parameters));
    return first;
}

static void add_entry(struct parameters *parameters, size_t at, uint64_t place,
                      const struct entry *entry)
{
    const uint64_t numbers[] = {place,         entry->seq,  entry->epoch,
                                entry->serial, entry->base, entry->time_ms,
                                entry->kind,   entry->rule, checksum_of_entry(entry)};

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        parameters_add_number(parameters, at++, numbers[i]);
    parameters_add_bytes(parameters, at++, span_of(entry->session.bytes, SESSION_KEY_SIZE));
    parameters_add_bytes(parameters, at++, span_or_empty(entry->user));
    parameters_add_bytes(parameters, at++, span_or_empty(entry->arrived));
    parameters_add_bytes(parameters, at,
                         entry_is_as_it_arrived(entry) ? SPAN_NONE
                                                       : span_or_empty(entry->sequenced));
}

static void add_row(struct parameters *parameters, size_t at, uint64_t place,
                    const struct session_row *row)
{
    struct buffer spent = {0};

    spent_write(&spent, row);
    parameters_add_number(parameters, at++, place);
    parameters_add_bytes(parameters, at++, span_of(row->session.bytes, SESSION_KEY_SIZE));
    parameters_add_number(parameters, at++, row->serial);
    parameters_add_number(parameters, at++, row->seq);
    parameters_add_number(parameters, at++, row->floor);
    parameters_add_bytes(parameters, at, buffer_span(&spent));
    buffer_finish(&spent);
}

static void add_snapshot(struct parameters *parameters, size_t at, uint64_t place,
                         const struct snapshot *snapshot)
{
    parameters_add_number(parameters, at++, place);
    parameters_add_number(parameters, at++, snapshot->seq);
    parameters_add_number(parameters, at++, snapshot->epoch);
    parameters_add_number(parameters, at++, snapshot->time_ms);
    parameters_add_number(parameters, at++, snapshot->created);
    parameters_add_number(parameters, at++, checksum_of_snapshot(snapshot));
    parameters_add_bytes(parameters, at++, span_or_empty(snapshot->type));
    parameters_add_bytes(parameters, at, span_or_empty(snapshot->content));
}

static void add_version(struct parameters *parameters, size_t at, uint64_t place,
                        const struct version *version)
{
    parameters_add_number(parameters, at++, place);
    parameters_add_bytes(parameters, at++, span_or_empty(version->name));
    parameters_add_number(parameters, at++, version->seq);
    parameters_add_number(parameters, at++, version->time_ms);
    parameters_add_number(parameters, at++, checksum_of_version(version));
    parameters_add_bytes(parameters, at, span_or_empty(version->user));
}

static void add_document(struct parameters *parameters, const struct columns *columns,
                         uint64_t place, const struct batch_document *document)
{
    size_t at = columns->parts;

    parameters_add_bytes(parameters, at++, document->name);
    parameters_add_number(parameters, at++, document->epoch);
    parameters_add_number(parameters, at++, document->head);
    parameters_add_number(parameters, at++, document->count);
    parameters_add_number(parameters, at++, document->release);
    parameters_add_number(parameters, at, document->fold);
    for (size_t i = 0; i < document->count; i++)
        add_entry(parameters, columns->entries, place, &document->entries[i]);
    for (size_t i = 0; i < document->row_count; i++)
        add_row(parameters, columns->rows, place, &document->rows[i]);
    if (document->snapshot != NULL)
        add_snapshot(parameters, columns->snapshots, place, document->snapshot);
    for (size_t i = 0; i < document->version_count; i++)
        add_version(parameters, columns->versions, place, &document->versions[i]);
}

static void build(struct parameters *parameters, const struct batch_document *documents,
                  size_t count)
{
    const struct columns columns = {.parts = add_columns(parameters, "bnnnnn"),
                                    .entries = add_columns(parameters, "nnnnnnnnnbbbb"),
                                    .rows = add_columns(parameters, "nbnnnb"),
                                    .snapshots = add_columns(parameters, "nnnnnnbb"),
                                    .versions = add_columns(parameters, "nbnnnb")};

    for (size_t i = 0; i < count; i++)
        add_document(parameters, &columns, i + 1, &documents[i]);
    parameters_seal(parameters);
}

/* The statement gives the places of those documents that were written. */
static void take_outcomes(const PGresult *result, struct batch_document *documents, size_t count)
{
    bool *written = memory_zeroed(count, sizeof(*written));

    for (int row = 0; row < PQntuples(result); row++)
        written[postgres_number(result, row, 0) - 1] = true;
    for (size_t i = 0; i < count; i++)
        if (!written[i])
            documents[i].outcome = STATUS_FENCED;
    memory_free(written);
}

enum status postgres_commit(struct backend *backend, struct batch_document *documents, size_t count)
{
    struct parameters batch = {0};
    struct parameters *names = memory_zeroed(count, sizeof(*names)); /* of those that are folded */
    struct query *queries = memory_zeroed(count + 1, sizeof(*queries));
    size_t folds = 0;

    build(&batch, documents, count);
    queries[0] = (struct query){.which = POSTGRES_COMMIT, .parameters = &batch};
    for (size_t i = 0; i < count; i++) {
        if (documents[i].fold == 0)
            continue;
        parameters_bytes(&names[folds], documents[i].name);
        queries[folds + 1] = (struct query){.which = POSTGRES_FOLD, .parameters = &names[folds]};
        folds++;
    }
    enum status status = postgres_run(postgres_of(backend), queries, folds + 1);
    if (status == STATUS_OK)
        take_outcomes(queries[0].result, documents, count);
    postgres_clear(queries, folds + 1);
    parameters_finish(&batch);
    for (size_t i = 0; i < folds; i++)
        parameters_finish(&names[i]);
    memory_free(names);
    memory_free(queries);
    return status;
}
