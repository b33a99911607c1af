/* bisect - the first seq of a document from which on something is true of its content. */
#ifndef TOOLS_REPLAY_BISECT_H
#define TOOLS_REPLAY_BISECT_H

#include <stdbool.h>

#include "server/store/store.h"

struct bisect {
    struct backend *backend;
    struct span name;
    uint64_t first; /* the oldest seq that can be read: 0, or where the log was folded */
    uint64_t head;
    uint64_t looked; /* out: how many contents were looked at */

    /* Is it true of this content (canonical JSON; absent: there is no document)? */
    bool (*holds)(struct bisect *bisect, struct span content);
};

/* Halves first … head; `seq` is then the first one of which it is true, while it is not true of the
 * one before. Where it turns more than once, any such place. NOT_FOUND when it is not true at the
 * head; OK with seq = first when it is true from there on. */
MUST_CHECK enum status bisect_run(struct bisect *bisect, uint64_t *seq, struct fault *fault);

#endif
