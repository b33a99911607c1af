#include "server/collab/inquiry.h"

#include <string.h>

#include "base/json_write.h"
#include "base/limits.h"
#include "base/must.h"
#include "protocol/sharedb.h"
#include "server/collab/hub_state.h"
#include "server/collab/reader.h"

struct inquiry {
    struct inquiry *prev, *next; /* in link->inquiries */
    struct link *link;
    struct message message; /* its spans point into `bytes` */
    size_t waiting;         /* readers that have no part yet */
    struct buffer data;     /* of the answer: a snapshot, or the members of an object of them */
    enum status failure;    /* why the whole cannot be answered; OK */
    uint8_t bytes[];        /* request, collection, id */
};

/* ---- Coming and going ---- */

static struct span copy(uint8_t **at, struct span from)
{
    struct span copied = {.data = span_present(from) ? *at : NULL, .size = from.size};

    if (from.size > 0)
        memcpy(*at, from.data, from.size);
    *at += from.size;
    return copied;
}

static struct inquiry *begin(struct link *link, const struct message *message)
{
    size_t size = message->request.size + message->collection.size + message->id.size;
    struct inquiry *inquiry = memory_allocate(sizeof(*inquiry) + size);
    uint8_t *at = inquiry->bytes;
    struct span several = message->follow.several;

    *inquiry = (struct inquiry){.link = link, .message = *message};
    inquiry->message.request = copy(&at, message->request);
    inquiry->message.collection = copy(&at, message->collection);
    inquiry->message.id = copy(&at, message->id);
    if (span_present(several))
        inquiry->message.follow.several =
            span_of(inquiry->bytes + (several.data - message->request.data), several.size);
    DL_APPEND(link->inquiries, inquiry);
    return inquiry;
}

static void finish(struct inquiry *inquiry)
{
    DL_DELETE(inquiry->link->inquiries, inquiry);
    buffer_finish(&inquiry->data);
    memory_free(inquiry);
}

void inquiry_forget_all(struct link *link)
{
    struct reader *reader;
    struct inquiry *inquiry;
    struct inquiry *next;

    DL_FOREACH2 (link->readers, reader, link_next)
        reader->inquiry = NULL;
    DL_FOREACH_SAFE (link->inquiries, inquiry, next)
        finish(inquiry);
}

/* ---- The answer ---- */

static bool is_for_several(const struct inquiry *inquiry)
{
    return !span_present(inquiry->message.id);
}

/* Operations went before, so there is nothing but the news that they are complete. */
static bool has_no_data(const struct inquiry *inquiry)
{
    struct span several = inquiry->message.follow.several;

    return is_for_several(inquiry) ? json_kind(several) == JSON_KIND_OBJECT
                                   : inquiry->message.follow.from != MESSAGE_NOW;
}

static void say(struct inquiry *inquiry)
{
    size_t mark;
    struct buffer *out = link_begin(inquiry->link, &mark);

    if (inquiry->failure != STATUS_OK) {
        struct sharedb_error error = sharedb_error_of(inquiry->failure);

        sharedb_refused(out, inquiry->message.request, &error);
    } else {
        if (is_for_several(inquiry))
            buffer_append_byte(&inquiry->data, '}');
        sharedb_reply(out, &inquiry->message,
                      has_no_data(inquiry) ? SPAN_NONE : buffer_span(&inquiry->data));
    }
    link_end(inquiry->link, mark);
}

/* All parts are there: the readers go on behind the answer. */
static void answer(struct inquiry *inquiry)
{
    struct reader *reader;

    say(inquiry);
    DL_FOREACH2 (inquiry->link->readers, reader, link_next)
        if (reader->inquiry == inquiry) {
            reader->inquiry = NULL;
            reader_lag(reader);
        }
    finish(inquiry);
}

static void count_part(struct inquiry *inquiry)
{
    must(inquiry->waiting > 0);
    if (--inquiry->waiting == 0)
        answer(inquiry);
}

/* Where the part of this reader goes. */
static struct buffer *begin_part(struct inquiry *inquiry, const struct reader *reader)
{
    struct span collection;
    struct span id;

    if (is_for_several(inquiry)) {
        message_split_name(document_name(reader->document), &collection, &id);
        buffer_append_byte(&inquiry->data, inquiry->data.size == 0 ? '{' : ',');
        json_write_string(&inquiry->data, id);
        buffer_append_byte(&inquiry->data, ':');
    }
    return &inquiry->data;
}

void inquiry_has_part(struct reader *reader)
{
    struct inquiry *inquiry = reader->inquiry;

    must(!reader->has_part);
    reader->has_part = true;
    if (!has_no_data(inquiry))
        buffer_append(begin_part(inquiry, reader), buffer_span(&reader->answer));
    buffer_finish(&reader->answer);
    count_part(inquiry);
}

void inquiry_failed(struct reader *reader, enum status reason)
{
    struct inquiry *inquiry = reader->inquiry;
    struct sharedb_error error = sharedb_error_of(reason);

    reader->inquiry = NULL;
    if (reader->has_part)
        return;
    if (is_for_several(inquiry) && !has_no_data(inquiry))
        sharedb_snapshot_error(begin_part(inquiry, reader), &error);
    else
        inquiry->failure = reason;
    count_part(inquiry);
}

/* ---- Opening ---- */

static void write_content(const struct document *document, struct buffer *out)
{
    const struct state *now = &document->now;
    struct buffer content = {0};

    if (now->type != NULL)
        now->type->encode(now->content, &content);
    sharedb_snapshot(out, document->history.head,
                     now->type != NULL ? span_of_string(now->type->uri) : SPAN_NONE,
                     buffer_span(&content));
    buffer_finish(&content);
}

void inquiry_open(struct reader *reader)
{
    const struct document *document = reader->document;
    uint64_t head = document->history.head;

    if (document->now.type != NULL && document->now.type->uri == NULL) {
        reader_close(reader, STATUS_TYPE_UNKNOWN);
        return;
    }
    if (reader->from == MESSAGE_NOW) {
        buffer_clear(&reader->answer);
        write_content(document, &reader->answer);
        reader->seq = head;
        reader->answer_seq = head;
        reader_move(reader, READER_WAITING);
        if (head <= document->committed)
            reader_answer(reader);
    } else {
        reader->seq = reader->from < head ? reader->from : document->committed;
        reader->answer_seq = document->committed;
        reader_move(reader, READER_LOG);
        reader_lag(reader);
    }
}

/* ---- Taking in ---- */

/* A subscription that is there already gives way, and nothing that it has not brought gets lost. */
static void replace(struct link *link, const struct document *document, uint64_t from)
{
    struct reader *reader = link_reader(link, document->number);

    if (reader == NULL)
        return;
    if (from == MESSAGE_NOW || reader->inquiry != NULL)
        reader_unfollow(reader);
    else
        reader_destroy(reader); /* the new one brings everything behind `from` again */
}

static void inquiry_one(struct inquiry *inquiry, struct span id, uint64_t from)
{
    struct link *link = inquiry->link;
    struct document *document = document_named(link->hub, inquiry->message.collection, id);

    inquiry->waiting++;
    if (inquiry->message.kind == MESSAGE_SUBSCRIBE) {
        replace(link, document, from);
        reader_subscribe(link, document, inquiry, from);
    } else {
        reader_fetch(link, document, inquiry, from);
    }
}

static void inquiry_several(struct inquiry *inquiry)
{
    struct message_walk walk;
    struct buffer scratch = {0};
    struct span id;
    uint64_t from;

    message_walk_init(&walk, &inquiry->message.follow);
    while (message_walk_next(&walk, &scratch, &id, &from)) {
        inquiry_one(inquiry, id, from);
        buffer_clear(&scratch);
    }
    buffer_finish(&scratch);
}

void inquiry_take_in(struct link *link, const struct message *message)
{
    struct inquiry *inquiry = begin(link, message);
    bool one = !is_for_several(inquiry);
    size_t count = one ? 1 : json_count(inquiry->message.follow.several);

    if (link->reader_count + count > LIMIT_OPEN_DOCUMENTS)
        inquiry->failure = STATUS_TOO_MANY;
    inquiry->waiting = 1; /* until all are taken in */
    if (inquiry->failure == STATUS_OK && one)
        inquiry_one(inquiry, inquiry->message.id, message->follow.from);
    else if (inquiry->failure == STATUS_OK)
        inquiry_several(inquiry);
    if (count == 0)
        buffer_append_byte(&inquiry->data, '{');
    count_part(inquiry);
}

static void end_one(struct link *link, struct span collection, struct span id)
{
    struct document *document = document_named(link->hub, collection, id);
    struct reader *reader = link_reader(link, document->number);

    if (reader != NULL)
        reader_unfollow(reader);
}

void inquiry_end(struct link *link, const struct message *message)
{
    struct message_walk walk;
    struct buffer scratch = {0};
    struct span id;
    uint64_t from;
    size_t mark;

    if (span_present(message->id)) {
        end_one(link, message->collection, message->id);
    } else {
        message_walk_init(&walk, &message->follow);
        while (message_walk_next(&walk, &scratch, &id, &from)) {
            end_one(link, message->collection, id);
            buffer_clear(&scratch);
        }
    }
    buffer_finish(&scratch);
    sharedb_reply(link_begin(link, &mark), message, SPAN_NONE);
    link_end(link, mark);
}
