/* dialect - a wire that clients speak: what the hub takes in and says, in its words.
 *
 * Session code decides what is said and when; a dialect only spells it. A link speaks one from its
 * connection to its end. A document keeps one stream of frames for each dialect, and fills it only
 * while some reader follows it: a frame is encoded once for each dialect in use. */
#ifndef SERVER_COLLAB_DIALECT_H
#define SERVER_COLLAB_DIALECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/span.h"
#include "server/collab/hub.h"

struct entry;
struct fault;
struct frames;
struct message;
struct outcome;
struct past;
struct range_end;
struct reader;

/* What `opened` tells beside the document and its channel. */
struct opened {
    uint64_t seq;         /* the end of the answer */
    struct span snapshot; /* canonical JSON; absent when operations follow */
    uint64_t serial;      /* the session's highest number used so far */
    uint64_t epoch;       /* of the entry at `seq` */
    uint64_t check_every;
    const char *reload; /* why a snapshot comes that was not asked for; NULL when it was */
};

/* What is told beside the history (company.h). */
struct told {
    struct span name; /* the document's */
    uint64_t channel;
    uint64_t seq; /* of the last operation that a reader was sent before it; not with an event */
    struct who who;
    struct span state; /* absent: it shows nothing any more */
    struct span event;
};

struct dialect {
    enum dialect_kind kind;
    bool one_way; /* an event stream: what it writes stands in no WebSocket frames, its client says
                     nothing, and it is told nothing beside the history */
    bool ends_at_deletion; /* a deletion ends the document for whoever has it open */
    bool hurries;          /* a reader that falls behind its stream ends its link: its client comes
                              back by itself, and says how far it got */
    bool pings;            /* clients say nothing by themselves: silent ones get a heartbeat */

    /* A client has connected; NULL when it has to speak first. */
    void (*connected)(struct link *link);

    /* One whole text message of a client. What is wrong with it is answered or closes the link. */
    void (*receive)(struct link *link, struct span message);

    /* The beginning of one that is too large to be kept: refuse for good, through the owner, the
     * edit that it submits, with `why` in words. False when none can be made out. NULL in a one-way
     * dialect. */
    bool (*oversized)(struct link *link, struct span beginning, struct fault *why);

    /* ---- For one link; each puts its frame into the private output ---- */

    /* An edit of this reader's client was refused, or is one that the stream does not bring. Of
     * dialects whose documents have channels; so is `opened`. */
    void (*refused)(struct reader *reader, const struct outcome *outcome);
    /* The document is closed for this reader, or could not be opened; the reader ends. */
    void (*closed)(struct reader *reader, enum status reason);
    /* Its client's state at `seq` is not ours. */
    void (*diverged)(struct reader *reader, uint64_t seq);
    /* What the client asked of the past (MESSAGE_READ), or why it cannot be had. NULL in a dialect
     * whose clients do not ask. */
    void (*history)(struct link *link, const struct message *asked, const struct past *past);
    /* It goes elsewhere at some moment within so long, of its own choice. */
    void (*goaway)(struct link *link, uint64_t within_ms);
    void (*heartbeat)(struct link *link);

    /* ---- Without a frame around it ---- */

    /* The reader's answer, which is sent when its seq is durable. */
    void (*opened)(const struct reader *reader, const struct opened *opened, struct buffer *out);
    /* Nobody is here but those who are told from now on. This and the next two are NULL in a
     * dialect that has no words for it. */
    void (*nobody)(const struct told *told, struct buffer *out);
    void (*here)(const struct told *told, struct buffer *out);
    void (*said)(const struct told *told, struct buffer *out);

    /* ---- Frames of entries (frames.h), for streams and for readers of the log ---- */

    /* Write the entry: into the open frame, or behind what is there. It may leave a frame open. */
    void (*entry)(struct frames *frames, const struct entry *entry);
    /* Write the end of the open frame. */
    void (*entries_end)(struct frames *frames);
    /* One operation for the entries up to and with `end`, between two frames of the private output.
     * NULL in a dialect that has no words for that: its readers get every operation. */
    void (*composed)(struct reader *reader, const struct range_end *end, struct span operation);
};

const struct dialect *dialect_of(enum dialect_kind kind);

extern const struct dialect dialect_native;  /* `tutti.v1` */
extern const struct dialect dialect_events;  /* server-sent events */
extern const struct dialect dialect_sharedb; /* ShareDB's, protocol 1.2 */

#endif
