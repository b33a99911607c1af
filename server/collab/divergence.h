/* divergence - a client has made another state than we have at the same seq (rule 9).
 *
 * That is a fault of a program, its or ours. The client is told and gets the document anew; the
 * operator is told, with a bundle of what somebody needs who looks for the fault. */
#ifndef SERVER_COLLAB_DIVERGENCE_H
#define SERVER_COLLAB_DIVERGENCE_H

#include "protocol/message.h"

struct reader;

/* The reader's client tells what its state was. Nothing happens when ours was the same, is not
 * known any more, or is not committed. */
void divergence_check(struct reader *reader, const struct message_check *check);

#endif
