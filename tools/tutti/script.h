/* script - who may type, read and send when, so that a recording comes out as it was made.
 *
 *   edits      1   2   3   4   5   6   7   8          the order of the server
 *   agent      a   a   a   a   b   b   a   a
 *   seen                       2   5   4
 *   commits   [1] [2]|[3   4] [5   6] [7   8]         | because agent b saw 2 and not 3
 *
 * An agent types ahead while an operation of its own is in flight, and what it typed goes together
 * in the next one. But a commit is seen whole or not at all: so it ends where another agent stopped
 * reading, and where another agent's edit comes next. It is sent when all edits before it have
 * their seq, which makes the server's order that of the recording.
 *
 * Pure: told what happens, asked what may. Edits are numbered from 1; 0 is none. */
#ifndef TOOLS_TUTTI_SCRIPT_H
#define TOOLS_TUTTI_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct recording;

/* The edits of a commit; between the first and the last one there are others' only when the agents
 * are free. */
struct script_commit {
    size_t first;
    size_t last;
    size_t count; /* 0: there is none */
};

struct script_agent {
    size_t next;                    /* what it types next; 0: it has typed everything */
    struct script_commit waiting;   /* typed, not sent */
    struct script_commit in_flight; /* sent, without a seq */
};

struct script {
    const struct recording *recording;
    size_t commit_max; /* edits in a commit */
    bool free;         /* the agents do not wait for each other */
    size_t sequenced;  /* edits that have their seq */
    size_t *following; /* for each edit, the next one by the same agent */
    size_t *foreign;   /* for each edit, the last of others' edits that its agent had seen */
    bool *cut;         /* for each edit: its commit ends with it */
    bool *vanished;    /* for each edit, its commit came to nothing */
    struct script_agent *agents;
    size_t *last_of_seq; /* the last edit of each commit, by seq; 0 = not known */
    uint64_t seqs_max;
};

/* The recording is borrowed. `commit_max` 1: every edit is an operation of its own. */
void script_init(struct script *script, const struct recording *recording, size_t commit_max,
                 bool free);
void script_finish(struct script *script);

/* The number of an edit of another agent up to which this one has to have read before it types its
 * next edit; 0 when it has to have read nothing, or has typed everything. */
size_t script_reads_to(const struct script *script, size_t agent);

/* May it type its next edit now, as far as its own commits are concerned? */
bool script_may_type(const struct script *script, size_t agent);
void script_typed(struct script *script, size_t agent);

/* May what it typed be sent now? Nothing of its own is in flight. */
bool script_may_send(const struct script *script, size_t agent);
void script_sent(struct script *script, size_t agent);

/* What was in flight has its seq, or what was waiting to be sent came to nothing. */
void script_acknowledged(struct script *script, size_t agent);
void script_vanished(struct script *script, size_t agent);

/* `agent`'s operation was seen in the stream with this seq, by anybody: the last edit in it. Known
 * from the first time on; at that time it is in flight. */
size_t script_last_of_seq(struct script *script, uint64_t seq, size_t agent);

/* How many edits got their seq between `base` and the agent's commit that is in flight. */
size_t script_edits_since(const struct script *script, size_t agent, uint64_t base);

/* Every edit has its seq. */
bool script_done(const struct script *script);

#endif
