/* model - two back ends get the same seeded requests and have to give the same answers. */
#ifndef TESTS_STORE_MODEL_H
#define TESTS_STORE_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "server/store/store.h"

/* Fails the running test, naming the seed, at the first answer that differs. Both are empty. */
void model_compare(struct backend *a, struct backend *b, uint64_t seed, size_t steps);

/* `entry`, as a store gave it, is what `expected` was when it was written: an absent span has come
 * back as an empty one, and one form as one span. */
bool model_entry_equal(const struct entry *entry, const struct entry *expected);

#endif
