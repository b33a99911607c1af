#include "server/collab/reading.h"

#include <string.h>

#include "base/limits.h"
#include "base/must.h"
#include "base/table.h"
#include "server/collab/blame.h"
#include "server/collab/hub_state.h"
#include "server/collab/past.h"
#include "server/collab/state.h"

struct reading {
    struct reading *prev, *next; /* in hub->readings, those under way first */
    struct hub *hub;
    struct asker *asker; /* NULL when it is gone */
    bool under_way;
    struct reading_query query; /* its names are in `bytes` */
    struct store_load load;     /* for a state */
    struct store_since since;   /* for a part of the log */
    struct store_versions versions;
    struct blame blame;
    uint8_t bytes[]; /* the document's name, the version's */
};

/* ---- Answering ---- */

static void finish(struct reading *reading)
{
    struct hub *hub = reading->hub;

    DL_DELETE(hub->readings, reading);
    if (reading->under_way)
        hub->readings_under_way--;
    else
        hub->readings_waiting--;
    store_arena_destroy(reading->load.arena);
    store_arena_destroy(reading->since.arena);
    store_arena_destroy(reading->versions.arena);
    blame_finish(&reading->blame);
    memory_free(reading);
}

/* Tell the asker and be gone. */
static void answer(struct reading *reading, struct past *past)
{
    struct asker *asker = reading->asker;

    past->name = reading->query.name;
    past->is_log = reading->query.kind == READING_LOG;
    past->is_versions = reading->query.kind == READING_VERSIONS;
    if (asker != NULL)
        asker->answered(asker, past);
    finish(reading);
}

static void answer_status(struct reading *reading, enum status status)
{
    struct past past = {.status = status};

    answer(reading, &past);
}

/* What a call of the store came to, for who asked. */
static enum status status_for_asker(enum status status)
{
    switch (status) {
    case STATUS_OK:
    case STATUS_FOLDED:
        return status;
    case STATUS_NOT_FOUND:
        return STATUS_NOT_CREATED;
    case STATUS_CORRUPT:
        return STATUS_BROKEN;
    default:
        return STATUS_AWAY;
    }
}

/* ---- A state ---- */

static void report_broken(struct reading *reading, const struct fault *fault)
{
    hub_report(reading->hub, "document %.*s cannot be read: %s", SPAN_PRINT(reading->query.name),
               fault->text);
}

static void answer_state(struct reading *reading)
{
    const struct store_load *load = &reading->load;
    uint64_t seq = reading->query.seq;
    struct snapshot snapshot;
    struct buffer content = {0};
    struct fault fault;
    struct past past = {.status = STATUS_OK};

    if (state_build(load, &content, &snapshot, &fault) != STATUS_OK) {
        report_broken(reading, &fault);
        past.status = STATUS_BROKEN;
    } else if (seq != UINT64_MAX && seq > load->row.head) {
        past.status = STATUS_BEYOND_HEAD;
    } else {
        past.seq = snapshot.seq;
        past.epoch = snapshot.epoch;
        past.time_ms = snapshot.time_ms;
        past.type = snapshot.type.size > 0 ? type_find(snapshot.type) : NULL;
        past.content = past.type != NULL ? snapshot.content : SPAN_NONE;
    }
    answer(reading, &past);
    buffer_finish(&content);
}

static void loaded(struct store_request *request)
{
    struct reading *reading = container_of(request, struct reading, load.request);

    hub_returned(reading->hub, request);
    if (request->status != STATUS_OK)
        answer_status(reading, status_for_asker(request->status));
    else if (reading->asker == NULL)
        finish(reading);
    else
        answer_state(reading);
}

static void load(struct reading *reading, void (*done)(struct store_request *request),
                 uint64_t seq_max, uint64_t time_ms_max)
{
    reading->load = (struct store_load){
        .request = {.call = STORE_LOAD, .done = done},
        .name = reading->query.name,
        .seq_max = seq_max,
        .time_ms_max = time_ms_max,
    };
    hub_submit(reading->hub, &reading->load.request);
}

static void read_state(struct reading *reading)
{
    load(reading, loaded, reading->query.seq, reading->query.time_ms);
}

/* The document, if what it is now is asked for and is here: nobody else writes it, and nothing that
 * is not durable is in it. NULL: the store has to be asked. */
static const struct document *find_in_memory(const struct reading *reading)
{
    const struct reading_query *query = &reading->query;
    const struct hub *hub = reading->hub;
    const struct document *document = document_find(hub, query->name);

    if (query->kind != READING_STATE || span_present(query->version) || query->seq != UINT64_MAX ||
        query->time_ms != UINT64_MAX)
        return NULL;
    return document != NULL && document->state == DOCUMENT_OWNED && hub->peers == NULL &&
                   document->history.head == document->committed
               ? document
               : NULL;
}

static void answer_from_memory(struct reading *reading, const struct document *document)
{
    const struct state *now = &document->now;
    struct buffer content = {0};
    struct past past = {
        .status = STATUS_OK,
        .seq = document->committed,
        .epoch = document->committed_epoch,
        .time_ms = document->time_ms,
        .type = now->type,
    };

    if (now->type != NULL) {
        now->type->encode(now->content, &content);
        past.content = buffer_span(&content);
    }
    answer(reading, &past);
    buffer_finish(&content);
}

/* ---- A part of the log ---- */

/* How many of the entries one answer holds: at least one. */
static size_t entries_that_fit(const struct entry *entries, size_t count)
{
    size_t bytes = 0;
    size_t fit = 0;

    while (fit < count && (fit == 0 || bytes < LIMIT_FRAME_BYTES))
        bytes += entries[fit++].sequenced.size + LIMIT_PAST_ENTRY_BYTES;
    return fit;
}

static void answer_log(struct reading *reading)
{
    const struct store_since *since = &reading->since;
    struct past past = {.entries = since->entries};

    /* It may have been claimed for somebody who then made nothing. */
    past.status = since->row.head > 0 ? STATUS_OK : STATUS_NOT_CREATED;
    past.count = entries_that_fit(since->entries, since->count);
    if (past.count > 0) {
        uint64_t last = since->entries[past.count - 1].seq;

        if (last < reading->query.to && last < since->row.head)
            past.next = last + 1;
    }
    answer(reading, &past);
}

static void log_read(struct store_request *request)
{
    struct reading *reading = container_of(request, struct reading, since.request);

    hub_returned(reading->hub, request);
    if (request->status == STATUS_OK)
        answer_log(reading);
    else
        answer_status(reading, status_for_asker(request->status));
}

static void since(struct reading *reading, void (*done)(struct store_request *request),
                  uint64_t from, uint64_t to)
{
    reading->since = (struct store_since){
        .request = {.call = STORE_SINCE, .done = done},
        .name = reading->query.name,
        .from = from,
        .to = to,
        .count_max = LIMIT_PAST_ENTRIES,
    };
    hub_submit(reading->hub, &reading->since.request);
}

static void read_log(struct reading *reading)
{
    since(reading, log_read, reading->query.from - 1, reading->query.to);
}

/* ---- Who wrote it ---- */

static void read_blame(struct reading *reading);

static void answer_blame(struct reading *reading)
{
    const struct blame *blame = &reading->blame;
    struct past past = {.seq = blame->seq, .epoch = blame->epoch, .time_ms = blame->time_ms};

    past.type = blame->type;
    if (blame->type == &type_text)
        past.blame = blame->text;
    else if (blame->type != NULL)
        past.status = STATUS_TYPE_DIFFERS;
    answer(reading, &past);
}

static void blamed(struct store_request *request);

/* Step through a portion of the log; ask for the next one, or answer. */
static void step_blame(struct reading *reading, const struct entry *entries, size_t count)
{
    struct fault fault;
    enum status status = blame_step(&reading->blame, entries, count, &fault);

    if (status == STATUS_CORRUPT)
        report_broken(reading, &fault);
    if (status != STATUS_OK)
        answer_status(reading, status == STATUS_CORRUPT ? STATUS_BROKEN : status);
    else if (reading->blame.seq == reading->query.seq)
        answer_blame(reading);
    else
        since(reading, blamed, reading->blame.seq, reading->query.seq);
}

static void blamed(struct store_request *request)
{
    struct reading *reading = container_of(request, struct reading, since.request);
    struct store_arena *arena = reading->since.arena;

    hub_returned(reading->hub, request);
    reading->since.arena = NULL;
    if (reading->asker == NULL)
        finish(reading);
    else if (request->status == STATUS_FOLDED) /* meanwhile: more is nobody's now */
        read_blame(reading);
    else if (request->status != STATUS_OK)
        answer_status(reading, status_for_asker(request->status));
    else if (reading->since.count == 0) /* a store that was restored meanwhile */
        answer_status(reading, STATUS_AWAY);
    else
        step_blame(reading, reading->since.entries, reading->since.count);
    store_arena_destroy(arena);
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* There is a state to begin with: that of the newest snapshot, and the entries after it. Where they
 * are many, the first portion is enough for one turn, and the others are asked for as any are. */
static void begin_blame(struct reading *reading)
{
    const struct store_load *load = &reading->load;
    struct fault fault;

    blame_finish(&reading->blame);
    if (blame_init(&reading->blame, reading->query.from, &load->snapshot, &fault) == STATUS_OK) {
        step_blame(reading, load->entries, smaller(load->count, LIMIT_PAST_ENTRIES));
        return;
    }
    report_broken(reading, &fault);
    answer_status(reading, STATUS_BROKEN);
}

static void blame_loaded(struct store_request *request);

static void load_for_blame(struct reading *reading, uint64_t seq_max)
{
    load(reading, blame_loaded, smaller(seq_max, reading->query.seq), UINT64_MAX);
}

/* The state before the first entry that is wanted: there the stepping begins. */
static void read_blame(struct reading *reading)
{
    load_for_blame(reading, reading->query.from - 1);
}

/* The log may begin later: what is older is nobody's, unless it was asked for by its seq. */
static void look_at_row(struct reading *reading, const struct document_row *row, uint64_t seq_max)
{
    bool wants_all = reading->query.from == 1;

    if (reading->query.seq == UINT64_MAX)
        reading->query.seq = row->head;
    if (row->head == 0)
        answer_status(reading, STATUS_NOT_CREATED);
    else if (reading->query.seq > row->head)
        answer_status(reading, STATUS_BEYOND_HEAD);
    else if (seq_max >= smaller(row->folded, reading->query.seq))
        begin_blame(reading);
    else if (wants_all)
        load_for_blame(reading, row->folded);
    else
        answer_status(reading, STATUS_FOLDED);
}

static void blame_loaded(struct store_request *request)
{
    struct reading *reading = container_of(request, struct reading, load.request);
    const struct document_row row = reading->load.row;
    struct store_arena *arena = reading->load.arena;
    uint64_t seq_max = reading->load.seq_max;
    bool wants_all = reading->query.from == 1;

    hub_returned(reading->hub, request);
    reading->load.arena = NULL;
    if (reading->asker == NULL)
        finish(reading);
    else if (request->status == STATUS_FOLDED && wants_all && seq_max < reading->query.seq)
        load_for_blame(reading, UINT64_MAX); /* a fold is under way, to a snapshot above */
    else if (request->status != STATUS_OK)
        answer_status(reading, status_for_asker(request->status));
    else
        look_at_row(reading, &row, seq_max);
    store_arena_destroy(arena);
}

/* ---- Named versions ---- */

/* The state that has a name: its seq is known now. */
static void answer_version(struct reading *reading)
{
    const struct store_versions *versions = &reading->versions;

    for (size_t i = 0; i < versions->count; i++) {
        if (!span_equal(versions->versions[i].name, reading->query.version))
            continue;
        reading->query.seq = versions->versions[i].seq;
        read_state(reading);
        return;
    }
    answer_status(reading, STATUS_NO_VERSION);
}

static void versions_read(struct store_request *request)
{
    struct reading *reading = container_of(request, struct reading, versions.request);
    struct past past = {.status = status_for_asker(request->status),
                        .versions = reading->versions.versions,
                        .version_count = reading->versions.count};

    hub_returned(reading->hub, request);
    if (past.status == STATUS_OK && reading->query.kind == READING_STATE)
        answer_version(reading);
    else
        answer(reading, &past);
}

static void read_versions(struct reading *reading)
{
    reading->versions = (struct store_versions){
        .request = {.call = STORE_VERSIONS, .done = versions_read},
        .name = reading->query.name,
    };
    hub_submit(reading->hub, &reading->versions.request);
}

/* ---- Coming and going ---- */

static void start(struct reading *reading)
{
    const struct document *document = find_in_memory(reading);

    if (document != NULL)
        answer_from_memory(reading, document);
    else if (reading->query.kind == READING_LOG)
        read_log(reading);
    else if (reading->query.kind == READING_BLAME)
        read_blame(reading);
    else if (reading->query.kind == READING_VERSIONS || span_present(reading->query.version))
        read_versions(reading);
    else
        read_state(reading);
}

struct reading *reading_create(struct hub *hub, const struct reading_query *query,
                               struct asker *asker)
{
    size_t size = query->name.size + query->version.size;
    struct reading *reading = memory_zeroed(1, sizeof(*reading) + size);

    must((query->kind != READING_LOG && query->kind != READING_BLAME) || query->from > 0);
    reading->hub = hub;
    reading->asker = asker;
    reading->query = *query;
    memcpy(reading->bytes, query->name.data, query->name.size);
    reading->query.name = span_of(reading->bytes, query->name.size);
    if (span_present(query->version)) {
        memcpy(reading->bytes + query->name.size, query->version.data, query->version.size);
        reading->query.version = span_of(reading->bytes + query->name.size, query->version.size);
    }
    DL_APPEND(hub->readings, reading);
    hub->readings_waiting++;
    return reading;
}

void reading_forget(struct reading *reading)
{
    reading->asker = NULL;
    if (!reading->under_way)
        finish(reading);
}

bool reading_is_due(const struct hub *hub)
{
    return hub->readings_waiting > 0 && hub->readings_under_way < LIMIT_READINGS;
}

void reading_start_due(struct hub *hub)
{
    struct reading *reading;
    struct reading *next;

    DL_FOREACH_SAFE (hub->readings, reading, next) {
        if (!reading_is_due(hub))
            return;
        if (reading->under_way)
            continue;
        reading->under_way = true;
        hub->readings_under_way++;
        hub->readings_waiting--;
        start(reading);
    }
}

void reading_destroy_all(struct hub *hub)
{
    while (hub->readings != NULL)
        finish(hub->readings);
}
