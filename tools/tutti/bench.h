/* bench - what the benchmarks of `tutti bench` share: clients that know no document, a time that is
 * measured, and a report.
 *
 *   connect all -> warm up -> measure -> wait for the answers -> report, with the machine's floor
 *
 * A bench client keeps no text: it knows its channel, the last seq it saw and its own serial, so
 * that the server is measured and not the benchmark. */
#ifndef TOOLS_TUTTI_BENCH_H
#define TOOLS_TUTTI_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/tutti/client.h"
#include "tools/tutti/histogram.h"
#include "tools/tutti/yjs.h"

struct type;

enum { BENCH_NAME_SIZE = 64, BENCH_SOURCE_SIZE = 80, BENCH_PATH_SIZE = 320 };

/* The seq of a client that has not opened its document yet. */
#define BENCH_NOT_OPEN UINT64_MAX

struct bench_options {
    const char *kind; /* "hot", "fanout", "spread" or "offline" */
    const char *url;
    const char *peer_url; /* another server, measured in the same run; NULL for none */
    const char *dialect;  /* a name of bench_dialect_find() */
    const char *floor_folder;
    uint64_t seconds;
    uint64_t documents;
    uint64_t writers; /* of each document */
    uint64_t readers;
    uint64_t text_bytes; /* of a document that hot and spread begin with */
    uint64_t in_flight;
    uint64_t edits;      /* of offline, by who is away, */
    uint64_t others;     /* and by the other one */
    uint64_t server_pid; /* 0: whoever listens on the URL's port */
    bool unordered;      /* operations of others may come late, or not at all */
    bool json;
};

struct bench;

struct bench_client {
    struct bench *bench;
    size_t document;  /* its number */
    uint64_t seq;     /* the last one it saw: its base */
    uint64_t serial;  /* the last one it sent */
    uint64_t sent_ns; /* when it sent the last one */
    uint64_t bytes;   /* of all messages it was sent */

    struct client client; /* native */
    uint64_t channel;

    struct wire wire;                  /* sharedb, yjs */
    uint8_t source[BENCH_SOURCE_SIZE]; /* its session's id, JSON */
    size_t source_size;
    uint64_t own_next; /* of its own operations it has seen those before this seq, or clock */

    char path[BENCH_PATH_SIZE]; /* yjs: its document's */
    uint64_t clock;             /* … the number of the next character that it types, */
    struct yjs_place place;     /* … and where */
};

/* How clients talk to a server. */
struct bench_dialect {
    const char *name;
    void (*init)(struct bench_client *client);
    void (*finish)(struct bench_client *client);
    /* Connect, open its document, tell bench_opened(); from then on bench_took(). */
    void (*connect)(struct bench_client *client);
    /* Send an operation, JSON, as number `serial`. */
    void (*edit)(struct bench_client *client, struct span operation);
};
extern const struct bench_dialect bench_native;
extern const struct bench_dialect bench_sharedb;
extern const struct bench_dialect bench_yjs;

/* NULL when none has this name. */
const struct bench_dialect *bench_dialect_find(const char *name);

struct bench_ops {
    const struct type *type;
    struct span start; /* what a document begins with, JSON */
    /* Everybody has opened its document: begin. */
    void (*begin)(struct bench *bench);
    /* Operations have come, `count` of them, of which `own` are its own. */
    void (*operations)(struct bench_client *client, uint64_t count, uint64_t own);
};

struct bench {
    const struct bench_dialect *dialect;
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
    bool ending; /* nothing more is sent */
    bool failed;
    uint64_t run;          /* a number in the documents' names */
    uint64_t sent;         /* operations, from the first to the last, */
    uint64_t acknowledged; /* … and how many of them came back */

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
 * i % documents; warm up, measure, wait until all that was sent is acknowledged, close. False, and
 * a line on stderr, when something failed. */
bool bench_run(struct bench *bench, const struct bench_options *options,
               const struct bench_ops *ops, size_t count);

/* Send an edit of the document's type, JSON; not any more when the run is ending. */
void bench_edit(struct bench_client *client, struct span operation);

/* ---- For dialects ---- */

void bench_document_name(const struct bench_client *client, char name[BENCH_NAME_SIZE]);
/* The client has its document as it is at `seq`. */
void bench_opened(struct bench_client *client, uint64_t seq);
/* Operations have come, up to client->seq. */
void bench_took(struct bench_client *client, uint64_t count, uint64_t own);
/* Give up, for the first reason. */
void bench_fail(struct bench *bench, const char *why);

/* ---- The benchmarks ---- */

/* What a server is compared by with another one. */
struct bench_result {
    double operations_per_second;
    double deliveries_per_second;
    double p50_ms;
    double p99_ms;
    double server_cpu_us; /* for an operation */
    double server_rss_mb;
};

/* Each in its file: run, and print what the options say. False, and a line on stderr, when
 * something failed. `result` is set by those that can be compared. */
bool bench_edits(const struct bench_options *options,
                 struct bench_result *result); /* hot, spread */
bool bench_fanout(const struct bench_options *options, struct bench_result *result);
bool bench_offline(const struct bench_options *options, struct bench_result *result);

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
/* The first server's figures as multiples of its peer's. */
void bench_report_ratios(struct bench_report *report, const struct bench_result *first,
                         const struct bench_result *peer);
void bench_report_figure(struct bench_report *report, const char *name, double value,
                         const char *unit);
void bench_report_end(struct bench_report *report);

struct bench_result bench_result(const struct bench *bench);

#endif
