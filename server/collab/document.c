#include "server/collab/document.h"

#include <string.h>

#include "base/limits.h"
#include "base/must.h"
#include "server/collab/author.h"
#include "server/collab/hub_state.h"
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

/* The only door between states. */
static void move(struct document *document, enum document_state state)
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
           status == STATUS_WHO_TAKEN;
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

static void begin_loading(struct document *document);

static void forget_authors(struct document *document);

/* A claim that compared the epoch was made from what is here: when nothing was written since, what
 * is here is what the store has. */
static void claimed_among_peers(struct document *document, enum status status)
{
    struct hub *hub = document->hub;
    const struct document_row *row = &document->claim.row;

    if (status == STATUS_OK || status == STATUS_FENCED)
        document->follow.row = *row;
    if (status != STATUS_OK) {
        move(document, DOCUMENT_FOLLOWED);
        follow_read(document);
        return;
    }
    document->epoch = row->epoch;
    document->follow.claimed = true;
    forget_authors(document);
    if (row->head != document->committed) {
        begin_loading(document);
        return;
    }
    move(document, DOCUMENT_OWNED);
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
        move(document, DOCUMENT_RETRYING);
        return;
    }
    document->epoch = document->claim.row.epoch;
    forget_authors(document); /* it may have been given up, and others have written */
    begin_loading(document);
}

static void begin_claiming(struct document *document)
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
    move(document, DOCUMENT_BROKEN);
    hub_report(document->hub, "document %s cannot be loaded: %s", document->name, fault->text);
}

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

/* What this node has shown last is not in the history any more, or nobody can tell: the store was
 * restored. What was shown and what is to be sequenced belong to a history that is gone (rule 6);
 * whoever has it open opens again and is judged by what it has seen. */
static void forget_history(struct document *document)
{
    close_readers(document, STATUS_BEHIND);
    refuse_inbox(document, STATUS_BEHIND);
}

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
    move(document,
         hub->peers == NULL || document->follow.claimed ? DOCUMENT_OWNED : DOCUMENT_FOLLOWED);
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
        move(document, DOCUMENT_RETRYING);
    } else if (status != STATUS_OK || take_over(document, load, &fault) != STATUS_OK) {
        give_up(document, &fault);
    } else {
        settle(document);
        if (!goes_on(document, shown, shown_epoch))
            forget_history(document);
        publish_restart(document);
    }
    store_arena_destroy(load->arena);
    load->arena = NULL;
}

static void begin_loading(struct document *document)
{
    move(document, DOCUMENT_LOADING);
    document->load = (struct store_load){
        .request = {.call = STORE_LOAD, .done = loaded},
        .name = document_name(document),
        .seq_max = UINT64_MAX,
        .time_ms_max = UINT64_MAX,
    };
    document_submit(document, &document->load.request);
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
        begin_claiming(document);
    } else {
        document->state = DOCUMENT_JOINING;
        hub->peers->ops->follow(hub->peers, document, true);
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

static void forget_authors(struct document *document)
{
    struct author *author;
    struct author *next;

    document->dirty_authors = NULL;
    document->namesakes = false;
    HASH_CLEAR(hh_who, document->names);
    HASH_ITER (hh, document->authors, author, next) {
        HASH_DEL(document->authors, author);
        author_destroy(author);
    }
}

void document_destroy(struct document *document)
{
    struct hub *hub = document->hub;
    struct submission *submission;
    struct submission *next;

    must(document->readers == NULL && document->requests == 0 && !document->in_batch);
    must(!upkeep_is_busy(document));
    if (hub->peers != NULL)
        hub->peers->ops->follow(hub->peers, document, false);
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
    forget_authors(document);
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
    move(document, DOCUMENT_RELEASING);
    document_unsaved(document);
}

/* ---- Authors ---- */

struct row_request {
    struct store_session session;
    struct document *document;
};

static void row_read(struct store_request *request)
{
    struct row_request *row = container_of(request, struct row_request, session.request);
    struct document *document = row->document;

    document_returned(document, request);
    struct author *author = document_known_author(document, &row->session.session);

    if (author != NULL && author->loading) { /* else the document began anew meanwhile */
        author->loading = false;
        author->who_taken = request->status == STATUS_WHO_TAKEN;
        author->loaded = !author->stale && (author->who_taken || request->status == STATUS_OK ||
                                            request->status == STATUS_NOT_FOUND);
        author->stale = false;
        if (request->status == STATUS_OK)
            author_load(author, &row->session.row);
    }
    store_arena_destroy(row->session.arena);
    memory_free(row);
}

static void read_row(struct document *document, struct author *author)
{
    struct row_request *row = memory_zeroed(1, sizeof(*row));

    author->loading = true;
    row->document = document;
    row->session = (struct store_session){
        .request = {.call = STORE_SESSION, .done = row_read},
        .name = document_name(document),
        .session = author->session,
    };
    document_submit(document, &row->session.request);
}

struct author *document_known_author(const struct document *document,
                                     const struct session_key *session)
{
    struct author *author = NULL;

    HASH_FIND(hh, document->authors, session, sizeof(*session), author);
    return author;
}

static struct author *add_author(struct document *document, const struct session_key *session)
{
    struct author *author = author_create(session);
    struct author *namesake = NULL;

    HASH_ADD(hh, document->authors, session, sizeof(author->session), author);
    HASH_FIND(hh_who, document->names, &author->who, sizeof(author->who), namesake);
    if (namesake == NULL)
        HASH_ADD(hh_who, document->names, who, sizeof(author->who), author);
    else
        document->namesakes = true;
    return author;
}

struct author *document_author(struct document *document, const struct session_key *session)
{
    struct author *author = document_known_author(document, session);

    if (author == NULL)
        author = add_author(document, session);
    if (!author->loaded && !author->loading)
        read_row(document, author);
    return author;
}

void document_mark_author(struct document *document, struct author *author)
{
    document_unsaved(document);
    author->generation = document->generation;
    if (author->dirty)
        return;
    author->dirty = true;
    DL_APPEND2(document->dirty_authors, author, dirty_prev, dirty_next);
}

/* ---- Older entries ---- */

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

void document_fetch(struct document *document, uint64_t from)
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

/* ---- The turn ---- */

/* It cannot be read. */
static void serve_nobody(struct document *document)
{
    close_readers(document, STATUS_BROKEN);
    refuse_inbox(document, STATUS_BROKEN);
}

/* What is still on its way to the store or back has to come first: a commit under way is then
 * either in what is read, or fenced by the claim (rule 2). */
static void retry(struct document *document)
{
    if (document->requests > 0 || document->in_batch ||
        document->hub->now_ms < document->retry_at_ms)
        return;
    if (document->hub->peers != NULL) {
        begin_loading(document);
        return;
    }
    move(document, DOCUMENT_CLAIMING);
    begin_claiming(document);
}

/* The store has taken the release. */
static void after_release(struct document *document)
{
    struct hub *hub = document->hub;

    if (hub->leaving || (document->readers == NULL && document->inbox == NULL))
        return; /* the sweep takes it away */
    document->released = false;
    if (hub->peers != NULL) {
        move(document, DOCUMENT_FOLLOWED);
        document_touch(document);
        return;
    }
    move(document, DOCUMENT_CLAIMING);
    begin_claiming(document);
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
        serve_nobody(document);
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
        submission_tell(submission, submission->refusal, submission->seq);
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
    struct reader *reader;

    if (document->history.head > document->committed) /* a deletion had given it another one */
        document->channel = history_at(&document->history, document->committed + 1)->channel;
    history_truncate(&document->history, document->committed);
    state_hashes_truncate(&document->hashes, document->committed);
    state_finish(&document->now);
    forget_authors(document);
    DL_CONCAT(document->decided, document->inbox);
    document->inbox = document->decided;
    document->decided = NULL;
    DL_FOREACH (document->readers, reader)
        if (reader->state == READER_WAITING)
            reader_move(reader, READER_OPENING);
    if (document->in_unsaved) {
        document->in_unsaved = false;
        DL_DELETE2(document->hub->unsaved, document, unsaved_prev, unsaved_next);
    }
    document->follow.claimed = false;
    document->follow.giving = false;
    move(document, DOCUMENT_RETRYING);
    document_touch(document);
}

/* ---- With peers ---- */

void document_claim(struct document *document)
{
    move(document, DOCUMENT_CLAIMING);
    begin_claiming(document);
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
        begin_loading(document);
}
