#include "server/store/store.h"

#include "base/base64.h"
#include "base/json_scan.h"
#include "base/memory.h"
#include "server/store/build.h"

enum { BYTES_IN_WHO = WHO_SIZE * 6 / 8 }; /* a character of base64 is six bits */

struct who who_of(const struct session_key *session)
{
    struct buffer text = {0};
    struct who who;

    base64url_write(&text, span_of(session->bytes, BYTES_IN_WHO));
    must(text.size == WHO_SIZE);
    memcpy(who.text, text.data, WHO_SIZE);
    buffer_finish(&text);
    return who;
}

bool session_key_is_namesake(const struct session_key *a, const struct session_key *b)
{
    return memcmp(a->bytes, b->bytes, BYTES_IN_WHO) == 0;
}

static struct session_key namesake(const struct session_key *session, int rest)
{
    struct session_key key = *session;

    memset(key.bytes + BYTES_IN_WHO, rest, sizeof(key.bytes) - BYTES_IN_WHO);
    return key;
}

struct session_key session_key_first_namesake(const struct session_key *session)
{
    return namesake(session, 0);
}

struct session_key session_key_last_namesake(const struct session_key *session)
{
    return namesake(session, UINT8_MAX);
}

const char *entry_kind_text(enum entry_kind kind)
{
    static const char *const texts[] = {
        [ENTRY_EDIT] = "edit", [ENTRY_CREATE] = "create", [ENTRY_DELETE] = "delete"};

    return texts[kind];
}

bool entry_is_as_it_arrived(const struct entry *entry)
{
    return entry->sequenced.data == entry->arrived.data
               ? entry->sequenced.size == entry->arrived.size
               : span_equal(entry->sequenced, entry->arrived);
}

/* ---- Commit ---- */

/* What every back end may rely on. A store keeps 63 bits of an integer. */
static void must_be_well_formed(const struct batch_document *document)
{
    must(document->name.size > 0);
    must(document->epoch > 0 && document->epoch <= INT64_MAX);
    must(document->head <= INT64_MAX - document->count);
    for (size_t i = 0; i < document->count; i++) {
        const struct entry *entry = &document->entries[i];

        must(entry->seq == document->head + i + 1);
        must(entry->epoch <= document->epoch);
        must(entry->serial <= INT64_MAX && entry->base <= INT64_MAX && entry->time_ms <= INT64_MAX);
        must(i == 0 || entry->time_ms >= document->entries[i - 1].time_ms);
    }
    for (size_t i = 0; i < document->row_count; i++) {
        const struct session_row *row = &document->rows[i];

        must(row->serial <= INT64_MAX && row->floor <= INT64_MAX);
        must(row->seq <= document->head + document->count);
        for (size_t at = 0; at < row->spent_count; at++)
            must(row->spent[at].serial <= JSON_INTEGER_MAX);
    }
    if (document->snapshot != NULL)
        must(document->snapshot->seq <= document->head + document->count);
    for (size_t i = 0; i < document->version_count; i++) {
        must(document->versions[i].name.size > 0);
        must(document->versions[i].seq <= document->head + document->count);
        must(document->versions[i].time_ms <= INT64_MAX);
    }
    must(document->fold <= document->head + document->count);
}

static void must_be_a_batch(const struct store_commit *commit)
{
    for (size_t i = 0; i < commit->count; i++) {
        must_be_well_formed(&commit->documents[i]);
        if (i > 0)
            must(span_compare(commit->documents[i - 1].name, commit->documents[i].name) < 0);
    }
}

/* Fenced is known before anything is written, so it stays what it is. */
static void set_outcomes(struct batch_document *documents, size_t count, enum status outcome)
{
    for (size_t i = 0; i < count; i++) {
        if (documents[i].outcome != STATUS_FENCED)
            documents[i].outcome = outcome;
    }
}

static enum status commit_once(struct backend *backend, struct batch_document *documents,
                               size_t count)
{
    for (size_t i = 0; i < count; i++)
        documents[i].outcome = STATUS_OK;
    enum status status = backend->ops->commit(backend, documents, count);
    if (status != STATUS_OK)
        set_outcomes(documents, count, status == STATUS_UNKNOWN ? status : STATUS_FAILED);
    return status;
}

/* Both halves of what has failed whole. A store that goes away in the middle has failed the rest:
 * it was not written, which is what the documents are told. */
static void commit_halves(struct backend *backend, struct batch_document *documents, size_t count)
{
    size_t half = count / 2;
    struct batch_document *parts[] = {documents, documents + half};
    size_t counts[] = {half, count - half};

    for (size_t i = 0; i < 2; i++) {
        if (commit_once(backend, parts[i], counts[i]) == STATUS_FAILED && counts[i] > 1)
            commit_halves(backend, parts[i], counts[i]);
    }
}

static enum status run_commit(struct backend *backend, struct store_commit *commit)
{
    must_be_a_batch(commit);
    enum status status = commit_once(backend, commit->documents, commit->count);
    if (status == STATUS_AWAY)
        return status;
    if (status == STATUS_FAILED && commit->count > 1)
        commit_halves(backend, commit->documents, commit->count);
    return STATUS_OK;
}

/* ---- Requests ---- */

#define REQUEST(type) container_of(request, struct type, request)

void store_run(struct backend *backend, struct store_request *request)
{
    const struct backend_ops *ops = backend->ops;

    must(request->call <= STORE_BUILD);
    switch (request->call) {
    case STORE_CLAIM:
        must(strlen(REQUEST(store_claim)->node) < sizeof(REQUEST(store_claim)->row.owner));
        request->status = ops->claim(backend, REQUEST(store_claim));
        return;
    case STORE_LOAD:
        request->status = ops->load(backend, REQUEST(store_load));
        return;
    case STORE_SINCE:
        request->status = ops->since(backend, REQUEST(store_since));
        return;
    case STORE_SESSION:
        request->status = ops->session(backend, REQUEST(store_session));
        return;
    case STORE_VERSIONS:
        request->status = ops->versions(backend, REQUEST(store_versions));
        return;
    case STORE_COMMIT:
        request->status = run_commit(backend, REQUEST(store_commit));
        return;
    case STORE_BUILD:
        request->status = build_run(backend, REQUEST(store_build));
        return;
    }
}
