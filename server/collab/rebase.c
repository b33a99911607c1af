#include "server/collab/rebase.h"

#include "base/mutant.h"

static struct span who_span(const struct who *who)
{
    return span_of(who->text, WHO_SIZE);
}

/* Over one entry, whose operation is `other`. */
static enum status pass(struct rebase *rebase, const struct entry *over,
                        const struct operation *other, struct operation **operation)
{
    struct who own = who_of(rebase->session);
    struct who others = who_of(&over->session);
    enum side side = tie_side(rebase->type, rebase->rule, who_span(&own), who_span(&others));
    struct operation *moved = NULL;

    if (mutant_is_on(MUTANT_SWAP_SIDE))
        side = side_other(side);
    enum status status = rebase->type->transform(*operation, other, side, &moved);

    if (status != STATUS_OK)
        return status;
    operation_discard(*operation);
    *operation = moved;
    rebase->count++;
    if (rebase->passed != NULL)
        rebase->passed(rebase, over, side, moved);
    return STATUS_OK;
}

enum status rebase_run(struct rebase *rebase, struct operation **operation)
{
    enum status status = STATUS_OK;

    rebase->count = 0;
    if (rebase->type->identity)
        return STATUS_OK;
    for (uint64_t seq = rebase->base + 1; status == STATUS_OK && seq <= rebase->to; seq++) {
        const struct operation *other = history_operation(rebase->history, seq, rebase->type);

        if (other != NULL)
            status = pass(rebase, &history_at(rebase->history, seq)->entry, other, operation);
    }
    return status;
}
