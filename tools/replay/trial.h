/* trial - a schedule sequenced again, with a client for each of its authors.
 *
 * The server's half is the sequencer's own way (server/collab/rebase); the authors are ot/peer. An
 * author makes each of its edits when it has seen exactly the edit's base, so that everybody does
 * again what was done; an edit that does not fit any more is taken out for all. In the end, every
 * author has to have what the server has. */
#ifndef TOOLS_REPLAY_TRIAL_H
#define TOOLS_REPLAY_TRIAL_H

#include "server/collab/history.h"
#include "tools/replay/schedule.h"

struct trial {
    struct history history; /* of the edits, as sequenced; those taken out change nothing */
    struct content *content;
    bool differs;        /* some author does not have what the server has */
    struct who who;      /* the first who does not */
    struct buffer found; /* … and what it has instead: canonical JSON, or what went wrong */
};

/* Only the server's half: `differs` stays false. */
void trial_sequence(struct trial *trial, const struct schedule *schedule);

/* Both halves. */
void trial_run(struct trial *trial, const struct schedule *schedule);
void trial_finish(struct trial *trial);

#endif
