#include "server/collab/upkeep.h"

#include "base/limits.h"
#include "base/memory.h"
#include "server/collab/hub_state.h"
#include "server/collab/state.h"

/* What the log keeps of an entry beside its user and its operation. */
enum { ENTRY_BYTES = 64 };

/* How often the time makes older operations due. */
enum { FOLD_EVERY_MS = 3600 * 1000 };

/* After a build that failed. */
enum { RETRY_MS = 60 * 1000 };

struct upkeep_job {
    struct store_build build;
    struct document *document;
    uint64_t bytes; /* of the entries that the snapshot will have behind it taken in */
};

static uint64_t entry_bytes(const struct entry *entry)
{
    uint64_t bytes = ENTRY_BYTES + entry->user.size + entry->arrived.size;

    return entry_is_as_it_arrived(entry) ? bytes : bytes + entry->sequenced.size;
}

void upkeep_loaded(struct document *document, const struct store_load *load)
{
    struct upkeep *upkeep = &document->upkeep;

    upkeep->snapshot_seq = load->snapshot.seq;
    upkeep->folded = load->row.folded;
    upkeep->fold_at_ms = 0;
    upkeep->bytes = 0;
    for (size_t i = 0; i < load->count; i++)
        upkeep->bytes += entry_bytes(&load->entries[i]);
}

void upkeep_committed(struct document *document, uint64_t added)
{
    for (uint64_t i = 0; i < added; i++) {
        const struct record *record = history_at(&document->history, document->committed - i);

        document->upkeep.bytes += entry_bytes(&record->entry);
    }
}

bool upkeep_is_busy(const struct document *document)
{
    return document->upkeep.job != NULL;
}

void upkeep_give_up(struct document *document)
{
    if (document->upkeep.job != NULL)
        atomic_store(&document->upkeep.job->build.given_up, true);
}

/* ---- Asking ---- */

static void took_snapshot(struct upkeep *upkeep, const struct upkeep_job *job)
{
    if (job->build.seq <= upkeep->snapshot_seq)
        return; /* it was loaded anew meanwhile, or is an older one */
    upkeep->snapshot_seq = job->build.seq;
    upkeep->bytes -= job->bytes < upkeep->bytes ? job->bytes : upkeep->bytes;
    upkeep->fold_at_ms = 0;
}

static void built(struct store_request *request)
{
    struct upkeep_job *job = container_of(request, struct upkeep_job, build.request);
    struct document *document = job->document;
    struct upkeep *upkeep = &document->upkeep;

    hub_returned(document->hub, request);
    upkeep->job = NULL;
    switch (request->status) {
    case STATUS_OK:
        if (job->build.fold && job->build.seq > upkeep->folded)
            upkeep->folded = job->build.seq;
        if (!job->build.fold)
            took_snapshot(upkeep, job);
        break;
    case STATUS_FOLDED: /* all of that has gone already */
    case STATUS_FENCED:
    case STATUS_LEAVING:
        break;
    default:
        hub_report(document->hub, "document %s: no snapshot could be made: %s", document->name,
                   status_text(request->status));
        upkeep->retry_at_ms = document->hub->now_ms + RETRY_MS;
        break;
    }
    memory_free(job);
    document_touch(document);
}

static void ask(struct document *document, uint64_t seq_max, uint64_t time_ms_max, bool fold)
{
    struct upkeep_job *job = memory_zeroed(1, sizeof(*job));

    job->document = document;
    job->bytes = document->upkeep.bytes;
    job->build.request = (struct store_request){.call = STORE_BUILD, .done = built};
    job->build.name = document_name(document);
    job->build.epoch = document->epoch;
    job->build.seq_max = seq_max;
    job->build.time_ms_max = time_ms_max;
    job->build.fold = fold;
    job->build.build = state_build;
    document->upkeep.job = job;
    hub_submit(document->hub, &job->build.request);
}

/* ---- What is due ---- */

static bool snapshot_is_due(const struct document *document)
{
    const struct state *now = &document->now;
    uint64_t size = now->type != NULL ? now->type->size(now->content) : 0;

    return document->committed - document->upkeep.snapshot_seq >= LIMIT_SNAPSHOT_ENTRIES &&
           document->upkeep.bytes >= size / LIMIT_SNAPSHOT_SHARE;
}

/* Not for a few: each fold costs a snapshot. */
static bool fold_by_count(struct document *document, uint64_t keep)
{
    if (document->committed < document->upkeep.folded + keep + LIMIT_SNAPSHOT_ENTRIES)
        return false;
    ask(document, document->committed - keep, UINT64_MAX, true);
    return true;
}

static void fold_by_age(struct document *document, uint64_t keep_ms)
{
    uint64_t now_ms = document->hub->now_ms;

    if (document->committed > document->upkeep.folded && now_ms > keep_ms)
        ask(document, document->committed, now_ms - keep_ms, true);
}

static void look_at_retention(struct document *document)
{
    const struct hub_config *config = &document->hub->config;
    struct upkeep *upkeep = &document->upkeep;

    if (document->hub->now_ms < upkeep->fold_at_ms)
        return;
    upkeep->fold_at_ms = document->hub->now_ms + FOLD_EVERY_MS;
    if (config->keep_operations > 0 && fold_by_count(document, config->keep_operations))
        return;
    if (config->keep_ms > 0)
        fold_by_age(document, config->keep_ms);
}

void upkeep_look(struct document *document)
{
    struct upkeep *upkeep = &document->upkeep;

    if (document->state != DOCUMENT_OWNED || document->hub->leaving || upkeep->job != NULL ||
        document->hub->now_ms < upkeep->retry_at_ms)
        return;
    if (snapshot_is_due(document))
        ask(document, document->committed, UINT64_MAX, false);
    else
        look_at_retention(document);
}
