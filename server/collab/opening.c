#include "server/collab/opening.h"

#include "base/must.h"
#include "server/collab/author.h"
#include "server/collab/hub_state.h"
#include "server/collab/reader.h"
#include "server/collab/sequencer.h"

/* Clients compare states at multiples of this (rule 9); the larger one where hashing costs more. */
enum { CHECK_EVERY = 1024, CHECK_EVERY_LARGE = 16384, CHECK_LARGE_BYTES = 256 << 10 };

static uint64_t check_every(const struct document *document)
{
    const struct state *now = &document->now;

    return now->type->size(now->content) > CHECK_LARGE_BYTES ? CHECK_EVERY_LARGE : CHECK_EVERY;
}

/* The document has to exist and be of the type that was asked for. */
static enum status ensure(struct document *document, const struct reader *reader)
{
    const struct state *now = &document->now;
    struct creation creation = {
        .type = reader->type,
        .data = reader->has_data ? buffer_span(&reader->data) : SPAN_NONE,
        .session = &reader->link->session,
        .user = buffer_span(&reader->link->user),
    };

    if (now->type != NULL)
        return reader->type == NULL || reader->type == now->type ? STATUS_OK : STATUS_TYPE_DIFFERS;
    if (!reader->create)
        return STATUS_NOT_CREATED;
    return sequencer_create(document, &creation);
}

/* Why a reader that asked for operations gets a snapshot; NULL when it gets the operations. */
static const char *reload_reason(const struct document *document, const struct reader *reader)
{
    const struct history *history = &document->history;

    if (reader->diverged)
        return "diverged";
    if (reader->from > history->head)
        return "restored";
    if (document->now.created > reader->from)
        return "deleted";
    if (reader->from >= history->first &&
        history_at(history, reader->from)->entry.epoch != reader->from_epoch)
        return "restored";
    return NULL;
}

static uint64_t head_epoch(const struct document *document)
{
    const struct history *history = &document->history;

    return history->head >= history->first ? history_at(history, history->head)->entry.epoch
                                           : document->committed_epoch;
}

static void make_answer(struct document *document, struct reader *reader,
                        const struct author *author)
{
    const char *reload = reader->from > 0 ? reload_reason(document, reader) : NULL;
    struct buffer snapshot = {0};
    struct opened opened = {
        .seq = document->history.head,
        .serial = author->row.serial,
        .epoch = head_epoch(document),
        .check_every = check_every(document),
        .reload = reload,
    };

    if (reader->from == 0 || reload != NULL) {
        document->now.type->encode(document->now.content, &snapshot);
        opened.snapshot = buffer_span(&snapshot);
        reader->seq = document->history.head;
        reader->epoch = opened.epoch;
    } else {
        reader->seq = reader->from;
        reader->epoch = reader->from_epoch;
    }
    reader->link->dialect->opened(reader, &opened, &reader->answer);
    reader->channel = document->channel;
    reader->answer_seq = document->history.head;
    reader->serial_next = author->row.serial + 1;
    buffer_finish(&snapshot);
}

void opening_answer_all(struct document *document)
{
    struct reader *reader;
    struct reader *next;

    DL_FOREACH_SAFE (document->readers, reader, next) {
        if (reader->state != READER_OPENING)
            continue;
        const struct author *author = document_author(document, &reader->link->session);

        if (!author->loaded)
            continue;
        enum status status = ensure(document, reader);

        if (status != STATUS_OK) {
            reader_close(reader, status);
            continue;
        }
        make_answer(document, reader, author);
        reader_move(reader, READER_WAITING);
        if (reader->answer_seq <= document->committed)
            reader_answer(reader);
    }
}
