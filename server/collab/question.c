#include "server/collab/question.h"

#include <string.h>

#include "base/limits.h"
#include "server/collab/dialect.h"
#include "server/collab/hub_state.h"
#include "server/collab/past.h"
#include "server/collab/reading.h"

struct question {
    struct asker asker;
    struct question *prev, *next; /* in link->questions, the oldest first */
    struct link *link;
    struct reading *reading; /* NULL until it is asked */
    struct message message;  /* its spans point into `bytes` */
    uint8_t bytes[];         /* the document's name, the request */
};

static void destroy(struct question *question)
{
    struct link *link = question->link;

    DL_DELETE(link->questions, question);
    link->question_count--;
    memory_free(question);
}

/* ---- Answering ---- */

static void answered(struct asker *asker, const struct past *past)
{
    struct question *question = container_of(asker, struct question, asker);
    struct link *link = question->link;

    link->dialect->history(link, &question->message, past);
    destroy(question);
    question_ask_next(link);
}

/* ---- Asking ---- */

static struct reading_query query_of(const struct message_read *read)
{
    struct reading_query query = {
        .name = read->name,
        .kind = read->kind == READ_OPERATIONS ? READING_LOG
                : read->kind == READ_BLAME    ? READING_BLAME
                                              : READING_STATE,
        .seq = read->kind == READ_AT_SEQ || read->kind == READ_BLAME ? read->seq : UINT64_MAX,
        .time_ms = read->kind == READ_AT_TIME ? read->time_ms : UINT64_MAX,
        .from = read->from,
        .to = read->to,
    };

    return query;
}

/* With a copy of what is asked, and of the request. */
static struct question *create(struct link *link, const struct message *message)
{
    struct span name = message->read.name;
    struct span request = message->request;
    struct question *question = memory_zeroed(1, sizeof(*question) + name.size + request.size);

    question->asker.answered = answered;
    question->link = link;
    question->message = *message;
    memcpy(question->bytes, name.data, name.size);
    question->message.read.name = span_of(question->bytes, name.size);
    if (request.size > 0)
        memcpy(question->bytes + name.size, request.data, request.size);
    question->message.request = span_of(question->bytes + name.size, request.size);
    message_split_name(question->message.read.name, &question->message.collection,
                       &question->message.id);
    return question;
}

void question_take_in(struct link *link, const struct message *message)
{
    static const struct past busy = {.status = STATUS_BUSY};
    struct question *question;

    if (link->question_count == LIMIT_QUESTIONS) {
        link->dialect->history(link, message, &busy);
        return;
    }
    question = create(link, message);
    DL_APPEND(link->questions, question);
    link->question_count++;
    question_ask_next(link);
}

void question_ask_next(struct link *link)
{
    struct question *question = link->questions;

    if (question == NULL || question->reading != NULL ||
        link_private_size(link) >= LIMIT_FRAME_BYTES)
        return;
    struct reading_query query = query_of(&question->message.read);

    question->reading = reading_create(link->hub, &query, &question->asker);
}

void question_forget_all(struct link *link)
{
    while (link->questions != NULL) {
        if (link->questions->reading != NULL)
            reading_forget(link->questions->reading);
        destroy(link->questions);
    }
}
