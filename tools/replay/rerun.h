/* rerun - a capture run again: the same calls into the same code, which makes a second capture.
 *
 *   capture --> records: what came --> hub, cluster --> records of this run
 *      |                                |       |              |
 *      |                  store that answers   bus that        |
 *      |                  as the first did     brings the same |
 *      +------------------- are they the same bytes? ----------+
 *
 * Where this run does something else, it ends with the first difference: another build, or a
 * capture that is not whole. */
#ifndef TOOLS_REPLAY_RERUN_H
#define TOOLS_REPLAY_RERUN_H

#include "base/table.h"
#include "server/bus/bus.h"
#include "server/collab/capture.h"

struct cluster;
struct rerun_link;
struct rerun_call;

enum rerun_end {
    RERUN_WHOLE,   /* the capture's end was reached */
    RERUN_CUT_OFF, /* the file ends within a record, as after a crash: it is run up to there */
    RERUN_DIFFERS, /* this run is not like the first */
    RERUN_DAMAGED  /* the file is not what was written */
};

struct rerun {
    /* Told of each record before it is run; may be NULL. */
    void (*tell)(struct rerun *rerun, const struct capture_record *record);
    /* Told of each request that came back and was OK, before the hub is; may be NULL. */
    void (*returned)(struct rerun *rerun, const struct store_request *request);

    struct store store;     /* the hub's */
    struct bus bus;         /* the cluster's, within … */
    struct bus *bus_record; /* … the one that is recorded; NULL on a single node */
    struct cluster *cluster;
    struct hub *hub;
    struct capture second;
    struct store_request *pending; /* oldest first */
    struct rerun_link *links;
    struct rerun_call *calls;
    uint64_t calls_made;
    char *node;

    struct span capture;        /* the first one, whole */
    size_t read;                /* bytes of it that were read, `next` among them */
    size_t begin;               /* where `next` begins */
    size_t made;                /* bytes of it that this run has made as well */
    struct capture_record next; /* … when there is one */
    bool has_next;
    uint64_t now_ms; /* of what was read */

    uint64_t records; /* run so far; the number of `next` */
    uint64_t writes;  /* that were compared, */
    uint64_t bytes;   /* and their bytes */
    uint64_t said;    /* answers and messages of the bus that were compared */
    enum rerun_end end;
    struct fault fault; /* what differs or is damaged, and where */
};

/* Run the capture in these bytes, which outlive the call. Whatever it comes to is in `end`. The
 * owner sets the two calls of a zeroed struct before; nothing is to be freed after it. */
void rerun_run(struct rerun *rerun, struct span capture);

#endif
