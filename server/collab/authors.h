/* authors - the sessions that have written in a document, or want to.
 *
 * Each is read from its row in the store when it is first asked for, and carried by the next batch
 * after it has changed. A claim begins anew: another node may have written meanwhile. */
#ifndef SERVER_COLLAB_AUTHORS_H
#define SERVER_COLLAB_AUTHORS_H

struct author;
struct document;
struct session_key;

/* The author of a session here; made when it is not known. Its row is asked for in the store: look
 * at `loaded`. */
struct author *authors_get(struct document *document, const struct session_key *session);

/* The author of a session if it is known here, else NULL. Asks nobody. */
struct author *authors_find(const struct document *document, const struct session_key *session);

/* The author's row changed: the next batch carries it. */
void authors_mark(struct document *document, struct author *author);

/* None is known any more. */
void authors_forget(struct document *document);

#endif
