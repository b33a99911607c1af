#include "server/collab/sequencer.h"

#include <inttypes.h>

#include "base/json_scan.h"
#include "base/limits.h"
#include "base/must.h"
#include "base/mutant.h"
#include "server/collab/author.h"
#include "server/collab/authors.h"
#include "server/collab/hub_state.h"
#include "server/collab/loading.h"
#include "server/collab/reader.h"
#include "server/collab/rebase.h"
#include "server/collab/restore.h"
#include "server/collab/submission.h"

/* What to do with the submission at the head of the inbox. */
enum verdict {
    VERDICT_WAIT,    /* a read has to come first */
    VERDICT_DECIDED, /* sequenced or spent: its answer waits for the batch */
    VERDICT_DONE     /* told */
};

/* ---- Appending ---- */

static void append_take(struct document *document, struct entry *entry, struct operation *operation)
{
    entry->seq = document->history.head + 1;
    entry->epoch = document->epoch;
    if (document->hub->now_ms > document->time_ms)
        document->time_ms = document->hub->now_ms;
    entry->time_ms = document->time_ms;
    history_append_take(&document->history,
                        record_create_take(entry, document->channel, operation));
    document_unsaved(document);
}

enum status sequencer_create(struct document *document, const struct creation *creation,
                             struct fault *fault)
{
    const struct type *type = creation->type;
    struct content *content = NULL;
    struct buffer data = {0};
    struct buffer arrived = {0};
    enum status status = type->create(creation->data, &content, fault);

    must(document->now.type == NULL);
    if (status != STATUS_OK)
        return status;
    if (span_present(creation->data))
        type->encode(content, &data);
    state_write_creation(&arrived, type,
                         span_present(creation->data) ? buffer_span(&data) : SPAN_NONE);
    struct entry entry = {
        .serial = creation->serial,
        .base = creation->base,
        .session = *creation->session,
        .kind = ENTRY_CREATE,
        .user = creation->user,
        .arrived = buffer_span(&arrived),
        .sequenced = buffer_span(&arrived),
    };
    append_take(document, &entry, NULL);
    document->now =
        (struct state){.type = type, .content = content, .created = document->history.head};
    buffer_finish(&data);
    buffer_finish(&arrived);
    return STATUS_OK;
}

/* ---- Judging ---- */

/* The seq of an operation that was sequenced before, when it can still be told; else 0. */
static uint64_t seq_of(const struct document *document, const struct author *author,
                       uint64_t serial)
{
    const struct history *history = &document->history;

    if (serial == author->row.serial)
        return author->row.seq;
    for (uint64_t seq = history->head; seq >= history->first && seq > 0; seq--) {
        const struct entry *entry = &history_at(history, seq)->entry;

        if (entry->serial == serial &&
            memcmp(&entry->session, &author->session, sizeof(entry->session)) == 0)
            return seq;
    }
    return 0;
}

/* What lies behind its base is not all in memory, and may be read. */
static bool can_fetch(const struct document *document, const struct submission *submission)
{
    return submission->base + 1 < document->history.first &&
           document->history.head - submission->base <= LIMIT_BASE_AGE;
}

/* A serial that had its fate gets the same answer (rule 1). */
static enum verdict answer_again(struct document *document, struct author *author,
                                 struct submission *submission)
{
    int code = 0;

    if (author_is_spent(author, submission->serial, &code)) {
        if (submission->refusal != status_of_code(code))
            submission_explain(submission, NULL);
        submission->refusal = status_of_code(code);
        must(submission->refusal != STATUS_COUNT);
        document_unsaved(document); /* the first refusal may be in the open batch */
        return VERDICT_DECIDED;
    }
    uint64_t seq = seq_of(document, author, submission->serial);

    if (seq == 0 && submission->sparse && can_fetch(document, submission)) {
        loading_older(document, submission->base);
        return VERDICT_WAIT;
    }
    if (seq > document->committed) { /* it is told when the first copy is durable */
        submission->seq = seq;
        document_unsaved(document);
        return VERDICT_DECIDED;
    }
    submission_tell(submission, STATUS_REPEATED, seq);
    return VERDICT_DONE;
}

/* The reason is in `submission->refusal`. */
static enum verdict refuse_for_good(struct document *document, struct author *author,
                                    struct submission *submission)
{
    enum status reason = submission->refusal;

    must(status_class(reason) == STATUS_FIX || status_class(reason) == STATUS_FINAL);
    author_spend(author, submission->serial, status_code(reason));
    authors_mark(document, author);
    document->hub->counts.refused++;
    if (mutant_is_on(MUTANT_ANSWER_TENTATIVE))
        submission_tell(submission, reason, 0);
    return VERDICT_DECIDED;
}

static enum verdict refuse_for_now(struct document *document, struct submission *submission,
                                   enum status reason)
{
    must(status_class(reason) == STATUS_RETRY);
    document->hub->counts.refused++;
    submission_tell(submission, reason, 0);
    return VERDICT_DONE;
}

/* A second session whose public id is the same (rule 4), in the store or here. */
static bool who_is_taken(const struct document *document, const struct author *author)
{
    if (author->who_taken || !document->namesakes)
        return author->who_taken;
    for (const struct author *other = document->authors; other != NULL; other = other->hh.next)
        if (other != author && other->row.serial > 0 &&
            memcmp(&other->who, &author->who, sizeof(other->who)) == 0)
            return true;
    return false;
}

/* An edit of base 0 passes the creation that made its own type's empty document. */
static bool passes_creation(const struct document *document, const struct submission *submission)
{
    const struct entry *creation;
    const struct type *type = NULL;
    struct span data = SPAN_NONE;

    if (submission->sparse || submission->base != 0 || document->now.created != 1)
        return false;
    creation = &history_at(&document->history, 1)->entry;
    return state_read_creation(creation->arrived, &type, &data, NULL) == STATUS_OK &&
           type == document->now.type && !span_present(data);
}

/* Entries behind the base that are not in memory have to be looked at. */
static bool needs_older(const struct document *document, const struct submission *submission)
{
    const struct state *now = &document->now;

    if (submission->base + 1 >= document->history.first)
        return false;
    return !now->type->identity || now->created == 0 || now->created > submission->base;
}

/* Is the base one that this author may have? OK, or why the edit is refused for good. */
static enum status check_base(const struct document *document, const struct author *author,
                              const struct submission *submission, struct fault *fault)
{
    const struct state *now = &document->now;

    if (submission->base > document->committed && !submission->at_head)
        return fault_set(fault, STATUS_FROM_THE_FUTURE,
                         "the base %" PRIu64 " lies beyond the head %" PRIu64, submission->base,
                         document->committed);
    if (submission->kind == ENTRY_CREATE && now->type != NULL)
        return STATUS_CREATED;
    if (submission->kind == ENTRY_DELETE && now->type == NULL && submission->sparse)
        return STATUS_OK; /* it takes its place in the order and does nothing */
    if (now->type == NULL && now->created > submission->base)
        return STATUS_DELETED;
    if (submission->kind == ENTRY_CREATE)
        return STATUS_OK;
    if (now->type == NULL)
        return STATUS_NOT_CREATED;
    if (now->created > submission->base && !passes_creation(document, submission))
        return STATUS_CREATED;
    if (!now->type->identity && submission->base < author->row.seq && !submission->sparse)
        return fault_set(fault, STATUS_BASE_TOO_OLD,
                         "the base %" PRIu64 " lies before the session's last operation, %" PRIu64,
                         submission->base, author->row.seq);
    return STATUS_OK;
}

/* ---- Transforming and applying ---- */

static enum tie_rule tie_rule_of(const struct document *document,
                                 const struct submission *submission)
{
    return submission->ties_later ? TIE_LATER : tie_rule_native(document->now.type);
}

/* Bring the operation over everything its author had not seen. Takes `*operation` and replaces it.
 */
static enum status transform_to_head(struct document *document, const struct submission *submission,
                                     struct operation **operation)
{
    struct hub_counts *counts = &document->hub->counts;
    struct rebase rebase = {
        .history = &document->history,
        .type = document->now.type,
        .rule = tie_rule_of(document, submission),
        .session = &submission->session,
        .base = submission->base,
        .to = document->history.head,
    };
    enum status status = rebase_run(&rebase, operation);

    counts->transforms += rebase.count;
    counts->transformed += rebase.count > 0;
    return status;
}

static enum status apply(struct document *document, const struct operation *operation,
                         struct fault *fault)
{
    const struct type *type = document->now.type;
    enum status status = type->apply(document->now.content, operation, fault);

    must(status == STATUS_OK || status_class(status) == STATUS_FIX);
    return status;
}

static enum status sequence_edit(struct document *document, struct author *author,
                                 struct submission *submission, struct fault *fault)
{
    const struct type *type = document->now.type;
    struct operation *operation = NULL;
    struct span given = submission->operation;
    struct buffer made = {0};
    struct buffer arrived = {0};
    struct buffer sequenced = {0};
    enum status status = STATUS_OK;

    if (submission->restores) {
        status = restore_operation(&document->now, submission->operation, &made);
        given = buffer_span(&made);
    }
    if (status == STATUS_OK)
        status = type->decode(given, &operation, fault);
    if (status == STATUS_OK) {
        type->write(operation, &arrived);
        status = transform_to_head(document, submission, &operation);
    }
    if (status == STATUS_OK)
        status = apply(document, operation, fault);
    if (status == STATUS_OK) {
        struct entry entry = {
            .serial = submission->serial,
            .base = submission->base,
            .session = author->session,
            .kind = ENTRY_EDIT,
            .rule = (uint8_t)tie_rule_of(document, submission),
            .user = submission->user,
            .arrived = buffer_span(&arrived),
        };

        entry.sequenced = entry.arrived;
        if (submission->base != document->history.head) {
            type->write(operation, &sequenced);
            if (!span_equal(buffer_span(&sequenced), entry.arrived))
                entry.sequenced = buffer_span(&sequenced);
        }
        append_take(document, &entry, operation);
        operation = NULL;
    }
    operation_discard(operation);
    buffer_finish(&made);
    buffer_finish(&arrived);
    buffer_finish(&sequenced);
    return status;
}

static enum status sequence_creation(struct document *document, const struct submission *submission,
                                     struct fault *fault)
{
    struct creation creation = {
        .session = &submission->session,
        .user = submission->user,
        .serial = submission->serial,
        .base = submission->base,
    };
    enum status status =
        state_read_creation(submission->operation, &creation.type, &creation.data, NULL);

    must(status == STATUS_OK); /* whoever took it in has made it */
    return sequencer_create(document, &creation, fault);
}

static void sequence_deletion(struct document *document, struct author *author,
                              struct submission *submission)
{
    struct entry entry = {
        .serial = submission->serial,
        .base = submission->base,
        .session = author->session,
        .kind = ENTRY_DELETE,
        .user = submission->user,
        .arrived = SPAN(""),
    };

    entry.sequenced = entry.arrived;
    append_take(document, &entry, NULL);
    state_finish(&document->now);
    document->now.created = document->history.head;
    document->channel = ++document->hub->channels; /* whoever opens it now sees another document */
}

/* The document has to be there, and of the type that was asked for. */
static enum status ensure(struct document *document, struct submission *submission,
                          struct fault *fault)
{
    const struct state *now = &document->now;
    struct creation creation = {
        .type = submission->type,
        .data = submission->restores ? submission->operation : SPAN_NONE,
        .session = &submission->session,
        .user = submission->user,
        .base = document->history.head,
    };
    enum status status = STATUS_OK;

    if (submission->type == NULL)
        return STATUS_OK;
    if (now->type != NULL)
        return now->type == submission->type
                   ? STATUS_OK
                   : fault_set(fault, STATUS_TYPE_DIFFERS, "the document is %s, not %s",
                               now->type->name, submission->type->name);
    if (submission->restores) /* a creation is read from the log within these limits */
        status = json_scan(submission->operation, &json_limits_default, fault);
    else if (!submission->creates)
        return STATUS_OK;
    if (status == STATUS_OK)
        status = sequencer_create(document, &creation, fault);
    if (status == STATUS_OK)
        submission->base = document->history.head;
    return status;
}

static enum verdict sequence_next(struct document *document, struct author *author,
                                  struct submission *submission)
{
    struct fault fault;
    enum status status = submission->refusal;

    fault.text[0] = '\0';
    if (status == STATUS_OK)
        status = ensure(document, submission, &fault);
    if (status == STATUS_OK)
        status = check_base(document, author, submission, &fault);
    if (status == STATUS_OK && submission->kind == ENTRY_EDIT)
        status = sequence_edit(document, author, submission, &fault);
    else if (status == STATUS_OK && submission->kind == ENTRY_CREATE)
        status = sequence_creation(document, submission, &fault);
    else if (status == STATUS_OK)
        sequence_deletion(document, author, submission);
    if (status != STATUS_OK) {
        submission->refusal = status;
        if (fault.text[0] != '\0')
            submission_explain(submission, &fault);
        return refuse_for_good(document, author, submission);
    }
    submission->seq = document->history.head;
    author_sequenced(author, submission->serial, submission->seq);
    state_hashes_pass(&document->hashes, &document->now,
                      submission->seq + mutant_is_on(MUTANT_HASH_EARLY));
    if (submission->submitter == NULL || submission->remote)
        /* Its connection is gone, or another node's; its client may be back over another one. */
        reader_expect_session(document, &submission->session, submission->serial, submission->seq);
    authors_mark(document, author);
    return VERDICT_DECIDED;
}

/* Everything that can be said before the operation itself is looked at. */
static enum verdict sequence_one(struct document *document, struct submission *submission)
{
    struct author *author = authors_get(document, &submission->session);

    if (!author->loaded)
        return VERDICT_WAIT;
    if (submission->at_head)
        submission->base = document->history.head;
    if (submission->serial <= author->row.serial && !mutant_is_on(MUTANT_DROP_DEDUPE)) {
        enum verdict verdict = answer_again(document, author, submission);

        document->hub->counts.repeated += verdict != VERDICT_WAIT;
        return verdict;
    }
    if (submission->serial > author->row.serial + 1 && !submission->sparse) {
        submission_tell(submission, STATUS_SERIAL_GAP, 0);
        return VERDICT_DONE; /* one before it was lost on its way: it comes again, in order */
    }
    if (who_is_taken(document, author))
        return refuse_for_now(document, submission, STATUS_WHO_TAKEN);
    if (submission->refusal == STATUS_OK) {
        if (submission->base < author->row.floor)
            return refuse_for_now(document, submission, STATUS_REBASE);
        if (document->now.type != NULL && submission->base <= document->committed &&
            needs_older(document, submission)) {
            if (document->history.head - submission->base > LIMIT_BASE_AGE)
                return refuse_for_now(document, submission, STATUS_BEHIND);
            loading_older(document, submission->base);
            return VERDICT_WAIT;
        }
    }
    return sequence_next(document, author, submission);
}

void sequencer_run(struct document *document)
{
    while (document->inbox != NULL && !document->fetching &&
           document->history.head - document->committed < LIMIT_BATCH_ENTRIES) {
        struct submission *submission = document->inbox;
        enum verdict verdict = sequence_one(document, submission);

        if (verdict == VERDICT_WAIT)
            return;
        DL_DELETE(document->inbox, submission);
        if (verdict == VERDICT_DECIDED) {
            submission->generation = document->generation;
            DL_APPEND(document->decided, submission);
        } else {
            submission_destroy(submission);
        }
    }
}

void sequencer_fetched(struct document *document, enum status status)
{
    struct submission *submission = document->inbox;

    if (status == STATUS_OK)
        sequencer_run(document); /* at once, before the history is trimmed again */
    if (status != STATUS_FOLDED || submission == NULL)
        return;
    DL_DELETE(document->inbox, submission);
    refuse_for_now(document, submission, STATUS_BEHIND); /* what it is based on was folded */
    submission_destroy(submission);
}
