/* The bench's clients of `tutti.v1`. */
#include <stdio.h>

#include "base/memory.h"
#include "ot/type.h"
#include "tools/tutti/bench.h"
#include "tools/tutti/moment.h"

static struct bench_client *of_client(struct client *client)
{
    return container_of(client, struct bench_client, client);
}

static void on_ready(struct client *client)
{
    struct bench_client *self = of_client(client);
    struct buffer out = {0};
    char name[BENCH_NAME_SIZE];

    bench_document_name(self, name);
    struct message_open open = {
        .name = span_of_string(name),
        .type = span_of_string(self->bench->ops->type->name),
        .create = true,
        .data = self->bench->ops->start,
    };
    native_open(&out, &open);
    client_send(client, &out);
    buffer_finish(&out);
}

static void take_operations(struct bench_client *self, const struct native_event *event)
{
    struct native_operations_walk walk;
    struct span who;
    struct span operation;
    uint64_t seq;
    uint64_t count = 0;
    uint64_t own = 0;

    native_operations_walk_init(&walk, event);
    while (native_operations_walk_next(&walk, &seq, &who, &operation)) {
        if (seq <= self->seq)
            continue;
        if (seq != self->seq + 1) {
            bench_fail(self->bench, "the stream has a gap");
            return;
        }
        self->seq = seq;
        count++;
        own += span_equal(who, client_who(&self->client));
    }
    bench_took(self, count, own);
}

static void on_event(struct client *client, const struct native_event *event)
{
    struct bench_client *self = of_client(client);
    char why[FAULT_TEXT_SIZE];

    switch (event->kind) {
    case NATIVE_OPENED:
        self->channel = event->channel;
        bench_opened(self, event->seq);
        return;
    case NATIVE_OPERATIONS:
        take_operations(self, event);
        return;
    case NATIVE_REFUSED:
    case NATIVE_CLOSED:
        snprintf(why, sizeof(why), "the server refused: %d %.*s", event->code,
                 SPAN_PRINT(event->text));
        bench_fail(self->bench, why);
        return;
    default:
        return;
    }
}

static bool on_peek(struct client *client, struct span text)
{
    of_client(client)->bytes += text.size;
    return false;
}

static void on_lost(struct client *client)
{
    bench_fail(of_client(client)->bench, "a connection was lost");
}

static void on_failed(struct client *client, const char *why)
{
    bench_fail(of_client(client)->bench, why);
}

static const struct client_ops client_ops = {
    .ready = on_ready,
    .event = on_event,
    .lost = on_lost,
    .failed = on_failed,
    .peek = on_peek,
};

static void init(struct bench_client *self)
{
    client_init(&self->client, &self->bench->target, &client_ops);
}

static void finish(struct bench_client *self)
{
    client_finish(&self->client);
}

static void open_connection(struct bench_client *self)
{
    client_connect(&self->client);
}

static void edit(struct bench_client *self, struct span operation)
{
    struct buffer out = {0};

    native_edit(&out, self->channel, self->serial, self->seq, operation);
    client_send(&self->client, &out);
    buffer_finish(&out);
}

const struct bench_dialect bench_native = {
    .name = "native", .init = init, .finish = finish, .connect = open_connection, .edit = edit};
