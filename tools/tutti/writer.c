#include "tools/tutti/writer.h"

#include <stdio.h>
#include <string.h>

#include <event2/event.h>

#include "base/memory.h"
#include "tools/tutti/moment.h"

enum { PAUSE_MS = 50 };

void writer_fail(struct writer *writer, const char *why)
{
    client_fail(&writer->client, why);
}

/* ---- The inbox ---- */

static uint8_t *put(uint8_t *at, struct span bytes, struct span *copy)
{
    if (!span_present(bytes))
        return at;
    memcpy(at, bytes.data, bytes.size);
    *copy = span_of(at, bytes.size);
    return at + bytes.size;
}

/* A copy behind the newest one. */
static void inbox_add(struct writer *writer, struct writer_item content)
{
    size_t size = content.who.size + content.type.size + content.data.size;
    struct writer_item *item = memory_allocate(sizeof(*item) + size);
    uint8_t *at = item->bytes;

    *item = content;
    at = put(at, content.who, &item->who);
    at = put(at, content.type, &item->type);
    put(at, content.data, &item->data);
    if (writer->inbox == NULL)
        writer->inbox = item;
    else
        writer->newest->next = item;
    writer->newest = item;
    if (item->kind == WRITER_OPERATION && span_equal(item->who, client_who(&writer->client)))
        writer->own_in_inbox = true;
}

static void inbox_drop(struct writer *writer)
{
    struct writer_item *item = writer->inbox;

    writer->inbox = item->next;
    memory_free(item);
}

static void inbox_clear(struct writer *writer)
{
    while (writer->inbox != NULL)
        inbox_drop(writer);
    writer->own_in_inbox = false;
}

const struct writer_item *writer_front(const struct writer *writer)
{
    return writer->inbox;
}

bool writer_must_step(const struct writer *writer)
{
    return writer->inbox != NULL &&
           (writer->own_in_inbox || peer_seq(writer->peer) < writer->answer_end);
}

static void take_acknowledgement(struct writer *writer, uint64_t seq)
{
    writer->seq = seq;
    writer->latency_ns = moment_ns() - writer->sent_ns;
}

static enum status step_item(struct writer *writer, const struct writer_item *item,
                             enum peer_event *event, struct fault *fault)
{
    *event = PEER_SKIPPED;
    switch (item->kind) {
    case WRITER_OPERATION:
        return peer_operation(writer->peer, item->seq, item->who, item->data, event, fault);
    case WRITER_MADE:
        return peer_made(writer->peer, item->seq, type_find(item->type), item->data, fault);
    case WRITER_EPOCH:
        peer_epoch(writer->peer, item->seq);
        return STATUS_OK;
    case WRITER_COMPOSED:
        return peer_composed(writer->peer, item->seq, item->data, item->epoch, fault);
    case WRITER_HERE:
        if (span_present(item->who))
            peer_here(writer->peer, item->who, item->data);
        else
            peer_here_nobody(writer->peer);
        return STATUS_OK;
    }
    return STATUS_OK;
}

/* Tell what the state is at an agreed seq. */
static void send_check(struct writer *writer)
{
    struct buffer out = {0};
    uint64_t seq;
    uint64_t hash;

    if (!writer->open || !peer_check(writer->peer, &seq, &hash))
        return;
    native_check(&out, writer->channel, seq, hash);
    client_send(&writer->client, &out);
    buffer_finish(&out);
}

bool writer_step(struct writer *writer, enum peer_event *event)
{
    struct writer_item *item = writer->inbox;
    struct fault fault = {""};
    enum status status = step_item(writer, item, event, &fault);

    if (status == STATUS_OK && *event == PEER_OWN)
        take_acknowledgement(writer, item->seq);
    if (status == STATUS_OK && *event == PEER_DIVERGED)
        status = fault_set(&fault, STATUS_PROTOCOL, "our operation %llu came back as another",
                           (unsigned long long)item->seq);
    if (span_equal(item->who, client_who(&writer->client)))
        writer->own_in_inbox = false;
    inbox_drop(writer);
    send_check(writer);
    if (status != STATUS_OK)
        writer_fail(writer, fault.text[0] != '\0' ? fault.text : status_text(status));
    return status == STATUS_OK;
}

/* ---- Opening and sending ---- */

static void open_document(struct writer *writer)
{
    const struct writer_document *document = writer->document;
    struct peer_resume resume = peer_resume(writer->peer);
    struct message_open open = {
        .name = document->name,
        .type = span_of_string(document->type->name),
        .create = true,
        .data = document->start,
        .from = resume.from,
        .epoch = resume.epoch,
        .pending = resume.pending,
        .diverged = resume.diverged,
    };
    struct buffer out = {0};

    native_open(&out, &open);
    client_send(&writer->client, &out);
    buffer_finish(&out);
}

bool writer_send(struct writer *writer)
{
    struct buffer operation = {0};
    uint64_t serial;
    bool sent = writer->client.ready && writer->open && !evtimer_pending(&writer->pause, NULL) &&
                peer_next(writer->peer, &serial, &writer->base, &operation);

    if (sent) {
        struct buffer out = {0};

        native_edit(&out, writer->channel, serial, writer->base, buffer_span(&operation));
        writer->sent_ns = moment_ns();
        client_send(&writer->client, &out);
        buffer_finish(&out);
    }
    buffer_finish(&operation);
    return sent;
}

static void forget_connection(struct writer *writer)
{
    inbox_clear(writer);
    peer_disconnected(writer->peer);
    writer->open = false;
}

static void pause_for(struct writer *writer, uint64_t ms)
{
    struct timeval after = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (long)(ms % 1000) * 1000};

    evtimer_add(&writer->pause, &after);
}

static void on_pause_over(evutil_socket_t socket, short what, void *context)
{
    struct writer *writer = context;

    (void)socket;
    (void)what;
    if (writer->client.ready && !writer->open)
        open_document(writer);
    else
        writer->ops->woke(writer);
}

/* ---- What comes ---- */

static enum status take_opened(struct writer *writer, const struct native_event *event,
                               struct fault *fault)
{
    struct peer_opened opened = {
        .type = type_find(event->type),
        .snapshot = event->data,
        .seq = event->seq,
        .serial = event->serial,
        .epoch = event->epoch,
        .check_every = event->check_every,
        .reload = event->reload,
    };

    if (opened.type == NULL)
        return fault_set(fault, STATUS_TYPE_UNKNOWN, "the document's type is not known here");
    if (span_present(event->data) && peer_confirmed(writer->peer) != NULL)
        writer->reloads++;
    writer->channel = event->channel;
    writer->answer_end = event->seq;
    writer->open = true;
    return peer_opened(writer->peer, &opened, fault);
}

static void take_operations(struct writer *writer, const struct native_event *event)
{
    struct native_operations_walk walk;
    struct writer_item item = {.kind = WRITER_OPERATION};

    native_operations_walk_init(&walk, event);
    while (native_operations_walk_next(&walk, &item.seq, &item.who, &item.data))
        inbox_add(writer, item);
}

static enum status take_refused(struct writer *writer, const struct native_event *event,
                                struct fault *fault)
{
    enum status reason = status_of_code(event->code);
    bool again = reason != STATUS_COUNT &&
                 (status_class(reason) == STATUS_RETRY || reason == STATUS_REPEATED);

    if (!again)
        return fault_set(fault, STATUS_NOT_APPLICABLE, "an edit was refused: %d %.*s", event->code,
                         SPAN_PRINT(event->text));
    if (status_class(reason) == STATUS_RETRY)
        pause_for(writer, event->after_ms > 0 ? event->after_ms : PAUSE_MS);
    return peer_refused(writer->peer, event->serial, reason, event->seq, fault);
}

/* Our state is not the server's: get the document anew, and keep what is pending. What still comes
 * of the old one is not looked at, since nothing is open until the answer is there. */
static void take_diverged(struct writer *writer)
{
    struct buffer out = {0};

    peer_diverged(writer->peer);
    forget_connection(writer);
    native_close(&out, writer->channel);
    client_send(&writer->client, &out);
    buffer_finish(&out);
    open_document(writer);
}

/* The server closed the document, not the connection. */
static enum status take_closed(struct writer *writer, const struct native_event *event,
                               struct fault *fault)
{
    enum status reason = status_of_code(event->code);

    if (reason == STATUS_OK)
        return STATUS_OK; /* we have closed it ourselves */
    if (reason == STATUS_COUNT || status_class(reason) != STATUS_RETRY)
        return fault_set(fault, STATUS_PROTOCOL, "the document was closed: %d %.*s", event->code,
                         SPAN_PRINT(event->text));
    forget_connection(writer);
    pause_for(writer, PAUSE_MS);
    return STATUS_OK;
}

/* What has its place in the stream waits in the inbox for it. */
static void take_streamed(struct writer *writer, const struct native_event *event)
{
    struct writer_item item = {.seq = event->seq,
                               .epoch = event->epoch,
                               .who = event->who,
                               .type = event->type,
                               .data = event->data};

    switch (event->kind) {
    case NATIVE_OPERATIONS:
        take_operations(writer, event);
        return;
    case NATIVE_MADE:
        item.kind = WRITER_MADE;
        break;
    case NATIVE_COMPOSED:
        item.kind = WRITER_COMPOSED;
        break;
    case NATIVE_EPOCH:
        item.kind = WRITER_EPOCH;
        item.seq = event->epoch;
        break;
    case NATIVE_HERE:
        item.kind = WRITER_HERE;
        break;
    default:
        return;
    }
    inbox_add(writer, item);
}

static enum status take_event(struct writer *writer, const struct native_event *event,
                              struct fault *fault)
{
    switch (event->kind) {
    case NATIVE_OPENED:
        return take_opened(writer, event, fault);
    case NATIVE_REFUSED:
        return take_refused(writer, event, fault);
    case NATIVE_CLOSED:
        return take_closed(writer, event, fault);
    case NATIVE_DIVERGED:
        if (writer->open)
            take_diverged(writer);
        return STATUS_OK;
    default:
        if (writer->open)
            take_streamed(writer, event);
        return STATUS_OK;
    }
}

static void on_event(struct client *client, const struct native_event *event)
{
    struct writer *writer = container_of(client, struct writer, client);
    struct fault fault = {""};
    enum status status = take_event(writer, event, &fault);

    if (status != STATUS_OK)
        writer_fail(writer, fault.text[0] != '\0' ? fault.text : status_text(status));
    else
        writer->ops->woke(writer);
}

static void on_ready(struct client *client)
{
    struct writer *writer = container_of(client, struct writer, client);

    peer_set_who(writer->peer, client_who(client));
    open_document(writer);
}

static void on_lost(struct client *client)
{
    struct writer *writer = container_of(client, struct writer, client);

    evtimer_del(&writer->pause);
    forget_connection(writer);
}

static void on_failed(struct client *client, const char *why)
{
    struct writer *writer = container_of(client, struct writer, client);

    evtimer_del(&writer->pause);
    writer->ops->failed(writer, why);
}

static const struct client_ops client_ops = {
    .ready = on_ready, .event = on_event, .lost = on_lost, .failed = on_failed};

/* ---- Beginning and end ---- */

void writer_init(struct writer *writer, struct wire_target *target,
                 const struct writer_document *document, const struct writer_ops *ops)
{
    *writer = (struct writer){.ops = ops, .document = document};
    client_init(&writer->client, target, &client_ops);
    writer->peer = peer_create(document->type);
    evtimer_assign(&writer->pause, target->events, on_pause_over, writer);
}

void writer_finish(struct writer *writer)
{
    evtimer_del(&writer->pause);
    inbox_clear(writer);
    client_finish(&writer->client);
    peer_destroy(writer->peer);
}

void writer_connect(struct writer *writer)
{
    client_connect(&writer->client);
}

void writer_disconnect(struct writer *writer)
{
    evtimer_del(&writer->pause);
    client_disconnect(&writer->client);
    forget_connection(writer);
}
