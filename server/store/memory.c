/* Everything in tables of this process: for tests and the simulator, and the model that the other
 * back ends are held against. Reads are copied out, so that an answer does not change later. */
#include <sys/random.h>

#include "base/memory.h"
#include "base/table.h"
#include "server/store/store.h"

struct memory_document {
    UT_hash_handle hh; /* by name */
    struct span name;
    struct document_row row;
    struct entry *entries;      /* 1 … row.head */
    size_t capacity;            /* those that were folded keep their place, and are not given */
    struct snapshot *snapshots; /* by seq */
    size_t snapshot_count;
    struct version *versions; /* by seq, then by name */
    size_t version_count;
    struct session_row *sessions; /* by key; their spent serials are ours */
    size_t session_count;
    struct store_arena *arena; /* the bytes of entries, snapshots and versions */
};

struct memory {
    struct backend backend;
    store_clock_fn clock;
    struct memory_document *documents;
};

static struct memory *memory_of(struct backend *backend)
{
    return container_of(backend, struct memory, backend);
}

/* ---- Documents ---- */

static struct memory_document *find(struct memory *memory, struct span name)
{
    struct memory_document *document;

    HASH_FIND(hh, memory->documents, name.data, name.size, document);
    return document;
}

static struct memory_document *add(struct memory *memory, struct span name)
{
    struct memory_document *document = memory_zeroed(1, sizeof(*document));

    document->arena = store_arena_create();
    document->name = store_arena_copy(document->arena, name);
    HASH_ADD_KEYPTR(hh, memory->documents, document->name.data, document->name.size, document);
    return document;
}

static void document_destroy(struct memory_document *document)
{
    for (size_t i = 0; i < document->session_count; i++)
        memory_free(document->sessions[i].spent);
    memory_free(document->sessions);
    memory_free(document->versions);
    memory_free(document->snapshots);
    memory_free(document->entries);
    store_arena_destroy(document->arena);
    memory_free(document);
}

static struct session_row *find_session(const struct memory_document *document,
                                        const struct session_key *session)
{
    for (size_t i = 0; i < document->session_count; i++) {
        if (memcmp(&document->sessions[i].session, session, sizeof(*session)) == 0)
            return &document->sessions[i];
    }
    return NULL;
}

/* The place of the newest snapshot that is neither behind `seq` nor younger than `time_ms`, counted
 * from 1; 0 when there is none. */
static size_t snapshot_place(const struct memory_document *document, uint64_t seq, uint64_t time_ms)
{
    size_t place = document->snapshot_count;

    while (place > 0 && (document->snapshots[place - 1].seq > seq ||
                         document->snapshots[place - 1].time_ms > time_ms))
        place--;
    return place;
}

static uint64_t higher(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t lower(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* ---- Reads ---- */

/* Copies of entries `from` + 1 … `to`. */
static struct entry *copy_entries(const struct memory_document *document, uint64_t from,
                                  uint64_t to, struct store_arena *arena)
{
    struct entry *copies = store_arena_allocate(arena, (to - from) * sizeof(*copies));

    for (size_t i = 0; i < to - from; i++)
        copies[i] = store_arena_copy_entry(arena, &document->entries[from + i]);
    return copies;
}

static enum status memory_claim(struct backend *backend, struct store_claim *claim)
{
    struct memory *memory = memory_of(backend);
    struct memory_document *document = find(memory, claim->name);
    uint64_t epoch = document != NULL ? document->row.epoch : 0;
    uint64_t now = memory->clock();

    if (claim->seen_epoch != UINT64_MAX && claim->seen_epoch != epoch) {
        claim->row = document != NULL ? document->row : (struct document_row){0};
        return STATUS_FENCED;
    }
    if (document == NULL)
        document = add(memory, claim->name);
    document->row.epoch = now > epoch ? now : epoch + 1;
    memcpy(document->row.owner, claim->node, strlen(claim->node) + 1);
    claim->row = document->row;
    return STATUS_OK;
}

static enum status memory_load(struct backend *backend, struct store_load *load)
{
    const struct memory_document *document = find(memory_of(backend), load->name);

    if (document == NULL)
        return STATUS_NOT_FOUND;

    uint64_t to = lower(load->seq_max, document->row.head);
    size_t place = snapshot_place(document, to, load->time_ms_max);
    struct snapshot snapshot = {.type = SPAN(""), .content = SPAN("")};

    if (place > 0)
        snapshot = document->snapshots[place - 1];
    if (snapshot.seq < document->row.folded && snapshot.seq != to)
        return STATUS_FOLDED;
    while (to > snapshot.seq && document->entries[to - 1].time_ms > load->time_ms_max)
        to--;
    load->arena = store_arena_create();
    load->row = document->row;
    load->snapshot = snapshot;
    load->snapshot.type = store_arena_copy(load->arena, snapshot.type);
    load->snapshot.content = store_arena_copy(load->arena, snapshot.content);
    load->entries = copy_entries(document, snapshot.seq, to, load->arena);
    load->count = to - snapshot.seq;
    return STATUS_OK;
}

static enum status memory_since(struct backend *backend, struct store_since *since)
{
    const struct memory_document *document = find(memory_of(backend), since->name);

    if (document == NULL)
        return STATUS_NOT_FOUND;

    if (since->from < document->row.folded)
        return STATUS_FOLDED;

    uint64_t to = higher(since->from, lower(since->to, document->row.head));

    if (to - since->from > since->count_max)
        to = since->from + since->count_max;
    since->row = document->row;
    since->arena = store_arena_create();
    since->entries = copy_entries(document, since->from, to, since->arena);
    since->count = to - since->from;
    return STATUS_OK;
}

static bool has_namesake(const struct memory_document *document, const struct session_key *session)
{
    for (size_t i = 0; i < document->session_count; i++)
        if (session_key_is_namesake(&document->sessions[i].session, session))
            return true;
    return false;
}

static enum status memory_session(struct backend *backend, struct store_session *session)
{
    const struct memory_document *document = find(memory_of(backend), session->name);
    const struct session_row *row = document ? find_session(document, &session->session) : NULL;

    if (row == NULL)
        return document != NULL && has_namesake(document, &session->session) ? STATUS_WHO_TAKEN
                                                                             : STATUS_NOT_FOUND;

    size_t size = row->spent_count * sizeof(*row->spent);
    session->arena = store_arena_create();
    session->row = *row;
    session->row.spent = store_arena_allocate(session->arena, size);
    if (size > 0)
        memcpy(session->row.spent, row->spent, size);
    return STATUS_OK;
}

static struct version copy_version(struct store_arena *arena, const struct version *version)
{
    struct version copy = *version;

    copy.name = store_arena_copy(arena, version->name);
    copy.user = store_arena_copy(arena, version->user);
    return copy;
}

static enum status memory_versions(struct backend *backend, struct store_versions *versions)
{
    const struct memory_document *document = find(memory_of(backend), versions->name);

    if (document == NULL)
        return STATUS_NOT_FOUND;

    size_t count = document->version_count;
    versions->arena = store_arena_create();
    versions->versions = store_arena_allocate(versions->arena, count * sizeof(struct version));
    for (size_t i = 0; i < count; i++)
        versions->versions[i] = copy_version(versions->arena, &document->versions[i]);
    versions->count = count;
    return STATUS_OK;
}

/* ---- Commit ---- */

static void append_entries(struct memory_document *document, const struct batch_document *batch)
{
    if (document->row.head + batch->count > document->capacity) {
        document->capacity = document->row.head * 2 + batch->count;
        document->entries =
            memory_resize(document->entries, document->capacity * sizeof(*document->entries));
    }
    for (size_t i = 0; i < batch->count; i++) {
        document->entries[document->row.head++] =
            store_arena_copy_entry(document->arena, &batch->entries[i]);
    }
}

static void set_session(struct memory_document *document, const struct session_row *row)
{
    struct session_row *stored = find_session(document, &row->session);

    if (stored == NULL) {
        size_t size = (document->session_count + 1) * sizeof(*stored);

        document->sessions = memory_resize(document->sessions, size);
        stored = &document->sessions[document->session_count++];
        *stored = (struct session_row){.session = row->session};
    }
    if (row->serial >= stored->serial) {
        memory_free(stored->spent);
        stored->spent = memory_copy(row->spent, row->spent_count * sizeof(*row->spent));
        stored->spent_count = row->spent_count;
    }
    stored->serial = higher(stored->serial, row->serial);
    stored->seq = higher(stored->seq, row->seq);
    stored->floor = higher(stored->floor, row->floor);
}

static void set_snapshot(struct memory_document *document, const struct snapshot *snapshot)
{
    size_t place = snapshot_place(document, snapshot->seq, UINT64_MAX);

    if (place == 0 || document->snapshots[place - 1].seq < snapshot->seq) {
        size_t size = ++document->snapshot_count * sizeof(*document->snapshots);

        document->snapshots = memory_resize(document->snapshots, size);
        memmove(&document->snapshots[place + 1], &document->snapshots[place],
                size - (place + 1) * sizeof(*document->snapshots));
        place++;
    }
    struct snapshot *stored = &document->snapshots[place - 1];
    *stored = *snapshot;
    stored->type = store_arena_copy(document->arena, snapshot->type);
    stored->content = store_arena_copy(document->arena, snapshot->content);
}

static void drop_version(struct memory_document *document, struct span name)
{
    for (size_t i = 0; i < document->version_count; i++) {
        struct version *version = &document->versions[i];

        if (!span_equal(version->name, name))
            continue;
        document->version_count--;
        memmove(version, version + 1, (document->version_count - i) * sizeof(*version));
        return;
    }
}

static bool comes_before(const struct version *a, const struct version *b)
{
    return a->seq != b->seq ? a->seq < b->seq : span_compare(a->name, b->name) < 0;
}

static void set_version(struct memory_document *document, const struct version *version)
{
    size_t place = 0;

    drop_version(document, version->name);
    if (version->seq == 0)
        return;
    while (place < document->version_count && comes_before(&document->versions[place], version))
        place++;
    size_t size = ++document->version_count * sizeof(*document->versions);
    document->versions = memory_resize(document->versions, size);
    memmove(&document->versions[place + 1], &document->versions[place],
            size - (place + 1) * sizeof(*document->versions));
    document->versions[place] = copy_version(document->arena, version);
}

static bool has_version_at(const struct memory_document *document, uint64_t seq)
{
    for (size_t i = 0; i < document->version_count; i++) {
        if (document->versions[i].seq == seq)
            return true;
    }
    return false;
}

static void fold(struct memory_document *document, uint64_t seq)
{
    size_t kept = 0;

    if (seq <= document->row.folded)
        return;
    document->row.folded = seq;
    for (size_t i = 0; i < document->snapshot_count; i++) {
        const struct snapshot *snapshot = &document->snapshots[i];

        if (snapshot->seq >= seq || has_version_at(document, snapshot->seq))
            document->snapshots[kept++] = *snapshot;
    }
    document->snapshot_count = kept;
}

static void commit_one(struct memory_document *document, const struct batch_document *batch)
{
    append_entries(document, batch);
    for (size_t i = 0; i < batch->row_count; i++)
        set_session(document, &batch->rows[i]);
    if (batch->snapshot != NULL)
        set_snapshot(document, batch->snapshot);
    for (size_t i = 0; i < batch->version_count; i++)
        set_version(document, &batch->versions[i]);
    fold(document, batch->fold);
    if (batch->release)
        document->row.owner[0] = '\0';
}

static bool fence_holds(const struct memory_document *document, const struct batch_document *batch)
{
    return document != NULL && document->row.epoch == batch->epoch &&
           (batch->count > 0 ? document->row.head == batch->head
                             : document->row.head >= batch->head);
}

static bool may_fold(const struct memory_document *document, const struct batch_document *batch)
{
    size_t count = document->snapshot_count;
    uint64_t newest = count > 0 ? document->snapshots[count - 1].seq : 0;

    if (batch->snapshot != NULL)
        newest = higher(newest, batch->snapshot->seq);
    return batch->fold <= higher(newest, document->row.folded);
}

static enum status memory_commit(struct backend *backend, struct batch_document *documents,
                                 size_t count)
{
    struct memory *memory = memory_of(backend);

    for (size_t i = 0; i < count; i++) {
        const struct memory_document *document = find(memory, documents[i].name);

        if (!fence_holds(document, &documents[i]))
            documents[i].outcome = STATUS_FENCED;
        else if (!may_fold(document, &documents[i]))
            return fault_set(&backend->fault, STATUS_FAILED, "%.*s: a fold needs a snapshot",
                             SPAN_PRINT(documents[i].name));
    }
    for (size_t i = 0; i < count; i++) {
        if (documents[i].outcome != STATUS_FENCED)
            commit_one(find(memory, documents[i].name), &documents[i]);
    }
    return STATUS_OK;
}

/* ---- The rest ---- */

static void memory_destroy(struct backend *backend)
{
    struct memory *memory = memory_of(backend);
    struct memory_document *document;
    struct memory_document *next;

    HASH_ITER (hh, memory->documents, document, next) {
        HASH_DELETE(hh, memory->documents, document);
        document_destroy(document);
    }
    memory_free(memory);
}

static const struct backend_ops memory_ops = {
    .claim = memory_claim,
    .load = memory_load,
    .since = memory_since,
    .session = memory_session,
    .versions = memory_versions,
    .commit = memory_commit,
    .destroy = memory_destroy,
};

struct backend *backend_memory_create(store_clock_fn clock)
{
    struct memory *memory = memory_zeroed(1, sizeof(*memory));

    memory->backend.ops = &memory_ops;
    memory->clock = clock;
    must(getentropy(memory->backend.secret, STORE_SECRET_SIZE) == 0);
    return &memory->backend;
}
