/* sim_edits - what the people in the simulator type: random documents and operations, small and
 * close together, so that they collide. */
#ifndef TESTS_SIM_SIM_EDITS_H
#define TESTS_SIM_SIM_EDITS_H

#include "base/buffer.h"
#include "base/prng.h"
#include "ot/type.h"

/* Any of the registered types. */
const struct type *sim_edits_type(struct prng *prng);

/* What a document of the type begins with, JSON. */
void sim_edits_start(struct prng *prng, const struct type *type, struct buffer *out);

/* An operation that fits the content, and changes something. */
struct operation *sim_edits_make(struct prng *prng, const struct content *content);

#endif
