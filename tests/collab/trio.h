/* trio - a world with three clients, who have done nothing yet, for tests of what they do to each
 * other. One test at a time: each runs in a process of its own, or after the one before has ended.
 */
#ifndef TESTS_COLLAB_TRIO_H
#define TESTS_COLLAB_TRIO_H

#include "tests/collab/world.h"

extern struct world world;
extern struct client anna;
extern struct client ben;
extern struct client carla;

void trio_begin(void);
void trio_end(void);

/* Begin; Anna and Ben have notes/1 of this type open, which stands at seq 1. */
void trio_join(const char *type);

/* The client says a message, and the world runs. */
void trio_say(struct client *client, const char *message);

/* The public id of its session. */
struct who trio_who(const struct client *client);

/* The client hears that `other` shows this at the seq. */
void trio_expect_here(struct client *client, uint64_t seq, struct who other, const char *state);

#endif
