#include "tools/replay/schedule.h"

#include "base/memory.h"
#include "tools/replay/snapshots.h"
#include "tools/replay/walk.h"

static void clear(struct schedule *schedule)
{
    for (size_t i = 0; i < schedule->count; i++)
        operation_discard(schedule->arrivals[i].operation);
    memory_free(schedule->arrivals);
    content_destroy(schedule->start);
    *schedule = (struct schedule){0};
}

void schedule_finish(struct schedule *schedule)
{
    clear(schedule);
}

/* The document was made, or its log begins: what was there before is another document. */
static void begin_at(struct schedule *schedule, const struct walk *walk)
{
    clear(schedule);
    if (walk->state.type == NULL)
        return;
    schedule->type = walk->state.type;
    schedule->start = schedule->type->copy(walk->state.content);
    schedule->start_seq = walk->seq;
}

static enum status add(struct schedule *schedule, const struct entry *entry, struct fault *fault)
{
    struct operation *operation = NULL;
    enum status status = schedule->type->decode(entry->arrived, &operation, fault);

    if (status != STATUS_OK)
        return status;
    size_t count = schedule->count;

    if ((count & (count - 1)) == 0) /* room for twice as many, at each power of two */
        schedule->arrivals =
            memory_resize(schedule->arrivals, (count * 2 + 1) * sizeof(*schedule->arrivals));
    schedule->arrivals[schedule->count++] = (struct arrival){
        .seq = entry->seq,
        .session = entry->session,
        .base = entry->base < schedule->start_seq ? schedule->start_seq : entry->base,
        .rule = (enum tie_rule)entry->rule,
        .operation = operation,
    };
    return STATUS_OK;
}

static enum status read_log(struct schedule *schedule, struct walk *walk, uint64_t until,
                            struct fault *fault)
{
    enum status status = STATUS_OK;

    begin_at(schedule, walk);
    while (status == STATUS_OK && walk->seq < until) {
        const struct entry *entry;

        status = walk_next(walk, &entry, fault);
        if (status == STATUS_NOT_FOUND)
            return STATUS_OK;
        bool edit = status == STATUS_OK && entry->kind == ENTRY_EDIT;

        if (edit && schedule->type != NULL)
            status = add(schedule, entry, fault);
        if (status == STATUS_OK)
            status = walk_step(walk, fault);
        if (status == STATUS_OK && !edit)
            begin_at(schedule, walk);
    }
    return status;
}

enum status schedule_read(struct schedule *schedule, struct backend *backend, struct span name,
                          uint64_t until, struct fault *fault)
{
    struct snapshots snapshots;
    struct walk walk;
    enum status status = snapshots_list(&snapshots, backend, name, fault);
    uint64_t begin = status == STATUS_OK ? snapshots_log_begin(&snapshots) : 0;

    *schedule = (struct schedule){0};
    snapshots_finish(&snapshots);
    if (status != STATUS_OK)
        return status;
    status = walk_begin(&walk, backend, name, begin, fault);
    if (status == STATUS_OK)
        status = read_log(schedule, &walk, until, fault);
    walk_finish(&walk);
    if (status == STATUS_OK && schedule->count == 0)
        status = fault_set(fault, STATUS_NOT_FOUND, "%.*s: there are no edits", SPAN_PRINT(name));
    if (status != STATUS_OK)
        clear(schedule);
    return status;
}

struct operation *schedule_copy_operation(const struct operation *operation)
{
    struct operation *copy = NULL;
    struct buffer json = {0};

    if (operation == NULL)
        return NULL;
    operation->type->write(operation, &json);
    must(operation->type->decode(buffer_span(&json), &copy, NULL) == STATUS_OK);
    buffer_finish(&json);
    return copy;
}

struct schedule schedule_copy(const struct schedule *schedule)
{
    struct schedule copy = *schedule;

    copy.start = schedule->type->copy(schedule->start);
    copy.arrivals = memory_copy(schedule->arrivals, schedule->count * sizeof(*copy.arrivals));
    for (size_t i = 0; i < copy.count; i++)
        copy.arrivals[i].operation = schedule_copy_operation(schedule->arrivals[i].operation);
    return copy;
}

size_t schedule_left(const struct schedule *schedule)
{
    size_t left = 0;

    for (size_t i = 0; i < schedule->count; i++)
        left += schedule->arrivals[i].operation != NULL;
    return left;
}
