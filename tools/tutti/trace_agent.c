/* What one agent of a recording may read, type and send next. */
#include <stdio.h>
#include <string.h>

#include "base/json_scan.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "tools/tutti/moment.h"
#include "tools/tutti/trace.h"

enum { WHERE_SIZE = 64 };

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
        trace_fail(trace, "the document", "somebody else writes in it");
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

bool trace_agent_read(struct agent *agent)
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
            char where[WHERE_SIZE];

            snprintf(where, sizeof(where), "edit %zu", number);
            trace_fail(trace, where, fault.text[0] != '\0' ? fault.text : status_text(status));
            return;
        }
    }
    script_typed(&trace->script, agent->number);
}

bool trace_agent_type(struct agent *agent)
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

bool trace_agent_send(struct agent *agent)
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
