#include "tools/replay/bisect.h"

#include "tools/replay/walk.h"

static enum status look(struct bisect *bisect, uint64_t seq, bool *holds, struct fault *fault)
{
    struct buffer content = {0};
    struct walk walk;
    enum status status = walk_begin(&walk, bisect->backend, bisect->name, seq, fault);

    if (status == STATUS_OK) {
        const struct type *type = walk.state.type;

        if (type != NULL)
            type->encode(walk.state.content, &content);
        *holds = bisect->holds(bisect, type != NULL ? buffer_span(&content) : SPAN_NONE);
        bisect->looked++;
    }
    buffer_finish(&content);
    walk_finish(&walk);
    return status;
}

enum status bisect_run(struct bisect *bisect, uint64_t *seq, struct fault *fault)
{
    uint64_t below = bisect->first; /* not true here … */
    uint64_t at = bisect->head;     /* … and true here */
    bool holds = false;
    enum status status = look(bisect, at, &holds, fault);

    if (status == STATUS_OK && !holds)
        return fault_set(fault, STATUS_NOT_FOUND, "it is not true at the head");
    if (status == STATUS_OK)
        status = look(bisect, below, &holds, fault);
    if (status == STATUS_OK && holds)
        at = below;
    while (status == STATUS_OK && below + 1 < at) {
        uint64_t middle = below + (at - below) / 2;

        status = look(bisect, middle, &holds, fault);
        if (holds)
            at = middle;
        else
            below = middle;
    }
    if (status == STATUS_OK)
        *seq = at;
    return status;
}
