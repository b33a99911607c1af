/* crowd - eight clients that type into one document whatever becomes of the server.
 *
 *     crowd URL DOCUMENT SEED
 *
 * Client 3 types [c3:1], [c3:2] and so on, each between two tokens that it sees there, so that no
 * token is ever torn, and none goes. Now and then one leaves and comes back. Prints
 *
 *     acknowledged 3 17        all of client 3 up to its 17th
 *     text "[c3:1][c1:1]…"     what all of them have in the end
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/memory.h"
#include "base/prng.h"
#include "ot/type.h"
#include "tools/tutti/writer.h"

enum { PEOPLE = 8, TOKENS = 100, TICK_US = 2000, ONE_IN_LEAVES = 300, SECONDS_MAX = 60 };

struct person {
    struct writer writer;
    unsigned number;       /* from 1 */
    unsigned typed;        /* tokens so far … */
    unsigned sent;         /* … those with a serial … */
    unsigned acknowledged; /* … and those that are durable */
};

static struct person people[PEOPLE];
static struct wire_target target;
static struct prng prng;
static int result = EXIT_FAILURE;

static void give_up(const char *why)
{
    fprintf(stderr, "crowd: %s\n", why);
    event_base_loopbreak(target.events);
}

/* ---- One person ---- */

/* The code points before a place between two tokens; the text is ASCII in quotes. */
static uint64_t draw_place(const struct content *view)
{
    struct buffer json = {0};

    view->type->encode(view, &json);
    uint64_t points = json.size - 2;
    uint64_t at = prng_below(&prng, points + 1);

    while (at > 0 && at < points && json.data[at] != ']')
        at++;
    buffer_finish(&json);
    return at;
}

static void type_token(struct person *person)
{
    struct buffer json = {0};
    struct operation *operation = NULL;
    uint64_t at = draw_place(peer_view(person->writer.peer));

    buffer_append_byte(&json, '[');
    if (at > 0)
        buffer_append_format(&json, "%" PRIu64 ",", at);
    buffer_append_format(&json, "\"[c%u:%u]\"]", person->number, ++person->typed);
    if (type_text.decode(buffer_span(&json), &operation, NULL) != STATUS_OK ||
        peer_edit_take(person->writer.peer, operation, NULL) != STATUS_OK)
        give_up("a token does not fit");
    buffer_finish(&json);
}

/* What is sent again is what was sent before: the mark moves when nothing was in flight. */
static void send_next(struct person *person)
{
    uint64_t serial;
    bool again = peer_in_flight(person->writer.peer, &serial);

    if (writer_send(&person->writer) && !again)
        person->sent = person->typed;
}

static void read_all(struct person *person)
{
    enum peer_event event;

    while (writer_front(&person->writer) != NULL) {
        if (!writer_step(&person->writer, &event))
            return;
    }
}

/* Its fate is known when nothing is in flight any more, however it was told. */
static void acknowledge(struct person *person)
{
    uint64_t serial;

    if (person->acknowledged == person->sent || peer_in_flight(person->writer.peer, &serial))
        return;
    person->acknowledged = person->sent;
    printf("acknowledged %u %u\n", person->number, person->acknowledged);
}

/* ---- All of them ---- */

static bool is_done(void)
{
    for (size_t i = 0; i < PEOPLE; i++) {
        const struct writer *writer = &people[i].writer;

        if (people[i].typed < TOKENS || !writer->open || !peer_idle(writer->peer) ||
            peer_seq(writer->peer) != peer_seq(people[0].writer.peer))
            return false;
    }
    return true;
}

static void tell_end(void)
{
    struct buffer text = {0};

    for (size_t i = 1; i < PEOPLE; i++) {
        if (!content_equal(peer_view(people[0].writer.peer), peer_view(people[i].writer.peer))) {
            give_up("two clients have different texts");
            return;
        }
    }
    type_text.encode(peer_view(people[0].writer.peer), &text);
    printf("text %.*s\n", SPAN_PRINT(buffer_span(&text)));
    buffer_finish(&text);
    result = EXIT_SUCCESS;
    event_base_loopbreak(target.events);
}

static void woke(struct writer *writer)
{
    struct person *person = container_of(writer, struct person, writer);

    read_all(person);
    if (peer_needs_session(writer->peer)) {
        give_up(
            "the server does not have what it acknowledged, or something else under its serial");
        return;
    }
    acknowledge(person);
    send_next(person);
    if (is_done())
        tell_end();
}

static void failed(struct writer *writer, const char *why)
{
    (void)writer;
    give_up(why);
}

static void tick(evutil_socket_t socket, short what, void *context)
{
    (void)socket;
    (void)what;
    (void)context;
    for (size_t i = 0; i < PEOPLE; i++) {
        struct person *person = &people[i];

        if (person->typed == TOKENS || peer_view(person->writer.peer) == NULL)
            continue;
        if (prng_below(&prng, ONE_IN_LEAVES) == 0) {
            writer_disconnect(&person->writer);
            writer_connect(&person->writer);
        }
        if (prng_below(&prng, 4) == 0) {
            type_token(person);
            send_next(person);
        }
    }
}

static void too_late(evutil_socket_t socket, short what, void *context)
{
    (void)socket;
    (void)what;
    (void)context;
    give_up("it takes too long");
}

static void run(struct span name)
{
    static const struct writer_ops ops = {.woke = woke, .failed = failed};
    const struct writer_document document = {
        .name = name, .type = &type_text, .start = SPAN("\"\"")};
    struct timeval often = {.tv_usec = TICK_US};
    struct timeval patience = {.tv_sec = SECONDS_MAX};
    struct event ticks;

    for (unsigned i = 0; i < PEOPLE; i++) {
        people[i].number = i + 1;
        writer_init(&people[i].writer, &target, &document, &ops);
        writer_connect(&people[i].writer);
    }
    event_assign(&ticks, target.events, -1, EV_PERSIST, tick, NULL);
    event_add(&ticks, &often);
    event_base_once(target.events, -1, EV_TIMEOUT, too_late, NULL, &patience);
    event_base_dispatch(target.events);
    event_del(&ticks);
    for (size_t i = 0; i < PEOPLE; i++)
        writer_finish(&people[i].writer);
}

int main(int argc, char **argv)
{
    struct fault fault = {""};

    if (argc != 4) {
        fprintf(stderr, "usage: crowd URL DOCUMENT SEED\n");
        return EXIT_FAILURE;
    }
    if (wire_target_init(&target, argv[1], &fault) != STATUS_OK) {
        fprintf(stderr, "crowd: %s\n", fault.text);
        return EXIT_FAILURE;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    prng_init(&prng, strtoull(argv[3], NULL, 10));
    run(span_of_string(argv[2]));
    wire_target_finish(&target);
    return result;
}
