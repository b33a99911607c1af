#include "server/collab/batch.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/must.h"
#include "base/mutant.h"
#include "server/collab/author.h"
#include "server/collab/hub_state.h"
#include "server/collab/peers.h"

struct batch_part {
    struct document *document;
    uint64_t head; /* of the document, when this part is durable */
    uint64_t generation;
    struct entry *entries;
    struct session_row *rows;
};

static size_t take_entries(const struct document *document, struct batch_part *part)
{
    size_t count = document->history.head - document->committed;

    part->entries = memory_allocate(count * sizeof(*part->entries));
    for (size_t i = 0; i < count; i++)
        part->entries[i] = history_at(&document->history, document->committed + 1 + i)->entry;
    part->head = document->history.head;
    return count;
}

static size_t take_rows(struct document *document, struct batch_part *part)
{
    struct author *author;
    struct author *next;
    size_t count = 0;

    DL_COUNT2(document->dirty_authors, author, count, dirty_next);
    part->rows = memory_allocate(count * sizeof(*part->rows));
    count = 0;
    DL_FOREACH_SAFE2 (document->dirty_authors, author, next, dirty_next) {
        part->rows[count++] = author_row(author);
        author->dirty = false;
    }
    document->dirty_authors = NULL;
    return count;
}

/* Everything that the document has: the sequencer stops at LIMIT_BATCH_ENTRIES, and rows go with
 * the entries that made them. */
static void fill_part(struct document *document, struct batch_part *part,
                      struct batch_document *out)
{
    *part = (struct batch_part){.document = document, .generation = document->generation++};
    *out = (struct batch_document){
        .name = document_name(document),
        .epoch = document->epoch,
        .head = document->committed,
        .count = take_entries(document, part),
        .row_count = take_rows(document, part),
        .release = document->state == DOCUMENT_RELEASING,
    };
    out->entries = part->entries;
    out->rows = part->rows;
    if (mutant_is_on(MUTANT_PUBLISH_EARLY) && document->hub->peers != NULL && out->count > 0)
        document->hub->peers->ops->committed(document->hub->peers, document, out->head,
                                             out->head + out->count);
    document->in_batch = true;
    document->in_unsaved = false;
    DL_DELETE2(document->hub->unsaved, document, unsaved_prev, unsaved_next);
}

static void finish_part(struct batch_part *part, const struct batch_document *out)
{
    for (size_t i = 0; i < out->row_count; i++)
        memory_free(part->rows[i].spent);
    memory_free(part->rows);
    memory_free(part->entries);
}

static enum status outcome_of(const struct batch *batch, size_t place)
{
    enum status status = batch->commit.request.status;
    enum status outcome = status == STATUS_OK ? batch->commit.documents[place].outcome : status;

    if ((outcome == STATUS_FENCED && mutant_is_on(MUTANT_IGNORE_FENCE)) ||
        (outcome == STATUS_UNKNOWN && mutant_is_on(MUTANT_UNKNOWN_AS_OK)))
        return STATUS_OK;
    return outcome;
}

static void committed(struct store_request *request)
{
    struct batch *batch = container_of(request, struct batch, commit.request);
    struct hub *hub = batch->hub;

    batch->in_flight = false;
    hub_returned(hub, request);
    hub->counts.batches++;
    for (size_t i = 0; i < batch->commit.count; i++) {
        struct batch_part *part = &batch->parts[i];
        struct batch_document *out = &batch->commit.documents[i];
        enum status outcome = outcome_of(batch, i);

        part->document->in_batch = false;
        if (outcome == STATUS_OK) {
            document_committed(part->document, part->head, part->generation);
        } else {
            hub_report(hub, "document %s: a batch was lost: %s", part->document->name,
                       status_text(outcome));
            document_not_committed(part->document);
        }
        finish_part(part, out);
    }
    memory_free(batch->parts);
    memory_free(batch->commit.documents);
    batch->parts = NULL;
    batch->commit.documents = NULL;
}

static int by_name(const void *a, const void *b)
{
    const struct document *const *left = a;
    const struct document *const *right = b;

    return span_compare(document_name(*left), document_name(*right));
}

/* The documents of this batch, oldest need first, at most LIMIT_BATCH_ENTRIES entries or one
 * document. */
static struct document **choose(struct hub *hub, size_t *count)
{
    struct document *document;
    struct document **chosen;
    size_t waiting = 0;
    uint64_t entries = 0;

    DL_COUNT2(hub->unsaved, document, waiting, unsaved_next);
    chosen = memory_allocate(waiting * sizeof(struct document *));
    *count = 0;
    DL_FOREACH2 (hub->unsaved, document, unsaved_next) {
        entries += document->history.head - document->committed;
        if (*count > 0 && entries > LIMIT_BATCH_ENTRIES)
            break;
        chosen[(*count)++] = document;
    }
    return chosen;
}

void batch_start(struct hub *hub)
{
    struct batch *batch = &hub->batch;
    size_t count = 0;

    if (batch->in_flight || hub->unsaved == NULL)
        return;
    struct document **chosen = choose(hub, &count);

    /* In key order, so that two nodes never wait for each other's rows. */
    qsort(chosen, count, sizeof(struct document *), by_name);
    batch->parts = memory_zeroed(count, sizeof(*batch->parts));
    batch->commit = (struct store_commit){
        .request = {.call = STORE_COMMIT, .done = committed},
        .documents = memory_zeroed(count, sizeof(struct batch_document)),
        .count = count,
    };
    for (size_t i = 0; i < count; i++)
        fill_part(chosen[i], &batch->parts[i], &batch->commit.documents[i]);
    memory_free(chosen);
    batch->in_flight = true;
    hub_submit(hub, &batch->commit.request);
    for (size_t i = 0; mutant_is_on(MUTANT_ACK_BEFORE_COMMIT) && i < count; i++)
        document_committed(batch->parts[i].document, batch->parts[i].head,
                           batch->parts[i].generation);
}
