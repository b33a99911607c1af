/* One client is offline and edits, another one edits the same text online; then the first one comes
 * back. What does it cost until both have everything?
 *
 *   both open -> one goes away -> here N edits that nobody sees, there M operations -> it comes
 * back
 *
 * Every edit inserts or deletes one character at a random place. */
#include "tools/tutti/bench.h"

#include <stdio.h>
#include <stdlib.h>

#include <event2/event.h>

#include "ot/type.h"
#include "tools/tutti/moment.h"
#include "tools/tutti/writer.h"

enum { TEXT_SIZE = 100000, SECONDS_MAX = 600 };

enum phase { PHASE_OPENING, PHASE_APART, PHASE_TOGETHER, PHASE_DONE };

struct offline {
    enum phase phase;
    const struct bench_options *options;
    struct wire_target target;
    struct writer away;
    struct writer online;
    uint64_t left;   /* operations that the one online still makes */
    uint64_t points; /* of the text that is edited next */
    bool failed;

    uint64_t typing_ns;
    uint64_t back_ns;
    uint64_t begin_ns;
    uint64_t heard_bytes;
    uint64_t said_bytes;
};

static struct offline offline;

/* A text of single characters, so that its bytes but for the quotes are its code points. */
static uint64_t points_of(const struct peer *peer)
{
    const struct content *view = peer_view(peer);
    struct buffer json = {0};

    view->type->encode(view, &json);
    uint64_t points = json.size - 2;

    buffer_finish(&json);
    return points;
}

static void edit(struct writer *writer, uint64_t *points)
{
    struct prng *prng = &offline.target.prng;
    uint64_t at = prng_below(prng, *points);
    bool deletes = *points > TEXT_SIZE / 2 && prng_below(prng, 100) < 40;
    struct buffer json = {0};
    struct operation *operation = NULL;

    buffer_append_byte(&json, '[');
    if (at > 0)
        buffer_append_format(&json, "%llu,", (unsigned long long)at);
    buffer_append_text(&json, deletes ? "{\"d\":1}]" : "\"x\"]");
    *points += deletes ? UINT64_MAX : 1;
    if (type_text.decode(buffer_span(&json), &operation, NULL) != STATUS_OK ||
        peer_edit_take(writer->peer, operation, NULL) != STATUS_OK)
        writer_fail(writer, "an edit does not fit");
    buffer_finish(&json);
}

/* ---- The phases ---- */

static void part(void)
{
    offline.phase = PHASE_APART;
    writer_disconnect(&offline.away);
    uint64_t points = points_of(offline.away.peer);
    uint64_t begin_ns = moment_ns();

    for (uint64_t i = 0; i < offline.options->edits; i++)
        edit(&offline.away, &points);
    offline.typing_ns = moment_ns() - begin_ns;
    offline.left = offline.options->others;
    offline.points = points_of(offline.online.peer);
}

static void come_back(void)
{
    offline.phase = PHASE_TOGETHER;
    offline.begin_ns = moment_ns();
    offline.heard_bytes = offline.away.client.heard_bytes;
    offline.said_bytes = offline.away.client.said_bytes;
    writer_connect(&offline.away);
}

static bool agree(void)
{
    return peer_idle(offline.away.peer) && peer_idle(offline.online.peer) &&
           peer_seq(offline.away.peer) == peer_seq(offline.online.peer);
}

static void end(void)
{
    offline.phase = PHASE_DONE;
    offline.back_ns = moment_ns() - offline.begin_ns;
    offline.heard_bytes = offline.away.client.heard_bytes - offline.heard_bytes;
    offline.said_bytes = offline.away.client.said_bytes - offline.said_bytes;
    event_base_loopbreak(offline.target.events);
}

/* The next operation of the one online, when the one before it is acknowledged. */
static void make_next(void)
{
    if (!peer_idle(offline.online.peer))
        return;
    if (offline.left == 0) {
        come_back();
        return;
    }
    offline.left--;
    edit(&offline.online, &offline.points);
    writer_send(&offline.online);
}

static void go_on(void)
{
    if (offline.phase == PHASE_OPENING && offline.away.open && offline.online.open && agree())
        part();
    if (offline.phase == PHASE_APART)
        make_next();
    if (offline.phase == PHASE_TOGETHER && agree())
        end();
}

static void woke(struct writer *writer)
{
    enum peer_event event;

    while (writer_front(writer) != NULL)
        if (!writer_step(writer, &event))
            return;
    writer_send(writer);
    go_on();
}

static void failed(struct writer *writer, const char *why)
{
    (void)writer;
    fprintf(stderr, "tutti bench: %s\n", why);
    offline.failed = true;
    event_base_loopbreak(offline.target.events);
}

static void too_late(evutil_socket_t socket, short what, void *context)
{
    (void)socket;
    (void)what;
    (void)context;
    failed(NULL, "the two do not come together");
}

/* ---- The run ---- */

static const struct writer_ops ops = {.woke = woke, .failed = failed};

static void write_start(struct buffer *out)
{
    buffer_append_byte(out, '"');
    for (int i = 0; i < TEXT_SIZE; i++)
        buffer_append_byte(out, '.');
    buffer_append_byte(out, '"');
}

static void run(void)
{
    struct buffer start = {0};
    struct buffer name = {0};
    struct timeval patience = {.tv_sec = SECONDS_MAX};

    write_start(&start);
    buffer_append_format(&name, "bench/offline-%llu",
                         (unsigned long long)prng_next(&offline.target.prng));
    struct writer_document document = {
        .name = buffer_span(&name), .type = &type_text, .start = buffer_span(&start)};

    writer_init(&offline.away, &offline.target, &document, &ops);
    writer_init(&offline.online, &offline.target, &document, &ops);
    writer_connect(&offline.away);
    writer_connect(&offline.online);
    event_base_once(offline.target.events, -1, EV_TIMEOUT, too_late, NULL, &patience);
    event_base_dispatch(offline.target.events);
    if (!offline.failed &&
        !content_equal(peer_view(offline.away.peer), peer_view(offline.online.peer)))
        failed(NULL, "the two texts differ");
    writer_finish(&offline.away);
    writer_finish(&offline.online);
    buffer_finish(&name);
    buffer_finish(&start);
}

bool bench_offline(const struct bench_options *options, struct bench_result *result)
{
    struct bench_report report;
    struct fault fault = {""};

    (void)result;
    offline = (struct offline){.options = options};
    if (wire_target_init(&offline.target, options->url, &fault) != STATUS_OK) {
        fprintf(stderr, "tutti bench: %s\n", fault.text);
        return false;
    }
    run();
    wire_target_finish(&offline.target);
    if (offline.failed)
        return false;
    bench_report_title(&report, options);
    bench_report_figure(&report, "edits_offline", (double)options->edits, "");
    bench_report_figure(&report, "operations_online", (double)options->others, "");
    bench_report_figure(&report, "typing_ms", (double)offline.typing_ns / 1e6,
                        "of the edits offline");
    bench_report_figure(&report, "together_ms", (double)offline.back_ns / 1e6,
                        "from the connection to all acknowledged and read");
    bench_report_figure(&report, "heard_bytes", (double)offline.heard_bytes, "");
    bench_report_figure(&report, "said_bytes", (double)offline.said_bytes, "");
    bench_report_end(&report);
    return true;
}
