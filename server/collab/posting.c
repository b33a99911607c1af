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

/* `src` is a client's word: it may only name the session that the connection has. */
static bool is_own(const struct link *link, struct span source)
{
    struct buffer own = {0};

    if (!span_present(source))
        return true;
    source_write(&own, &link->session);
    bool same = span_equal(source, buffer_span(&own));
    buffer_finish(&own);
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

static void submit(struct link *link, const struct message *message, struct span operation)
{
    struct document *document = document_named(link->hub, message->collection, message->id);
    struct submission submission = {
        .submitter = &post(link, document, message)->submitter,
        .session = link->session,
        .kind = entry_kinds[message->kind],
        .sparse = true,
        .ties_later = true,
        .at_head = message->edit.base == MESSAGE_NOW,
        .serial = message->edit.serial,
        .base = message->edit.base,
        .user = buffer_span(&link->user),
        .operation = operation,
    };

    document_take_in(document, submission_create(&submission));
}

void posting_take_in(struct link *link, const struct message *message)
{
    struct buffer creation = {0};
    struct span operation = message->edit.operation;
    enum status status = STATUS_OK;

    if (message->kind == MESSAGE_CREATE) {
        status = write_creation(&message->edit, &creation);
        operation = buffer_span(&creation);
    }
    if (!is_own(link, message->edit.source)) {
        struct sharedb_error error = {"ERR_CLIENT_ID_BADLY_FORMED",
                                      "src is not the id of this connection"};
        size_t mark;

        sharedb_refused(link_begin(link, &mark), message->request, &error);
        link_end(link, mark);
    } else if (status != STATUS_OK) {
        reject(link, message->request, status, NULL);
    } else {
        submit(link, message, operation);
    }
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
