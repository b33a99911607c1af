#include "server/collab/loading.h"

#include "base/must.h"
#include "server/collab/authors.h"
#include "server/collab/document.h"
#include "server/collab/hub_state.h"
#include "server/collab/peers.h"
#include "server/collab/publish.h"
#include "server/collab/sequencer.h"

/* A claim that compared the epoch was made from what is here: when nothing was written since, what
 * is here is what the store has. */
static void claimed_among_peers(struct document *document, enum status status)
{
    struct hub *hub = document->hub;
    const struct document_row *row = &document->claim.row;

    if (status == STATUS_OK || status == STATUS_FENCED)
        document->follow.row = *row;
    if (status != STATUS_OK) {
        document_move(document, DOCUMENT_FOLLOWED);
        follow_read(document);
        return;
    }
    document->epoch = row->epoch;
    document->follow.claimed = true;
    authors_forget(document);
    if (row->head != document->committed) {
        loading_begin(document);
        return;
    }
    document_move(document, DOCUMENT_OWNED);
    hub->peers->ops->committed(hub->peers, document, row->head, row->head);
}

static void claimed(struct store_request *request)
{
    struct document *document = container_of(request, struct document, claim.request);

    document_returned(document, request);
    if (document->hub->peers != NULL) {
        claimed_among_peers(document, request->status);
        return;
    }
    if (request->status != STATUS_OK) {
        document_move(document, DOCUMENT_RETRYING);
        return;
    }
    document->epoch = document->claim.row.epoch;
    authors_forget(document); /* it may have been given up, and others have written */
    loading_begin(document);
}

void loading_claim(struct document *document)
{
    document->claim = (struct store_claim){
        .request = {.call = STORE_CLAIM, .done = claimed},
        .name = document_name(document),
        .node = document->hub->config.node,
        .seen_epoch = document->hub->peers != NULL ? document->follow.row.epoch : UINT64_MAX,
    };
    document_submit(document, &document->claim.request);
}

/* The log's end becomes the history, its whole the state. */
static enum status take_over(struct document *document, const struct store_load *load,
                             struct fault *fault)
{
    enum status status = state_from_snapshot(&document->now, &load->snapshot, fault);

    history_finish(&document->history);
    history_init(&document->history, load->snapshot.seq);
    state_hashes_truncate(&document->hashes, 0); /* it may be another history */
    document->history.before_epoch = load->snapshot.epoch;
    document->committed_epoch = load->snapshot.epoch;
    document->time_ms = load->snapshot.time_ms;
    for (size_t i = 0; status == STATUS_OK && i < load->count; i++) {
        const struct entry *entry = &load->entries[i];

        if (entry->seq != document->history.head + 1)
            return fault_set(fault, STATUS_CORRUPT, "the log has a gap");
        status = state_apply(&document->now, entry, fault);
        history_append_take(&document->history, record_create_take(entry, document->channel, NULL));
        document->committed_epoch = entry->epoch;
        document->time_ms = entry->time_ms;
        history_trim(&document->history, document->history.head);
    }
    if (status == STATUS_OK && document->history.head != load->row.head)
        return fault_set(fault, STATUS_CORRUPT, "the log ends before its head");
    upkeep_loaded(document, load);
    return status;
}

/* It cannot be served: the operator is told here, whoever has it open by the next step. */
static void give_up(struct document *document, const struct fault *fault)
{
    document_move(document, DOCUMENT_BROKEN);
    hub_report(document->hub, "document %s cannot be loaded: %s", document->name, fault->text);
}

/* What this node has shown last is still in the history. If not, or nobody can tell, the store was
 * restored. */
static bool goes_on(const struct document *document, uint64_t shown, uint64_t shown_epoch)
{
    uint64_t epoch = 0;

    return shown_epoch == 0 ||
           (history_epoch(&document->history, shown, &epoch) && epoch == shown_epoch);
}

/* A document that nobody has made yet is an empty one, which any node may claim. */
static enum status loaded_status(const struct document *document)
{
    enum status status = document->load.request.status;

    return status == STATUS_NOT_FOUND && document->hub->peers != NULL ? STATUS_OK : status;
}

/* The content is here: it is ours, or another node's. */
static void settle(struct document *document)
{
    struct hub *hub = document->hub;

    document->committed = document->history.head;
    document_move(document, hub->peers == NULL || document->follow.claimed ? DOCUMENT_OWNED
                                                                           : DOCUMENT_FOLLOWED);
    if (hub->peers == NULL)
        return;
    document->follow.row = document->load.row;
    if (document->state == DOCUMENT_OWNED)
        hub->peers->ops->committed(hub->peers, document, document->committed, document->committed);
}

static void loaded(struct store_request *request)
{
    struct document *document = container_of(request, struct document, load.request);
    struct store_load *load = &document->load;
    struct fault fault = {.text = "the store cannot read it"};
    uint64_t shown = document->committed;
    uint64_t shown_epoch = document->committed_epoch;
    enum status status = loaded_status(document);

    document_returned(document, request);
    if (status != STATUS_OK && status != STATUS_CORRUPT) {
        document_move(document, DOCUMENT_RETRYING);
    } else if (status != STATUS_OK || take_over(document, load, &fault) != STATUS_OK) {
        give_up(document, &fault);
    } else {
        settle(document);
        /* What was shown and what is to be sequenced would belong to a history that is gone
         * (rule 6): whoever has it open opens again and is judged by what it has seen. */
        if (!goes_on(document, shown, shown_epoch))
            document_dismiss(document, STATUS_BEHIND);
        publish_restart(document);
    }
    store_arena_destroy(load->arena);
    load->arena = NULL;
}

void loading_begin(struct document *document)
{
    document_move(document, DOCUMENT_LOADING);
    document->load = (struct store_load){
        .request = {.call = STORE_LOAD, .done = loaded},
        .name = document_name(document),
        .seq_max = UINT64_MAX,
        .time_ms_max = UINT64_MAX,
    };
    document_submit(document, &document->load.request);
}

static void fetched(struct store_request *request)
{
    struct document *document = container_of(request, struct document, since.request);
    struct store_since *since = &document->since;

    document_returned(document, request);
    document->fetching = false;
    if (request->status == STATUS_OK && document->state == DOCUMENT_OWNED)
        for (size_t i = since->count; i > 0; i--) {
            const struct entry *entry = &since->entries[i - 1];

            if (entry->seq + 1 != document->history.first)
                break; /* the history moved on: the next try asks for what is missing now */
            history_prepend_take(&document->history,
                                 record_create_take(entry, document->channel, NULL));
            if (entry->kind != ENTRY_EDIT && document->now.created == 0)
                document->now.created = entry->seq;
        }
    store_arena_destroy(since->arena); /* the sequencer may fetch more with it */
    since->arena = NULL;
    if (document->state == DOCUMENT_OWNED)
        sequencer_fetched(document, request->status);
    history_trim(&document->history, document->committed); /* what came for this edit alone */
}

void loading_older(struct document *document, uint64_t from)
{
    must(!document->fetching && from + 1 < document->history.first);
    document->fetching = true;
    document->since = (struct store_since){
        .request = {.call = STORE_SINCE, .done = fetched},
        .name = document_name(document),
        .from = from,
        .to = document->history.first - 1,
        .count_max = SIZE_MAX,
    };
    document_submit(document, &document->since.request);
}
