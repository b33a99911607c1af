/* publish - brings a document's stream and its waiting readers up to the committed head. */
#ifndef SERVER_COLLAB_PUBLISH_H
#define SERVER_COLLAB_PUBLISH_H

#include <stdint.h>

struct document;

/* The document was loaded: the stream begins anew at the committed head, readers go on from the
 * log. */
void publish_restart(struct document *document);

/* `added` more entries are durable, maybe none: put them into the streams, let go who waited. */
void publish_committed(struct document *document, uint64_t added);

#endif
