/* trace - a recording on its way through a running server: what the parts of `tutti trace` share.
 *
 *   trace.c         lets everybody read, type and send until all is done
 *   trace_agent.c   what one agent may do next
 *   trace_end.c     are all texts the same? and the report */
#ifndef TOOLS_TUTTI_TRACE_H
#define TOOLS_TUTTI_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/tutti/held.h"
#include "tools/tutti/histogram.h"
#include "tools/tutti/recording.h"
#include "tools/tutti/script.h"
#include "tools/tutti/writer.h"

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

/* Say what went wrong and stop. */
void trace_fail(struct trace *trace, const char *who, const char *why);

/* Let an agent read what it has to or wants to, type what it may, send what it can. True when it
 * did something. */
bool trace_agent_read(struct agent *agent);
bool trace_agent_type(struct agent *agent);
bool trace_agent_send(struct agent *agent);

/* Compare the texts of all agents, and of somebody who opens the document anew, with the
 * recording's (or, when the agents were free, with each other). */
bool trace_check_end(struct trace *trace);

void trace_report(const struct trace *trace, bool same);

#endif
