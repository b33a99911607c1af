/* sim_late - commits and claims that land seconds after their node was told that nobody knows what
 * became of them. By then the node may be dead, another may own the document, and the fence decide
 * against them. */
#ifndef TESTS_SIM_SIM_LATE_H
#define TESTS_SIM_SIM_LATE_H

#include <stddef.h>

struct batch_document;
struct sim_store;
struct store_claim;

/* All that it points to is copied. */
void sim_late_commit(struct sim_store *store, const struct batch_document *documents, size_t count);
void sim_late_claim(struct sim_store *store, const struct store_claim *claim);

/* They never land. */
void sim_late_finish(struct sim_store *store);

#endif
