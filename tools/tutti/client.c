#include "tools/tutti/client.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include <event2/event.h>

#include "base/base64.h"
#include "base/limits.h"
#include "base/memory.h"

enum {
    SECRET_BYTES = 16,
    BACKOFF_MS = 50,
    BACKOFF_MAX_MS = 3000,
    BACKOFF_DOUBLINGS = 6,
    CLOSE_CODE_OF_STATUS = 4000 /* a close code of ours is this and the status' code */
};

static void arm(struct event *timer, uint64_t ms)
{
    struct timeval after = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (long)(ms % 1000) * 1000};

    event_add(timer, &after);
}

struct span client_who(const struct client *client)
{
    return span_of(client->who, sizeof(client->who));
}

void client_send(struct client *client, const struct buffer *message)
{
    client->said_bytes += message->size;
    wire_send(&client->wire, buffer_span(message));
}

void client_fail(struct client *client, const char *why)
{
    if (client->failed)
        return;
    client->failed = true;
    client->ready = false;
    event_del(&client->retry);
    event_del(&client->beat);
    wire_close(&client->wire);
    client->ops->failed(client, why);
}

/* ---- Coming back ---- */

static uint64_t backoff_ms(struct client *client)
{
    unsigned doublings =
        client->attempts < BACKOFF_DOUBLINGS ? client->attempts : BACKOFF_DOUBLINGS;
    uint64_t most = (uint64_t)BACKOFF_MS << doublings;
    struct prng *prng = &client->wire.target->prng;

    if (client->within_ms > 0)
        return client->away_ms + prng_below(prng, client->within_ms);
    return prng_below(prng, most < BACKOFF_MAX_MS ? most : BACKOFF_MAX_MS);
}

static bool is_final(uint16_t code)
{
    if (code < CLOSE_CODE_OF_STATUS)
        return code == WEBSOCKET_CLOSE_PROTOCOL || code == WEBSOCKET_CLOSE_UNSUPPORTED ||
               code == WEBSOCKET_CLOSE_INVALID || code == WEBSOCKET_CLOSE_POLICY ||
               code == WEBSOCKET_CLOSE_TOO_LARGE;
    enum status status = status_of_code(code - CLOSE_CODE_OF_STATUS);

    return status != STATUS_COUNT && status_class(status) != STATUS_RETRY;
}

static void take_loss(struct client *client)
{
    bool was_ready = client->ready;

    client->ready = false;
    event_del(&client->beat);
    client->losses += was_ready;
    if (was_ready)
        client->ops->lost(client);
    if (client->failed)
        return;
    arm(&client->retry, backoff_ms(client));
    client->attempts++;
    client->within_ms = 0;
}

static void on_lost(struct wire *wire, uint16_t code, const char *why)
{
    struct client *client = container_of(wire, struct client, wire);

    if (is_final(code))
        client_fail(client, why);
    else
        take_loss(client);
}

static void on_retry(evutil_socket_t socket, short what, void *context)
{
    struct client *client = context;

    (void)socket;
    (void)what;
    wire_connect(&client->wire);
}

/* Say that we are there; notice when nobody else is. */
static void on_beat(evutil_socket_t socket, short what, void *context)
{
    struct client *client = context;

    (void)socket;
    (void)what;
    if (!client->heard) {
        wire_close(&client->wire);
        take_loss(client);
        return;
    }
    client->heard = false;
    wire_send(&client->wire, SPAN("[]"));
}

/* ---- Messages ---- */

static void on_opened(struct wire *wire)
{
    struct client *client = container_of(wire, struct client, wire);
    struct message_hello hello = {
        .resume = span_of(client->secret, sizeof(client->secret)),
        .client = SPAN("tutti tool"),
    };
    struct buffer out = {0};

    native_hello(&out, &hello);
    client_send(client, &out);
    buffer_finish(&out);
}

static void take_welcome(struct client *client, const struct native_event *event)
{
    if (event->who.size != CLIENT_WHO_SIZE) {
        client_fail(client, "the server's `who` has not 8 characters");
        return;
    }
    uint64_t beat_ms = event->heartbeat_ms > 0 ? event->heartbeat_ms : LIMIT_HEARTBEAT_MS;
    struct timeval beat = {.tv_sec = (time_t)(beat_ms / 1000),
                           .tv_usec = (long)(beat_ms % 1000) * 1000};

    memcpy(client->who, event->who.data, CLIENT_WHO_SIZE);
    client->ready = true;
    client->attempts = 0;
    event_add(&client->beat, &beat);
    client->ops->ready(client);
}

static void on_message(struct wire *wire, struct span text)
{
    struct client *client = container_of(wire, struct client, wire);
    struct native_event event;
    struct fault fault;

    client->heard = true;
    client->heard_bytes += text.size;
    if (client->ops->peek != NULL && client->ops->peek(client, text))
        return;
    if (native_event_decode(text, &client->scratch, &event, &fault) != STATUS_OK) {
        client_fail(client, fault.text);
        return;
    }
    switch (event.kind) {
    case NATIVE_WELCOME:
        take_welcome(client, &event);
        return;
    case NATIVE_GOAWAY:
        client->away_ms = event.after_ms;
        client->within_ms = event.within_ms;
        return;
    case NATIVE_HEARTBEAT:
        return;
    default:
        client->ops->event(client, &event);
        return;
    }
}

static const struct wire_ops wire_ops = {on_opened, on_message, on_lost};

/* ---- Beginning and end ---- */

static void draw_secret(char out[CLIENT_SECRET_SIZE])
{
    uint8_t drawn[SECRET_BYTES];
    struct buffer text = {0};

    must(getrandom(drawn, sizeof(drawn), 0) == sizeof(drawn));
    base64url_write(&text, span_of(drawn, sizeof(drawn)));
    must(text.size == CLIENT_SECRET_SIZE);
    memcpy(out, text.data, text.size);
    buffer_finish(&text);
}

void client_init(struct client *client, struct wire_target *target, const struct client_ops *ops)
{
    *client = (struct client){.ops = ops};
    wire_init(&client->wire, target, &wire_ops);
    draw_secret(client->secret);
    evtimer_assign(&client->retry, target->events, on_retry, client);
    event_assign(&client->beat, target->events, -1, EV_PERSIST, on_beat, client);
}

void client_finish(struct client *client)
{
    event_del(&client->retry);
    event_del(&client->beat);
    wire_finish(&client->wire);
    buffer_finish(&client->scratch);
}

void client_connect(struct client *client)
{
    wire_connect(&client->wire);
}

void client_disconnect(struct client *client)
{
    event_del(&client->retry);
    event_del(&client->beat);
    wire_close(&client->wire);
    client->ready = false;
}
