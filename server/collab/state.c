#include "server/collab/state.h"

#include <inttypes.h>

#include "base/json_scan.h"
#include "base/json_write.h"
#include "base/mutant.h"

void state_finish(struct state *state)
{
    content_destroy(state->content);
    *state = (struct state){0};
}

static enum status create(struct state *state, const struct type *type, struct span data,
                          struct fault *fault)
{
    struct content *content = NULL;
    enum status status = type->create(data, &content, fault);

    if (status != STATUS_OK)
        return STATUS_CORRUPT;
    content_destroy(state->content);
    state->type = type;
    state->content = content;
    return STATUS_OK;
}

enum status state_from_snapshot(struct state *state, const struct snapshot *snapshot,
                                struct fault *fault)
{
    state_finish(state);
    state->created = snapshot->created;
    if (snapshot->type.size == 0)
        return STATUS_OK;
    const struct type *type = type_find(snapshot->type);

    if (type == NULL)
        return fault_set(fault, STATUS_CORRUPT, "snapshot %" PRIu64 ": type \"%.*s\" is unknown",
                         snapshot->seq, SPAN_PRINT(snapshot->type));
    return create(state, type, snapshot->content, fault);
}

enum status state_read_creation(struct span arrived, const struct type **type, struct span *data,
                                struct fault *fault)
{
    enum status status = json_scan(arrived, &json_limits_default, fault);

    if (status != STATUS_OK)
        return STATUS_CORRUPT;
    if (json_kind(arrived) != JSON_KIND_OBJECT)
        return fault_set(fault, STATUS_CORRUPT, "a creation is not an object");
    struct span name = json_member(arrived, "type");
    struct buffer scratch = {0};
    const struct type *found = NULL;

    if (span_present(name) && json_kind(name) == JSON_KIND_STRING)
        found = type_find(json_read_string(name, &scratch));
    buffer_finish(&scratch);
    if (found == NULL)
        return fault_set(fault, STATUS_CORRUPT, "a creation names no type that is known");
    *type = found;
    *data = json_member(arrived, "data");
    return STATUS_OK;
}

void state_write_creation(struct buffer *out, const struct type *type, struct span data)
{
    buffer_append_byte(out, '{');
    if (span_present(data)) {
        buffer_append_text(out, "\"data\":");
        buffer_append(out, data);
        buffer_append_byte(out, ',');
    }
    buffer_append_text(out, "\"type\":");
    json_write_string(out, span_of_string(type->name));
    buffer_append_byte(out, '}');
}

void state_was_deleted(struct state *state, uint64_t seq)
{
    if (state->created <= seq)
        state->created = state->type != NULL ? seq + 1 : seq;
}

static enum status apply_edit(struct state *state, const struct entry *entry, struct fault *fault)
{
    struct operation *operation = NULL;

    if (state->type == NULL)
        return fault_set(fault, STATUS_CORRUPT, "entry %" PRIu64 ": there is no document to edit",
                         entry->seq);
    enum status status = state->type->decode(entry->sequenced, &operation, fault);

    if (status == STATUS_OK)
        status = state->type->apply(state->content, operation, fault);
    operation_discard(operation);
    return status == STATUS_OK ? STATUS_OK : STATUS_CORRUPT;
}

enum status state_apply(struct state *state, const struct entry *entry, struct fault *fault)
{
    const struct type *type = NULL;
    struct span data = SPAN_NONE;
    enum status status = STATUS_CORRUPT;

    switch (entry->kind) {
    case ENTRY_EDIT:
        return apply_edit(state, entry, fault);
    case ENTRY_CREATE:
        status = state_read_creation(entry->arrived, &type, &data, fault);
        if (status == STATUS_OK)
            status = create(state, type, data, fault);
        break;
    case ENTRY_DELETE:
        state_finish(state);
        status = STATUS_OK;
        break;
    default:
        return fault_set(fault, STATUS_CORRUPT, "entry %" PRIu64 ": kind %d", entry->seq,
                         entry->kind);
    }
    if (status == STATUS_OK)
        state->created = entry->seq;
    return status;
}

static enum status replay(struct state *state, const struct store_load *load,
                          struct snapshot *snapshot, struct fault *fault)
{
    enum status status = state_from_snapshot(state, &load->snapshot, fault);

    *snapshot = load->snapshot;
    for (size_t i = 0; status == STATUS_OK && i < load->count; i++) {
        const struct entry *entry = &load->entries[i];

        if (entry->seq != snapshot->seq + 1)
            return fault_set(fault, STATUS_CORRUPT, "the log has a gap at %" PRIu64, entry->seq);
        status = state_apply(state, entry, fault);
        snapshot->seq = entry->seq;
        snapshot->epoch = entry->epoch;
        snapshot->time_ms = entry->time_ms;
    }
    return status;
}

enum status state_build(const struct store_load *load, struct buffer *content,
                        struct snapshot *snapshot, struct fault *fault)
{
    struct state state = {0};
    struct snapshot last;
    enum status status = replay(&state, load, &last, fault);

    if (status == STATUS_OK && state.type != NULL)
        state.type->encode(state.content, content);
    last.created = state.created;
    last.type = state.type != NULL ? span_of_string(state.type->name) : SPAN("");
    last.content = state.type != NULL ? buffer_span(content) : SPAN("");
    state_finish(&state);
    if (mutant_is_on(MUTANT_STORED_SNAPSHOT_SEQ))
        last.seq--;
    if (status == STATUS_OK)
        *snapshot = last;
    return status;
}
