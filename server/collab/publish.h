/* publish - brings a document's stream and its waiting readers up to the committed head. */
#ifndef SERVER_COLLAB_PUBLISH_H
#define SERVER_COLLAB_PUBLISH_H

struct document;

/* The document was loaded: the stream begins anew at the committed head, readers go on from the
 * log. */
void publish_restart(struct document *document);

/* More is durable: put it into the stream, let go who waited for it. */
void publish_committed(struct document *document);

#endif
