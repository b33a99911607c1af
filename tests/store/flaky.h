/* flaky - a back end that fails when it is told to, in front of one that works.
 *
 *   struct flaky *flaky = flaky_create_take(backend_memory_create(clock));
 *   flaky->fail_at = 3;              the third call from now on fails …
 *   flaky->status = STATUS_UNKNOWN;  … in this way …
 *   flaky->written = true;           … after it was done all the same
 *
 * so a scenario can be run again and again with N = 1, 2, … until none of its calls fails. */
#ifndef TESTS_STORE_FLAKY_H
#define TESTS_STORE_FLAKY_H

#include <stdbool.h>
#include <stdint.h>

#include "server/store/store.h"

struct flaky {
    struct backend backend;
    struct backend *inner;
    uint64_t calls;      /* so far, without those that the culprit failed */
    uint64_t fail_at;    /* the number of the call that fails, from 1; 0 = none */
    enum status status;  /* with which it fails */
    bool written;        /* it was done all the same */
    struct span culprit; /* a commit that has this document fails; absent = none */
    uint64_t commits;    /* so far, to count attempts */
};

/* Destroying the back end destroys both. */
struct flaky *flaky_create_take(struct backend *inner);

#endif
