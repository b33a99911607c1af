#include "tools/tutti/script.h"

#include <string.h>

#include "base/memory.h"
#include "base/must.h"
#include "tools/tutti/recording.h"

static size_t agent_of(const struct script *script, size_t number)
{
    return script->recording->edits[number - 1].agent;
}

/* Link each edit with the next one of its agent, from the last to the first. */
static void link_following(struct script *script)
{
    for (size_t number = script->recording->count; number > 0; number--) {
        struct script_agent *agent = &script->agents[agent_of(script, number)];

        script->following[number] = agent->next;
        agent->next = number;
    }
}

/* What an agent saw last of others: the edits just before `seen` may be its own. */
static void find_foreign(struct script *script)
{
    size_t count = script->recording->count;
    size_t *before_run = memory_zeroed(count + 1, sizeof(*before_run));

    for (size_t number = 2; number <= count; number++)
        before_run[number] = agent_of(script, number - 1) == agent_of(script, number)
                                 ? before_run[number - 1]
                                 : number - 1;
    for (size_t number = 1; number <= count; number++) {
        size_t seen = script->recording->edits[number - 1].seen;

        if (seen > 0 && agent_of(script, seen) == agent_of(script, number))
            seen = before_run[seen];
        script->foreign[number] = seen;
    }
    memory_free(before_run);
}

static void find_cuts(struct script *script)
{
    size_t count = script->recording->count;

    for (size_t number = 1; number < count; number++) {
        script->cut[number] = agent_of(script, number) != agent_of(script, number + 1);
        script->cut[script->foreign[number]] = true;
    }
    if (count > 0)
        script->cut[script->foreign[count]] = true;
}

void script_init(struct script *script, const struct recording *recording, size_t commit_max,
                 bool free)
{
    size_t count = recording->count + 1;

    must(commit_max > 0);
    *script = (struct script){.recording = recording, .commit_max = commit_max, .free = free};
    script->following = memory_zeroed(count, sizeof(*script->following));
    script->foreign = memory_zeroed(count, sizeof(*script->foreign));
    script->cut = memory_zeroed(count, sizeof(*script->cut));
    script->vanished = memory_zeroed(count, sizeof(*script->vanished));
    script->agents = memory_zeroed(recording->agents, sizeof(*script->agents));
    link_following(script);
    find_foreign(script);
    find_cuts(script);
}

void script_finish(struct script *script)
{
    memory_free(script->following);
    memory_free(script->foreign);
    memory_free(script->cut);
    memory_free(script->vanished);
    memory_free(script->agents);
    memory_free(script->last_of_seq);
}

size_t script_reads_to(const struct script *script, size_t agent)
{
    size_t number = script->foreign[script->agents[agent].next];

    if (script->free)
        return 0;
    /* What came to nothing never comes by in the stream. */
    while (number > 0 && (script->vanished[number] || agent_of(script, number) == agent))
        number--;
    return number;
}

bool script_may_type(const struct script *script, size_t agent)
{
    const struct script_agent *it = &script->agents[agent];

    if (it->next == 0 || it->waiting.count == script->commit_max)
        return false;
    if (it->waiting.count == 0 || script->free)
        return true;
    return it->next == it->waiting.last + 1 && !script->cut[it->waiting.last];
}

void script_typed(struct script *script, size_t agent)
{
    struct script_agent *it = &script->agents[agent];

    must(script_may_type(script, agent));
    if (it->waiting.count++ == 0)
        it->waiting.first = it->next;
    it->waiting.last = it->next;
    it->next = script->following[it->next];
}

bool script_may_send(const struct script *script, size_t agent)
{
    const struct script_agent *it = &script->agents[agent];

    if (it->waiting.count == 0 || it->in_flight.count > 0)
        return false;
    return script->free || it->waiting.first == script->sequenced + 1;
}

void script_sent(struct script *script, size_t agent)
{
    struct script_agent *it = &script->agents[agent];

    must(script_may_send(script, agent));
    it->in_flight = it->waiting;
    it->waiting = (struct script_commit){0};
}

void script_acknowledged(struct script *script, size_t agent)
{
    struct script_agent *it = &script->agents[agent];

    must(it->in_flight.count > 0);
    script->sequenced += it->in_flight.count;
    it->in_flight = (struct script_commit){0};
}

void script_vanished(struct script *script, size_t agent)
{
    const struct script_commit *waiting = &script->agents[agent].waiting;

    for (size_t number = waiting->first; number != 0 && number <= waiting->last;
         number = script->following[number])
        script->vanished[number] = true;
    script_sent(script, agent);
    script_acknowledged(script, agent);
}

size_t script_last_of_seq(struct script *script, uint64_t seq, size_t agent)
{
    while (seq >= script->seqs_max) {
        uint64_t more = script->seqs_max + 1024;
        size_t size = sizeof(*script->last_of_seq);

        script->last_of_seq = memory_resize(script->last_of_seq, (script->seqs_max + more) * size);
        memset(script->last_of_seq + script->seqs_max, 0, more * size);
        script->seqs_max += more;
    }
    if (script->last_of_seq[seq] == 0) {
        must(script->agents[agent].in_flight.count > 0);
        script->last_of_seq[seq] = script->agents[agent].in_flight.last;
    }
    return script->last_of_seq[seq];
}

size_t script_edits_since(const struct script *script, size_t agent, uint64_t base)
{
    size_t known = base < script->seqs_max ? script->last_of_seq[base] : 0;

    return script->agents[agent].in_flight.first - 1 - known;
}

bool script_done(const struct script *script)
{
    return script->sequenced == script->recording->count;
}
