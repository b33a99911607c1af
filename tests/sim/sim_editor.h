/* sim_editor - one document at one client: ot/peer, and what has to hold of all that reaches it.
 *
 * Everything that it hears is held against what is durable (sim_log): an operation is the durable
 * one of that number, a snapshot is what those operations make, an acknowledgement is of the edit
 * that is in flight and no other. */
#ifndef TESTS_SIM_SIM_EDITOR_H
#define TESTS_SIM_SIM_EDITOR_H

#include "base/prng.h"
#include "ot/peer.h"
#include "protocol/native.h"
#include "tests/sim/sim_clock.h"
#include "tests/sim/sim_log.h"
#include "tests/sim/sim_presence.h"
#include "tests/sim/sim_stray.h"

struct sim_client;

struct sim_editor {
    struct sim_client *client;
    struct sim_log *log;
    struct peer *peer;
    uint64_t channel;       /* 0: not open */
    struct sim_timer pause; /* it was told to come again, and waits a little */
    uint64_t edit;          /* the edit in flight; 0: none is */
    bool finished;          /* the last word was typed, after the trouble */
    uint64_t left;          /* the channel that it has closed, and may still hear of */
    struct sim_presence presence;
    struct sim_stray stray;
};

void sim_editor_init(struct sim_editor *editor, struct sim_client *client, struct sim_log *log);
void sim_editor_finish(struct sim_editor *editor);

/* On a connection that was welcomed. */
void sim_editor_open(struct sim_editor *editor);

/* It has another state than it should have, and the document open: get it anew, and keep what is
 * pending. */
void sim_editor_open_anew(struct sim_editor *editor);

/* The connection is gone. */
void sim_editor_lost(struct sim_editor *editor);

/* A message about this document. */
void sim_editor_hear(struct sim_editor *editor, const struct native_event *event);

/* The person changes something, if there is something to be changed. False when there is not. */
bool sim_editor_type(struct sim_editor *editor, struct prng *prng);

/* The last word was said, it has everything that is durable, and all of its own is among it. */
bool sim_editor_is_settled(const struct sim_editor *editor);

/* Where it stands, for a failure. */
void sim_editor_describe(const struct sim_editor *editor, struct buffer *out);

#endif
