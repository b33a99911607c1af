/* sim_stray - a client whose state is not what the document is, by a fault of its own.
 *
 * In place of somebody else's operation it takes another one, and goes on from there: its edits are
 * made on a state that nobody else has, and come back as others; the hash that it tells is wrong.
 * It has to be told so, or to notice, and to get the document anew. Later operations may happen to
 * make it right again. */
#ifndef TESTS_SIM_SIM_STRAY_H
#define TESTS_SIM_SIM_STRAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"

struct fault;
struct sim_editor;

/* Of one editor. */
struct sim_stray {
    bool is_astray; /* its confirmed state is another one */
    bool misled;    /* the edit in flight was sent from such a state */
    uint64_t told;  /* the last seq at which it told the hash of a wrong state */
};

/* Does it go astray with the operation of this number and author? */
bool sim_stray_strikes(const struct sim_editor *editor, uint64_t seq, struct span who);

/* Then it takes another one in its place. Fails as the peer does. */
MUST_CHECK enum status sim_stray_take(struct sim_editor *editor, uint64_t seq, struct span who,
                                      struct fault *fault);

/* It has followed an operation: look whether it is still astray. */
void sim_stray_look(struct sim_editor *editor);

/* May the person type, as far as this is concerned? */
bool sim_stray_may_type(const struct sim_editor *editor);

/* It sends the edit in flight, for the first time or again. */
void sim_stray_sends(struct sim_editor *editor, bool fresh);

/* It tells the hash of its state at this seq. */
void sim_stray_tells(struct sim_editor *editor, uint64_t seq);

#endif
