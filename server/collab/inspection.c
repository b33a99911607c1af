#include "server/collab/inspection.h"

#include <stdlib.h>

#include "server/collab/author.h"
#include "server/collab/authors.h"
#include "server/collab/hub_state.h"
#include "server/collab/submission.h"

static enum inspected_role role_of(const struct document *document)
{
    switch (document->state) {
    case DOCUMENT_OWNED:
    case DOCUMENT_RELEASING:
        return INSPECTED_OWNER;
    case DOCUMENT_FOLLOWED:
        return INSPECTED_REPLICA;
    default:
        return INSPECTED_NEITHER;
    }
}

static uint64_t inbox_of(const struct document *document)
{
    const struct submission *submission;
    uint64_t count = 0;

    DL_COUNT(document->inbox, submission, count);
    return count;
}

/* Only an owner sequences; a broken document has read whatever it could. */
static uint64_t tentative_of(const struct document *document)
{
    return role_of(document) == INSPECTED_OWNER ? document->history.head - document->committed : 0;
}

static void add_documents(const struct hub *hub, struct inspection_queues *queues)
{
    const struct document *document;

    for (document = hub->documents; document != NULL; document = document->hh.next) {
        queues->inbox += inbox_of(document);
        queues->tentative += tentative_of(document);
    }
}

struct inspection inspection_of(const struct hub *hub)
{
    struct inspection inspection = {
        .counts = hub->counts,
        .sessions = HASH_COUNT(hub->sessions),
        .queues =
            {
                .batch_in_flight = hub->batch.in_flight,
                .requests = hub->requests,
                .behind = hub->readers[READER_LOG],
            },
    };
    const struct link *link;

    for (size_t state = 0; state < READER_CLOSED; state++)
        inspection.readers += hub->readers[state];
    DL_FOREACH (hub->links, link)
        inspection.queues.output_bytes += link_private_size(link);
    add_documents(hub, &inspection.queues);
    return inspection;
}

/* ---- Documents ---- */

static const char *const document_states[] = {
    [DOCUMENT_CLAIMING] = "claiming", [DOCUMENT_JOINING] = "joining",
    [DOCUMENT_LOADING] = "loading",   [DOCUMENT_FOLLOWED] = "followed",
    [DOCUMENT_OWNED] = "owned",       [DOCUMENT_RELEASING] = "releasing",
    [DOCUMENT_RETRYING] = "retrying", [DOCUMENT_BROKEN] = "broken",
};

static struct span owner_of(const struct document *document)
{
    const char *owner = document->follow.row.owner;

    if (role_of(document) == INSPECTED_OWNER)
        owner = document->hub->config.node;
    return owner[0] != '\0' ? span_of_string(owner) : SPAN_NONE;
}

static void count_readers(const struct document *document, struct inspected_document *out)
{
    const struct reader *reader;

    DL_FOREACH (document->readers, reader) {
        out->readers++;
        out->behind += reader->state == READER_LOG;
    }
}

static void look_at(const struct document *document, struct inspected_document *out)
{
    const struct history *history = &document->history;
    const struct type *type = document->now.type;

    *out = (struct inspected_document){
        .name = document_name(document),
        .type = type != NULL ? span_of_string(type->name) : SPAN_NONE,
        .state = document_states[document->state],
        .role = role_of(document),
        .owner = owner_of(document),
        .epoch =
            document->state == DOCUMENT_FOLLOWED ? document->follow.row.epoch : document->epoch,
        .time_ms = document->time_ms,
        .head = history->head,
        .committed = document->committed,
        .tentative = tentative_of(document),
        .inbox = inbox_of(document),
        .history_from = history->first,
        .history_count = history->head + 1 - history->first,
        .history_bytes = history->bytes,
        .published = document->published,
    };
    count_readers(document, out);
}

bool inspection_document(const struct hub *hub, struct span name, struct inspected_document *out)
{
    const struct document *document = document_find(hub, name);

    if (document == NULL)
        return false;
    look_at(document, out);
    return true;
}

static int latest_first(const void *a, const void *b)
{
    const struct document *left = *(const struct document *const *)a;
    const struct document *right = *(const struct document *const *)b;

    if (left->time_ms != right->time_ms)
        return left->time_ms < right->time_ms ? 1 : -1;
    return span_compare(document_name(left), document_name(right));
}

static bool begins_with(struct span text, struct span prefix)
{
    return text.size >= prefix.size && span_equal(span_of(text.data, prefix.size), prefix);
}

size_t inspection_documents(const struct hub *hub, struct span prefix,
                            struct inspected_document *list, size_t max, size_t *left_off)
{
    const struct document **found =
        memory_allocate((HASH_COUNT(hub->documents) + 1) * sizeof(struct document *));
    const struct document *document;
    size_t found_count = 0;

    for (document = hub->documents; document != NULL; document = document->hh.next)
        if (begins_with(document_name(document), prefix))
            found[found_count++] = document;
    qsort(found, found_count, sizeof(struct document *), latest_first);
    size_t count = found_count < max ? found_count : max;

    for (size_t i = 0; i < count; i++)
        look_at(found[i], &list[i]);
    *left_off = found_count - count;
    memory_free(found);
    return count;
}

/* ---- Who has a document open ---- */

static const char *const dialects[DIALECT_COUNT] = {
    [DIALECT_NATIVE] = "tutti.v1",
    [DIALECT_SHAREDB] = "sharedb",
    [DIALECT_EVENTS] = "events",
};

static const char *const reader_states[] = {
    [READER_OPENING] = "opening", [READER_WAITING] = "waiting", [READER_LOG] = "log",
    [READER_STREAM] = "stream",   [READER_CLOSED] = "closed",
};

static uint64_t serial_of(const struct reader *reader)
{
    const struct author *author = authors_find(reader->document, &reader->link->session);

    return author != NULL ? author->row.serial : 0;
}

static uint64_t output_of(const struct reader *reader)
{
    size_t size = link_private_size(reader->link);

    return reader->state == READER_STREAM ? size + reader_rest(reader).size : size;
}

static struct inspected_session session_of(const struct reader *reader)
{
    const struct link *link = reader->link;
    uint64_t place = reader_place(reader);
    uint64_t committed = reader->document->committed;

    return (struct inspected_session){
        .who = link->who,
        .has_who = link->state == LINK_OPEN && !link->dialect->one_way,
        .user = buffer_span(&link->user),
        .dialect = dialects[link->dialect->kind],
        .state = reader_states[reader->state],
        .cursor = place,
        .behind = committed > place ? committed - place : 0,
        .output_bytes = output_of(reader),
        .serial = serial_of(reader),
        .here = reader->is_shown,
    };
}

size_t inspection_sessions(const struct hub *hub, struct span name, struct inspected_session *list,
                           size_t max, size_t *left_off)
{
    const struct document *document = document_find(hub, name);
    const struct reader *reader;
    size_t count = 0;

    *left_off = 0;
    if (document == NULL)
        return 0;
    DL_FOREACH (document->readers, reader) {
        if (count < max)
            list[count++] = session_of(reader);
        else
            ++*left_off;
    }
    return count;
}
