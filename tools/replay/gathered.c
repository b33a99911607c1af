#include "tools/replay/gathered.h"

#include "base/memory.h"
#include "base/table.h"

struct gathered_document {
    struct span name;
    struct document_row row;
    struct snapshot snapshot; /* where its log begins; seq 0: at the beginning */
    struct entry *entries;    /* those behind it */
    size_t count;
    size_t capacity;
    UT_hash_handle hh; /* by name */
};

struct gathered {
    struct backend backend;
    struct gathered_document *documents;
    struct store_arena *arena; /* of everything that is copied */
};

static struct gathered *gathered_of(struct backend *backend)
{
    return container_of(backend, struct gathered, backend);
}

static struct gathered_document *find(const struct gathered *gathered, struct span name)
{
    struct gathered_document *document = NULL;

    HASH_FIND(hh, gathered->documents, name.data, name.size, document);
    return document;
}

/* ---- Gathering ---- */

static struct gathered_document *find_or_add(struct gathered *gathered, struct span name)
{
    struct gathered_document *document = find(gathered, name);

    if (document != NULL)
        return document;
    document = memory_zeroed(1, sizeof(*document));
    document->name = store_arena_copy(gathered->arena, name);
    HASH_ADD_KEYPTR(hh, gathered->documents, document->name.data, document->name.size, document);
    return document;
}

/* The next entry of the document; those that were gathered before are skipped. */
static void append(struct gathered *gathered, struct gathered_document *document,
                   const struct entry *entry)
{
    if (entry->seq != document->row.head + 1)
        return;
    if (document->count == document->capacity) {
        document->capacity = document->capacity * 2 + 64;
        document->entries =
            memory_resize(document->entries, document->capacity * sizeof(*document->entries));
    }
    document->entries[document->count++] = store_arena_copy_entry(gathered->arena, entry);
    document->row.head = entry->seq;
    document->row.epoch = entry->epoch;
}

/* The first load says where the log begins; what another one has before that is older history. */
static void take_load(struct gathered *gathered, const struct store_load *load)
{
    struct gathered_document *document = find(gathered, load->name);

    if (document == NULL) {
        document = find_or_add(gathered, load->name);
        document->snapshot = load->snapshot;
        document->snapshot.type = store_arena_copy(gathered->arena, load->snapshot.type);
        document->snapshot.content = store_arena_copy(gathered->arena, load->snapshot.content);
        document->row.head = document->row.folded = load->snapshot.seq;
    }
    for (size_t i = 0; i < load->count; i++)
        append(gathered, document, &load->entries[i]);
}

static void take_commit(struct gathered *gathered, const struct store_commit *commit)
{
    for (size_t i = 0; i < commit->count; i++) {
        const struct batch_document *part = &commit->documents[i];

        if (part->outcome != STATUS_OK)
            continue;
        for (size_t j = 0; j < part->count; j++)
            append(gathered, find_or_add(gathered, part->name), &part->entries[j]);
    }
}

void gathered_take(struct gathered *gathered, const struct store_request *request)
{
    const struct store_load *load = container_of(request, struct store_load, request);

    if (request->call == STORE_COMMIT)
        take_commit(gathered, container_of(request, struct store_commit, request));
    else if (request->call == STORE_LOAD && load->seq_max == UINT64_MAX &&
             load->time_ms_max == UINT64_MAX)
        take_load(gathered, load);
}

struct span gathered_name(const struct gathered *gathered, size_t index)
{
    const struct gathered_document *document = gathered->documents;

    for (; document != NULL && index > 0; index--)
        document = document->hh.next;
    return document != NULL ? document->name : SPAN_NONE;
}

/* ---- Reading ---- */

static enum status gathered_load(struct backend *backend, struct store_load *load)
{
    const struct gathered_document *document = find(gathered_of(backend), load->name);

    if (document == NULL)
        return STATUS_NOT_FOUND;
    load->row = document->row;
    if (load->seq_max < document->snapshot.seq)
        return STATUS_FOLDED;
    load->snapshot = document->snapshot;
    load->entries = document->entries;
    load->count = 0;
    while (load->count < document->count && document->entries[load->count].seq <= load->seq_max &&
           document->entries[load->count].time_ms <= load->time_ms_max)
        load->count++;
    load->arena = NULL; /* everything lives as long as the gathered does */
    return STATUS_OK;
}

static enum status gathered_since(struct backend *backend, struct store_since *since)
{
    const struct gathered_document *document = find(gathered_of(backend), since->name);

    if (document == NULL)
        return STATUS_NOT_FOUND;
    since->row = document->row;
    if (since->from < document->row.folded)
        return STATUS_FOLDED;
    uint64_t to = since->to < document->row.head ? since->to : document->row.head;

    since->entries = document->entries + (since->from - document->row.folded);
    since->count = to > since->from ? (size_t)(to - since->from) : 0;
    if (since->count > since->count_max)
        since->count = since->count_max;
    since->arena = NULL;
    return STATUS_OK;
}

static enum status gathered_session(struct backend *backend, struct store_session *session)
{
    (void)backend;
    (void)session;
    return STATUS_NOT_FOUND;
}

static enum status gathered_versions(struct backend *backend, struct store_versions *versions)
{
    versions->count = 0;
    return find(gathered_of(backend), versions->name) != NULL ? STATUS_OK : STATUS_NOT_FOUND;
}

static enum status refuse_claim(struct backend *backend, struct store_claim *claim)
{
    (void)claim;
    return fault_set(&backend->fault, STATUS_FAILED, "a capture is only read");
}

static enum status refuse_commit(struct backend *backend, struct batch_document *documents,
                                 size_t count)
{
    (void)documents;
    (void)count;
    return fault_set(&backend->fault, STATUS_FAILED, "a capture is only read");
}

static void keep(struct backend *backend)
{
    (void)backend; /* gathered_destroy() frees it */
}

static const struct backend_ops gathered_ops = {
    .claim = refuse_claim,
    .load = gathered_load,
    .since = gathered_since,
    .session = gathered_session,
    .versions = gathered_versions,
    .commit = refuse_commit,
    .destroy = keep,
};

struct gathered *gathered_create(void)
{
    struct gathered *gathered = memory_zeroed(1, sizeof(*gathered));

    gathered->backend.ops = &gathered_ops;
    gathered->arena = store_arena_create();
    return gathered;
}

void gathered_destroy(struct gathered *gathered)
{
    struct gathered_document *document;
    struct gathered_document *next;

    if (gathered == NULL)
        return;
    HASH_ITER (hh, gathered->documents, document, next) {
        HASH_DEL(gathered->documents, document);
        memory_free(document->entries);
        memory_free(document);
    }
    store_arena_destroy(gathered->arena);
    memory_free(gathered);
}

struct backend *gathered_backend(struct gathered *gathered)
{
    return &gathered->backend;
}
