/* conformance - what every back end of the store has to do, as tests.
 *
 * The suite of a back end says how an empty one is made, puts the tests of this table before its
 * own, and runs them all:
 *
 *   struct backend *conformance_create(store_clock_fn clock) { return backend_memory_create(clock);
 * }
 */
#ifndef TESTS_STORE_CONFORMANCE_H
#define TESTS_STORE_CONFORMANCE_H

#include <stddef.h>

#include <check.h>

#include "server/store/store.h"

enum { CONFORMANCE_TESTS_MAX = 80 };

/* Fill in the tests; `tests` has room for CONFORMANCE_TESTS_MAX. Returns how many they are. */
size_t conformance_tests(const TTest **tests);

/* The same of those that have a survey: a few more. */
size_t conformance_survey(const TTest **tests);

/* The suite's: an empty store on this clock. */
struct backend *conformance_create(store_clock_fn clock);

#endif
