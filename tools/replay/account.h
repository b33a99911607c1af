/* account - the way of one operation, told: as JSON for programs and pages, as lines for people. */
#ifndef TOOLS_REPLAY_ACCOUNT_H
#define TOOLS_REPLAY_ACCOUNT_H

#include "tools/replay/derivation.h"

/* The content on either side of the entry, as canonical JSON; absent where there is no document. */
struct account {
    const struct derivation *derivation;
    struct buffer before;
    struct buffer after;
};

/* Tell how the walk's next entry came to be, and step over it. The walk, the entry and the
 * derivation are as derivation_make() left them. Finish it in every case. */
MUST_CHECK enum status account_make(struct account *account, struct walk *walk,
                                    const struct derivation *derivation, struct fault *fault);
void account_finish(struct account *account);

/* One JSON object:
 *   {"seq", "epoch", "time", "kind": "edit"|"create"|"delete", "who", "user", "serial", "base",
 *    "rule": "who"|"later", "arrived": OP, "passed": [{"seq", "who", "side": "first"|"second",
 *    "operation": OP, "result": OP}], "sequenced": OP, "derived"?: OP, "before": TEXT|null,
 *    "after": TEXT|null}
 * `derived` is there when it is not what the log holds. `before` and `after` are the place that
 * changed and some of what is around it; times are milliseconds since 1970. */
void account_json(const struct account *account, struct buffer *out);

/* The same in lines. */
void account_lines(const struct account *account, struct buffer *out);

#endif
