#include "server/cluster/forwarding.h"

#include <string.h>

#include "base/memory.h"
#include "server/cluster/cluster_state.h"
#include "server/cluster/node_submission.h"
#include "server/collab/document.h"
#include "server/collab/follow.h"
#include "server/collab/submission.h"

void forwarding_submit(struct cluster *cluster, const struct document *document,
                       const struct submission *submission)
{
    const char *owner = document->follow.row.owner;
    struct node_message message = {.kind = submission->floor ? NODE_FLOOR : NODE_SUBMIT,
                                   .document = document_name(document),
                                   .node = span_of_string(cluster->self.name),
                                   .start = cluster->self.start,
                                   .attempt = submission->attempt};

    if (owner[0] == '\0' || cluster_is_self(cluster, owner))
        return; /* nobody to tell yet: it is sent again */
    node_submission_write(&message, submission);
    cluster_say_to(cluster, owner, &message);
}

/* ---- Edits of other nodes ---- */

/* Who forwarded an edit, until that is told. */
struct remote {
    struct submitter submitter;
    struct cluster *cluster;
    struct bus_member node;
    uint64_t attempt;
    size_t name_size;
    uint8_t name[]; /* the document's */
};

/* What the stream tells is not told again; what was dropped is lost. */
static void remote_told(struct submitter *submitter, const struct outcome *outcome)
{
    struct remote *remote = container_of(submitter, struct remote, submitter);
    const struct node_message answer = {
        .kind = NODE_ANSWER,
        .document = span_of(remote->name, remote->name_size),
        .start = remote->node.start,
        .attempt = remote->attempt,
        .seq = outcome->seq,
        .serial = outcome->serial,
        .code = (uint64_t)status_code(outcome->status),
        .body = outcome->why != NULL ? span_of_string(outcome->why->text) : SPAN_NONE};

    if (outcome->status != STATUS_OK && outcome->status != STATUS_SERIAL_GAP)
        cluster_say_to(remote->cluster, remote->node.name, &answer);
    memory_free(remote);
}

static struct remote *remote_create(struct cluster *cluster, const struct node_message *message)
{
    struct remote *remote = memory_zeroed(1, sizeof(*remote) + message->document.size);

    remote->submitter.told = remote_told;
    remote->cluster = cluster;
    remote->node.start = message->start;
    memcpy(remote->node.name, message->node.data, message->node.size);
    remote->attempt = message->attempt;
    remote->name_size = message->document.size;
    memcpy(remote->name, message->document.data, message->document.size);
    return remote;
}

void forwarding_hear_submit(struct cluster *cluster, const struct node_message *message)
{
    struct submission submission;

    if (message->node.size >= sizeof(cluster->self.name) ||
        !node_submission_read(message, &submission))
        return;
    struct document *document = follow_need(cluster->hub, message->document);
    struct remote *remote = remote_create(cluster, message);

    submission.remote = true;
    submission.submitter = &remote->submitter;
    if (!follow_take_in(document, &submission))
        memory_free(remote);
}

void forwarding_hear_floor(struct cluster *cluster, const struct node_message *message)
{
    struct session_key session;

    memcpy(session.bytes, message->session, NODE_SESSION_SIZE);
    follow_take_floor(follow_need(cluster->hub, message->document), &session, message->serial,
                      message->base);
}

void forwarding_hear_answer(struct cluster *cluster, const struct node_message *message)
{
    struct document *document = document_find(cluster->hub, message->document);
    struct fault why;
    const struct outcome outcome = {.serial = message->serial,
                                    .status = status_of_code((int)message->code),
                                    .seq = message->seq,
                                    .why = span_present(message->body) ? &why : NULL};

    (void)fault_set(&why, outcome.status, "%.*s", SPAN_PRINT(message->body));
    if (document != NULL && message->start == cluster->self.start &&
        outcome.status != STATUS_COUNT && outcome.status != STATUS_OK)
        follow_answer(document, message->attempt, &outcome);
}
