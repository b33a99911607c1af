#include "tools/tutti/wire.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/base64.h"
#include "base/limits.h"
#include "base/memory.h"
#include "protocol/handshake.h"
#include "tools/tutti/moment.h"

enum { HEAD_MAX = 8192, MESSAGE_MAX = 64 << 20, KEPT_CAPACITY = 4096 };

/* ---- Where to ---- */

static enum status look_up(struct wire_target *target, const char *name, const char *port,
                           struct fault *fault)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    int error = getaddrinfo(name, port, &hints, &found);

    if (error != 0)
        return fault_set(fault, STATUS_AWAY, "%s: %s", target->host, gai_strerror(error));
    memcpy(&target->address, found->ai_addr, found->ai_addrlen);
    target->address_size = found->ai_addrlen;
    freeaddrinfo(found);
    return STATUS_OK;
}

enum status wire_target_init(struct wire_target *target, const char *url, struct fault *fault)
{
    char name[256];
    char port[6];
    int used = 0;

    *target = (struct wire_target){.path = "/"};
    if (sscanf(url, "ws://[%255[^]]]:%5[0-9]%n", name, port, &used) != 2 &&
        sscanf(url, "ws://%255[^:/]:%5[0-9]%n", name, port, &used) != 2)
        return fault_set(fault, STATUS_MALFORMED_NAME, "%s is not ws://HOST:PORT/", url);
    const char *path = url + used;
    if (strlen(path) >= sizeof(target->path) || (path[0] != '\0' && path[0] != '/'))
        return fault_set(fault, STATUS_MALFORMED_NAME, "%s is not ws://HOST:PORT/", url);
    if (path[0] == '/')
        memcpy(target->path, path, strlen(path) + 1);
    snprintf(target->host, sizeof(target->host), strchr(name, ':') ? "[%s]:%s" : "%s:%s", name,
             port);
    enum status status = look_up(target, name, port, fault);
    if (status != STATUS_OK)
        return status;
    target->events = event_base_new();
    target->read_buffer = memory_allocate(LIMIT_READ_BYTES);
    prng_init(&target->prng, moment_ns());
    must(target->events != NULL);
    return STATUS_OK;
}

void wire_target_finish(struct wire_target *target)
{
    memory_free(target->read_buffer);
    event_base_free(target->events);
}

/* ---- Ends ---- */

void wire_init(struct wire *wire, struct wire_target *target, const struct wire_ops *ops)
{
    *wire = (struct wire){.ops = ops, .target = target, .spoken = WEBSOCKET_TEXT, .socket = -1};
}

void wire_close(struct wire *wire)
{
    if (wire->state == WIRE_CLOSED)
        return;
    event_del(&wire->readable);
    event_del(&wire->writable);
    close(wire->socket);
    websocket_decoder_finish(&wire->decoder);
    buffer_finish(&wire->head);
    buffer_finish(&wire->out);
    wire->socket = -1;
    wire->state = WIRE_CLOSED;
    wire->generation++;
}

void wire_finish(struct wire *wire)
{
    wire_close(wire);
}

static void lose(struct wire *wire, uint16_t code, const char *why)
{
    wire_close(wire);
    wire->ops->lost(wire, code, why);
}

/* ---- Writing ---- */

/* Give the socket what it takes; the rest waits until it takes more. */
static void flush(struct wire *wire)
{
    while (wire->out.size > 0) {
        ssize_t sent = send(wire->socket, wire->out.data, wire->out.size, MSG_NOSIGNAL);

        if (sent > 0) {
            buffer_consume(&wire->out, (size_t)sent);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            event_add(&wire->writable, NULL);
            return;
        } else if (errno != EINTR) {
            buffer_clear(&wire->out); /* the reading side will hear of it, and report */
            return;
        }
    }
    if (wire->out.capacity > KEPT_CAPACITY)
        buffer_finish(&wire->out);
}

static void send_frame(struct wire *wire, enum websocket_opcode opcode, struct span payload)
{
    uint64_t drawn = prng_next(&wire->target->prng);
    uint8_t mask[4];
    bool waiting = wire->out.size > 0;

    memcpy(mask, &drawn, sizeof(mask));
    websocket_frame_masked(&wire->out, opcode, payload, mask);
    if (!waiting)
        flush(wire);
}

void wire_send(struct wire *wire, struct span message)
{
    if (wire->state == WIRE_OPEN)
        send_frame(wire, (enum websocket_opcode)wire->spoken, message);
}

/* ---- Reading ---- */

static void take_close(struct wire *wire, const struct websocket_event *event)
{
    char why[LIMIT_CONTROL_BYTES + 1];
    uint8_t payload[LIMIT_CONTROL_BYTES];
    uint16_t code = event->code;

    snprintf(why, sizeof(why), "%.*s", SPAN_PRINT(event->payload));
    size_t size = websocket_close_payload(payload, code, NULL);
    send_frame(wire, WEBSOCKET_CLOSE, span_of(payload, size));
    lose(wire, code, why);
}

static void take_event(struct wire *wire, const struct websocket_event *event)
{
    switch (event->kind) {
    case WEBSOCKET_EVENT_MESSAGE:
        wire->ops->message(wire, event->payload);
        return;
    case WEBSOCKET_EVENT_PING:
        send_frame(wire, WEBSOCKET_PONG, event->payload);
        return;
    case WEBSOCKET_EVENT_PONG:
    case WEBSOCKET_EVENT_OVERSIZED: /* nothing is read over here */
        return;
    case WEBSOCKET_EVENT_CLOSE:
        take_close(wire, event);
        return;
    }
}

static void take_frames(struct wire *wire, uint8_t *data, size_t size)
{
    uint32_t generation = wire->generation;
    enum status status = STATUS_OK;

    for (size_t at = 0; at < size && status == STATUS_OK;) {
        struct websocket_event event;
        struct fault fault;
        uint16_t code;
        size_t used;

        status =
            websocket_decode(&wire->decoder, data + at, size - at, &used, &event, &code, &fault);
        at += used;
        if (status == STATUS_OK) {
            take_event(wire, &event);
            if (wire->generation != generation)
                return;
        } else if (status != STATUS_MORE) {
            lose(wire, code, fault.text);
            return;
        }
    }
}

/* The answer to the handshake ends with an empty line; what follows are frames already. */
static void take_head(struct wire *wire, const uint8_t *data, size_t size)
{
    struct fault fault;
    uint32_t generation = wire->generation;

    buffer_append(&wire->head, span_of(data, size));
    uint8_t *end = memmem(wire->head.data, wire->head.size, "\r\n\r\n", 4);
    if (end == NULL) {
        if (wire->head.size > HEAD_MAX)
            lose(wire, 0, "the answer to the handshake does not end");
        return;
    }
    size_t head_size = (size_t)(end + 4 - wire->head.data);
    struct span key = span_of(wire->key, sizeof(wire->key));
    if (handshake_check_response(span_of(wire->head.data, head_size), key, &fault) != STATUS_OK) {
        lose(wire, 0, fault.text);
        return;
    }
    struct buffer rest = {0};

    buffer_append(&rest, span_of(wire->head.data + head_size, wire->head.size - head_size));
    buffer_finish(&wire->head);
    wire->state = WIRE_OPEN;
    wire->ops->opened(wire);
    if (wire->generation == generation && rest.size > 0)
        take_frames(wire, rest.data, rest.size);
    buffer_finish(&rest);
}

static void on_readable(evutil_socket_t socket, short what, void *context)
{
    struct wire *wire = context;
    uint8_t *data = wire->target->read_buffer;
    ssize_t size = recv(socket, data, LIMIT_READ_BYTES, 0);

    (void)what;
    if (size > 0 && wire->state == WIRE_OPEN)
        take_frames(wire, data, (size_t)size);
    else if (size > 0)
        take_head(wire, data, (size_t)size);
    else if (size == 0)
        lose(wire, 0, "the server closed the connection");
    else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
        lose(wire, 0, strerror(errno));
}

/* ---- Connecting ---- */

static void ask(struct wire *wire)
{
    uint64_t drawn[2] = {prng_next(&wire->target->prng), prng_next(&wire->target->prng)};
    struct buffer key = {0};

    base64_write(&key, span_of(drawn, sizeof(drawn)));
    must(key.size == sizeof(wire->key));
    memcpy(wire->key, key.data, key.size);
    handshake_write_request(&wire->out, wire->target->host,
                            wire->path != NULL ? wire->path : wire->target->path,
                            buffer_span(&key));
    buffer_finish(&key);
    wire->state = WIRE_ASKING;
    event_add(&wire->readable, NULL);
    flush(wire);
}

static void on_writable(evutil_socket_t socket, short what, void *context)
{
    struct wire *wire = context;
    int error = 0;
    socklen_t size = sizeof(error);

    (void)what;
    if (wire->state != WIRE_CONNECTING) {
        flush(wire);
        return;
    }
    getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0)
        lose(wire, 0, strerror(error));
    else
        ask(wire);
}

void wire_connect(struct wire *wire)
{
    struct wire_target *target = wire->target;
    int on = 1;

    must(wire->state == WIRE_CLOSED);
    wire->socket = socket(target->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (wire->socket < 0) {
        perror("tutti: a socket");
        exit(EXIT_FAILURE); /* the limit of open files: nothing here gets better by itself */
    }
    setsockopt(wire->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    event_assign(&wire->readable, target->events, wire->socket, EV_READ | EV_PERSIST, on_readable,
                 wire);
    event_assign(&wire->writable, target->events, wire->socket, EV_WRITE, on_writable, wire);
    websocket_decoder_init(&wire->decoder, WEBSOCKET_CLIENT, MESSAGE_MAX);
    wire->decoder.spoken = wire->spoken;
    wire->state = WIRE_CONNECTING;
    /* A refusal at once is reported by the same event as a late one. */
    (void)connect(wire->socket, (struct sockaddr *)&target->address, target->address_size);
    event_add(&wire->writable, NULL);
}
