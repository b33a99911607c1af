/* tutti trace - people's recorded typing, typed again into a running server.
 *
 * Each agent of the recording is a client with a connection of its own. It reads and types only
 * what its person had read and typed (script.h); what its client knows already and the person had
 * not seen is held back in front of the person's view (held.h). In the end all clients and a fresh
 * one must have the same text: that of the recording. */
#include "tools/tutti/tutti.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <event2/event.h>

#include "base/json_scan.h"
#include "base/json_write.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "tools/tutti/arguments.h"
#include "tools/tutti/held.h"
#include "tools/tutti/histogram.h"
#include "tools/tutti/moment.h"
#include "tools/tutti/recording.h"
#include "tools/tutti/script.h"
#include "tools/tutti/writer.h"

enum { COMMIT_EDITS = 100, PATIENCE_SECONDS = 60, NAME_SIZE = 64, WATCH_MS = 1000 };

struct trace;

struct agent {
    struct trace *trace;
    struct writer writer;
    size_t number;    /* its place in the order of `who`, and in the recording */
    struct held held; /* known here, not seen by the person */
    size_t read_to;   /* the last of others' edits that it has read */
    uint64_t points;  /* code points of its view; kept only when the agents are free */
};

struct trace {
    struct recording recording;
    struct script script;
    struct wire_target target;
    struct writer_document document;
    struct buffer start; /* JSON */
    struct agent *agents;
    struct agent **by_number; /* NULL until all are known */
    bool pumping;
    bool pump_again;
    bool failed;

    uint64_t started_ns;
    uint64_t finished_ns;
    uint64_t progress_ns; /* when the last thing was acknowledged */
    uint64_t patience_ns;
    uint64_t progress_every; /* operations; 0 = silent */
    uint64_t head;           /* the highest seq acknowledged */
    uint64_t commits;
    uint64_t transformed; /* commits that the server had to move … */
    uint64_t others;      /* … over so many others … */
    uint64_t other_edits; /* … with so many edits in them */
    struct histogram latencies;
};

static void fail(struct trace *trace, const char *who, const char *why)
{
    if (!trace->failed)
        fprintf(stderr, "tutti trace: %s: %s\n", who, why);
    trace->failed = true;
    event_base_loopbreak(trace->target.events);
}

/* ---- Reading ---- */

static struct operation *copy_operation(const struct operation *operation)
{
    struct operation *copy;
    struct buffer json = {0};

    operation->type->write(operation, &json);
    must(operation->type->decode(buffer_span(&json), &copy, NULL) == STATUS_OK);
    buffer_finish(&json);
    return copy;
}

static const struct agent *agent_of(const struct trace *trace, struct span who)
{
    for (size_t i = 0; i < trace->recording.agents; i++)
        if (span_equal(client_who(&trace->agents[i].writer.client), who))
            return &trace->agents[i];
    return NULL;
}

/* Which edits the operation at the front of the inbox has: the number of the last one. */
static size_t last_of_front(struct agent *agent)
{
    struct trace *trace = agent->trace;
    const struct writer_item *front = writer_front(&agent->writer);
    const struct agent *author = agent_of(trace, front->who);

    if (author == NULL) {
        fail(trace, "the document", "somebody else writes in it");
        return 0;
    }
    return script_last_of_seq(&trace->script, front->seq, author->number);
}

/* How many code points an operation adds; negative when it takes some away. */
static int64_t points_added(const struct operation *operation)
{
    struct buffer json = {0};
    struct buffer text = {0};
    struct json_walk walk;
    struct span component;
    int64_t added = 0;

    operation->type->write(operation, &json);
    json_walk_init(&walk, buffer_span(&json));
    while (json_walk_element(&walk, &component)) {
        bool insert = json_kind(component) == JSON_KIND_STRING;
        struct span value = insert ? component : SPAN_NONE;
        uint64_t points = 0;

        if (json_kind(component) == JSON_KIND_OBJECT)
            value = json_member(component, "d");
        if (!span_present(value))
            continue;
        buffer_clear(&text);
        if (json_kind(value) == JSON_KIND_STRING)
            points = utf8_points(json_read_string(value, &text));
        else
            must(json_read_unsigned(value, &points));
        added += insert ? (int64_t)points : -(int64_t)points;
    }
    buffer_finish(&text);
    buffer_finish(&json);
    return added;
}

static void take_foreign(struct agent *agent, struct span who, size_t last)
{
    const struct operation *change = peer_change(agent->writer.peer);

    must(change != NULL); /* a text's view is never made anew while its edits fit */
    if (agent->trace->script.free)
        agent->points += (uint64_t)points_added(change);
    else
        held_add_take(&agent->held, copy_operation(change), who, last);
    agent->read_to = last;
}

static void take_own(struct agent *agent)
{
    struct trace *trace = agent->trace;
    const struct writer *writer = &agent->writer;
    uint64_t others = writer->seq - 1 - writer->base;

    histogram_add(&trace->latencies, writer->latency_ns);
    trace->transformed += others > 0;
    trace->others += others;
    if (others > 0 && !trace->script.free)
        trace->other_edits += script_edits_since(&trace->script, agent->number, writer->base);
    trace->progress_ns = moment_ns();
    script_acknowledged(&trace->script, agent->number);
    if (writer->seq > trace->head)
        trace->head = writer->seq;
    if (trace->progress_every > 0 && trace->latencies.count % trace->progress_every == 0) {
        printf("%llu operations acknowledged so far\n", (unsigned long long)trace->latencies.count);
        fflush(stdout);
    }
}

/* Step over what is at the front of the inbox. */
static void read_one(struct agent *agent)
{
    struct writer *writer = &agent->writer;
    bool operation = writer_front(writer)->kind == WRITER_OPERATION;
    size_t last = operation && !agent->trace->script.free ? last_of_front(agent) : 0;
    uint8_t who[CLIENT_WHO_SIZE] = {0};
    enum peer_event event;

    if (operation)
        memcpy(who, writer_front(writer)->who.data, sizeof(who));
    if (agent->trace->failed || !writer_step(writer, &event))
        return;
    if (event == PEER_FOREIGN)
        take_foreign(agent, span_of(who, sizeof(who)), last);
    else if (event == PEER_OWN)
        take_own(agent);
}

/* Does this agent want to know more before it types on? */
static bool wants_more(const struct agent *agent)
{
    const struct script *script = &agent->trace->script;

    return script->free || script_done(script) ||
           (script_may_type(script, agent->number) &&
            agent->read_to < script_reads_to(script, agent->number));
}

static bool read_on(struct agent *agent)
{
    bool any = false;

    while (!agent->trace->failed && writer_front(&agent->writer) != NULL &&
           (writer_must_step(&agent->writer) || wants_more(agent))) {
        read_one(agent);
        any = true;
    }
    return any;
}

/* ---- Typing ---- */

/* Free agents type where the place still exists. */
static struct recording_patch clamped(struct recording_patch patch, uint64_t points)
{
    if (patch.at_points > points)
        patch.at_points = points;
    if (patch.deleted_points > points - patch.at_points)
        patch.deleted_points = points - patch.at_points;
    return patch;
}

static enum status type_patch(struct agent *agent, struct recording_patch patch,
                              struct fault *fault)
{
    struct trace *trace = agent->trace;
    struct operation *operation;
    struct buffer json = {0};

    if (trace->script.free)
        patch = clamped(patch, agent->points);
    recording_write_operation(&trace->recording, &patch, &json);
    enum status status = trace->document.type->decode(buffer_span(&json), &operation, fault);
    buffer_finish(&json);
    if (status == STATUS_OK)
        status =
            held_edit_take(&agent->held, client_who(&agent->writer.client), operation, &operation);
    if (status != STATUS_OK)
        return status;
    if (trace->script.free)
        agent->points += (uint64_t)points_added(operation);
    return peer_edit_take(agent->writer.peer, operation, fault);
}

static void type_edit(struct agent *agent)
{
    struct trace *trace = agent->trace;
    size_t number = trace->script.agents[agent->number].next;
    const struct recording_edit *edit = &trace->recording.edits[number - 1];

    held_show(&agent->held, edit->seen);
    for (size_t i = 0; i < edit->count; i++) {
        struct fault fault = {""};
        enum status status = type_patch(agent, trace->recording.patches[edit->first + i], &fault);

        if (status != STATUS_OK) {
            char where[NAME_SIZE];

            snprintf(where, sizeof(where), "edit %zu", number);
            fail(trace, where, fault.text[0] != '\0' ? fault.text : status_text(status));
            return;
        }
    }
    script_typed(&trace->script, agent->number);
}

static bool type_on(struct agent *agent)
{
    const struct script *script = &agent->trace->script;
    bool any = false;

    if (peer_view(agent->writer.peer) == NULL)
        return false;
    while (!agent->trace->failed && script_may_type(script, agent->number) &&
           agent->read_to >= script_reads_to(script, agent->number)) {
        type_edit(agent);
        any = true;
    }
    return any;
}

static bool send_on(struct agent *agent)
{
    struct trace *trace = agent->trace;

    if (trace->script.agents[agent->number].in_flight.count > 0)
        writer_send(&agent->writer); /* again, after a lost connection or a refusal for now */
    if (!script_may_send(&trace->script, agent->number))
        return false;
    if (writer_send(&agent->writer)) {
        script_sent(&trace->script, agent->number);
        trace->commits++;
        return true;
    }
    if (!peer_idle(agent->writer.peer))
        return false;
    script_vanished(&trace->script, agent->number);
    return true;
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

            any |= read_on(agent);
            any |= type_on(agent);
            any |= send_on(agent);
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
        fail(trace, "a client", "it was given a snapshot instead of operations");
    if (trace->by_number == NULL)
        number_agents(trace);
    pump(trace);
}

static void on_failed(struct writer *writer, const char *why)
{
    fail(container_of(writer, struct agent, writer)->trace, "a client", why);
}

static const struct writer_ops writer_ops = {on_woke, on_failed};

static void on_watch(evutil_socket_t socket, short what, void *context)
{
    struct trace *trace = context;

    (void)socket;
    (void)what;
    if (moment_ns() - trace->progress_ns > trace->patience_ns)
        fail(trace, "the server", "nothing was acknowledged for too long");
}

/* ---- The end ---- */

static bool same_text(const struct trace *trace, const struct content *content,
                      struct span expected, const char *whose)
{
    struct buffer json = {0};

    trace->document.type->encode(content, &json);
    bool same = span_equal(buffer_span(&json), expected);
    if (!same)
        fprintf(stderr, "tutti trace: the text of %s differs: %zu bytes of JSON, not %zu\n", whose,
                json.size, expected.size);
    buffer_finish(&json);
    return same;
}

static void on_reader_woke(struct writer *writer)
{
    if (writer->open)
        event_base_loopbreak(writer->client.wire.target->events);
}

static void on_reader_failed(struct writer *writer, const char *why)
{
    fprintf(stderr, "tutti trace: reading back: %s\n", why);
    event_base_loopbreak(writer->client.wire.target->events);
}

static const struct writer_ops reader_ops = {on_reader_woke, on_reader_failed};

/* Open the document once more, as somebody who was not there. */
static bool reads_back(struct trace *trace, struct span expected)
{
    struct writer reader;

    writer_init(&reader, &trace->target, &trace->document, &reader_ops);
    writer_connect(&reader);
    while (!reader.open && !reader.client.failed && event_base_dispatch(trace->target.events) == 0)
        ;
    bool same = reader.open && same_text(trace, peer_confirmed(reader.peer), expected,
                                         "somebody who opens the document");
    writer_finish(&reader);
    return same;
}

static bool check_end(struct trace *trace)
{
    const struct type *type = trace->document.type;
    struct buffer expected = {0};
    bool same = true;

    if (trace->script.free)
        type->encode(peer_confirmed(trace->agents[0].writer.peer), &expected);
    else
        json_write_string(&expected, buffer_span(&trace->recording.end));
    for (size_t i = 0; i < trace->recording.agents; i++) {
        const struct peer *peer = trace->agents[i].writer.peer;

        same &= same_text(trace, peer_confirmed(peer), buffer_span(&expected), "an agent");
        same &= same_text(trace, peer_view(peer), buffer_span(&expected), "an agent's view");
    }
    same &= reads_back(trace, buffer_span(&expected));
    buffer_finish(&expected);
    return same;
}

static void report(const struct trace *trace, bool same)
{
    const struct recording *recording = &trace->recording;
    uint64_t end = trace->finished_ns > 0 ? trace->finished_ns : moment_ns();
    double seconds = moment_seconds(end - trace->started_ns);
    uint64_t losses = 0;

    for (size_t i = 0; i < recording->agents; i++)
        losses += trace->agents[i].writer.client.losses;
    printf("%zu edits (%zu patches) by %zu agent%s in %.2f s: %.0f edits/s\n",
           trace->script.sequenced, recording->patches_count, recording->agents,
           recording->agents == 1 ? "" : "s", seconds, (double)trace->script.sequenced / seconds);
    printf("%llu operations acknowledged: %.0f operations/s\n",
           (unsigned long long)trace->latencies.count, (double)trace->latencies.count / seconds);
    printf("latency p50 %.2f ms, p90 %.2f ms, p99 %.2f ms, max %.2f ms\n",
           moment_ms(histogram_percentile(&trace->latencies, 50)),
           moment_ms(histogram_percentile(&trace->latencies, 90)),
           moment_ms(histogram_percentile(&trace->latencies, 99)),
           moment_ms(trace->latencies.largest));
    printf("the server transformed %llu operations, over %llu others",
           (unsigned long long)trace->transformed, (unsigned long long)trace->others);
    if (trace->script.free)
        printf("\n");
    else
        printf(" (%llu edits)\n", (unsigned long long)trace->other_edits);
    printf("connections lost and found again: %llu\n", (unsigned long long)losses);
    if (trace->script.free)
        printf("%s\n", same ? "all texts are equal" : "the texts differ");
    else
        printf("%s\n", same ? "all texts are equal to endContent" : "the text is not endContent");
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
    struct timeval watch_every = {.tv_sec = WATCH_MS / 1000};
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
        same = check_end(trace);
    if (trace->started_ns > 0)
        report(trace, same);
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
