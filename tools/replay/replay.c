#include "tools/replay/replay.h"

#include <inttypes.h>
#include <stdarg.h>

#include "base/memory.h"
#include "tools/replay/snapshots.h"

static void differ(struct replay *replay, const char *format, ...) PRINTF_LIKE(2, 3);

static void differ(struct replay *replay, const char *format, ...)
{
    struct buffer line = {0};
    va_list values;

    va_start(values, format);
    buffer_append_values(&line, format, values);
    va_end(values);
    buffer_append_byte(&line, 0);
    replay->counts.differences++;
    replay->differ(replay, (const char *)line.data);
    buffer_finish(&line);
}

static void count(struct replay *replay, const struct derivation *derivation)
{
    struct replay_counts *counts = &replay->counts;

    counts->operations++;
    counts->moved += derivation->count > 0;
    counts->passed += derivation->count;
}

static void compare_entry(struct replay *replay, const struct walk *walk,
                          const struct derivation *derivation)
{
    const struct entry *entry = derivation->entry;

    count(replay, derivation);
    if (derivation->equal)
        return;
    differ(replay, "%.*s: seq %" PRIu64 ": %.*s on base %" PRIu64 " makes %.*s, the log holds %.*s",
           SPAN_PRINT(walk->name), entry->seq, SPAN_PRINT(entry->arrived), entry->base,
           SPAN_PRINT(buffer_span(&derivation->result)), SPAN_PRINT(entry->sequenced));
}

/* If the walk stands where a snapshot was made, that has what the walk has. */
static enum status compare_snapshot(struct replay *replay, const struct walk *walk,
                                    struct snapshots *snapshots, struct fault *fault)
{
    struct buffer content = {0};
    const struct state *state = &walk->state;
    struct snapshot snapshot;

    enum status status = snapshots_at(snapshots, walk->seq, &snapshot, fault);
    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    if (state->type != NULL)
        state->type->encode(state->content, &content);
    replay->counts.snapshots++;
    if (!span_equal(snapshot.type, span_of_string(state->type != NULL ? state->type->name : "")) ||
        !span_equal(snapshot.content, buffer_span(&content)))
        differ(replay, "%.*s: the snapshot at seq %" PRIu64 " is not what the log makes",
               SPAN_PRINT(walk->name), walk->seq);
    buffer_finish(&content);
    return STATUS_OK;
}

/* Step over the entry; true when the replay goes on. */
static bool step(struct replay *replay, struct walk *walk, const struct derivation *derivation,
                 enum status *status, struct fault *fault)
{
    struct account account;
    bool goes_on = true;

    if (replay->tell == NULL || derivation->entry->seq < replay->from) {
        *status = walk_step(walk, fault);
        return *status == STATUS_OK;
    }
    *status = account_make(&account, walk, derivation, fault);
    if (*status == STATUS_OK)
        goes_on = replay->tell(replay, &account);
    account_finish(&account);
    return *status == STATUS_OK && goes_on;
}

static enum status replay_log(struct replay *replay, struct walk *walk, struct snapshots *snapshots,
                              struct fault *fault)
{
    enum status status = STATUS_OK;
    bool goes_on = true;

    while (goes_on && walk->seq < replay->until) {
        struct derivation derivation;
        const struct entry *entry;

        status = walk_next(walk, &entry, fault);
        if (status == STATUS_NOT_FOUND)
            return STATUS_OK;
        if (status == STATUS_OK)
            status = derivation_make(&derivation, walk, entry, true, fault);
        if (status != STATUS_OK)
            return status;
        compare_entry(replay, walk, &derivation);
        goes_on = step(replay, walk, &derivation, &status, fault);
        derivation_finish(&derivation);
        if (goes_on)
            status = compare_snapshot(replay, walk, snapshots, fault);
        if (status != STATUS_OK)
            return status;
    }
    return status;
}

enum status replay_document(struct replay *replay, struct span name, struct fault *fault)
{
    struct snapshots snapshots;
    struct walk walk;
    enum status status = snapshots_list(&snapshots, replay->backend, name, fault);

    replay->counts.documents++;
    if (status == STATUS_OK) {
        status = walk_begin(&walk, replay->backend, name, snapshots_log_begin(&snapshots), fault);
        if (status == STATUS_OK)
            status = replay_log(replay, &walk, &snapshots, fault);
        walk_finish(&walk);
    }
    snapshots_finish(&snapshots);
    return status;
}
