/* bench - what the benchmarks of `tutti bench` share: clients that know no document, a time that is
 * measured, and a report.
 *
 *   connect all -> warm up -> measure -> report, with the machine's floor
 *
 * A bench client keeps no text: it knows its channel, the last seq it saw and its own serial, so
 * that the server is measured and not the benchmark. */
#ifndef TOOLS_TUTTI_BENCH_H
#define TOOLS_TUTTI_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/tutti/client.h"
#include "tools/tutti/histogram.h"

struct type;

struct bench_options {
    const char *kind; /* "hot", "fanout", "spread" or "offline" */
    const char *url;
    const char *floor_folder;
    uint64_t seconds;
    uint64_t documents;
    uint64_t writers; /* of each document */
    uint64_t readers;
    uint64_t in_flight;
    uint64_t edits;      /* of offline, by who is away, */
    uint64_t others;     /* and by the other one */
    uint64_t server_pid; /* 0: whoever listens on the URL's port */
    bool json;
};

struct bench;

struct bench_client {
    struct bench *bench;
    struct client client;
    size_t document;  /* its number */
    uint64_t channel; /* 0: not open */
    uint64_t seq;     /* the last one it saw: its base */
    uint64_t serial;  /* the last one it sent */
    uint64_t fate;    /* the last own one that came back */
    uint64_t sent_ns; /* when it sent the last one */
    uint64_t bytes;   /* of all messages it was sent */
};

struct bench_ops {
    const struct type *type;
    struct span start; /* what a document begins with, JSON */
    /* Everybody has opened its document: begin. */
    void (*begin)(struct bench *bench);
    /* Operations have come, `count` of them, of which `own` are its own. */
    void (*operations)(struct bench_client *client, uint64_t count, uint64_t own);
};

struct bench {
    const struct bench_ops *ops;
    const struct bench_options *options;
    struct wire_target target;
    struct prng prng;
    struct bench_client *clients;
    size_t count;
    size_t connected; /* asked to connect */
    size_t opened;
    bool begun;
    bool measuring;
    bool failed;
    uint64_t run; /* a number in the documents' names */

    /* While measuring: */
    uint64_t begin_ns;
    double seconds;
    uint64_t operations; /* acknowledged */
    uint64_t deliveries;
    uint64_t delivered_bytes; /* messages of readers */
    double server_cpu;
    double own_cpu;
    uint64_t server_rss;
    struct histogram latencies;
};

/* Connect `count` clients (the first one opens first), of which number i works on document
 * i % documents; warm up, measure, close. False, and a line on stderr, when something failed. */
bool bench_run(struct bench *bench, const struct bench_options *options,
               const struct bench_ops *ops, size_t count);

/* Send an edit of the document's type, JSON. */
void bench_edit(struct bench_client *client, struct span operation);

/* The benchmarks, each in its file: run, and print what the options say. */
int bench_edits(const struct bench_options *options); /* hot, spread */
int bench_fanout(const struct bench_options *options);
int bench_offline(const struct bench_options *options);

/* What apply, transform and compose of each type cost: workloads from standard input. */
int bench_types(void);

/* ---- The report: a line for each figure, or one JSON object ---- */

struct bench_report {
    bool json;
    bool any;
};

/* Begin without the figures of a time that was measured, or with them. */
void bench_report_title(struct bench_report *report, const struct bench_options *options);
void bench_report_begin(struct bench_report *report, const struct bench *bench);
void bench_report_figure(struct bench_report *report, const char *name, double value,
                         const char *unit);
void bench_report_end(struct bench_report *report);

#endif
