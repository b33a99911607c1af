#include "tools/replay/derivation.h"

#include <inttypes.h>

#include "base/memory.h"
#include "server/collab/rebase.h"

struct listening {
    struct rebase rebase;
    struct derivation *derivation;
};

static void keep_step(struct rebase *rebase, const struct entry *over, enum side side,
                      const struct operation *moved)
{
    struct derivation *derivation = container_of(rebase, struct listening, rebase)->derivation;
    size_t size = (derivation->count + 1) * sizeof(*derivation->steps);

    derivation->steps = memory_resize(derivation->steps, size);
    struct derivation_step *step = &derivation->steps[derivation->count++];

    *step = (struct derivation_step){.seq = over->seq, .session = over->session, .side = side};
    buffer_append(&step->over, over->sequenced);
    moved->type->write(moved, &step->result);
}

/* The sequencer's way from the base to the place before the entry. */
static enum status bring(struct listening *listening, struct walk *walk, struct fault *fault)
{
    const struct entry *entry = listening->derivation->entry;
    const struct type *type = walk->state.type;
    struct operation *operation = NULL;
    enum status status = type->decode(entry->arrived, &operation, fault);

    if (status == STATUS_OK && !type->identity && entry->base + 1 < entry->seq)
        status = walk_reach_back(walk, entry->base + 1, fault);
    if (status == STATUS_OK) {
        listening->rebase.type = type;
        status = rebase_run(&listening->rebase, &operation);
        if (status != STATUS_OK)
            fault_set(fault, status, "entry %" PRIu64 " cannot pass those before it: %s",
                      entry->seq, status_text(status));
    }
    if (status == STATUS_OK)
        type->write(operation, &listening->derivation->result);
    operation_discard(operation);
    return status;
}

enum status derivation_make(struct derivation *derivation, struct walk *walk,
                            const struct entry *entry, bool keep_steps, struct fault *fault)
{
    struct listening listening = {
        .rebase =
            {
                .history = &walk->history,
                .rule = (enum tie_rule)entry->rule,
                .session = &entry->session,
                .base = entry->base,
                .to = entry->seq - 1,
                .passed = keep_steps ? keep_step : NULL,
            },
        .derivation = derivation,
    };
    enum status status = STATUS_OK;

    *derivation = (struct derivation){.entry = entry, .equal = true};
    if (entry->kind != ENTRY_EDIT)
        return STATUS_OK;
    if (walk->state.type == NULL)
        return fault_set(fault, STATUS_CORRUPT, "entry %" PRIu64 " edits what does not exist",
                         entry->seq);
    status = bring(&listening, walk, fault);
    if (status != STATUS_OK) {
        derivation_finish(derivation);
        return status;
    }
    derivation->equal = span_equal(buffer_span(&derivation->result), entry->sequenced);
    return STATUS_OK;
}

void derivation_finish(struct derivation *derivation)
{
    for (size_t i = 0; i < derivation->count; i++) {
        buffer_finish(&derivation->steps[i].over);
        buffer_finish(&derivation->steps[i].result);
    }
    memory_free(derivation->steps);
    buffer_finish(&derivation->result);
    *derivation = (struct derivation){0};
}
