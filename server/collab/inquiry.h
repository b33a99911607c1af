/* inquiry - a request to read documents by their names: fetch or subscribe, one or several.
 *
 * Each document gets a reader, and one message answers when all of them have their part:
 *
 *   content wanted     the content at the head, as soon as that is durable
 *   from a version     the operations behind it, each a message, then the answer
 *
 * A reader that has its part waits for the others, so that nothing of a document comes before its
 * content. Then a subscription's goes on, and a fetch's is over. */
#ifndef SERVER_COLLAB_INQUIRY_H
#define SERVER_COLLAB_INQUIRY_H

#include "base/status.h"

struct inquiry;
struct link;
struct message;
struct reader;

/* MESSAGE_FETCH or MESSAGE_SUBSCRIBE. */
void inquiry_take_in(struct link *link, const struct message *message);

/* MESSAGE_UNSUBSCRIBE: what is on its way comes still. */
void inquiry_end(struct link *link, const struct message *message);

/* The reader's document is owned: make its part, or begin to. May end the reader. */
void inquiry_open(struct reader *reader);

/* The reader has put before its client what comes before the answer. */
void inquiry_has_part(struct reader *reader);

/* The reader cannot have its part. It is forgotten. */
void inquiry_failed(struct reader *reader, enum status reason);

/* The link goes away, and its readers with it. */
void inquiry_forget_all(struct link *link);

#endif
