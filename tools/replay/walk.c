#include "tools/replay/walk.h"

#include <inttypes.h>

#include "base/limits.h"
#include "base/must.h"

/* What the back end says of its failure, or else the status itself. */
static enum status failed(const struct walk *walk, enum status status, struct fault *fault)
{
    const char *reason = walk->backend->fault.text;

    if (reason[0] == '\0')
        reason = status_text(status);
    return fault_set(fault, status, "%.*s: %s", SPAN_PRINT(walk->name), reason);
}

/* The history takes over what was read; `operation` is decoded at the first need. */
static void take_in(struct walk *walk, const struct entry *entry)
{
    history_append_take(&walk->history, record_create_take(entry, 0, NULL));
}

static enum status replay_load(struct walk *walk, const struct store_load *load,
                               struct fault *fault)
{
    enum status status = state_from_snapshot(&walk->state, &load->snapshot, fault);

    history_init(&walk->history, load->snapshot.seq);
    walk->seq = load->snapshot.seq;
    walk->head = load->row.head;
    for (size_t i = 0; status == STATUS_OK && i < load->count; i++) {
        take_in(walk, &load->entries[i]);
        status = walk_step(walk, fault);
    }
    return status;
}

enum status walk_begin(struct walk *walk, struct backend *backend, struct span name, uint64_t seq,
                       struct fault *fault)
{
    struct store_load load = {
        .request.call = STORE_LOAD,
        .name = name,
        .seq_max = seq,
        .time_ms_max = UINT64_MAX,
    };

    *walk = (struct walk){.backend = backend, .name = name, .history.first = 1};
    store_run(backend, &load.request);
    enum status status = load.request.status;

    if (status == STATUS_OK)
        status = replay_load(walk, &load, fault);
    else
        status = failed(walk, status, fault);
    store_arena_destroy(load.arena);
    return status;
}

void walk_finish(struct walk *walk)
{
    store_arena_destroy(walk->page.arena);
    state_finish(&walk->state);
    history_finish(&walk->history);
}

static enum status read_page(struct walk *walk, struct fault *fault)
{
    store_arena_destroy(walk->page.arena);
    walk->page = (struct store_since){
        .request.call = STORE_SINCE,
        .name = walk->name,
        .from = walk->seq,
        .to = walk->head,
        .count_max = LIMIT_SINCE_ENTRIES,
    };
    walk->page_at = 0;
    store_run(walk->backend, &walk->page.request);
    return walk->page.request.status == STATUS_OK ? STATUS_OK
                                                  : failed(walk, walk->page.request.status, fault);
}

enum status walk_next(struct walk *walk, const struct entry **entry, struct fault *fault)
{
    must(walk->history.head == walk->seq); /* the last one was stepped over */
    if (walk->seq == walk->head)
        return STATUS_NOT_FOUND;
    if (walk->page_at == walk->page.count) {
        enum status status = read_page(walk, fault);

        if (status != STATUS_OK)
            return status == STATUS_NOT_FOUND ? STATUS_CORRUPT : status;
    }
    const struct entry *next = &walk->page.entries[walk->page_at++];

    if (next->seq != walk->seq + 1)
        return fault_set(fault, STATUS_CORRUPT, "entry %" PRIu64 " follows %" PRIu64, next->seq,
                         walk->seq);
    take_in(walk, next);
    *entry = &history_at(&walk->history, walk->history.head)->entry;
    return STATUS_OK;
}

enum status walk_step(struct walk *walk, struct fault *fault)
{
    must(walk->history.head == walk->seq + 1);
    enum status status =
        state_apply(&walk->state, &history_at(&walk->history, walk->history.head)->entry, fault);

    walk->seq = walk->history.head;
    history_trim(&walk->history, walk->seq);
    return status;
}

enum status walk_reach_back(struct walk *walk, uint64_t seq, struct fault *fault)
{
    must(seq > 0);
    if (seq >= walk->history.first)
        return STATUS_OK;
    struct store_since since = {
        .request.call = STORE_SINCE,
        .name = walk->name,
        .from = seq - 1,
        .to = walk->history.first - 1,
        .count_max = SIZE_MAX,
    };
    store_run(walk->backend, &since.request);
    enum status status = since.request.status;

    for (size_t i = status == STATUS_OK ? since.count : 0; i > 0; i--)
        history_prepend_take(&walk->history, record_create_take(&since.entries[i - 1], 0, NULL));
    store_arena_destroy(since.arena);
    return status == STATUS_OK ? STATUS_OK : failed(walk, status, fault);
}
