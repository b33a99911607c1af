#include "server/collab/blame.h"

#include <inttypes.h>

#include "base/buffer.h"
#include "base/json_scan.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "ot/text_blame.h"
#include "ot/type.h"
#include "server/collab/state.h"
#include "server/store/store.h"

/* How long a text is that a creation or a snapshot holds; JSON, absent: empty. */
static enum status measure(struct span data, uint64_t *points, struct fault *fault)
{
    struct buffer scratch = {0};

    *points = 0;
    if (!span_present(data))
        return STATUS_OK;
    if (json_kind(data) != JSON_KIND_STRING)
        return fault_set(fault, STATUS_CORRUPT, "a text document is a string");
    *points = utf8_points(json_read_string(data, &scratch));
    buffer_finish(&scratch);
    return STATUS_OK;
}

/* A document of this type begins, or there is none any more. */
static enum status begin(struct blame *blame, const struct type *type, struct span data,
                         const struct text_origin *origin, struct fault *fault)
{
    uint64_t points = 0;
    enum status status = type == &type_text ? measure(data, &points, fault) : STATUS_OK;

    if (status != STATUS_OK)
        return status;
    blame->type = type;
    text_blame_reset(blame->text, points, origin);
    return STATUS_OK;
}

enum status blame_init(struct blame *blame, uint64_t from, const struct snapshot *snapshot,
                       struct fault *fault)
{
    const struct text_origin nobody = {.seq = 0};
    const struct type *type = NULL;

    *blame = (struct blame){.from = from,
                            .seq = snapshot->seq,
                            .epoch = snapshot->epoch,
                            .time_ms = snapshot->time_ms,
                            .text = text_blame_create()};
    if (snapshot->seq == 0 || snapshot->type.size == 0)
        return STATUS_OK;
    type = type_find(snapshot->type);
    if (type == NULL)
        return fault_set(fault, STATUS_CORRUPT, "snapshot %" PRIu64 ": type \"%.*s\" is unknown",
                         snapshot->seq, SPAN_PRINT(snapshot->type));
    return begin(blame, type, snapshot->content, &nobody, fault);
}

void blame_finish(struct blame *blame)
{
    text_blame_destroy(blame->text);
    *blame = (struct blame){0};
}

static enum status step_edit(struct blame *blame, const struct entry *entry,
                             const struct text_origin *origin, struct fault *fault)
{
    struct operation *operation = NULL;

    if (blame->type == NULL)
        return fault_set(fault, STATUS_CORRUPT, "entry %" PRIu64 ": there is no document to edit",
                         entry->seq);
    if (blame->type != &type_text)
        return STATUS_OK;
    if (type_text.decode(entry->sequenced, &operation, fault) != STATUS_OK)
        return STATUS_CORRUPT;
    enum status status = text_blame_apply(blame->text, operation, origin);

    operation_discard(operation);
    if (status != STATUS_OK)
        return fault_set(fault, STATUS_CORRUPT, "entry %" PRIu64 " reaches beyond the end",
                         entry->seq);
    if (text_blame_runs(blame->text) > LIMIT_BLAME_RUNS)
        return fault_set(fault, STATUS_TOO_LARGE, "more than %d runs", LIMIT_BLAME_RUNS);
    return STATUS_OK;
}

static enum status step(struct blame *blame, const struct entry *entry, struct fault *fault)
{
    struct who who = who_of(&entry->session);
    struct text_origin origin = {0};
    const struct type *type = NULL;
    struct span data = SPAN_NONE;

    if (entry->seq != blame->seq + 1)
        return fault_set(fault, STATUS_CORRUPT, "the log has a gap at %" PRIu64, entry->seq);
    if (entry->seq >= blame->from)
        origin = (struct text_origin){.seq = entry->seq,
                                      .time_ms = entry->time_ms,
                                      .who = span_of(who.text, WHO_SIZE),
                                      .user = entry->user};
    if (entry->kind == ENTRY_EDIT)
        return step_edit(blame, entry, &origin, fault);
    if (entry->kind == ENTRY_CREATE &&
        state_read_creation(entry->arrived, &type, &data, fault) != STATUS_OK)
        return STATUS_CORRUPT;
    return begin(blame, type, data, &origin, fault);
}

enum status blame_step(struct blame *blame, const struct entry *entries, size_t count,
                       struct fault *fault)
{
    for (size_t i = 0; i < count; i++) {
        enum status status = step(blame, &entries[i], fault);

        if (status != STATUS_OK)
            return status;
        blame->seq = entries[i].seq;
        blame->epoch = entries[i].epoch;
        blame->time_ms = entries[i].time_ms;
    }
    return STATUS_OK;
}
