#include "server/collab/follow.h"

#include <string.h>

#include "base/limits.h"
#include "base/must.h"
#include "base/mutant.h"
#include "server/collab/author.h"
#include "server/collab/authors.h"
#include "server/collab/hub_state.h"
#include "server/collab/opening.h"
#include "server/collab/peers.h"
#include "server/collab/publish.h"
#include "server/collab/reader.h"
#include "server/collab/sequencer.h"
#include "server/collab/submission.h"

/* ---- The inbox of a followed document ---- */

static void resolve(struct document *document, struct submission *submission, enum status status,
                    uint64_t seq)
{
    DL_DELETE(document->inbox, submission);
    submission_tell(submission, status, seq);
    submission_destroy(submission);
}

/* Its entry has come by: every copy has its fate, also one whose latest attempt was refused for now
 * while an earlier one was still travelling. */
static void resolve_entry(struct document *document, const struct entry *entry)
{
    struct submission *submission;
    struct submission *next;

    reader_expect_session(document, &entry->session, entry->serial, entry->seq);
    DL_FOREACH_SAFE (document->inbox, submission, next)
        if (submission->serial == entry->serial &&
            memcmp(&submission->session, &entry->session, sizeof(entry->session)) == 0)
            resolve(document, submission, STATUS_OK, entry->seq);
}

/* Rule 1: after one was refused for now, the later ones are dropped until it comes again. */
static void drop_later(struct document *document, const struct session_key *session,
                       uint64_t serial)
{
    struct submission *submission;
    struct submission *next;

    DL_FOREACH_SAFE (document->inbox, submission, next)
        if (submission->serial > serial &&
            memcmp(&submission->session, session, sizeof(*session)) == 0)
            resolve(document, submission, STATUS_SERIAL_GAP, 0);
}

void follow_answer(struct document *document, uint64_t attempt, const struct outcome *outcome)
{
    struct submission *submission;

    if (document->state != DOCUMENT_FOLLOWED)
        return;
    DL_SEARCH_SCALAR(document->inbox, submission, attempt, attempt);
    if (submission == NULL)
        return;
    if (outcome->status == STATUS_REPEATED && outcome->seq > document->committed) {
        follow_read(document); /* the entry itself will tell */
        return;
    }
    struct session_key session = submission->session;
    uint64_t serial = submission->serial;

    if (outcome->why != NULL || submission->refusal != outcome->status)
        submission_explain(submission, outcome->why);
    submission->refusal = outcome->status;
    resolve(document, submission, outcome->status, outcome->seq);
    if (status_class(outcome->status) == STATUS_RETRY)
        drop_later(document, &session, serial);
}

/* The owner is asked in vain, or this node is asked in the place of the owner: the store knows who
 * it is. */
static void look_up_owner(struct document *document)
{
    if (document->hub->now_ms - document->follow.read_ms >= LIMIT_RESEND_MS)
        follow_read(document);
}

/* One of them was sent long ago, and has no answer. */
static bool is_overdue(const struct document *document)
{
    const struct submission *submission;

    DL_FOREACH (document->inbox, submission)
        if (submission->attempt != 0 &&
            document->hub->now_ms - submission->sent_ms >= LIMIT_RESEND_MS)
            return true;
    return false;
}

/* The new ones, and all of them when one is overdue: in order. What another node sent to us as the
 * owner it will send to the new one. */
static void forward(struct document *document)
{
    struct hub *hub = document->hub;
    bool again = is_overdue(document);
    struct submission *submission;
    struct submission *next;

    if (again)
        look_up_owner(document);
    DL_FOREACH_SAFE (document->inbox, submission, next) {
        if (submission->remote) {
            resolve(document, submission, STATUS_SERIAL_GAP, 0);
            continue;
        }
        if (submission->attempt != 0 && !again)
            continue;
        submission->attempt = ++hub->attempts;
        submission->sent_ms = hub->now_ms;
        hub->peers->ops->submit(hub->peers, document, submission);
    }
}

/* A new owner knows nothing of what was sent to the one before. */
static void forget_attempts(struct document *document)
{
    struct submission *submission;
    struct reader *reader;

    DL_FOREACH (document->inbox, submission)
        submission->attempt = 0;
    DL_FOREACH (document->readers, reader)
        reader->asked_ms = 0;
}

/* ---- What is durable ---- */

static void note_row(struct document *document, const struct document_row *row)
{
    struct follow *follow = &document->follow;

    if (row->epoch < follow->row.epoch)
        return;
    if (row->epoch > follow->row.epoch || strcmp(row->owner, follow->row.owner) != 0) {
        forget_attempts(document);
        follow->ownerless_ms = row->owner[0] == '\0' ? document->hub->now_ms : 0;
        document_touch(document);
    }
    follow->row = *row;
}

/* Does the entry follow on what is here, by the same history? */
static bool fits(const struct document *document, const struct entry *entry)
{
    return entry->seq == document->committed + 1 && entry->epoch >= document->committed_epoch;
}

static void append(struct document *document, const struct entry *entry)
{
    struct author *author = authors_find(document, &entry->session);
    struct fault fault = {""};

    if (state_apply(&document->now, entry, &fault) != STATUS_OK) {
        document_reload(document); /* what the store has is what counts */
        return;
    }
    history_append_take(&document->history, record_create_take(entry, document->channel, NULL));
    document->committed = entry->seq;
    document->committed_epoch = entry->epoch;
    document->time_ms = entry->time_ms;
    state_hashes_pass(&document->hashes, &document->now, entry->seq);
    if (author != NULL)
        author_doubt(author); /* its row has changed with this entry */
    if (entry->kind == ENTRY_DELETE)
        document->channel = ++document->hub->channels;
}

void follow_entries(struct document *document, const struct entry *entries, size_t count)
{
    uint64_t before = document->committed;
    bool gap = false;

    if (document->state != DOCUMENT_FOLLOWED)
        return;
    for (size_t i = 0; i < count && document->state == DOCUMENT_FOLLOWED; i++) {
        if (entries[i].seq <= document->committed)
            continue;
        gap = gap || !fits(document, &entries[i]);
        if (!gap || mutant_is_on(MUTANT_SKIP_GAP_REPAIR))
            append(document, &entries[i]);
    }
    if (document->state != DOCUMENT_FOLLOWED)
        return;
    if (gap)
        follow_read(document);
    if (document->committed == before)
        return;
    publish_committed(document, document->committed - before);
    for (uint64_t seq = before + 1; seq <= document->committed; seq++)
        resolve_entry(document, &history_at(&document->history, seq)->entry);
    history_trim(&document->history, document->committed);
    document_touch(document);
}

/* ---- Reading the store ---- */

/* The store has less than this node has shown, or does not know the owner that it believed in: it
 * was restored (rule 6). */
static bool is_restored(const struct follow *follow)
{
    const struct store_since *since = &follow->since;

    return since->row.head < since->from || since->row.epoch < follow->read_epoch;
}

static void take_read(struct document *document)
{
    struct follow *follow = &document->follow;
    const struct store_since *since = &follow->since;

    if (is_restored(follow)) {
        document_reload(document);
        return;
    }
    note_row(document, &since->row);
    if (document->state == DOCUMENT_OWNED) {
        if (since->row.epoch > document->epoch)
            document_lose(document);
        return;
    }
    follow_entries(document, since->entries, since->count);
    if (document->committed < since->row.head)
        follow->again = true;
}

static void read_done(struct store_request *request)
{
    struct follow *follow = container_of(request, struct follow, since.request);
    struct document *document = container_of(follow, struct document, follow);
    bool reads = document->state == DOCUMENT_FOLLOWED || document->state == DOCUMENT_OWNED;

    document_returned(document, request);
    follow->reading = false;
    if (request->status == STATUS_OK) {
        follow->reads_done = follow->reads_asked;
        if (reads)
            take_read(document);
    } else if (request->status == STATUS_FOLDED && reads) {
        document_reload(document);
    } else if (request->status == STATUS_NOT_FOUND) {
        follow->reads_done = follow->reads_asked;
        if (reads && document->committed > 0)
            document_reload(document);
    } else {
        follow->again = true; /* the sweep asks once more */
    }
    store_arena_destroy(follow->since.arena);
    follow->since.arena = NULL;
    if (follow->again && request->status == STATUS_OK)
        follow_read(document);
}

void follow_read(struct document *document)
{
    struct follow *follow = &document->follow;

    if (document->state != DOCUMENT_FOLLOWED && document->state != DOCUMENT_OWNED)
        return;
    if (follow->reading) {
        follow->again = true;
        return;
    }
    follow->reading = true;
    follow->again = false;
    follow->reads_asked++;
    follow->read_ms = document->hub->now_ms;
    follow->read_epoch = follow->row.epoch;
    follow->since = (struct store_since){
        .request = {.call = STORE_SINCE, .done = read_done},
        .name = document_name(document),
        .from = document->committed,
        .to = document->state == DOCUMENT_OWNED ? document->committed : UINT64_MAX,
        .count_max = LIMIT_SINCE_ENTRIES,
    };
    document_submit(document, &follow->since.request);
}

/* ---- From the cluster ---- */

void follow_enter(struct hub *hub, uint64_t now_ms, enum capture_kind kind)
{
    hub_enter(hub, now_ms, (struct capture_record){.kind = (uint8_t)kind});
}

struct document *follow_need(struct hub *hub, struct span name)
{
    struct document *document = document_get(hub, name);

    document->idle_since_ms = hub->now_ms;
    if (document->state == DOCUMENT_FOLLOWED)
        look_up_owner(document);
    return document;
}

struct document *follow_next(const struct hub *hub, const struct document *document)
{
    return document == NULL ? hub->documents : document->hh.next;
}

void follow_joined(struct document *document, bool heard)
{
    document->follow.joined = heard;
    if (document->state == DOCUMENT_JOINING)
        document_reload(document);
    else if (heard)
        follow_read(document);
}

void follow_head(struct document *document, uint64_t epoch, uint64_t head, struct span owner)
{
    struct document_row row = {.epoch = epoch, .head = head};

    if (owner.size >= sizeof(row.owner) || epoch < document->follow.row.epoch)
        return;
    if (owner.size > 0)
        memcpy(row.owner, owner.data, owner.size);
    if (document->state == DOCUMENT_OWNED) {
        if (epoch > document->epoch)
            follow_read(document);
        return;
    }
    if (document->state != DOCUMENT_FOLLOWED && !document->released)
        return;
    note_row(document, &row);
    if (head > document->committed && !mutant_is_on(MUTANT_SKIP_GAP_REPAIR))
        follow_read(document);
}

void follow_call(struct hub *hub, struct span name, uint64_t epoch)
{
    struct document *document = document_get(hub, name);
    struct follow *follow = &document->follow;

    document->idle_since_ms = hub->now_ms;
    follow->called_epoch = epoch;
    if (follow->row.epoch == epoch && follow->row.owner[0] == '\0')
        document_touch(document);
    else
        follow_read(document);
}

static void make(struct document *document, const struct submission *submission)
{
    struct creation creation = {.session = &submission->session, .user = submission->user};

    if (document->now.type == NULL && state_read_creation(submission->operation, &creation.type,
                                                          &creation.data, NULL) == STATUS_OK)
        (void)!sequencer_create(document, &creation, NULL); /* refused: the asker's open is, too */
}

static bool is_sequenced_here(const struct document *document)
{
    return document->state == DOCUMENT_OWNED && !document->follow.giving;
}

/* Others may hear of the claim before it is known here, from the store: what they send waits. */
static bool is_being_claimed(const struct document *document)
{
    return document->state == DOCUMENT_CLAIMING ||
           (document->state == DOCUMENT_LOADING && document->follow.claimed);
}

bool follow_take_in(struct document *document, const struct submission *submission)
{
    document->idle_since_ms = document->hub->now_ms;
    if (!is_sequenced_here(document) && !is_being_claimed(document))
        return false;
    if (submission->kind == ENTRY_CREATE && submission->serial == 0) {
        if (is_sequenced_here(document))
            make(document, submission);
        return false;
    }
    document_take_in(document, submission_create(submission));
    return true;
}

void follow_take_floor(struct document *document, const struct session_key *session,
                       uint64_t serial, uint64_t seq)
{
    if (!is_sequenced_here(document) || seq > document->committed)
        return;
    struct author *author = authors_get(document, session);

    if (!author->loaded || serial <= author->row.serial || seq <= author->row.floor)
        return;
    author_raise_floor(author, seq);
    authors_mark(document, author);
}

void follow_give(struct document *document)
{
    must(document->state == DOCUMENT_OWNED);
    document->follow.giving = true;
    document_touch(document);
}

void follow_look_again(struct hub *hub)
{
    for (struct document *document = hub->documents; document != NULL; document = document->hh.next)
        if (document->state == DOCUMENT_FOLLOWED)
            document_touch(document);
}

/* ---- From the document ---- */

void follow_step(struct document *document)
{
    struct hub *hub = document->hub;

    if (hub->now_ms < document->retry_at_ms)
        return;
    if (!hub->leaving && document->requests == 0 &&
        hub->peers->ops->may_claim(hub->peers, document)) {
        forget_attempts(document);
        document_claim(document);
        return;
    }
    forward(document);
    opening_answer_all(document);
}

void follow_sweep(struct document *document)
{
    struct hub *hub = document->hub;
    struct follow *follow = &document->follow;

    if (follow->again && !follow->reading && hub->now_ms >= document->retry_at_ms)
        follow_read(document);
    if (document->state == DOCUMENT_FOLLOWED) {
        document_touch(document);
        if (!follow->joined && hub->now_ms - follow->read_ms >= LIMIT_POLL_MS)
            follow_read(document);
    }
    if (document->state == DOCUMENT_FOLLOWED || document->state == DOCUMENT_OWNED)
        hub->peers->ops->sweep(hub->peers, document);
}

/* For something that a reader here has to wait for. False: it was asked just now. */
static bool may_ask_owner(struct document *document, struct reader *reader, uint64_t again_ms)
{
    uint64_t now_ms = document->hub->now_ms;

    if (reader->asked_ms != 0 && now_ms - reader->asked_ms < again_ms)
        return false;
    if (reader->asked_ms != 0)
        look_up_owner(document);
    reader->asked_ms = now_ms;
    return true;
}

/* The owner is asked to make the document, again and again until it exists. */
static void ask_for_creation(struct document *document, struct reader *reader)
{
    struct hub *hub = document->hub;
    struct buffer operation = {0};
    struct submission submission = {.session = reader->link->session,
                                    .kind = ENTRY_CREATE,
                                    .user = buffer_span(&reader->link->user)};

    if (!may_ask_owner(document, reader, LIMIT_RESEND_MS))
        return;
    state_write_creation(&operation, reader->type,
                         reader->has_data ? buffer_span(&reader->data) : SPAN_NONE);
    submission.operation = buffer_span(&operation);
    hub->peers->ops->submit(hub->peers, document, &submission);
    buffer_finish(&operation);
}

/* Nothing is denied before the store was asked: what is missing here may be there. */
static bool has_looked(struct document *document, struct reader *reader)
{
    struct follow *follow = &document->follow;

    if (reader->after_read == 0) {
        follow_read(document);
        reader->after_read = follow->reads_asked + follow->again;
    }
    return follow->reads_done >= reader->after_read && document->committed >= follow->row.head;
}

bool follow_may_answer(struct document *document, struct reader *reader,
                       const struct author *author)
{
    bool behind = reader->from > document->committed || author->row.seq > document->committed;

    if ((behind || document->now.type == NULL) && !has_looked(document, reader))
        return false;
    if (author->row.seq > document->committed) {
        reader->after_read = 0; /* more came meanwhile: read again */
        return false;
    }
    if (document->now.type == NULL && reader->create) {
        ask_for_creation(document, reader);
        return false;
    }
    return true;
}

void follow_ask_for_floor(struct document *document, struct reader *reader)
{
    struct hub *hub = document->hub;
    const struct submission submission = {.session = reader->link->session,
                                          .serial = reader->in_flight,
                                          .base = document->committed,
                                          .floor = true};

    if (!may_ask_owner(document, reader, LIMIT_ASK_MS))
        return;
    reader->row_asked = false; /* what came of the last question is in the row */
    hub->peers->ops->submit(hub->peers, document, &submission);
}
