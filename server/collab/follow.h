/* follow - a document whose sequencer is another node, kept up to date and served here.
 *
 *   JOINING --heard--> LOADING --loaded--> FOLLOWED --may claim--> CLAIMING --> OWNED
 *                         ^                  |   ^                    |
 *                         +-- store restored-+   +------ fenced ------+
 *
 * What the owner published is applied when it follows on what is here; a gap, a head that is
 * higher, and a doubt are settled by reading the store, which alone is true. The inbox of a
 * followed document is what was forwarded and has no fate yet (rule 7): it is sent again, in order,
 * after a second or when the owner changes, until its entries come by or the owner answers. A
 * document that becomes owned sequences what is in its inbox, one that is lost forwards it.
 *
 * Who owns it is known by hearsay, and nobody need have said it: a claim may land late, or its node
 * die before it knew. So whoever gets no answer from the owner that it believes in reads the store,
 * and so does a node that is asked as the owner and is not: no circle of beliefs lasts.
 *
 * The functions below are the cluster's way into the hub. */
#ifndef SERVER_COLLAB_FOLLOW_H
#define SERVER_COLLAB_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "server/collab/capture.h"
#include "server/store/store.h"

struct author;
struct document;
struct hub;
struct outcome;
struct reader;
struct submission;

/* In each document of a node with peers. */
struct follow {
    struct document_row row; /* as the store or its owner said last */
    bool joined;             /* what is published about it is heard */
    bool claimed;            /* the row is ours until something says otherwise */
    bool giving;             /* it is to be released as soon as nothing is under way */

    struct store_since since;
    uint64_t reads_asked; /* reads of the store that were begun, … */
    uint64_t reads_done;  /* … and that have come back well */
    bool reading;
    bool again; /* something came up during the read */
    uint64_t read_ms;
    uint64_t read_epoch; /* `row.epoch` when it began */

    uint64_t ownerless_ms; /* when the owner gave it up, as seen here; 0 = it did not */
    uint64_t called_epoch; /* this node was asked to take it when this claim is over */

    /* The cluster's own, by document. */
    uint64_t told_ms;        /* when the head was told last, … */
    uint64_t changed_ms;     /* … and entries were */
    uint64_t others_turn_ms; /* since when another node ranks before this one; 0 = none does */
};

/* ---- From the cluster ---- */

/* A call into the cluster begins; it is recorded as this kind if the hub is captured. */
void follow_enter(struct hub *hub, uint64_t now_ms, enum capture_kind kind);

/* Somebody takes this node for the owner: load the document, claim it if that is allowed; where it
 * is followed, see in the store whose it is. */
struct document *follow_need(struct hub *hub, struct span name);

/* The channel is heard from now on (true), or the bus is away (false). */
void follow_joined(struct document *document, bool heard);

/* Entries were published: `count` of them, the first is number `seq`. Borrowed. */
void follow_entries(struct document *document, const struct entry *entries, size_t count);

/* Somebody says how far the document is, and who owns it: `epoch` is that of the owner's claim. */
void follow_head(struct document *document, uint64_t epoch, uint64_t head, struct span owner);

/* This node is asked to become the owner, since the claim with this epoch is over. It claims at
 * once where the document is known to be nobody's. */
void follow_call(struct hub *hub, struct span name, uint64_t epoch);

/* The owner's answer to an attempt: anything but OK. */
void follow_answer(struct document *document, uint64_t attempt, const struct outcome *outcome);

/* Another node forwards an edit, or the wish that the document exists (ENTRY_CREATE without a
 * serial). Ignored unless it is owned here or being claimed: the other one sends it again. Returns
 * whether it was taken in. */
bool follow_take_in(struct document *document, const struct submission *submission);

/* Another node asks for a floor: edits of this session with a base below `seq` are never sequenced,
 * unless `serial`, which its client has in flight, was already. */
void follow_take_floor(struct document *document, const struct session_key *session,
                       uint64_t serial, uint64_t seq);

/* Look at the store: what is there may be newer. */
void follow_read(struct document *document);

/* Give the document up as soon as nothing is under way. It is owned. */
void follow_give(struct document *document);

/* The members have changed, or time has passed: whoever waits for an owner looks again. */
void follow_look_again(struct hub *hub);

/* Every document, one after the other. */
struct document *follow_next(const struct hub *hub, const struct document *document);

/* ---- From the document ---- */

/* One step of a followed document. */
void follow_step(struct document *document);

/* Once a second, of an owned or followed one. */
void follow_sweep(struct document *document);

/* May this reader be answered from what is here? Its author's row has been read for it. */
bool follow_may_answer(struct document *document, struct reader *reader,
                       const struct author *author);

/* Ask the owner to raise the floor of this reader's session to the head, again and again until its
 * row says so. */
void follow_ask_for_floor(struct document *document, struct reader *reader);

#endif
