#include "server/collab/opening.h"

#include <string.h>

#include "base/limits.h"
#include "base/must.h"
#include "base/mutant.h"
#include "server/collab/author.h"
#include "server/collab/authors.h"
#include "server/collab/follow.h"
#include "server/collab/hub_state.h"
#include "server/collab/inquiry.h"
#include "server/collab/log_read.h"
#include "server/collab/reader.h"
#include "server/collab/sequencer.h"

/* The document has to exist and be of the type that was asked for. */
static enum status ensure(struct document *document, const struct reader *reader)
{
    const struct state *now = &document->now;
    struct creation creation = {
        .type = reader->type,
        .data = reader->has_data ? buffer_span(&reader->data) : SPAN_NONE,
        .session = &reader->link->session,
        .user = buffer_span(&reader->link->user),
        .base = document->history.head,
    };

    if (now->type != NULL)
        return reader->type == NULL || reader->type == now->type ? STATUS_OK : STATUS_TYPE_DIFFERS;
    if (!reader->create)
        return STATUS_NOT_CREATED;
    must(document->state == DOCUMENT_OWNED);
    return sequencer_create(document, &creation, NULL);
}

/* ---- Where the client stands ---- */

static enum reader_origin origin_of_epoch(const struct reader *reader, uint64_t epoch)
{
    return epoch == reader->from_epoch ? ORIGIN_OURS : ORIGIN_FOREIGN;
}

/* Other nodes have written what this one has not seen. */
static bool is_overtaken(const struct document *document, const struct reader *reader,
                         const struct log_entries *read)
{
    bool is_there = read->count > 0 || read->status == STATUS_FOLDED;

    if (document->state == DOCUMENT_OWNED && read->status == STATUS_OK &&
        read->epoch > document->epoch)
        return true;
    return is_there && reader->from > document->history.head;
}

static void go_after(struct document *document)
{
    if (document->state == DOCUMENT_OWNED)
        document_lose(document);
    else
        follow_read(document);
}

static void origin_came(struct reader *reader, const struct log_entries *read)
{
    struct document *document = reader->document;

    if (!document_is_live(document))
        return; /* the next step asks again */
    if (is_overtaken(document, reader, read))
        go_after(document);
    else if (read->status == STATUS_OK && read->count > 0)
        reader->origin = origin_of_epoch(reader, read->entries[0].epoch);
    else if (read->status == STATUS_OK || read->status == STATUS_NOT_FOUND)
        reader->origin = ORIGIN_FOREIGN;
    else if (read->status == STATUS_FOLDED)
        reader->origin = ORIGIN_FOLDED;
}

/* It has used serials that nobody here knows of. */
static bool skips_serials(const struct reader *reader, const struct author *author)
{
    return reader->in_flight > author->row.serial + 1;
}

/* Is the operation that the client saw last one of ours? Where memory cannot tell, or would say
 * that the store was restored, the store is asked first (rule 6): it may have gone on without this
 * node. False: it is being asked. */
static bool find_origin(const struct document *document, struct reader *reader,
                        const struct author *author)
{
    uint64_t epoch = 0;

    if (reader->from == 0 || reader->diverged || reader->origin != ORIGIN_UNKNOWN)
        return true;
    if (!skips_serials(reader, author) && history_epoch(&document->history, reader->from, &epoch))
        reader->origin = origin_of_epoch(reader, epoch);
    else if (reader->log_read == NULL)
        log_read_start(reader, reader->from - 1, reader->from, origin_came);
    return reader->origin != ORIGIN_UNKNOWN;
}

/* Why a reader that asked for operations gets a snapshot; NULL when it gets the operations. */
static const char *reload_reason(const struct document *document, const struct reader *reader,
                                 const struct author *author)
{
    if (reader->diverged)
        return "diverged";
    /* A serial before the one in flight that never came here was forgotten with the rest. */
    if (reader->origin == ORIGIN_FOREIGN || skips_serials(reader, author))
        return "restored";
    if (document->now.created > reader->from)
        return "deleted";
    if (reader->origin == ORIGIN_FOLDED)
        return "folded";
    if (author->behind || document->history.head - reader->from > LIMIT_CATCH_UP_ENTRIES)
        return "behind";
    return NULL;
}

/* ---- The answer ---- */

static uint64_t head_epoch(const struct document *document)
{
    const struct history *history = &document->history;

    return history->head >= history->first ? history_at(history, history->head)->entry.epoch
                                           : document->committed_epoch;
}

/* A pending serial that had its fate is among the operations, or refused behind the answer. One
 * that had none is still to come, and old copies of it may travel: unless the client moves it over
 * single operations alone, they must never be sequenced any more (rule 3c). */
static void settle_pending(struct document *document, struct reader *reader, struct author *author)
{
    bool stepwise = reader->answer_seq - reader->seq <= LIMIT_SINGLE_OPERATIONS;
    bool reloads = reader->seq != reader->from;
    int code = 0;

    reader->pending = 0;
    reader->pending_refusal = STATUS_OK;
    reader->composable_to = 0;
    if (reader->in_flight == 0)
        return;
    if (reader->in_flight > author->row.serial) {
        reader->pending = reader->in_flight;
        if (stepwise && !reloads)
            return;
        if (document->state == DOCUMENT_FOLLOWED && !mutant_is_on(MUTANT_JUDGE_PENDING))
            return; /* only the owner can raise a floor: without one, one by one */
        reader->composable_to = reader->answer_seq;
        if (document->now.type->identity || document->state == DOCUMENT_FOLLOWED)
            return;
        if (!mutant_is_on(MUTANT_RAISE_NO_FLOOR))
            author_raise_floor(author, reader->answer_seq);
        authors_mark(document, author);
    } else if (author_is_spent(author, reader->in_flight, &code)) {
        reader->pending_refusal = status_of_code(code);
    }
}

static void make_answer(struct document *document, struct reader *reader, struct author *author)
{
    const char *reload = reader->from > 0 ? reload_reason(document, reader, author) : NULL;
    struct buffer snapshot = {0};
    struct opened opened = {
        .seq = mutant_is_on(MUTANT_SNAPSHOT_SEQ) ? document->committed : document->history.head,
        .serial = author->row.serial,
        .epoch = head_epoch(document),
        .check_every = state_check_every(&document->now),
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
    buffer_clear(&reader->answer); /* one that was made on a batch that was lost */
    reader->link->dialect->opened(reader, &opened, &reader->answer);
    reader->channel = document->channel;
    reader->answer_seq = document->history.head;
    reader->serial_next = author->row.serial + 1;
    reader->own_serial = author->row.serial;
    reader->own_seq = author->row.seq;
    settle_pending(document, reader, author);
    reader->answer_generation = author->generation; /* what it tells of the session is durable */
    author->behind = false;
    buffer_finish(&snapshot);
}

/* A client that gets a snapshot moves its pending edit in one step, while old copies of that edit
 * may travel: none of them may be sequenced any more, which the owner has to see to (rule 3c). A
 * client that goes on under a new session, or drops the edit, does not matter; nor can a floor tell
 * the copies of one that has read up to the head. */
static bool needs_floor(const struct document *document, const struct reader *reader,
                        const struct author *author)
{
    const char *reload = reload_reason(document, reader, author);

    return document->state == DOCUMENT_FOLLOWED && !document->now.type->identity &&
           reader->from > 0 && reader->in_flight > author->row.serial && reload != NULL &&
           strcmp(reload, "restored") != 0 && strcmp(reload, "deleted") != 0 &&
           reader->from < document->committed && author->row.floor <= reader->from;
}

/* Where another node is the owner, the row that was read before the client asked may be older than
 * what the client knows. */
static struct author *author_for(struct document *document, struct reader *reader)
{
    struct author *author = authors_get(document, &reader->link->session);

    if (document->state != DOCUMENT_FOLLOWED || reader->row_asked)
        return author;
    reader->row_asked = true;
    author_doubt(author);
    return authors_get(document, &reader->link->session);
}

void opening_answer_all(struct document *document)
{
    struct reader *reader;
    struct reader *next;

    DL_FOREACH_SAFE2 (document->unanswered, reader, next, unanswered_next) {
        if (reader->state != READER_OPENING)
            continue;
        if (reader->inquiry != NULL) {
            inquiry_open(reader);
            continue;
        }
        struct author *author = author_for(document, reader);

        if (!author->loaded ||
            (document->state == DOCUMENT_FOLLOWED &&
             !follow_may_answer(document, reader, author)) ||
            !find_origin(document, reader, author))
            continue;
        enum status status = ensure(document, reader);

        if (status != STATUS_OK) {
            reader_close(reader, status);
            continue;
        }
        if (needs_floor(document, reader, author)) {
            follow_ask_for_floor(document, reader);
            continue;
        }
        make_answer(document, reader, author);
        reader_move(reader, READER_WAITING);
        if (reader_may_answer(reader))
            reader_answer(reader);
    }
}
