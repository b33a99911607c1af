#include "server/collab/arrival.h"

#include <inttypes.h>

#include "base/base64.h"
#include "base/limits.h"
#include "base/mutant.h"
#include "protocol/native.h"
#include "protocol/websocket.h"
#include "server/collab/company.h"
#include "server/collab/divergence.h"
#include "server/collab/hub_state.h"
#include "server/collab/question.h"
#include "server/collab/session.h"
#include "server/collab/submission.h"

static void say_closed(struct link *link, uint64_t channel, struct span name, enum status reason)
{
    size_t mark;

    native_closed(link_begin(link, &mark), channel, name, status_code(reason), status_text(reason));
    link_end(link, mark);
}

static void welcome(struct link *link)
{
    size_t mark;
    struct native_welcome welcome = {
        .who = span_of(link->who.text, WHO_SIZE),
        .user = buffer_span(&link->user),
        .message_bytes_max = LIMIT_MESSAGE_BYTES,
        .document_bytes_max = LIMIT_DOCUMENT_BYTES,
        .heartbeat_ms = link->hub->config.heartbeat_ms,
    };

    native_welcome(link_begin(link, &mark), &welcome);
    link_end(link, mark);
}

static void greet(struct link *link, const struct message_hello *hello)
{
    uint8_t secret[SESSION_KEY_SIZE + 2];
    size_t size = 0;

    if (link->state != LINK_GREETING || hello->resume.size != 22 ||
        !base64url_read(hello->resume, secret, &size)) {
        link_close_status(link, STATUS_PROTOCOL);
        return;
    }
    struct session_key session =
        session_of_secret(link->hub->config.secret, buffer_span(&link->user), secret);

    if (link_take_session(link, &session))
        welcome(link);
}

static bool is_open(const struct link *link, struct span name)
{
    const struct reader *reader;

    DL_FOREACH2 (link->readers, reader, link_next)
        if (span_equal(document_name(reader->document), name) && reader->closes_at == UINT64_MAX)
            return true;
    return false;
}

static void open_document(struct link *link, const struct message_open *open)
{
    enum status status = STATUS_OK;

    if (span_present(open->type) && type_find(open->type) == NULL)
        status = STATUS_TYPE_UNKNOWN;
    else if (is_open(link, open->name))
        status = STATUS_OPEN_TWICE;
    else if (link->reader_count >= LIMIT_OPEN_DOCUMENTS)
        status = STATUS_TOO_MANY;
    if (status != STATUS_OK)
        say_closed(link, 0, open->name, status);
    else
        reader_create(link, document_get(link->hub, open->name), open);
}

/* Rule 1 at the client's own node: serials come in order; after one was refused for now, the later
 * ones are dropped in silence until it comes again. */
static bool in_order(struct reader *reader, uint64_t serial)
{
    if (reader->refused_now != 0) {
        if (serial > reader->refused_now)
            return false;
        if (serial == reader->refused_now)
            reader->refused_now = 0;
    }
    if (serial > reader->serial_next) {
        link_close_status(reader->link, STATUS_SERIAL_GAP);
        return false;
    }
    if (serial == reader->serial_next)
        reader->serial_next++;
    return true;
}

static bool is_overloaded(const struct document *document)
{
    return document->taken.count >= LIMIT_INBOX || document->taken.bytes >= LIMIT_INBOX_BYTES;
}

/* Rule 3b. A serial that had its fate gets its old answer instead: its client may have seen it
 * already, and would not send again what was refused for now. */
static bool is_before_range(const struct reader *reader, const struct submission *submission)
{
    return submission->base < reader->composed_to && submission->serial > reader->own_serial &&
           submission->refusal == STATUS_OK && !mutant_is_on(MUTANT_TAKE_OLD_BASE);
}

static void submit(struct link *link, uint64_t channel, struct submission *submission)
{
    struct reader *reader = link_reader(link, channel);

    if (reader == NULL) { /* it was closed while this was on its way, or never open */
        say_closed(link, channel, SPAN_NONE, STATUS_NOT_OPEN);
        return;
    }
    if (!in_order(reader, submission->serial))
        return;
    if (is_before_range(reader, submission)) {
        reader_refuse_for_now(reader, submission->serial, STATUS_REBASE);
        return;
    }
    if (is_overloaded(reader->document)) {
        reader_refuse_for_now(reader, submission->serial,
                              document_is_live(reader->document) ? STATUS_BUSY : STATUS_AWAY);
        return;
    }
    reader_take_in(reader, submission);
    submission->submitter = &reader->submitter;
    submission->session = link->session;
    submission->user = buffer_span(&link->user);
    document_take_in(reader->document, submission_create(submission));
}

void arrival_unreadable(struct link *link, const struct native_place *place, enum status reason,
                        struct fault *why)
{
    struct submission submission = {
        .kind = ENTRY_EDIT,
        .refusal = reason,
        .why = why,
        .serial = place->serial,
    };

    if (link->state != LINK_OPEN || place->channel == 0)
        link_close_fault(link, reason, why);
    else if (place->serial != 0)
        submit(link, place->channel, &submission);
    else if (link_reader(link, place->channel) != NULL)
        reader_close(link_reader(link, place->channel), reason);
    else
        say_closed(link, place->channel, SPAN_NONE, STATUS_NOT_OPEN);
}

static void close_document(struct link *link, uint64_t channel)
{
    struct reader *reader = link_reader(link, channel);

    if (reader != NULL)
        reader_destroy(reader);
    say_closed(link, channel, SPAN_NONE, STATUS_OK);
}

/* What is said beside the history. */
static void accompany(struct link *link, const struct message *message)
{
    struct reader *reader = link_reader(link, message->channel);

    if (reader == NULL)
        say_closed(link, message->channel, SPAN_NONE, STATUS_NOT_OPEN);
    else if (message->kind == MESSAGE_HERE)
        company_here(reader, &message->here);
    else if (message->kind == MESSAGE_SAY)
        company_say(reader, &message->say);
    else
        divergence_check(reader, &message->check);
}

void arrival_handle(struct link *link, const struct message *message)
{
    struct submission submission = {
        .serial = message->edit.serial,
        .base = message->edit.base,
        .operation = message->edit.operation,
    };

    if (link->state == LINK_GREETING && message->kind != MESSAGE_HELLO) {
        link_close_status(link, STATUS_PROTOCOL);
        return;
    }
    switch (message->kind) {
    case MESSAGE_HELLO:
        greet(link, &message->hello);
        break;
    case MESSAGE_OPEN:
        open_document(link, &message->open);
        break;
    case MESSAGE_EDIT:
        submission.kind = ENTRY_EDIT;
        submit(link, message->channel, &submission);
        break;
    case MESSAGE_DELETE:
        submission.kind = ENTRY_DELETE;
        submission.operation = SPAN_NONE;
        submit(link, message->channel, &submission);
        break;
    case MESSAGE_CLOSE:
        close_document(link, message->channel);
        break;
    case MESSAGE_READ:
        question_take_in(link, message);
        break;
    case MESSAGE_HERE:
    case MESSAGE_SAY:
    case MESSAGE_CHECK:
        accompany(link, message);
        break;
    default:
        break;
    }
}

/* It has said something: may it still? */
static bool may_speak(struct link *link, uint64_t now_ms)
{
    if (link->state == LINK_CLOSING || link->hub->leaving)
        return false;
    link->heard_ms = now_ms;
    return true;
}

void link_receive(struct link *link, struct span message, uint64_t now_ms)
{
    hub_enter(
        link->hub, now_ms,
        (struct capture_record){.kind = CAPTURE_RECEIVE, .link = link->number, .text = message});
    if (may_speak(link, now_ms))
        link->dialect->receive(link, message);
}

void link_receive_oversized(struct link *link, struct span beginning, uint64_t size,
                            uint64_t now_ms)
{
    struct fault why;

    hub_enter(
        link->hub, now_ms,
        (struct capture_record){
            .kind = CAPTURE_OVERSIZED, .link = link->number, .number = size, .text = beginning});
    if (!may_speak(link, now_ms))
        return;
    fault_set(&why, STATUS_TOO_LARGE, "a message of %" PRIu64 " bytes is above the limit of %d",
              size, LIMIT_MESSAGE_BYTES);
    if (!link->dialect->oversized(link, beginning, &why))
        link_close(link, WEBSOCKET_CLOSE_TOO_LARGE, why.text);
}
