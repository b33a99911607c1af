/* The bench's clients of a Yjs server, as y-websocket's is: one connection a document, named by the
 * path.
 *
 * Every edit is alike here, whatever the benchmark asks for: the client types a character behind
 * its last one, and when a line is full begins the next one somewhere in what it has typed before.
 * Yjs keeps a line as one item, and nothing is deleted, so it has hardly easier edits than these.
 * Lines without an end would be worse: it copies the item from its text whenever it grows.
 *
 * The server tells an update to everybody in the document, its author as well, once it has put it
 * into its own copy. That is the acknowledgement. */
#include <stdio.h>

#include "base/memory.h"
#include "tools/tutti/bench.h"
#include "tools/tutti/yjs.h"

enum { LINE = 80 }; /* characters */

static size_t number_of(const struct bench_client *self)
{
    return (size_t)(self - self->bench->clients);
}

/* Drawn, as those of Yjs' own clients are: small ones would be shorter on the wire. */
static uint32_t author(const struct bench_client *self)
{
    return (uint32_t)(self->bench->run + number_of(self));
}

static void say(struct bench_client *self, struct buffer *take_message)
{
    wire_send(&self->wire, buffer_span(take_message));
    buffer_finish(take_message);
}

/* Within a full line, where neighbours are neighbours by their clocks as well. */
static struct yjs_place somewhere(struct bench_client *self)
{
    struct prng *prng = &self->bench->prng;
    uint64_t line = prng_below(prng, self->clock / LINE);
    uint64_t left = line * LINE + prng_below(prng, LINE - 1);

    return (struct yjs_place){.left = left, .right = left + 1};
}

static void type_on(struct bench_client *self, struct span characters)
{
    struct buffer out = {0};

    if (self->clock > 0 && self->clock % LINE == 0)
        self->place = somewhere(self);
    yjs_type(&out, author(self), self->clock, self->place, characters);
    self->clock += characters.size;
    self->place.left = self->clock - 1;
    say(self, &out);
}

/* The first client of each document types what it begins with; the others find that there. */
static void begin(struct bench_client *self)
{
    struct span start = self->bench->ops->start; /* a string of JSON, without escapes */

    must(start.size >= 2 && start.data[0] == '"');
    start = span_of(start.data + 1, start.size - 2);
    if (number_of(self) >= self->bench->options->documents || start.size == 0)
        bench_opened(self, 0);
    else
        type_on(self, start);
}

/* Updates have no common numbers: seq counts those that came since all have opened. */
static void take_update(struct bench_client *self, const struct yjs_event *event)
{
    bool own = event->author == author(self);

    if (own && event->clock != self->own_next) {
        bench_fail(self->bench, "an update of one's own is missing");
        return;
    }
    if (self->seq == BENCH_NOT_OPEN) { /* what the document begins with */
        self->own_next = self->clock;
        bench_opened(self, 0);
        return;
    }
    self->own_next += own;
    self->seq++;
    bench_took(self, 1, own);
}

static struct bench_client *of_wire(struct wire *wire)
{
    return container_of(wire, struct bench_client, wire);
}

static void on_opened(struct wire *wire)
{
    struct buffer out = {0};

    yjs_ask(&out);
    say(of_wire(wire), &out);
}

static void on_message(struct wire *wire, struct span message)
{
    struct bench_client *self = of_wire(wire);
    struct yjs_event event;
    struct fault fault;

    self->bytes += message.size;
    if (yjs_read(message, &event, &fault) != STATUS_OK)
        bench_fail(self->bench, fault.text);
    else if (event.kind == YJS_REST)
        begin(self);
    else if (event.kind == YJS_UPDATE)
        take_update(self, &event);
}

static void on_lost(struct wire *wire, uint16_t code, const char *why)
{
    (void)code;
    bench_fail(of_wire(wire)->bench, why);
}

static const struct wire_ops wire_ops = {on_opened, on_message, on_lost};

static void init(struct bench_client *self)
{
    char name[BENCH_NAME_SIZE];

    bench_document_name(self, name);
    snprintf(self->path, sizeof(self->path), "%s%s", self->bench->target.path, name);
    wire_init(&self->wire, &self->bench->target, &wire_ops);
    self->wire.path = self->path;
    self->wire.spoken = WEBSOCKET_BINARY;
    self->place = (struct yjs_place){.left = YJS_NOTHING, .right = YJS_NOTHING};
}

static void finish(struct bench_client *self)
{
    wire_finish(&self->wire);
}

static void open_connection(struct bench_client *self)
{
    wire_connect(&self->wire);
}

static void edit(struct bench_client *self, struct span operation)
{
    (void)operation;
    type_on(self, SPAN("x"));
}

const struct bench_dialect bench_yjs = {
    .name = "yjs", .init = init, .finish = finish, .connect = open_connection, .edit = edit};
