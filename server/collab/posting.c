#include "server/collab/posting.h"

#include <string.h>

#include "base/must.h"
#include "protocol/sharedb.h"
#include "server/collab/hub_state.h"
#include "server/collab/inquiry.h"
#include "server/collab/source.h"
#include "server/collab/submission.h"

struct posting {
    struct submitter submitter;
    struct posting *prev, *next; /* in link->postings */
    struct link *link;
    struct document *document; /* it stays while a submission is with it */
    uint64_t base;             /* MESSAGE_NOW: wherever the document was */
    size_t size;
    uint8_t request[];
};

void posting_refuse(struct link *link, struct span request, const struct sharedb_error *error)
{
    size_t mark;

    sharedb_refused(link_begin(link, &mark), request, error);
    link_end(link, mark);
}

/* `why` may be NULL. */
static void reject(struct link *link, struct span request, enum status reason,
                   const struct fault *why)
{
    struct sharedb_error error = sharedb_error_of(reason);

    if (why != NULL)
        error.text = why->text;
    posting_refuse(link, request, &error);
}

/* It has been sent everything up to its edit. */
static void acknowledge(struct posting *posting, uint64_t serial, uint64_t seq)
{
    struct link *link = posting->link;
    struct buffer source = {0};
    struct sharedb_operation operation = {.serial = serial, .version = seq - 1};
    size_t mark;

    source_write(&source, &link->session);
    operation.source = buffer_span(&source);
    message_split_name(document_name(posting->document), &operation.collection, &operation.id);
    sharedb_acknowledged(link_begin(link, &mark), &operation);
    link_end(link, mark);
    buffer_finish(&source);
}

static void deliver(struct posting *posting, uint64_t serial, uint64_t seq)
{
    struct reader *reader = link_reader(posting->link, posting->document->number);
    uint64_t from = posting->base < seq ? posting->base : seq - 1;

    if (reader == NULL)
        reader_post(posting->link, posting->document, from, seq);
    else if (!reader_will_bring(reader, seq))
        acknowledge(posting, serial, seq);
}

static void told(struct submitter *submitter, const struct outcome *outcome)
{
    struct posting *posting = container_of(submitter, struct posting, submitter);
    bool is_durable = outcome->status == STATUS_OK || outcome->status == STATUS_REPEATED;

    if (is_durable && outcome->seq > 0)
        deliver(posting, outcome->serial, outcome->seq);
    else
        reject(posting->link, span_of(posting->request, posting->size), outcome->status,
               outcome->why);
    DL_DELETE(posting->link->postings, posting);
    memory_free(posting);
}

static struct posting *post(struct link *link, struct document *document,
                            const struct message *message)
{
    size_t size = message->request.size;
    struct posting *posting = memory_allocate(sizeof(*posting) + size);

    *posting = (struct posting){
        .submitter.told = told,
        .link = link,
        .document = document,
        .base = message->edit.base,
        .size = size,
    };
    memcpy(posting->request, message->request.data, size);
    DL_APPEND(link->postings, posting);
    return posting;
}

/* `src` is a client's word: it may only name the session that the connection has. Else it is
 * refused. */
static bool check_source(struct link *link, const struct message *message)
{
    static const struct sharedb_error foreign = {"ERR_CLIENT_ID_BADLY_FORMED",
                                                 "src is not the id of this connection"};
    struct span source = message->edit.source;
    struct buffer own = {0};

    if (!span_present(source))
        return true;
    source_write(&own, &link->session);
    bool same = span_equal(source, buffer_span(&own));
    buffer_finish(&own);
    if (!same)
        posting_refuse(link, message->request, &foreign);
    return same;
}

/* The content of a creation's entry. */
static enum status write_creation(const struct message_edit *edit, struct buffer *out)
{
    const struct type *type = type_find(edit->type);

    if (type == NULL || type->uri == NULL)
        return STATUS_TYPE_UNKNOWN;
    state_write_creation(out, type, edit->data);
    return STATUS_OK;
}

static const enum entry_kind entry_kinds[] = {
    [MESSAGE_EDIT] = ENTRY_EDIT,
    [MESSAGE_CREATE] = ENTRY_CREATE,
    [MESSAGE_DELETE] = ENTRY_DELETE,
};

static void submit(struct link *link, const struct message *message, struct submission *submission)
{
    struct document *document = document_named(link->hub, message->collection, message->id);

    submission->submitter = &post(link, document, message)->submitter;
    submission->session = link->session;
    submission->sparse = true;
    submission->ties_later = true;
    submission->at_head = message->edit.base == MESSAGE_NOW;
    submission->serial = message->edit.serial;
    submission->base = message->edit.base;
    submission->user = buffer_span(&link->user);
    document_take_in(document, submission_create(submission));
}

void posting_unreadable(struct link *link, const struct message *message, enum status reason,
                        struct fault *why)
{
    struct submission submission = {.kind = ENTRY_EDIT, .refusal = reason, .why = why};

    if (check_source(link, message))
        submit(link, message, &submission);
}

void posting_take_in(struct link *link, const struct message *message)
{
    struct submission submission = {
        .kind = entry_kinds[message->kind],
        .operation = message->edit.operation,
    };
    struct buffer creation = {0};
    enum status status = STATUS_OK;

    if (!check_source(link, message))
        return;
    if (message->kind == MESSAGE_CREATE) {
        status = write_creation(&message->edit, &creation);
        submission.operation = buffer_span(&creation);
    }
    if (status == STATUS_OK)
        submit(link, message, &submission);
    else
        reject(link, message->request, status, NULL);
    buffer_finish(&creation);
}

void posting_forget_all(struct link *link)
{
    struct posting *posting;
    struct posting *next;

    DL_FOREACH_SAFE (link->postings, posting, next) {
        submission_forget(posting->document->inbox, &posting->submitter);
        submission_forget(posting->document->decided, &posting->submitter);
        memory_free(posting);
    }
    link->postings = NULL;
}
