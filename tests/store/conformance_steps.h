/* conformance_steps - what the parts of the conformance suite do and expect, in a line each.
 *
 * Most tests begin with `filled(backend, "notes/1", 9)`: a document with nine edits, whose entry
 * `seq` has the time 5000 + seq. What is written here goes to that one. */
#ifndef TESTS_STORE_CONFORMANCE_STEPS_H
#define TESTS_STORE_CONFORMANCE_STEPS_H

#include <stdint.h>

#include <check.h>

#include "server/store/store.h"

/* The clock that epochs are drawn from stands still at this. */
extern uint64_t conformance_now;
uint64_t conformance_clock(void);

/* An empty store of the suite that runs. */
struct backend *conformance_open(void);
void conformance_close(struct backend *backend);

void expect_span(struct span span, const char *text);

/* Session 1: write its row; is it this one? */
void set_row(struct backend *backend, uint64_t epoch, struct session_row row);
void expect_row(struct backend *backend, struct session_row expected);

/* Write a snapshot; is the newest one up to `seq` that of `seq`, and this? */
enum status set_snapshot(struct backend *backend, uint64_t epoch, uint64_t seq, const char *type,
                         const char *content);
void expect_snapshot(struct backend *backend, uint64_t seq, const char *content);

/* Name a seq; are all versions, in order, these? "first 3, draft 5" */
enum status set_version(struct backend *backend, uint64_t epoch, const char *name, uint64_t seq);
void expect_versions(struct backend *backend, const char *document, const char *expected);

enum status fold_to(struct backend *backend, uint64_t epoch, uint64_t seq);

/* Can it be read at that seq? */
enum status load_status(struct backend *backend, uint64_t seq_max);

/* The parts: fill in the tests, return how many they are. */
size_t conformance_claims(const TTest **tests);
size_t conformance_sessions(const TTest **tests);
size_t conformance_snapshots(const TTest **tests);
size_t conformance_versions(const TTest **tests);
size_t conformance_folds(const TTest **tests);
size_t conformance_builds(const TTest **tests);
size_t conformance_entries(const TTest **tests);

#endif
