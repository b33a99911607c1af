/* node_submission - an edit on its way to the owner: everything that decides its fate goes along.
 */
#ifndef SERVER_CLUSTER_NODE_SUBMISSION_H
#define SERVER_CLUSTER_NODE_SUBMISSION_H

#include <stdbool.h>

#include "protocol/node_message.h"
#include "server/collab/submission.h"

/* Fill in what a SUBMIT says of the edit itself. Spans are those of the submission. */
void node_submission_write(struct node_message *message, const struct submission *submission);

/* The reverse; spans point into the message. False when no node of this version has written it. */
MUST_CHECK bool node_submission_read(const struct node_message *message,
                                     struct submission *submission);

#endif
