/* The dialect of ShareDB's clients (protocol/sharedb.h). What it says of documents is said by
 * `inquiry` and `posting`, whose requests name them. */
#include "base/hash.h"
#include "base/must.h"
#include "base/mutant.h"
#include "protocol/sharedb.h"
#include "protocol/websocket.h"
#include "server/collab/dialect.h"
#include "server/collab/frames.h"
#include "server/collab/hub_state.h"
#include "server/collab/inquiry.h"
#include "server/collab/past.h"
#include "server/collab/posting.h"
#include "server/collab/question.h"
#include "server/collab/room.h"
#include "server/collab/source.h"
#include "server/collab/state.h"

/* ---- Greeting ---- */

static void introduce(struct link *link, bool unasked)
{
    struct buffer id = {0};
    size_t mark;

    source_write(&id, &link->session);
    sharedb_handshake(link_begin(link, &mark), buffer_span(&id), unasked);
    link_end(link, mark);
    buffer_finish(&id);
}

/* Every connection has a session from its beginning; a client that returns asks for its old one. */
static void connected(struct link *link)
{
    struct hub *hub = link->hub;
    uint64_t drawn_from[] = {hub->config.start, ++hub->sources}; /* together used once */
    uint8_t drawn[HASH_SHA256_SIZE];

    hash_hmac(span_of(hub->config.secret, STORE_SECRET_SIZE),
              span_of(drawn_from, sizeof(drawn_from)), drawn);
    struct session_key session = source_issue(hub->config.secret, buffer_span(&link->user), drawn);

    if (link_take_session(link, &session))
        introduce(link, true);
}

static void greet(struct link *link, struct span id)
{
    struct session_key session;

    if (source_read(link->hub->config.secret, buffer_span(&link->user), id, &session)) {
        if (memcmp(&link->session, &session, sizeof(session)) != 0)
            link->returned = true;
        if (!link_take_session(link, &session))
            return;
    }
    introduce(link, false);
}

/* ---- Receiving ---- */

static void pong(struct link *link)
{
    size_t mark;

    sharedb_pong(link_begin(link, &mark));
    link_end(link, mark);
}

static void handle(struct link *link, const struct message *message)
{
    switch (message->kind) {
    case MESSAGE_HELLO:
        greet(link, message->hello.resume);
        break;
    case MESSAGE_EDIT:
    case MESSAGE_CREATE:
    case MESSAGE_DELETE:
        posting_take_in(link, message);
        break;
    case MESSAGE_FETCH:
    case MESSAGE_SUBSCRIBE:
        inquiry_take_in(link, message);
        break;
    case MESSAGE_UNSUBSCRIBE:
        inquiry_end(link, message);
        break;
    case MESSAGE_READ:
        question_take_in(link, message);
        break;
    case MESSAGE_SHOW:
        room_show(link, message);
        break;
    case MESSAGE_LISTEN:
        room_listen(link, message);
        break;
    case MESSAGE_UNLISTEN:
        room_unlisten(link, message);
        break;
    case MESSAGE_ASK:
        room_ask(link, message);
        break;
    default:
        must(message->kind == MESSAGE_HEARTBEAT);
        pong(link);
        break;
    }
}

static void receive(struct link *link, struct span text)
{
    struct message message = {0};
    struct sharedb_error error;

    switch (sharedb_decode(text, &link->hub->scratch, &message, &error)) {
    case STATUS_OK:
        handle(link, &message);
        break;
    case STATUS_MALFORMED_MESSAGE:
        posting_refuse(link, message.request, &error);
        break;
    case STATUS_PROTOCOL:
        link_close(link, WEBSOCKET_CLOSE_NORMAL, "Received non-object message");
        break;
    default:
        link_close(link, WEBSOCKET_CLOSE_INTERNAL, "not JSON");
        break;
    }
}

/* It comes again on every connection until it is answered. */
static bool oversized(struct link *link, struct span beginning, struct fault *why)
{
    struct message message = {0};
    struct sharedb_error error;

    switch (sharedb_decode_beginning(beginning, &link->hub->scratch, &message, &error)) {
    case STATUS_OK:
        posting_unreadable(link, &message, STATUS_TOO_LARGE, why);
        return true;
    case STATUS_MALFORMED_MESSAGE:
        posting_refuse(link, message.request, &error);
        return true;
    default:
        return false;
    }
}

/* ---- Private ---- */

/* A document that was open cannot be served from here on: its client is to come back, and is told
 * then what is wrong. */
static void closed(struct reader *reader, enum status reason)
{
    if (reader->inquiry != NULL)
        inquiry_failed(reader, reason == STATUS_BEHIND ? STATUS_FOLDED : reason);
    else
        link_overrun(reader->link);
}

/* The reference has a snapshot also of what was never created. */
static void history(struct link *link, const struct message *asked, const struct past *past)
{
    bool exists = past->status == STATUS_OK && past->type != NULL;
    enum status status = exists && past->type->uri == NULL ? STATUS_TYPE_UNKNOWN : past->status;
    size_t mark;

    if (status == STATUS_OK || status == STATUS_NOT_CREATED) {
        sharedb_past(link_begin(link, &mark), asked, past->seq,
                     exists ? span_of_string(past->type->uri) : SPAN_NONE, past->content);
        link_end(link, mark);
    } else {
        struct sharedb_error error = sharedb_error_of(status);

        posting_refuse(link, asked->request, &error);
    }
}

/* Its clients come back by themselves, and know no word for it. */
static void goaway(struct link *link, uint64_t within_ms)
{
    (void)link;
    (void)within_ms;
}

static void heartbeat(struct link *link)
{
    websocket_frame(&link->private, WEBSOCKET_PING, SPAN(""));
    link_touch(link);
}

/* ---- Entries: each is a message ---- */

static void entry(struct frames *frames, const struct entry *entry)
{
    struct buffer source = {0};
    const struct type *type = NULL;
    size_t mark = websocket_frame_begin(frames->out);
    struct sharedb_operation operation = {
        .serial = entry->serial + mutant_is_on(MUTANT_FOREIGN_OWN),
        .version = entry->seq - 1,
        .operation = entry->kind == ENTRY_EDIT ? entry->sequenced : SPAN_NONE,
    };

    if (entry->kind == ENTRY_CREATE) {
        must(state_read_creation(entry->arrived, &type, &operation.data, NULL) == STATUS_OK);
        operation.type = span_of_string(type->uri != NULL ? type->uri : type->name);
    }
    source_write(&source, &entry->session);
    operation.source = buffer_span(&source);
    message_split_name(frames->name, &operation.collection, &operation.id);
    sharedb_operation(frames->out, &operation);
    websocket_frame_end(frames->out, mark);
    buffer_finish(&source);
}

const struct dialect dialect_sharedb = {
    .kind = DIALECT_SHAREDB,
    .hurries = true,
    .pings = true,
    .connected = connected,
    .receive = receive,
    .oversized = oversized,
    .closed = closed,
    .history = history,
    .goaway = goaway,
    .heartbeat = heartbeat,
    .entry = entry,
};
