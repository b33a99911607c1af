/* Any bytes as a client's message and as a server's event: what is accepted is written again, and
 * the writing is accepted as the same. */
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "protocol/native.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- client -> server ---- */

static void write_message(const struct message *message, struct buffer *out)
{
    switch (message->kind) {
    case MESSAGE_HELLO:
        native_hello(out, &message->hello);
        break;
    case MESSAGE_OPEN:
        native_open(out, &message->open);
        break;
    case MESSAGE_EDIT:
        native_edit(out, message->channel, message->edit.serial, message->edit.base,
                    message->edit.operation);
        break;
    case MESSAGE_DELETE:
        native_delete(out, message->channel, message->edit.serial, message->edit.base);
        break;
    case MESSAGE_CLOSE:
        native_close(out, message->channel);
        break;
    case MESSAGE_HERE:
        native_show(out, message->channel, message->here.seq, message->here.state);
        break;
    case MESSAGE_SAY:
        native_signal(out, message->channel, message->say.event, message->say.to);
        break;
    case MESSAGE_CHECK:
        native_check(out, message->channel, message->check.seq, message->check.hash);
        break;
    case MESSAGE_READ:
        native_read(out, &message->read);
        break;
    case MESSAGE_HEARTBEAT:
        native_heartbeat(out);
        break;
    case MESSAGE_CREATE: /* these belong to another dialect */
    case MESSAGE_FETCH:
    case MESSAGE_SUBSCRIBE:
    case MESSAGE_UNSUBSCRIBE:
    case MESSAGE_SHOW:
    case MESSAGE_LISTEN:
    case MESSAGE_UNLISTEN:
    case MESSAGE_ASK:
        must(false);
    }
}

static void check_place(const struct native_place *place, const struct message *message)
{
    bool edit = message->kind == MESSAGE_EDIT || message->kind == MESSAGE_DELETE;

    must(place->channel == (edit ? message->channel : 0));
    must(place->serial == (edit ? message->edit.serial : 0));
}

/* An accepted message with its last byte cut off is none, but its place can be told. */
static void cut_message(struct span text)
{
    struct buffer scratch = {0};
    struct message whole;
    struct message message;
    struct native_place place = {0};

    must(native_decode(text, &scratch, &whole, &place, NULL) == STATUS_OK);
    must(native_decode(span_of(text.data, text.size - 1), &scratch, &message, &place, NULL) ==
         STATUS_MALFORMED_JSON);
    check_place(&place, &whole);
    buffer_finish(&scratch);
}

static void check_message(struct span text)
{
    struct buffer scratch = {0};
    struct buffer first = {0};
    struct buffer second = {0};
    struct message message;
    struct native_place place = {0};
    struct fault fault;

    if (native_decode(text, &scratch, &message, &place, &fault) == STATUS_OK) {
        write_message(&message, &first);
        must(native_decode(buffer_span(&first), &scratch, &message, &place, &fault) == STATUS_OK);
        write_message(&message, &second);
        must(span_equal(buffer_span(&first), buffer_span(&second)));
        if (message.kind == MESSAGE_EDIT || message.kind == MESSAGE_DELETE)
            cut_message(buffer_span(&first));
    } else {
        must(place.channel > 0 || place.serial == 0);
    }
    buffer_finish(&scratch);
    buffer_finish(&first);
    buffer_finish(&second);
}

/* ---- server -> client ---- */

static void write_operations(const struct native_event *event, struct buffer *out)
{
    struct native_operations_walk walk;
    uint64_t expected = event->seq;
    uint64_t seq;
    struct span who;
    struct span operation;

    native_operations_begin(out, event->channel, event->seq);
    native_operations_walk_init(&walk, event);
    while (native_operations_walk_next(&walk, &seq, &who, &operation)) {
        must(seq == expected++);
        native_operations_add(out, who, operation);
    }
    must(expected > event->seq);
    native_operations_end(out);
}

/* The writers take texts that are zero-terminated. */
static char *text_of(struct span span)
{
    char *text = memory_allocate(span.size + 1);

    if (span.size > 0)
        memcpy(text, span.data, span.size);
    text[span.size] = '\0';
    return text;
}

static void write_opened(const struct native_event *event, struct buffer *out)
{
    char *reload = span_present(event->reload) ? text_of(event->reload) : NULL;

    native_opened(out, &(struct native_opened){.channel = event->channel,
                                               .name = event->name,
                                               .seq = event->seq,
                                               .type = event->type,
                                               .snapshot = event->data,
                                               .serial = event->serial,
                                               .epoch = event->epoch,
                                               .check_every = event->check_every,
                                               .reload = reload});
    memory_free(reload);
}

static void write_with_text(const struct native_event *event, struct buffer *out)
{
    char *text = text_of(event->text);

    if (event->kind == NATIVE_CLOSED)
        native_closed(out, event->channel, event->name, event->code, text);
    else
        native_refused(out, &(struct native_refused){.channel = event->channel,
                                                     .serial = event->serial,
                                                     .code = event->code,
                                                     .text = text,
                                                     .seq = event->seq,
                                                     .retry_after_ms = event->after_ms});
    memory_free(text);
}

/* Its object is written in several ways and opaque here. */
static void write_history(const struct native_event *event, struct buffer *out)
{
    buffer_append_text(out, "[\"history\",");
    buffer_append_unsigned(out, event->request);
    buffer_append_byte(out, ',');
    buffer_append(out, event->past);
    buffer_append_byte(out, ']');
}

static void write_event(const struct native_event *event, struct buffer *out)
{
    switch (event->kind) {
    case NATIVE_OPERATIONS:
        write_operations(event, out);
        break;
    case NATIVE_WELCOME:
        native_welcome(out,
                       &(struct native_welcome){.who = event->who,
                                                .user = event->user,
                                                .message_bytes_max = event->message_bytes_max,
                                                .document_bytes_max = event->document_bytes_max,
                                                .heartbeat_ms = event->heartbeat_ms});
        break;
    case NATIVE_OPENED:
        write_opened(event, out);
        break;
    case NATIVE_REFUSED:
    case NATIVE_CLOSED:
        write_with_text(event, out);
        break;
    case NATIVE_MADE:
        native_made(out, event->channel, event->seq, event->who, event->type, event->data);
        break;
    case NATIVE_EPOCH:
        native_epoch(out, event->channel, event->epoch);
        break;
    case NATIVE_COMPOSED:
        native_composed(out, event->channel, event->seq, event->data, event->epoch);
        break;
    case NATIVE_HERE:
        if (span_present(event->who))
            native_here(out, event->channel, event->seq, event->who, event->data);
        else
            native_here_nobody(out, event->channel, event->seq);
        break;
    case NATIVE_SAY:
        native_say(out, event->channel, event->who, event->data);
        break;
    case NATIVE_DIVERGED:
        native_diverged(out, event->channel, event->seq);
        break;
    case NATIVE_GOAWAY:
        native_goaway(out, event->after_ms, event->within_ms);
        break;
    case NATIVE_HISTORY:
        write_history(event, out);
        break;
    case NATIVE_HEARTBEAT:
        native_heartbeat(out);
        break;
    }
}

static void check_event(struct span text)
{
    struct buffer scratch = {0};
    struct buffer first = {0};
    struct buffer second = {0};
    struct native_event event;
    struct fault fault;

    if (native_event_decode(text, &scratch, &event, &fault) == STATUS_OK) {
        write_event(&event, &first);
        must(native_event_decode(buffer_span(&first), &scratch, &event, &fault) == STATUS_OK);
        write_event(&event, &second);
        must(span_equal(buffer_span(&first), buffer_span(&second)));
    }
    buffer_finish(&scratch);
    buffer_finish(&first);
    buffer_finish(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* An own block of the exact size, so that a read behind it is seen. */
    uint8_t *copy = memory_copy(data, size);

    check_message(span_of(copy, size));
    check_event(span_of(copy, size));
    memory_free(copy);
    return 0;
}
