/* store_check_damage - what can be wrong with a store, planted by SQL, and what a check has to say
 * about it, as tests of every back end with a survey.
 *
 * The SQL is SQLite's. A suite of another back end brings x'5b5d', which are bytes, and `user`,
 * which is a column, into its own. */
#ifndef TESTS_TOOLS_STORE_CHECK_DAMAGE_H
#define TESTS_TOOLS_STORE_CHECK_DAMAGE_H

#include <stddef.h>

#include <check.h>

#include "server/store/store.h"

enum { DAMAGE_TESTS_MAX = 8 };

/* Fill in the tests; `tests` has room for DAMAGE_TESTS_MAX. Returns how many they are. */
size_t damage_tests(const TTest **tests);

/* notes/1: a text that is ensured, edited twice, deleted, ensured again and edited, with snapshots
 * of three of these, a version, and the row of its one author, who has spent serial 7. notes/2 was
 * never created. */
void damage_fill(struct backend *backend);

/* What `tutti store check ARGUMENT` exits with; NULL: without one. This process prints nothing any
 * more. */
int damage_run_check(char *argument);

/* ---- The suite's ---- */

/* A new, empty store whose clock stands at 1000. */
struct backend *damage_create(void);

/* Run SQL on the store, unseen by its guards, and open it again as a check does. */
struct backend *damage_spoil_take(struct backend *backend, const char *sql);

/* Close it, and take it away. */
void damage_remove_take(struct backend *backend);

#endif
