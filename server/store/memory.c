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
    struct entry *entries; /* 1 … row.head */
    size_t capacity;
    struct snapshot *snapshots; /* by seq */
    size_t snapshot_count;
    struct session_row *sessions; /* by key; their spent serials are ours */
    size_t session_count;
    struct store_arena *arena; /* the bytes of entries and snapshots */
};

struct memory {
    struct backend backend;
    store_clock_fn clock;
    struct memory_document *documents;
    bool secret_made;
    uint8_t secret[STORE_SECRET_SIZE];
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

/* The place of the newest snapshot at or below `seq`, counted from 1; 0 when there is none. */
static size_t snapshot_place(const struct memory_document *document, uint64_t seq)
{
    size_t place = document->snapshot_count;

    while (place > 0 && document->snapshots[place - 1].seq > seq)
        place--;
    return place;
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

    uint64_t head = document->row.head;
    uint64_t to = load->seq_max < head ? load->seq_max : head;
    size_t place = snapshot_place(document, to);
    struct store_arena *arena = store_arena_create();
    struct snapshot snapshot = {.type = SPAN(""), .content = SPAN("")};

    if (place > 0) {
        snapshot = document->snapshots[place - 1];
        snapshot.type = store_arena_copy(arena, snapshot.type);
        snapshot.content = store_arena_copy(arena, snapshot.content);
    }
    load->row = document->row;
    load->snapshot = snapshot;
    load->entries = copy_entries(document, snapshot.seq, to, arena);
    load->count = to - snapshot.seq;
    load->arena = arena;
    return STATUS_OK;
}

static enum status memory_since(struct backend *backend, struct store_since *since)
{
    const struct memory_document *document = find(memory_of(backend), since->name);

    if (document == NULL)
        return STATUS_NOT_FOUND;

    uint64_t head = document->row.head;
    uint64_t to = since->to < head ? since->to : head;

    if (to < since->from)
        to = since->from;
    if (to - since->from > since->count_max)
        to = since->from + since->count_max;
    since->arena = store_arena_create();
    since->entries = copy_entries(document, since->from, to, since->arena);
    since->count = to - since->from;
    return STATUS_OK;
}

static enum status memory_session(struct backend *backend, struct store_session *session)
{
    const struct memory_document *document = find(memory_of(backend), session->name);
    const struct session_row *row = document ? find_session(document, &session->session) : NULL;

    if (row == NULL)
        return STATUS_NOT_FOUND;

    size_t size = row->spent_count * sizeof(*row->spent);
    session->arena = store_arena_create();
    session->row = *row;
    session->row.spent = store_arena_allocate(session->arena, size);
    if (size > 0)
        memcpy(session->row.spent, row->spent, size);
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

static uint64_t higher(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
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
    size_t place = snapshot_place(document, snapshot->seq);

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

static void commit_one(struct memory_document *document, const struct batch_document *batch)
{
    append_entries(document, batch);
    for (size_t i = 0; i < batch->row_count; i++)
        set_session(document, &batch->rows[i]);
    if (batch->snapshot != NULL)
        set_snapshot(document, batch->snapshot);
    if (batch->release)
        document->row.owner[0] = '\0';
}

static enum status memory_commit(struct backend *backend, struct batch_document *documents,
                                 size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct memory_document *document = find(memory_of(backend), documents[i].name);

        if (document == NULL || document->row.epoch != documents[i].epoch ||
            document->row.head != documents[i].head)
            documents[i].outcome = STATUS_FENCED;
        else
            commit_one(document, &documents[i]);
    }
    return STATUS_OK;
}

/* ---- The rest ---- */

static enum status memory_secret(struct backend *backend, uint8_t out[STORE_SECRET_SIZE])
{
    struct memory *memory = memory_of(backend);

    if (!memory->secret_made)
        must(getentropy(memory->secret, STORE_SECRET_SIZE) == 0);
    memory->secret_made = true;
    memcpy(out, memory->secret, STORE_SECRET_SIZE);
    return STATUS_OK;
}

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
    .commit = memory_commit,
    .secret = memory_secret,
    .destroy = memory_destroy,
};

struct backend *backend_memory_create(store_clock_fn clock)
{
    struct memory *memory = memory_zeroed(1, sizeof(*memory));

    memory->backend.ops = &memory_ops;
    memory->clock = clock;
    return &memory->backend;
}
