/* conformance - what every bus has to do, as tests.
 *
 * The suite of a bus says how one is made and how time passes, puts the tests of this table before
 * its own, and runs them all. */
#ifndef TESTS_BUS_CONFORMANCE_H
#define TESTS_BUS_CONFORMANCE_H

#include <check.h>

#include "base/buffer.h"
#include "server/bus/bus.h"

enum { CONFORMANCE_TESTS_MAX = 16 };

size_t conformance_tests(const TTest **tests);

/* ---- The suite's ---- */

/* One more bus in the same deployment, not yet listened to. */
struct bus *conformance_create(void);

/* Let what is under way arrive, and some time pass. */
void conformance_turn(void);

/* ---- A listener that writes down what it hears ---- */

struct ear {
    struct bus_listener listener;
    struct bus *bus;
    struct buffer heard; /* a line a report: "+channel", "channel message", "lost" */
    struct bus_member members[8];
    size_t member_count;
    size_t answers; /* reports of members */
};

/* A bus with an ear, subscribed to `channel` and confirmed. NULL: to none. */
void ear_open(struct ear *ear, const char *channel);
void ear_close(struct ear *ear);

void ear_say(struct ear *ear, const char *channel, const char *message);

/* Turn and poll until what was heard since the last call is `lines`, each with its end. Fails when
 * it does not become so. */
void ear_expect(struct ear *ear, const char *lines);

/* Turn and poll until the bus has been lost and `channel` is heard again. */
void ear_expect_return(struct ear *ear, const char *channel);

/* Beat until the members that answer are so many. */
void ear_expect_members(struct ear *ear, const char *name, size_t count);

#endif
