#include "server/collab/question.h"

#include <string.h>

#include "base/limits.h"
#include "protocol/native.h"
#include "server/collab/hub_state.h"
#include "server/collab/past.h"
#include "server/collab/reading.h"

struct question {
    struct asker asker;
    struct question *prev, *next; /* in link->questions, the oldest first */
    struct link *link;
    struct reading *reading; /* NULL until it is asked */
    uint64_t request;
    struct reading_query query; /* its name is in `name` */
    uint8_t name[];
};

static void destroy(struct question *question)
{
    struct link *link = question->link;

    DL_DELETE(link->questions, question);
    link->question_count--;
    memory_free(question);
}

/* ---- Answering ---- */

static void write_failure(struct link *link, uint64_t request, enum status status)
{
    size_t mark;

    native_history_failed(link_begin(link, &mark), request, status_code(status),
                          status_text(status));
    link_end(link, mark);
}

static void write_state(struct question *question, const struct past *past)
{
    struct native_past state = {.seq = past->seq, .epoch = past->epoch, .time_ms = past->time_ms};
    size_t mark;

    if (past->type != NULL) {
        state.type = span_of_string(past->type->name);
        state.snapshot = past->content;
    }
    native_history_state(link_begin(question->link, &mark), question->request, &state);
    link_end(question->link, mark);
}

static void write_log(struct question *question, const struct past *past)
{
    size_t mark;
    struct buffer *out = link_begin(question->link, &mark);

    native_history_begin(out, question->request);
    past_write_entries(past, out);
    native_history_end(out, past->next);
    link_end(question->link, mark);
}

static void answered(struct asker *asker, const struct past *past)
{
    struct question *question = container_of(asker, struct question, asker);
    struct link *link = question->link;

    if (past->status != STATUS_OK)
        write_failure(link, question->request, past->status);
    else if (past->is_log)
        write_log(question, past);
    else
        write_state(question, past);
    destroy(question);
    question_ask_next(link);
}

/* ---- Asking ---- */

static struct reading_query query_of(const struct message_read *read)
{
    struct reading_query query = {
        .name = read->name,
        .kind = read->kind == READ_OPERATIONS ? READING_LOG : READING_STATE,
        .seq = read->kind == READ_AT_SEQ ? read->seq : UINT64_MAX,
        .time_ms = read->kind == READ_AT_TIME ? read->time_ms : UINT64_MAX,
        .from = read->from,
        .to = read->to,
    };

    return query;
}

void question_take_in(struct link *link, const struct message_read *read)
{
    struct question *question;

    if (link->question_count == LIMIT_QUESTIONS) {
        write_failure(link, read->request, STATUS_BUSY);
        return;
    }
    question = memory_zeroed(1, sizeof(*question) + read->name.size);
    question->asker.answered = answered;
    question->link = link;
    question->request = read->request;
    question->query = query_of(read);
    memcpy(question->name, read->name.data, read->name.size);
    question->query.name = span_of(question->name, read->name.size);
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
    question->reading = reading_create(link->hub, &question->query, &question->asker);
}

void question_forget_all(struct link *link)
{
    while (link->questions != NULL) {
        if (link->questions->reading != NULL)
            reading_forget(link->questions->reading);
        destroy(link->questions);
    }
}
