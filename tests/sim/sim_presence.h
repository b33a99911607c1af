/* sim_presence - what the people show of themselves in a document, and what the others have to see.
 *
 * Somebody shows a number that nobody else shows, and two positions in what it has confirmed. As
 * the simulator knows all durable operations, it knows where these positions are at any later seq:
 * whoever is told them has to find them there, and to have read up to exactly that seq. In the end
 * everybody sees all others who still renew what they show, where they are, and nobody else. */
#ifndef TESTS_SIM_SIM_PRESENCE_H
#define TESTS_SIM_SIM_PRESENCE_H

#include "base/prng.h"
#include "ot/caret.h"
#include "protocol/native.h"
#include "server/store/store.h"
#include "tests/sim/sim_clock.h"

struct sim;
struct sim_editor;

/* What was shown once, as it was. */
struct sim_shown {
    struct sim_shown *next;
    uint64_t number;
    uint64_t seq;
    struct who who;
    struct buffer state;
};

/* Of one editor. */
struct sim_presence {
    struct sim_timer timer;  /* to show something, or the same again */
    struct sim_shown *shown; /* the latest; NULL: nothing */
    bool renews;             /* after the trouble: else it has to disappear */
};

void sim_presence_init(struct sim_editor *editor);
void sim_presence_finish(struct sim_editor *editor);

/* The document was opened: it is shown there again. */
void sim_presence_opened(struct sim_editor *editor);

/* The history that its positions are in is gone: it shows nothing until it shows something else. */
void sim_presence_begin_anew(struct sim_editor *editor);

/* Somebody's presence was told, and is not in the peer yet. */
void sim_presence_hear(struct sim_editor *editor, const struct native_event *event);

/* Does it see all others who renew, where they are, and nobody else? */
bool sim_presence_is_settled(const struct sim_editor *editor);

/* The memory of everything that was shown. */
void sim_presence_forget(struct sim *sim);

#endif
