/* schedule - one document's edits as they arrived, in the order in which they got their seqs.
 *
 * What is left when everything but the order is taken away: enough to sequence them again, with
 * other arrivals or in another order, and to be each of their authors. An arrival that was taken
 * out keeps its seq, as an operation that changes nothing, so that the bases of the others hold. */
#ifndef TOOLS_REPLAY_SCHEDULE_H
#define TOOLS_REPLAY_SCHEDULE_H

#include "ot/tie.h"
#include "ot/type.h"
#include "server/store/store.h"

struct arrival {
    uint64_t seq; /* in the log that it was read from */
    struct session_key session;
    uint64_t base; /* as seq: arrivals up to and with this one were seen */
    enum tie_rule rule;
    struct operation *operation; /* as it arrived; NULL: taken out */
};

struct schedule {
    const struct type *type;
    struct content *start; /* before the first arrival */
    uint64_t start_seq;    /* its seq */
    struct arrival *arrivals;
    size_t count;
};

/* The edits of a document up to `until`, from the last time that it was made, or from where its log
 * begins. NOT_FOUND when there are none; else as the back end. */
MUST_CHECK enum status schedule_read(struct schedule *schedule, struct backend *backend,
                                     struct span name, uint64_t until, struct fault *fault);

/* A copy, to change. */
struct schedule schedule_copy(const struct schedule *schedule);
void schedule_finish(struct schedule *schedule);

/* Another one with the same bytes as canonical JSON; NULL of NULL. */
struct operation *schedule_copy_operation(const struct operation *operation);

/* How many arrivals are not taken out. */
size_t schedule_left(const struct schedule *schedule);

#endif
