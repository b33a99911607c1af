/* posting - an edit that names its document, and whom its fate is owed to.
 *
 * A ShareDB client need not have the document open. Once its edit is durable, whatever it misses of
 * the document goes before it:
 *
 *   subscribed, and not that far    its cursor brings the edit, which is the acknowledgement
 *   subscribed, and beyond          it has seen everything: a short acknowledgement
 *   not subscribed                  a cursor of its own, from its version to its edit
 *
 * A refusal repeats the whole request, as the reference does. */
#ifndef SERVER_COLLAB_POSTING_H
#define SERVER_COLLAB_POSTING_H

#include "base/fault.h"
#include "base/span.h"

struct link;
struct message;
struct sharedb_error;

/* Take in MESSAGE_EDIT, MESSAGE_CREATE or MESSAGE_DELETE of a link whose documents have names. */
void posting_take_in(struct link *link, const struct message *message);

/* An edit that could not be read whole is refused for good through the owner, so that it has one
 * fate; `message` is what there is of it. */
void posting_unreadable(struct link *link, const struct message *message, enum status reason,
                        struct fault *why);

/* The request of a ShareDB client comes back to it, with the error. */
void posting_refuse(struct link *link, struct span request, const struct sharedb_error *error);

/* The link goes away: nobody is told any more, the edits go on. */
void posting_forget_all(struct link *link);

#endif
