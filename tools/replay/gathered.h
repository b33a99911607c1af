/* gathered - what a capture shows of its store: a back end that can be read, and nothing else.
 *
 * The documents are those that the captured server had loaded or made; their logs begin where the
 * server read them from, as if what lies before had been folded. So whatever looks into a store
 * looks into a capture as well. */
#ifndef TOOLS_REPLAY_GATHERED_H
#define TOOLS_REPLAY_GATHERED_H

#include "server/store/store.h"

struct gathered;

struct gathered *gathered_create(void);
void gathered_destroy(struct gathered *gathered); /* NULL allowed */

/* A request that came back and was OK; what it holds is copied. */
void gathered_take(struct gathered *gathered, const struct store_request *request);

/* To read from; goes with the gathered. */
struct backend *gathered_backend(struct gathered *gathered);

/* The documents by name, in the order of their first appearance; NULL data behind the last. */
struct span gathered_name(const struct gathered *gathered, size_t index);

#endif
