#include "server/collab/submission.h"

#include <string.h>

#include "base/memory.h"

struct submission *submission_create(const struct submission *from)
{
    size_t size = from->user.size + from->operation.size;
    struct submission *submission = memory_allocate(sizeof(*submission) + size);

    *submission = *from;
    if (from->user.size > 0)
        memcpy(submission->bytes, from->user.data, from->user.size);
    if (from->operation.size > 0)
        memcpy(submission->bytes + from->user.size, from->operation.data, from->operation.size);
    submission->user = span_of(submission->bytes, from->user.size);
    if (span_present(from->operation))
        submission->operation = span_of(submission->bytes + from->user.size, from->operation.size);
    return submission;
}

void submission_destroy(struct submission *submission)
{
    memory_free(submission);
}
