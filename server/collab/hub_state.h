/* hub_state - what the modules of the hub share. Not for anyone outside server/collab. */
#ifndef SERVER_COLLAB_HUB_STATE_H
#define SERVER_COLLAB_HUB_STATE_H

#include "server/collab/batch.h"
#include "server/collab/capture.h"
#include "server/collab/document.h"
#include "server/collab/hub.h"
#include "server/collab/link.h"

struct hub {
    struct hub_config config;
    struct store *store;
    struct peers *peers; /* NULL: a single node */
    uint64_t attempts;   /* forwarded so far */
    uint64_t now_ms;     /* of the call that is being handled */
    bool store_away;
    bool leaving; /* hub_shutdown() was called */

    struct document *documents; /* by name */
    struct document *work;      /* those that the next turn looks at */
    struct document *unsaved;   /* those that the next batch takes from */
    struct reader *lagging;     /* readers in LOG that may go on */
    struct document *telling;   /* those that have something to tell beside the stream */
    struct room *rooms;         /* channels of presence, by name */
    struct room *rooms_telling; /* those that have something to tell */
    size_t composed;            /* entries that this turn has composed for them */
    struct reading *readings;   /* what is asked of the past, in order */
    size_t readings_under_way;  /* so many of them are asked of the store, */
    size_t readings_waiting;    /* so many wait for that */
    struct link *links;
    struct link *sessions;             /* by session */
    struct link *ready;                /* those that want to write */
    struct link *overrun;              /* those that the next deliver closes */
    size_t readers[READER_CLOSED + 1]; /* by state; of the closed ones, all that there were */
    struct batch batch;
    struct buffer scratch; /* strings of the message that is being handled */
    uint64_t channels;     /* numbers given so far */
    uint64_t sources;      /* sessions issued so far */
    uint64_t connections;  /* numbers given so far */
    uint64_t swept_ms;     /* when the timers were last looked at */
    uint64_t called;       /* calls so far */
    uint64_t submitted;    /* requests so far */
    unsigned requests;     /* in flight in the store */
    struct hub_counts counts;
};

/* The one door to the store: each request goes out here, and its `done` begins with telling that it
 * has come back. */
void hub_submit(struct hub *hub, struct store_request *request);
void hub_returned(struct hub *hub, struct store_request *request);

/* A call into the hub begins: note the time, record the call if this hub is captured. */
static inline void hub_enter(struct hub *hub, uint64_t now_ms, struct capture_record record)
{
    hub->now_ms = now_ms;
    if (hub->config.capture == NULL)
        return;
    record.now_ms = now_ms;
    capture_write(hub->config.capture, &record);
}

/* Tell the operator. */
void hub_report(struct hub *hub, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
