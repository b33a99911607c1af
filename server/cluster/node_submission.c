#include "server/cluster/node_submission.h"

#include <string.h>

#include "base/must.h"

/* In `flags`, behind the kind of the entry. */
enum {
    FLAG_KIND = 3,
    FLAG_SPARSE = 1 << 2,
    FLAG_TIES_LATER = 1 << 3,
    FLAG_AT_HEAD = 1 << 4,
    FLAG_RESTORES = 1 << 5,
    FLAG_CREATES = 1 << 6,
    FLAGS = (1 << 7) - 1
};

void node_submission_write(struct node_message *message, const struct submission *submission)
{
    unsigned flags = submission->kind;

    must(submission->kind <= ENTRY_DELETE);
    flags |= submission->sparse ? FLAG_SPARSE : 0;
    flags |= submission->ties_later ? FLAG_TIES_LATER : 0;
    flags |= submission->at_head ? FLAG_AT_HEAD : 0;
    flags |= submission->restores ? FLAG_RESTORES : 0;
    flags |= submission->creates ? FLAG_CREATES : 0;
    message->flags = flags;
    message->serial = submission->serial;
    message->base = submission->base;
    message->code = (uint64_t)status_code(submission->refusal);
    message->type = submission->type != NULL ? span_of_string(submission->type->name) : SPAN_NONE;
    message->user = submission->user;
    message->body = submission->operation;
    memcpy(message->session, submission->session.bytes, NODE_SESSION_SIZE);
}

bool node_submission_read(const struct node_message *message, struct submission *submission)
{
    enum status refusal = status_of_code((int)message->code);
    const struct type *type = span_present(message->type) ? type_find(message->type) : NULL;
    bool makes_state = (message->flags & (FLAG_RESTORES | FLAG_CREATES)) != 0;

    if (message->flags > FLAGS || (message->flags & FLAG_KIND) > ENTRY_DELETE ||
        refusal == STATUS_COUNT || (type == NULL && (span_present(message->type) || makes_state)))
        return false;
    *submission = (struct submission){
        .kind = (enum entry_kind)(message->flags & FLAG_KIND),
        .refusal = refusal,
        .sparse = (message->flags & FLAG_SPARSE) != 0,
        .ties_later = (message->flags & FLAG_TIES_LATER) != 0,
        .at_head = (message->flags & FLAG_AT_HEAD) != 0,
        .restores = (message->flags & FLAG_RESTORES) != 0,
        .creates = (message->flags & FLAG_CREATES) != 0,
        .type = type,
        .serial = message->serial,
        .base = message->base,
        .user = message->user,
        .operation = message->body,
    };
    memcpy(submission->session.bytes, message->session, NODE_SESSION_SIZE);
    return true;
}
