#include <sys/random.h>

#include "base/memory.h"
#include "base/must.h"
#include "server/store/postgres_inner.h"

struct postgres *postgres_of(struct backend *backend)
{
    return container_of(backend, struct postgres, backend);
}

void postgres_read_row(const PGresult *result, struct document_row *row)
{
    struct span owner = postgres_bytes(result, 0, 3);
    size_t size = owner.size < sizeof(row->owner) ? owner.size : sizeof(row->owner) - 1;

    *row = (struct document_row){.epoch = postgres_number(result, 0, 0),
                                 .head = postgres_number(result, 0, 1),
                                 .folded = postgres_number(result, 0, 2)};
    if (size > 0)
        memcpy(row->owner, owner.data, size);
}

/* ---- Claims ---- */

/* The claim, and what is there when it was not allowed. A lost answer leaves open whether it
 * happened: the next claim settles that. */
static enum status postgres_claim(struct backend *backend, struct store_claim *claim)
{
    struct postgres *postgres = postgres_of(backend);
    bool any = claim->seen_epoch == UINT64_MAX;
    struct parameters values = {0};
    struct parameters name = {0};
    struct query queries[] = {
        {.which = any || claim->seen_epoch == 0 ? POSTGRES_CLAIM_NEW : POSTGRES_CLAIM_SEEN,
         .parameters = &values},
        {.which = POSTGRES_DOCUMENT, .parameters = &name}};

    parameters_bytes(&values, claim->name);
    parameters_bytes(&values, span_of_string(claim->node));
    if (postgres->clock != NULL)
        parameters_number(&values, postgres->clock());
    else
        parameters_bytes(&values, SPAN_NONE);
    if (any)
        parameters_bytes(&values, SPAN_NONE);
    else
        parameters_number(&values, claim->seen_epoch);
    parameters_bytes(&name, claim->name);
    enum status status = postgres_run(postgres, queries, 2);
    parameters_finish(&values);
    parameters_finish(&name);
    if (status != STATUS_OK)
        return STATUS_AWAY;

    bool claimed = PQntuples(queries[0].result) == 1;
    claim->row = (struct document_row){0};
    if (claimed)
        postgres_read_row(queries[0].result, &claim->row);
    else if (PQntuples(queries[1].result) == 1)
        postgres_read_row(queries[1].result, &claim->row);
    postgres_clear(queries, 2);
    return claimed ? STATUS_OK : STATUS_FENCED;
}

/* ---- Opening ---- */

static enum status read_secret(struct postgres *postgres)
{
    uint8_t drawn[STORE_SECRET_SIZE];
    struct parameters values = {0};
    struct query queries[] = {{.which = POSTGRES_SECRET_MAKE, .parameters = &values},
                              {.which = POSTGRES_SECRET}};

    must(getentropy(drawn, sizeof(drawn)) == 0);
    parameters_bytes(&values, span_of(drawn, sizeof(drawn)));
    enum status status = postgres_run(postgres, queries, 2);
    parameters_finish(&values);
    if (status != STATUS_OK)
        return status;
    struct span bytes =
        PQntuples(queries[1].result) == 1 ? postgres_bytes(queries[1].result, 0, 0) : SPAN_NONE;

    if (bytes.size == STORE_SECRET_SIZE)
        memcpy(postgres->backend.secret, bytes.data, STORE_SECRET_SIZE);
    else
        status = fault_set(&postgres->backend.fault, STATUS_CORRUPT,
                           "the secret does not have 32 bytes");
    postgres_clear(queries, 2);
    return status;
}

static void postgres_destroy(struct backend *backend)
{
    struct postgres *postgres = postgres_of(backend);

    PQfinish(postgres->connection);
    memory_free(postgres->url);
    memory_free(postgres);
}

static const struct backend_ops postgres_ops = {
    .claim = postgres_claim,
    .load = postgres_load,
    .since = postgres_since,
    .session = postgres_session,
    .versions = postgres_versions,
    .commit = postgres_commit,
    .destroy = postgres_destroy,
};

static struct postgres *create(const char *url)
{
    struct postgres *postgres = memory_zeroed(1, sizeof(*postgres));

    postgres->backend.ops = &postgres_ops;
    postgres->backend.survey = &postgres_survey_ops;
    postgres->url = memory_copy(url, strlen(url) + 1);
    return postgres;
}

/* The caller has it, or nobody. */
static enum status give_take(struct postgres *postgres, enum status status,
                             struct backend **backend)
{
    if (status == STATUS_OK)
        *backend = &postgres->backend;
    else
        postgres_destroy(&postgres->backend);
    return status;
}

enum status backend_postgres_open(const char *url, store_clock_fn clock, struct backend **backend,
                                  struct fault *fault)
{
    struct postgres *postgres = create(url);

    postgres->clock = clock;
    enum status status = postgres_connect(postgres, fault);
    if (status == STATUS_OK) {
        status = read_secret(postgres);
        if (status != STATUS_OK)
            *fault = postgres->backend.fault;
    }
    return give_take(postgres, status, backend);
}

enum status backend_postgres_look(const char *url, struct backend **backend, struct fault *fault)
{
    struct postgres *postgres = create(url);

    postgres->looks = true;
    return give_take(postgres, postgres_connect(postgres, fault), backend);
}
