#include <string.h>

#include "base/json_scan.h"
#include "protocol/native.h"
#include "protocol/native_fields.h"

/* How the elements of each kind of server message are read, behind its word. */
static enum status decode_welcome(const struct native_fields *fields, struct native_event *event,
                                  struct fault *fault)
{
    struct span options = SPAN_NONE;
    enum status status = native_field_object(fields, 1, &options, fault);

    event->kind = NATIVE_WELCOME;
    if (status == STATUS_OK)
        status = native_option_string(options, "who", &event->who, fault);
    if (status == STATUS_OK)
        status = native_option_unsigned(options, "heartbeat_ms", &event->heartbeat_ms, fault);
    return status;
}

static enum status decode_opened(const struct native_fields *fields, struct native_event *event,
                                 struct fault *fault)
{
    struct span options = SPAN_NONE;
    enum status status = native_field_unsigned(fields, 1, &event->channel, fault);

    event->kind = NATIVE_OPENED;
    if (status == STATUS_OK && fields->count > 2)
        event->name = fields->at[2];
    if (status == STATUS_OK)
        status = native_field_unsigned(fields, 3, &event->seq, fault);
    if (status == STATUS_OK)
        status = native_field_object(fields, 4, &options, fault);
    if (status == STATUS_OK)
        status = native_option_string(options, "type", &event->type, fault);
    if (status == STATUS_OK)
        status = native_option_unsigned(options, "serial", &event->serial, fault);
    if (status == STATUS_OK)
        status = native_option_unsigned(options, "epoch", &event->epoch, fault);
    if (status == STATUS_OK) {
        event->data = json_member(options, "snapshot");
        event->reload = json_member(options, "reload");
    }
    return status;
}

static enum status decode_code(const struct native_fields *fields, size_t index,
                               struct native_event *event, struct fault *fault)
{
    uint64_t code = 0;
    enum status status = native_field_unsigned(fields, index, &code, fault);

    if (status == STATUS_OK && code > 9999)
        status = fault_set(fault, STATUS_MALFORMED_MESSAGE, "element %zu is no code", index);
    event->code = (int)code;
    event->text = fields->at[index + 1];
    return status;
}

static enum status decode_refused(const struct native_fields *fields, struct native_event *event,
                                  struct fault *fault)
{
    struct span options = SPAN_NONE;
    enum status status = native_field_unsigned(fields, 1, &event->channel, fault);

    event->kind = NATIVE_REFUSED;
    if (status == STATUS_OK)
        status = native_field_unsigned(fields, 2, &event->serial, fault);
    if (status == STATUS_OK)
        status = decode_code(fields, 3, event, fault);
    if (status == STATUS_OK && fields->count > 5) {
        status = native_field_object(fields, 5, &options, fault);
        if (status == STATUS_OK)
            status = native_option_unsigned(options, "seq", &event->seq, fault);
        if (status == STATUS_OK)
            status = native_option_unsigned(options, "retry_after_ms", &event->after_ms, fault);
    }
    return status;
}

static enum status decode_made(const struct native_fields *fields, struct native_event *event,
                               struct fault *fault)
{
    enum status status = native_field_unsigned(fields, 1, &event->channel, fault);

    event->kind = NATIVE_MADE;
    if (status == STATUS_OK)
        status = native_field_unsigned(fields, 2, &event->seq, fault);
    if (status == STATUS_OK)
        status = native_field_string(fields, 3, &event->who, fault);
    if (status == STATUS_OK)
        status = native_field_string(fields, 4, &event->type, fault);
    if (status == STATUS_OK && fields->count > 5 && json_kind(fields->at[5]) != JSON_KIND_NULL)
        event->data = fields->at[5];
    return status;
}

static enum status decode_epoch(const struct native_fields *fields, struct native_event *event,
                                struct fault *fault)
{
    enum status status = native_field_unsigned(fields, 1, &event->channel, fault);

    event->kind = NATIVE_EPOCH;
    if (status == STATUS_OK)
        status = native_field_unsigned(fields, 2, &event->epoch, fault);
    return status;
}

static enum status decode_closed(const struct native_fields *fields, struct native_event *event,
                                 struct fault *fault)
{
    enum status status = STATUS_OK;

    event->kind = NATIVE_CLOSED;
    if (fields->count > 1 && json_kind(fields->at[1]) == JSON_KIND_STRING)
        event->name = fields->at[1];
    else
        status = native_field_unsigned(fields, 1, &event->channel, fault);
    if (status == STATUS_OK)
        status = decode_code(fields, 2, event, fault);
    return status;
}

static enum status decode_goaway(const struct native_fields *fields, struct native_event *event,
                                 struct fault *fault)
{
    struct span options = SPAN_NONE;
    enum status status = native_field_object(fields, 1, &options, fault);

    event->kind = NATIVE_GOAWAY;
    if (status == STATUS_OK)
        status = native_option_unsigned(options, "after_ms", &event->after_ms, fault);
    if (status == STATUS_OK)
        status = native_option_unsigned(options, "within_ms", &event->within_ms, fault);
    return status;
}

typedef enum status (*decode_fn)(const struct native_fields *fields, struct native_event *event,
                                 struct fault *fault);

static const struct {
    const char *word;
    decode_fn decode;
} words[] = {
    {"closed", decode_closed},   {"epoch", decode_epoch},   {"goaway", decode_goaway},
    {"made", decode_made},       {"opened", decode_opened}, {"refused", decode_refused},
    {"welcome", decode_welcome},
};

/* [ch, seq, who, op, who, op, …] */
static enum status decode_operations(const struct native_fields *fields, struct span text,
                                     struct native_event *event, struct fault *fault)
{
    enum status status = native_field_unsigned(fields, 0, &event->channel, fault);

    event->kind = NATIVE_OPERATIONS;
    event->operations = json_value(text);
    if (status == STATUS_OK)
        status = native_field_unsigned(fields, 1, &event->seq, fault);
    if (status != STATUS_OK)
        return status;
    size_t count = json_count(event->operations);
    struct json_walk walk;
    struct span value;

    json_walk_init(&walk, event->operations);
    for (size_t i = 0; json_walk_element(&walk, &value); i++)
        if (i >= 2 && i % 2 == 0 && !span_present(native_plain_string(value)))
            return fault_set(fault, STATUS_MALFORMED_MESSAGE, "element %zu has to be a who", i);
    if (count % 2 != 0)
        return fault_set(fault, STATUS_MALFORMED_MESSAGE, "the last operation is missing");
    return STATUS_OK;
}

enum status native_event_decode(struct span text, struct native_event *event, struct fault *fault)
{
    struct native_fields fields;
    enum status status = native_fields_read(text, &fields, fault);

    *event = (struct native_event){0};
    if (status != STATUS_OK)
        return status;
    if (fields.count == 0) {
        event->kind = NATIVE_HEARTBEAT;
        return STATUS_OK;
    }
    if (json_kind(fields.at[0]) == JSON_KIND_NUMBER)
        return decode_operations(&fields, text, event, fault);
    if (json_kind(fields.at[0]) == JSON_KIND_STRING)
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
            if (json_string_is(fields.at[0], words[i].word))
                return words[i].decode(&fields, event, fault);
    return fault_set(fault, STATUS_MALFORMED_MESSAGE, "a message begins with a number or a word");
}

void native_operations_walk_init(struct native_operations_walk *walk,
                                 const struct native_event *event)
{
    struct json_walk inner;
    struct span skipped;

    json_walk_init(&inner, event->operations);
    json_walk_element(&inner, &skipped);
    json_walk_element(&inner, &skipped);
    *walk = (struct native_operations_walk){.at = inner.at, .end = inner.end, .seq = event->seq};
}

bool native_operations_walk_next(struct native_operations_walk *walk, uint64_t *seq,
                                 struct span *who, struct span *operation)
{
    struct json_walk inner = {.at = walk->at, .end = walk->end};
    struct span literal;

    if (!json_walk_element(&inner, &literal) || !json_walk_element(&inner, operation))
        return false;
    *who = native_plain_string(literal);
    *seq = walk->seq++;
    walk->at = inner.at;
    walk->end = inner.end;
    return true;
}
