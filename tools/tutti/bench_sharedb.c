/* The bench's clients of ShareDB's protocol, at our server or at the reference. What they say is
 * what sharedb's client would: hello, create or subscribe, one operation at a time.
 *
 * Both servers send an operation of somebody else at its version, the reference often twice; an own
 * one comes whole or as a bare acknowledgement. */
#include <inttypes.h>
#include <stdio.h>

#include "base/json_scan.h"
#include "base/json_write.h"
#include "base/memory.h"
#include "ot/type.h"
#include "tools/tutti/bench.h"

enum { COLLECTION_SIZE = 6 }; /* "bench/" in front of the id */

static void say(struct bench_client *self, const char *format, ...) PRINTF_LIKE(2, 3);

static void say(struct bench_client *self, const char *format, ...)
{
    struct buffer out = {0};
    va_list values;

    va_start(values, format);
    buffer_append_values(&out, format, values);
    va_end(values);
    wire_send(&self->wire, buffer_span(&out));
    buffer_finish(&out);
}

/* The member "c" and "d" that all messages about the document have. */
static const char *place(const struct bench_client *self)
{
    static char text[BENCH_NAME_SIZE + 32];
    char name[BENCH_NAME_SIZE];

    bench_document_name(self, name);
    snprintf(text, sizeof(text), "\"c\":\"bench\",\"d\":\"%s\"", name + COLLECTION_SIZE);
    return text;
}

static void subscribe(struct bench_client *self)
{
    say(self, "{\"a\":\"s\",%s,\"v\":null}", place(self));
}

/* The first client of each document makes it. */
static void begin(struct bench_client *self)
{
    const struct bench_ops *ops = self->bench->ops;

    if ((size_t)(self - self->bench->clients) >= self->bench->options->documents) {
        subscribe(self);
        return;
    }
    say(self,
        "{\"a\":\"op\",%s,\"v\":0,\"seq\":%" PRIu64
        ",\"x\":{},\"create\":{\"type\":\"%s\",\"data\":%.*s}}",
        place(self), ++self->serial, ops->type->uri, SPAN_PRINT(ops->start));
}

static void greeted(struct bench_client *self, struct span message)
{
    struct span id = json_member(message, "id");

    if (!span_present(id) || id.size >= sizeof(self->source)) {
        bench_fail(self->bench, "the server greeted without an id");
        return;
    }
    memcpy(self->source, id.data, id.size);
    self->source_size = id.size;
    begin(self);
}

static void subscribed(struct bench_client *self, struct span message)
{
    struct span data = json_member(message, "data");
    struct span version = span_present(data) ? json_member(data, "v") : SPAN_NONE;
    uint64_t seq = 0;

    if (!span_present(version) || !json_read_unsigned(version, &seq))
        bench_fail(self->bench, "the server subscribed without a snapshot");
    else
        bench_opened(self, seq);
}

static bool is_own(const struct bench_client *self, struct span message)
{
    struct span source = json_member(message, "src");

    return span_present(source) && span_equal(source, span_of(self->source, self->source_size));
}

/* Several processes of ShareDB publish over Redis in another order than they have committed in. Its
 * own client fetches again what it then misses; here it is done without. */
static void take_unordered(struct bench_client *self, uint64_t seq, bool own)
{
    if (seq < (own ? self->own_next : self->seq))
        return;
    if (own)
        self->own_next = seq + 1;
    if (self->seq <= seq)
        self->seq = seq + 1;
    bench_took(self, 1, own);
}

static void operation(struct bench_client *self, struct span message)
{
    struct span version = json_member(message, "v");
    uint64_t seq = 0;

    if (!span_present(version) || !json_read_unsigned(version, &seq)) {
        bench_fail(self->bench, "an operation has no version");
        return;
    }
    if (self->seq == BENCH_NOT_OPEN) { /* its creation */
        subscribe(self);
        return;
    }
    if (self->bench->options->unordered) {
        take_unordered(self, seq, is_own(self, message));
        return;
    }
    if (seq < self->seq) /* a second copy */
        return;
    if (seq > self->seq) {
        bench_fail(self->bench, "the stream has a gap");
        return;
    }
    self->seq = seq + 1;
    bench_took(self, 1, is_own(self, message));
}

static struct bench_client *of_wire(struct wire *wire)
{
    return container_of(wire, struct bench_client, wire);
}

static void on_opened(struct wire *wire)
{
    say(of_wire(wire), "{\"a\":\"hs\",\"id\":null,\"protocol\":1,\"protocolMinor\":2}");
}

static void on_message(struct wire *wire, struct span text)
{
    struct bench_client *self = of_wire(wire);
    char why[FAULT_TEXT_SIZE];

    self->bytes += text.size;
    if (json_scan(text, &json_limits_default, NULL) != STATUS_OK) {
        bench_fail(self->bench, "the server sent what is no JSON");
        return;
    }
    struct span message = json_value(text);
    struct span action = json_member(message, "a");

    if (!span_present(action))
        return;
    if (span_present(json_member(message, "error"))) {
        snprintf(why, sizeof(why), "the server refused: %.*s",
                 SPAN_PRINT(json_member(message, "error")));
        bench_fail(self->bench, why);
    } else if (json_string_is(action, "hs")) {
        greeted(self, message);
    } else if (json_string_is(action, "s")) {
        subscribed(self, message);
    } else if (json_string_is(action, "op")) {
        operation(self, message);
    }
}

static void on_lost(struct wire *wire, uint16_t code, const char *why)
{
    (void)code;
    bench_fail(of_wire(wire)->bench, why);
}

static const struct wire_ops wire_ops = {on_opened, on_message, on_lost};

static void init(struct bench_client *self)
{
    wire_init(&self->wire, &self->bench->target, &wire_ops);
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
    say(self, "{\"a\":\"op\",%s,\"v\":%" PRIu64 ",\"seq\":%" PRIu64 ",\"x\":{},\"op\":%.*s}",
        place(self), self->seq, self->serial, SPAN_PRINT(operation));
}

const struct bench_dialect bench_sharedb = {
    .name = "sharedb", .init = init, .finish = finish, .connect = open_connection, .edit = edit};
