/* question - a `read` of one link, until it is answered.
 *
 * A link's questions are asked one after the other, the next when the answer to the one before has
 * gone out: what is read for a client is bounded by what it takes. */
#ifndef SERVER_COLLAB_QUESTION_H
#define SERVER_COLLAB_QUESTION_H

struct link;
struct message;

/* Take a MESSAGE_READ in; it is answered in the order in which they came, or at once when too many
 * wait. */
void question_take_in(struct link *link, const struct message *message);

/* Ask the next one, if none is being asked and its answer has room. */
void question_ask_next(struct link *link);

/* The link goes away. */
void question_forget_all(struct link *link);

#endif
