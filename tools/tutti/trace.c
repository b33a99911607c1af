/* tutti trace - people's recorded typing, typed again into a running server.
 *
 * Each agent of the recording is a client with a connection of its own. It reads and types only
 * what its person had read and typed (script.h); what its client knows already and the person had
 * not seen is held back in front of the person's view (held.h). In the end all clients and a fresh
 * one must have the same text: that of the recording. */
#include "tools/tutti/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include <event2/event.h>

#include "base/json_write.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "tools/tutti/arguments.h"
#include "tools/tutti/moment.h"
#include "tools/tutti/tutti.h"

enum { COMMIT_EDITS = 100, PATIENCE_SECONDS = 60, NAME_SIZE = 64, WATCH_SECONDS = 1 };

void trace_fail(struct trace *trace, const char *who, const char *why)
{
    if (!trace->failed)
        fprintf(stderr, "tutti trace: %s: %s\n", who, why);
    trace->failed = true;
    event_base_loopbreak(trace->target.events);
}

/* ---- All agents together ---- */

/* Everybody has everything. */
static bool all_read(const struct trace *trace)
{
    for (size_t i = 0; i < trace->recording.agents; i++)
        if (!trace->agents[i].writer.open || peer_seq(trace->agents[i].writer.peer) < trace->head)
            return false;
    return true;
}

static void finish_when_done(struct trace *trace)
{
    if (!script_done(&trace->script))
        return;
    if (trace->finished_ns == 0)
        trace->finished_ns = moment_ns();
    if (all_read(trace))
        event_base_loopbreak(trace->target.events);
}

/* Let everybody read, type and send until nobody can: what one sends lets another type. */
static void pump(struct trace *trace)
{
    bool any = true;

    if (trace->by_number == NULL)
        return;
    trace->pump_again = true;
    if (trace->pumping)
        return;
    trace->pumping = true;
    while ((any || trace->pump_again) && !trace->failed) {
        any = false;
        trace->pump_again = false;
        for (size_t i = 0; i < trace->recording.agents && !trace->failed; i++) {
            struct agent *agent = trace->by_number[i];

            any |= trace_agent_read(agent);
            any |= trace_agent_type(agent);
            any |= trace_agent_send(agent);
        }
    }
    trace->pumping = false;
    finish_when_done(trace);
}

static int by_who(const void *a, const void *b)
{
    const struct agent *const *first = a;
    const struct agent *const *second = b;

    return span_compare(client_who(&(*first)->writer.client),
                        client_who(&(*second)->writer.client));
}

/* The agents get their numbers when all know their `who`: a lower one goes first at one place. */
static void number_agents(struct trace *trace)
{
    size_t count = trace->recording.agents;

    for (size_t i = 0; i < count; i++)
        if (!trace->agents[i].writer.open)
            return;
    trace->by_number = memory_zeroed(count, sizeof(struct agent *));
    for (size_t i = 0; i < count; i++)
        trace->by_number[i] = &trace->agents[i];
    qsort(trace->by_number, count, sizeof(struct agent *), by_who);
    for (size_t i = 0; i < count; i++)
        trace->by_number[i]->number = i;
    trace->started_ns = moment_ns();
}

static void on_woke(struct writer *writer)
{
    struct trace *trace = container_of(writer, struct agent, writer)->trace;

    if (writer->reloads > 0)
        trace_fail(trace, "a client", "it was given a snapshot instead of operations");
    if (trace->by_number == NULL)
        number_agents(trace);
    pump(trace);
}

static void on_failed(struct writer *writer, const char *why)
{
    trace_fail(container_of(writer, struct agent, writer)->trace, "a client", why);
}

static const struct writer_ops writer_ops = {on_woke, on_failed};

static void on_watch(evutil_socket_t socket, short what, void *context)
{
    struct trace *trace = context;

    (void)socket;
    (void)what;
    if (moment_ns() - trace->progress_ns > trace->patience_ns)
        trace_fail(trace, "the server", "nothing was acknowledged for too long");
}

/* ---- The command ---- */

struct trace_options {
    const char *path;
    const char *url;
    const char *document;
    bool each;
    bool free;
    uint64_t commit_edits;
    uint64_t patience_seconds;
    uint64_t progress_every;
};

static void name_document(char name[NAME_SIZE])
{
    uint64_t drawn;

    must(getrandom(&drawn, sizeof(drawn), 0) == sizeof(drawn));
    snprintf(name, NAME_SIZE, "trace/%016llx", (unsigned long long)drawn);
}

static bool run(struct trace *trace)
{
    struct timeval watch_every = {.tv_sec = WATCH_SECONDS};
    struct event watch;

    trace->progress_ns = moment_ns();
    for (size_t i = 0; i < trace->recording.agents; i++)
        writer_connect(&trace->agents[i].writer);
    event_assign(&watch, trace->target.events, -1, EV_PERSIST, on_watch, trace);
    event_add(&watch, &watch_every);
    event_base_dispatch(trace->target.events);
    event_del(&watch);
    return !trace->failed;
}

static void init_agents(struct trace *trace)
{
    size_t count = trace->recording.agents;

    trace->agents = memory_zeroed(count, sizeof(*trace->agents));
    for (size_t i = 0; i < count; i++) {
        trace->agents[i].trace = trace;
        trace->agents[i].points = utf8_points(buffer_span(&trace->recording.start));
        writer_init(&trace->agents[i].writer, &trace->target, &trace->document, &writer_ops);
    }
}

static void finish_agents(struct trace *trace)
{
    for (size_t i = 0; i < trace->recording.agents; i++) {
        writer_finish(&trace->agents[i].writer);
        held_finish(&trace->agents[i].held);
    }
    memory_free(trace->agents);
    memory_free(trace->by_number);
}

static int run_recording(struct trace *trace, const struct trace_options *options)
{
    char name[NAME_SIZE];
    struct fault fault;
    bool same = false;

    if (wire_target_init(&trace->target, options->url, &fault) != STATUS_OK) {
        fprintf(stderr, "tutti trace: %s\n", fault.text);
        return EXIT_FAILURE;
    }
    name_document(name);
    json_write_string(&trace->start, buffer_span(&trace->recording.start));
    trace->document = (struct writer_document){
        .name = span_of_string(options->document != NULL ? options->document : name),
        .type = &type_text,
        .start = buffer_span(&trace->start),
    };
    trace->patience_ns = options->patience_seconds * 1000000000U;
    trace->progress_every = options->progress_every;
    script_init(&trace->script, &trace->recording, options->each ? 1 : options->commit_edits,
                options->free);
    init_agents(trace);
    bool done = run(trace);
    if (done)
        same = trace_check_end(trace);
    if (trace->started_ns > 0)
        trace_report(trace, same);
    finish_agents(trace);
    script_finish(&trace->script);
    buffer_finish(&trace->start);
    wire_target_finish(&trace->target);
    return done && same ? EXIT_SUCCESS : EXIT_FAILURE;
}

int tutti_trace(int argc, char **argv)
{
    struct trace_options options = {
        .commit_edits = COMMIT_EDITS, .patience_seconds = PATIENCE_SECONDS, .url = TUTTI_URL};
    const struct argument table[] = {
        {"FILE", NULL, "a recording, gzipped or not", NULL, NULL, &options.path},
        {"--url", "URL", "the server; " TUTTI_URL " if not given", NULL, NULL, &options.url},
        {"--document", "NAME", "a new one if not given", NULL, NULL, &options.document},
        {"--each", NULL, "each edit is an operation of its own", &options.each, NULL, NULL},
        {"--free", NULL, "the agents do not wait for each other", &options.free, NULL, NULL},
        {"--commit", "EDITS", "in one operation at most; 100 if not given", NULL,
         &options.commit_edits, NULL},
        {"--patience", "SECONDS", "without progress; 60 if not given", NULL,
         &options.patience_seconds, NULL},
        {"--progress", "OPERATIONS", "a line for so many; none if not given", NULL,
         &options.progress_every, NULL},
    };
    struct trace trace = {0};
    struct fault fault;

    if (!arguments_read(argc, argv, table, sizeof(table) / sizeof(table[0])))
        return EXIT_FAILURE;
    if (options.commit_edits == 0)
        options.commit_edits = 1;
    int result = EXIT_FAILURE;
    if (recording_read(&trace.recording, options.path, &fault) == STATUS_OK)
        result = run_recording(&trace, &options);
    else
        fprintf(stderr, "tutti trace: %s\n", fault.text);
    recording_finish(&trace.recording);
    return result;
}
