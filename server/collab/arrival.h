/* arrival - what each message of a client does. The messages only leave their mark on links,
 * readers and inboxes; the turn acts on it. */
#ifndef SERVER_COLLAB_ARRIVAL_H
#define SERVER_COLLAB_ARRIVAL_H

#include "base/fault.h"

struct link;
struct message;
struct native_place;

void arrival_handle(struct link *link, const struct message *message);

/* A message that cannot be read whole. Its serial is refused for good through the owner, so that it
 * has one fate and no reconnect loop begins; without a serial there is nobody to answer. */
void arrival_unreadable(struct link *link, const struct native_place *place, enum status reason,
                        struct fault *why);

#endif
