#include "server/collab/submission.h"

#include <string.h>

#include "base/memory.h"
#include "base/must.h"
#include "base/table.h"

struct submission *submission_create(const struct submission *from)
{
    size_t size = from->user.size + from->operation.size;
    struct submission *submission = memory_allocate(sizeof(*submission) + size);

    *submission = *from;
    submission->why = NULL;
    submission_explain(submission, from->why);
    if (from->user.size > 0)
        memcpy(submission->bytes, from->user.data, from->user.size);
    if (from->operation.size > 0)
        memcpy(submission->bytes + from->user.size, from->operation.data, from->operation.size);
    submission->user = span_of(submission->bytes, from->user.size);
    if (span_present(from->operation))
        submission->operation = span_of(submission->bytes + from->user.size, from->operation.size);
    return submission;
}

void submission_explain(struct submission *submission, const struct fault *why)
{
    memory_free(submission->why);
    submission->why = why != NULL ? memory_copy(why, sizeof(*why)) : NULL;
}

void submission_tell(struct submission *submission, enum status status, uint64_t seq)
{
    const struct outcome outcome = {
        .serial = submission->serial,
        .status = status,
        .seq = seq,
        .size = submission->operation.size,
        .why = status == submission->refusal ? submission->why : NULL,
    };
    struct submitter *submitter = submission->submitter;

    submission->submitter = NULL; /* the call may be its last */
    if (submitter != NULL)
        submitter->told(submitter, &outcome);
}

void submission_forget(struct submission *list, const struct submitter *submitter)
{
    struct submission *submission;

    DL_FOREACH (list, submission)
        if (submission->submitter == submitter)
            submission->submitter = NULL;
}

void submission_destroy(struct submission *submission)
{
    if (submission == NULL)
        return;
    must(submission->submitter == NULL);
    memory_free(submission->why);
    memory_free(submission);
}
