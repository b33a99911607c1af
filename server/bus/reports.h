/* reports - what a bus has to tell at its next poll. Inner to server/bus. */
#ifndef SERVER_BUS_REPORTS_H
#define SERVER_BUS_REPORTS_H

#include "server/bus/bus.h"

enum report_kind { REPORT_SUBSCRIBED, REPORT_MESSAGE, REPORT_MEMBERS, REPORT_LOST };

struct report;

/* In the order in which they came. A zeroed one is empty. */
struct reports {
    struct report *list;
};

/* Copies both spans; `bytes` is the message, or an array of struct bus_member. */
void reports_add(struct reports *reports, enum report_kind kind, struct span channel,
                 struct span bytes);

/* Tell the listener all that is there now; what comes meanwhile waits. Returns how many. */
size_t reports_tell(struct reports *reports, struct bus_listener *listener);
bool reports_empty(const struct reports *reports);
void reports_finish(struct reports *reports);

#endif
