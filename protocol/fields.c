#include "protocol/fields.h"

#include "base/json_scan.h"

void fields_reserve(struct fields *fields, struct span text)
{
    buffer_clear(fields->scratch);
    if (memchr(text.data, '\\', text.size) != NULL)
        buffer_reserve(fields->scratch, text.size);
}

void fields_fail(struct fields *fields, const char *what)
{
    if (fields->status == STATUS_OK)
        fields->status =
            fault_set(fields->fault, STATUS_MALFORMED_MESSAGE, "%s: %s", fields->message, what);
}

static void fail_kind(struct fields *fields, const char *name, const char *kind)
{
    if (fields->status == STATUS_OK)
        fields->status = fault_set(fields->fault, STATUS_MALFORMED_MESSAGE, "%s: %s has to be %s",
                                   fields->message, name, kind);
}

void fields_expect_count(struct fields *fields, size_t count, size_t min, size_t max)
{
    if (count < min)
        fields_fail(fields, "an element is missing");
    else if (count > max)
        fields_fail(fields, "it has too many elements");
}

uint64_t fields_unsigned(struct fields *fields, struct span value, const char *name, uint64_t min)
{
    uint64_t number;

    if (fields->status != STATUS_OK)
        return 0;
    if (span_present(value) && json_read_unsigned(value, &number) && number >= min)
        return number;
    fail_kind(fields, name, min == 0 ? "an integer from 0 to 2^53 - 1" : "a positive integer");
    return 0;
}

struct span fields_string(struct fields *fields, struct span value, const char *name)
{
    if (fields->status != STATUS_OK)
        return SPAN_NONE;
    if (span_present(value) && json_kind(value) == JSON_KIND_STRING)
        return json_read_string(value, fields->scratch);
    fail_kind(fields, name, "a string");
    return SPAN_NONE;
}

void fields_members(struct fields *fields, struct span object, const char *const *names,
                    struct span *found, size_t count)
{
    struct json_walk walk;
    struct span name;
    struct span value;

    for (size_t i = 0; i < count; i++)
        found[i] = SPAN_NONE;
    if (fields->status != STATUS_OK)
        return;
    if (json_kind(object) != JSON_KIND_OBJECT) {
        fields_fail(fields, "its options have to be an object");
        return;
    }
    if (json_repeats_a_name(object)) {
        fields_fail(fields, "a name is repeated in an object");
        return;
    }
    json_walk_init(&walk, object);
    while (json_walk_member(&walk, &name, &value))
        for (size_t i = 0; i < count; i++)
            if (json_string_is(name, names[i]))
                found[i] = value;
}

uint64_t fields_member_unsigned(struct fields *fields, struct span value, const char *name)
{
    return span_present(value) ? fields_unsigned(fields, value, name, 0) : 0;
}

struct span fields_member_string(struct fields *fields, struct span value, const char *name)
{
    return span_present(value) ? fields_string(fields, value, name) : SPAN_NONE;
}

bool fields_member_bool(struct fields *fields, struct span value, const char *name)
{
    if (!span_present(value))
        return false;
    enum json_kind kind = json_kind(value);
    if (kind != JSON_KIND_TRUE && kind != JSON_KIND_FALSE)
        fail_kind(fields, name, "true or false");
    return kind == JSON_KIND_TRUE;
}
