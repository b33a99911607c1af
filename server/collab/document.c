#include "server/collab/document.h"

#include <string.h>

#include "base/limits.h"
#include "base/must.h"
#include "server/collab/authors.h"
#include "server/collab/hub_state.h"
#include "server/collab/loading.h"
#include "server/collab/opening.h"
#include "server/collab/peers.h"
#include "server/collab/publish.h"
#include "server/collab/reader.h"
#include "server/collab/sequencer.h"
#include "server/collab/submission.h"

enum { RETRY_MS = 1000 };

static const bool moves[][DOCUMENT_BROKEN + 1] = {
    [DOCUMENT_CLAIMING] = {[DOCUMENT_LOADING] = true,
                           [DOCUMENT_RETRYING] = true,
                           [DOCUMENT_OWNED] = true,
                           [DOCUMENT_FOLLOWED] = true},
    [DOCUMENT_JOINING] = {[DOCUMENT_LOADING] = true},
    [DOCUMENT_LOADING] = {[DOCUMENT_OWNED] = true,
                          [DOCUMENT_FOLLOWED] = true,
                          [DOCUMENT_RETRYING] = true,
                          [DOCUMENT_BROKEN] = true},
    [DOCUMENT_FOLLOWED] = {[DOCUMENT_CLAIMING] = true, [DOCUMENT_LOADING] = true},
    [DOCUMENT_OWNED] = {[DOCUMENT_RETRYING] = true, [DOCUMENT_RELEASING] = true},
    [DOCUMENT_RELEASING] =
        {[DOCUMENT_CLAIMING] = true, [DOCUMENT_FOLLOWED] = true, [DOCUMENT_RETRYING] = true},
    [DOCUMENT_RETRYING] = {[DOCUMENT_CLAIMING] = true, [DOCUMENT_LOADING] = true},
    [DOCUMENT_BROKEN] = {false},
};

/* Readers of the log were left where they are while it could not be read for them. */
static void resume_readers(struct document *document)
{
    struct reader *reader;

    DL_FOREACH (document->readers, reader)
        if (reader->state == READER_LOG)
            reader_lag(reader);
}

void document_move(struct document *document, enum document_state state)
{
    must(moves[document->state][state]);
    document->state = state;
    if (document_is_live(document))
        resume_readers(document);
}

struct span document_name(const struct document *document)
{
    return span_of(document->name, document->name_size);
}

void document_touch(struct document *document)
{
    if (document->in_work)
        return;
    document->in_work = true;
    DL_APPEND2(document->hub->work, document, work_prev, work_next);
}

void document_take_in(struct document *document, struct submission *submission)
{
    DL_APPEND(document->inbox, submission);
    document->hub->counts.submitted++;
    document_touch(document);
}

void document_unsaved(struct document *document)
{
    if (document->in_unsaved)
        return;
    document->in_unsaved = true;
    DL_APPEND2(document->hub->unsaved, document, unsaved_prev, unsaved_next);
}

/* ---- Coming and going ---- */

void document_submit(struct document *document, struct store_request *request)
{
    document->requests++;
    hub_submit(document->hub, request);
}

/* The store has answered, whatever that means to who asked. */
static bool is_answer(enum status status)
{
    return status == STATUS_OK || status == STATUS_NOT_FOUND || status == STATUS_FOLDED ||
           status == STATUS_WHO_TAKEN || status == STATUS_FENCED;
}

void document_returned(struct document *document, struct store_request *request)
{
    must(document->requests > 0);
    document->requests--;
    hub_returned(document->hub, request);
    if (!is_answer(request->status))
        document->retry_at_ms = document->hub->now_ms + RETRY_MS;
    document_touch(document);
}

struct document *document_find(const struct hub *hub, struct span name)
{
    struct document *document = NULL;

    HASH_FIND(hh, hub->documents, name.data, name.size, document);
    return document;
}

struct document *document_get(struct hub *hub, struct span name)
{
    struct document *document = document_find(hub, name);

    if (document != NULL)
        return document;
    document = memory_zeroed(1, sizeof(*document));
    document->hub = hub;
    document->name = memory_zeroed(name.size + 1, 1);
    memcpy(document->name, name.data, name.size);
    document->name_size = name.size;
    document->channel = ++hub->channels;
    document->number = document->channel;
    document->idle_since_ms = hub->now_ms;
    document->generation = 1;
    history_init(&document->history, 0);
    for (size_t i = 0; i < DIALECT_COUNT; i++)
        stream_init(&document->streams[i], 0, 0);
    HASH_ADD_KEYPTR(hh, hub->documents, document->name, document->name_size, document);
    hub->counts.documents++;
    if (hub->peers == NULL) {
        loading_claim(document);
    } else {
        document->state = DOCUMENT_JOINING;
        hub->peers->ops->follow(hub->peers, TOPIC_DOCUMENT, document_name(document), true);
    }
    return document;
}

struct document *document_named(struct hub *hub, struct span collection, struct span id)
{
    struct buffer name = {0};

    message_join_name(&name, collection, id);
    struct document *document = document_get(hub, buffer_span(&name));

    buffer_finish(&name);
    return document;
}

void document_destroy(struct document *document)
{
    struct hub *hub = document->hub;
    struct submission *submission;
    struct submission *next;

    must(document->readers == NULL && document->requests == 0 && !document->in_batch);
    must(!upkeep_is_busy(document));
    if (hub->peers != NULL)
        hub->peers->ops->follow(hub->peers, TOPIC_DOCUMENT, document_name(document), false);
    if (document->in_work)
        DL_DELETE2(hub->work, document, work_prev, work_next);
    if (document->in_unsaved)
        DL_DELETE2(hub->unsaved, document, unsaved_prev, unsaved_next);
    DL_CONCAT(document->inbox, document->decided);
    DL_FOREACH_SAFE (document->inbox, submission, next) {
        if (submission->remote)
            submission_tell(submission, STATUS_SERIAL_GAP, 0); /* its node sends it again */
        submission_destroy(submission);
    }
    authors_forget(document);
    company_finish(document);
    state_finish(&document->now);
    history_finish(&document->history);
    for (size_t i = 0; i < DIALECT_COUNT; i++)
        stream_finish(&document->streams[i]);
    HASH_DEL(hub->documents, document);
    hub->counts.documents--;
    memory_free(document->name);
    memory_free(document);
}

static bool has_nothing_under_way(const struct document *document)
{
    return document->decided == NULL && document->requests == 0 && !document->in_batch &&
           !document->in_unsaved;
}

bool document_is_quiet(const struct document *document)
{
    return document->inbox == NULL && has_nothing_under_way(document) && !upkeep_is_busy(document);
}

void document_release(struct document *document)
{
    must(has_nothing_under_way(document));
    document_move(document, DOCUMENT_RELEASING);
    document_unsaved(document);
}

/* ---- The turn ---- */

/* Those that are open for their client, or were told so: one that is still to be answered waits. */
static void close_readers(struct document *document, enum status reason)
{
    struct reader *reader;
    struct reader *next;

    DL_FOREACH_SAFE (document->readers, reader, next)
        if (reader->in_channels || reason == STATUS_BROKEN)
            reader_close(reader, reason);
}

static void refuse_inbox(struct document *document, enum status reason)
{
    struct submission *submission;
    struct submission *next;

    DL_FOREACH_SAFE (document->inbox, submission, next) {
        DL_DELETE(document->inbox, submission);
        submission_tell(submission, reason, 0);
        submission_destroy(submission);
    }
}

void document_dismiss(struct document *document, enum status reason)
{
    close_readers(document, reason);
    refuse_inbox(document, reason);
}

/* What is still on its way to the store or back has to come first: a commit under way is then
 * either in what is read, or fenced by the claim (rule 2). */
static void retry(struct document *document)
{
    if (document->requests > 0 || document->in_batch ||
        document->hub->now_ms < document->retry_at_ms)
        return;
    if (document->hub->peers != NULL) {
        loading_begin(document);
        return;
    }
    document_claim(document);
}

/* The store has taken the release. */
static void after_release(struct document *document)
{
    struct hub *hub = document->hub;

    if (hub->leaving || (document->readers == NULL && document->inbox == NULL))
        return; /* the sweep takes it away */
    document->released = false;
    if (hub->peers != NULL) {
        document_move(document, DOCUMENT_FOLLOWED);
        document_touch(document);
        return;
    }
    document_claim(document);
}

/* It goes to another node: what arrives waits, to be forwarded there. */
static void give(struct document *document)
{
    if (has_nothing_under_way(document))
        document_release(document);
}

void document_step(struct document *document)
{
    if (document->state == DOCUMENT_RELEASING && document->released) {
        after_release(document);
        return;
    }
    if (document->state == DOCUMENT_RETRYING)
        retry(document);
    if (document->state == DOCUMENT_BROKEN)
        document_dismiss(document, STATUS_BROKEN); /* it cannot be read */
    if (document->state == DOCUMENT_FOLLOWED)
        follow_step(document);
    if (document->state != DOCUMENT_OWNED || document->hub->now_ms < document->retry_at_ms)
        return; /* the sweep looks again */
    if (document->follow.giving) {
        give(document);
        return;
    }
    sequencer_run(document);
    opening_answer_all(document);
    upkeep_look(document);
    if (document->hub->leaving && document_is_quiet(document))
        document_release(document);
}

/* The store may answer again: whoever it has failed asks anew. */
static void try_again(struct document *document)
{
    document->retry_at_ms = 0;
    document_touch(document);
    resume_readers(document);
}

void document_sweep(struct document *document)
{
    struct hub *hub = document->hub;

    company_sweep(document);
    upkeep_look(document);
    if (document->retry_at_ms > 0 && hub->now_ms >= document->retry_at_ms)
        try_again(document);
    if (hub->peers != NULL)
        follow_sweep(document);
    if (document->readers != NULL) {
        document->idle_since_ms = hub->now_ms;
        return;
    }
    if (!document_is_quiet(document))
        return;
    bool idle = hub->now_ms - document->idle_since_ms >= hub->config.idle_ms;

    if (document->state == DOCUMENT_OWNED && idle)
        document_release(document);
    else if (document->released ||
             (idle && (document->state == DOCUMENT_BROKEN || document->state == DOCUMENT_FOLLOWED)))
        document_destroy(document);
}

/* ---- Outcomes ---- */

/* Their fate is durable. */
static void resolve(struct document *document, uint64_t generation)
{
    struct submission *submission;
    struct submission *next;

    DL_FOREACH_SAFE (document->decided, submission, next) {
        if (submission->generation > generation)
            break;
        DL_DELETE(document->decided, submission);
        /* One that has its seq was sequenced, if not in this copy, whatever is wrong with it. */
        submission_tell(submission, submission->seq > 0 ? STATUS_OK : submission->refusal,
                        submission->seq);
        submission_destroy(submission);
    }
}

static void released(struct document *document)
{
    struct hub *hub = document->hub;
    struct follow *follow = &document->follow;

    document->released = true;
    if (hub->peers == NULL)
        return;
    hub->peers->ops->released(hub->peers, document);
    follow->claimed = false;
    follow->giving = false;
    follow->row.owner[0] = '\0';
    follow->ownerless_ms = hub->now_ms;
}

void document_committed(struct document *document, uint64_t head, uint64_t generation)
{
    must(head >= document->committed && head <= document->history.head);
    uint64_t added = head - document->committed;

    document->hub->counts.operations += added;
    if (added > 0) {
        document->committed_epoch = history_at(&document->history, head)->entry.epoch;
        document->committed = head;
        upkeep_committed(document, added);
    }
    if (document->state == DOCUMENT_RELEASING)
        released(document);
    if (document->hub->peers != NULL && added > 0)
        document->hub->peers->ops->committed(document->hub->peers, document, head - added, head);
    document->durable_generation = generation;
    publish_committed(document, added);
    resolve(document, generation);
    history_trim(&document->history, document->committed);
    document_touch(document);
}

void document_not_committed(struct document *document)
{
    struct submission *submission;
    struct reader *reader;

    if (document->history.head > document->committed) /* a deletion had given it another one */
        document->channel = history_at(&document->history, document->committed + 1)->channel;
    history_truncate(&document->history, document->committed);
    state_hashes_truncate(&document->hashes, document->committed);
    state_finish(&document->now);
    authors_forget(document);
    DL_FOREACH (document->decided, submission)
        submission->seq = 0; /* which the lost batch had given it */
    DL_CONCAT(document->decided, document->inbox);
    document->inbox = document->decided;
    document->decided = NULL;
    DL_FOREACH2 (document->unanswered, reader, unanswered_next)
        if (reader->state == READER_WAITING)
            reader_move(reader, READER_OPENING);
    if (document->in_unsaved) {
        document->in_unsaved = false;
        DL_DELETE2(document->hub->unsaved, document, unsaved_prev, unsaved_next);
    }
    document->follow.claimed = false;
    document->follow.giving = false;
    document_move(document, DOCUMENT_RETRYING);
    document_touch(document);
}

/* ---- With peers ---- */

void document_claim(struct document *document)
{
    document_move(document, DOCUMENT_CLAIMING);
    loading_claim(document);
}

void document_lose(struct document *document)
{
    if (!document->in_batch) /* else its outcome tells */
        document_not_committed(document);
}

void document_reload(struct document *document)
{
    if (document->state == DOCUMENT_OWNED)
        document_lose(document);
    else
        loading_begin(document);
}
