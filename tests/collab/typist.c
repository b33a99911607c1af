#include "tests/collab/typist.h"

#include <inttypes.h>
#include <string.h>

#include <check.h>

#include "base/memory.h"
#include "protocol/native.h"

void typist_init(struct typist *typist, struct world *world, char letter, const char *document)
{
    *typist = (struct typist){
        .world = world, .peer = peer_create(&type_text), .letter = letter, .document = document};
}

void typist_finish(struct typist *typist)
{
    client_finish(&typist->client);
    peer_destroy(typist->peer);
}

/* ---- What it says ---- */

static void say_take(struct typist *typist, struct buffer *message)
{
    buffer_append_byte(message, '\0');
    client_say(&typist->client, (const char *)message->data);
    buffer_finish(message);
}

static void say_open(struct typist *typist)
{
    struct peer_resume resume = peer_resume(typist->peer);
    struct message_open open = {
        .name = span_of_string(typist->document),
        .type = SPAN("text"),
        .create = true,
        .from = resume.from,
        .epoch = resume.epoch,
        .pending = resume.pending,
        .diverged = resume.diverged,
    };
    struct buffer out = {0};

    typist->asked = true;
    native_open(&out, &open);
    say_take(typist, &out);
}

static bool send_next(struct typist *typist)
{
    struct buffer operation = {0};
    struct buffer out = {0};
    uint64_t serial;
    uint64_t base;
    bool again = peer_in_flight(typist->peer, &serial);
    bool sent = typist->channel != 0 && !typist->paused &&
                peer_next(typist->peer, &serial, &base, &operation);

    if (sent) {
        native_edit(&out, typist->channel, serial, base, buffer_span(&operation));
        say_take(typist, &out);
        if (!again)
            typist->sent = typist->typed;
    }
    buffer_finish(&operation);
    return sent;
}

/* ---- What it hears ---- */

static void hear_opened(struct typist *typist, const struct native_event *event)
{
    struct fault fault = {""};
    struct peer_opened opened = {
        .type = &type_text,
        .snapshot = event->data,
        .seq = event->seq,
        .serial = event->serial,
        .epoch = event->epoch,
        .check_every = event->check_every,
        .reload = event->reload,
    };

    ck_assert_msg(peer_opened(typist->peer, &opened, &fault) == STATUS_OK, "%s", fault.text);
    ck_assert_msg(!peer_needs_session(typist->peer), "the node has lost what it had told");
    typist->asked = false;
    typist->channel = event->channel;
}

static void hear_operations(struct typist *typist, const struct native_event *event)
{
    struct native_operations_walk walk;
    struct span who;
    struct span operation;
    uint64_t seq;

    native_operations_walk_init(&walk, event);
    while (native_operations_walk_next(&walk, &seq, &who, &operation)) {
        enum peer_event meaning = PEER_SKIPPED;
        struct fault fault = {""};

        ck_assert_msg(peer_operation(typist->peer, seq, who, operation, &meaning, &fault) ==
                          STATUS_OK,
                      "%s", fault.text);
        ck_assert_int_ne(meaning, PEER_DIVERGED);
    }
}

static void stop(struct typist *typist)
{
    typist->asked = false;
    typist->channel = 0;
    peer_disconnected(typist->peer);
}

/* All that a typist does is right: nothing of it is refused for good. */
static void expect_again(int code, struct span text)
{
    ck_assert_msg(status_class(status_of_code(code)) == STATUS_RETRY, "%d %.*s", code,
                  SPAN_PRINT(text));
}

static void hear_refused(struct typist *typist, const struct native_event *event)
{
    enum status reason = status_of_code(event->code);

    if (reason != STATUS_REPEATED) {
        expect_again(event->code, event->text);
        typist->paused = true;
    }
    ck_assert_int_eq(peer_refused(typist->peer, event->serial, reason, event->seq, NULL),
                     STATUS_OK);
}

static void hear_event(struct typist *typist, const struct native_event *event)
{
    switch (event->kind) {
    case NATIVE_WELCOME:
        peer_set_who(typist->peer, event->who);
        say_open(typist);
        break;
    case NATIVE_OPENED:
        hear_opened(typist, event);
        break;
    case NATIVE_OPERATIONS:
        hear_operations(typist, event);
        break;
    case NATIVE_MADE:
        ck_assert_int_eq(peer_made(typist->peer, event->seq, &type_text, event->data, NULL),
                         STATUS_OK);
        break;
    case NATIVE_COMPOSED:
        ck_assert_int_eq(peer_composed(typist->peer, event->seq, event->data, event->epoch, NULL),
                         STATUS_OK);
        break;
    case NATIVE_EPOCH:
        peer_epoch(typist->peer, event->epoch);
        break;
    case NATIVE_REFUSED:
        hear_refused(typist, event);
        break;
    case NATIVE_CLOSED:
        expect_again(event->code, event->text);
        typist->paused = true;
        stop(typist);
        break;
    default:
        break;
    }
}

static void hear(struct typist *typist)
{
    struct buffer scratch = {0};
    const char *message = client_hears(&typist->client);

    for (; message != NULL; message = client_hears(&typist->client)) {
        struct native_event event;
        struct fault fault = {""};

        ck_assert_msg(native_event_decode(span_of_string(message), &scratch, &event, &fault) ==
                          STATUS_OK,
                      "%s", fault.text);
        hear_event(typist, &event);
    }
    buffer_finish(&scratch);
}

/* Its fate is known when nothing is in flight any more, however it was told. */
static void count_acknowledged(struct typist *typist)
{
    uint64_t serial;

    if (!peer_in_flight(typist->peer, &serial))
        typist->acknowledged = typist->sent;
}

/* ---- What it does ---- */

bool typist_step(struct typist *typist)
{
    bool any = typist->client.read < typist->client.heard_count;

    if (typist->away)
        return false;
    hear(typist);
    count_acknowledged(typist);
    if (typist->client.link == NULL) {
        stop(typist);
        client_connect(&typist->client, typist->world, typist->letter);
        return true;
    }
    if (typist->channel == 0 && !typist->asked && !typist->paused && typist->client.read > 0) {
        say_open(typist);
        return true;
    }
    return send_next(typist) || any;
}

void typist_leave(struct typist *typist)
{
    typist->away = true;
    client_disconnect(&typist->client);
    typist->client.read = typist->client.heard_count;
    stop(typist);
}

void typist_return(struct typist *typist)
{
    typist->away = false;
}

/* The code points before a place between two tokens; the text is ASCII in quotes. */
static uint64_t choose_place(const struct typist *typist)
{
    struct buffer json = {0};

    type_text.encode(peer_view(typist->peer), &json);
    uint64_t points = json.size - 2;
    uint64_t at = points == 0 ? 0 : typist->typed * UINT64_C(31) % points;

    while (at > 0 && at < points && json.data[at] != ']')
        at++;
    buffer_finish(&json);
    return at;
}

void typist_type(struct typist *typist)
{
    struct buffer json = {0};
    struct operation *operation;
    uint64_t at = choose_place(typist);

    ck_assert_uint_lt(typist->typed, TYPIST_TOKENS_MAX);
    buffer_append_byte(&json, '[');
    if (at > 0)
        buffer_append_format(&json, "%" PRIu64 ",", at);
    buffer_append_format(&json, "\"[%c:%u]\"]", typist->letter, typist->typed++);
    ck_assert_int_eq(type_text.decode(buffer_span(&json), &operation, NULL), STATUS_OK);
    ck_assert_int_eq(peer_edit_take(typist->peer, operation, NULL), STATUS_OK);
    buffer_finish(&json);
}

bool typist_is_settled(const struct typist *typist, uint64_t head)
{
    return typist->away ||
           (typist->channel != 0 && peer_idle(typist->peer) && peer_seq(typist->peer) == head);
}

/* An assertion of the test framework costs a system call; here it is one for what fails. */
uint64_t typist_tokens(struct span text, char letter)
{
    const char begin[] = {'[', letter, ':', '\0'};
    const char *end = (const char *)text.data + text.size;
    const char *at = (const char *)text.data;
    uint64_t tokens = 0;

    while (at < end && (at = memmem(at, (size_t)(end - at), begin, 3)) != NULL) {
        unsigned number = 0;

        for (at += 3; *at != ']'; at++)
            number = number * 10 + (unsigned)(*at - '0');
        if (number >= TYPIST_TOKENS_MAX || (tokens >> number & 1) != 0)
            ck_abort_msg("[%c:%u] is there twice, or was never typed", letter, number);
        tokens |= UINT64_C(1) << number;
    }
    return tokens;
}
