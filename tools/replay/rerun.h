/* rerun - a capture run again: the same calls into the same code, every write compared.
 *
 *   capture file --> records --> hub --> writes, compared with the hashes of the first run
 *                                 |
 *                               store that answers what the first run's answered
 *
 * Where this run does something else, it ends with the first difference: another build, or a
 * capture that is not whole. */
#ifndef TOOLS_REPLAY_RERUN_H
#define TOOLS_REPLAY_RERUN_H

#include "base/table.h"
#include "server/collab/capture.h"

/* A link of the first run. */
struct rerun_link {
    uint64_t number;
    struct link *link;
    UT_hash_handle hh; /* by number */
};

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

    struct store store; /* the hub's */
    struct hub *hub;
    struct store_request *pending; /* oldest first */
    struct rerun_link *links;
    char *node;

    uint64_t records; /* run so far; the number of the one at hand */
    uint64_t writes;  /* that were compared, */
    uint64_t bytes;   /* and their bytes */
    uint64_t now_ms;
    enum rerun_end end;
    struct fault fault; /* what differs or is damaged, and where */
};

/* Run the capture in these bytes, which outlive the call. Whatever it comes to is in `end`. The
 * owner sets the two calls of a zeroed struct before; nothing is to be freed after it. */
void rerun_run(struct rerun *rerun, struct span capture);

/* One record in words, for people. */
void rerun_describe(const struct capture_record *record, struct buffer *out);

#endif
