#include "protocol/native_fields.h"

#include <string.h>

#include "base/json_scan.h"

struct span native_plain_string(struct span literal)
{
    if (json_kind(literal) != JSON_KIND_STRING || literal.size < 2 ||
        memchr(literal.data, '\\', literal.size) != NULL)
        return SPAN_NONE;
    return span_of(literal.data + 1, literal.size - 2);
}

enum status native_fields_read(struct span text, struct native_fields *fields, struct fault *fault)
{
    *fields = (struct native_fields){0};
    enum status status = json_scan_array(text, &json_limits_default, fields->at, NATIVE_FIELDS_MAX,
                                         &fields->count, fault);

    if (status == STATUS_OK && fields->count > NATIVE_FIELDS_MAX)
        fields->count = NATIVE_FIELDS_MAX;
    return status;
}

static enum status wrong(struct fault *fault, size_t index, const char *wanted)
{
    return fault_set(fault, STATUS_MALFORMED_MESSAGE, "element %zu has to be %s", index, wanted);
}

enum status native_field_unsigned(const struct native_fields *fields, size_t index, uint64_t *out,
                                  struct fault *fault)
{
    if (index >= fields->count || !json_read_unsigned(fields->at[index], out))
        return wrong(fault, index, "an integer from 0 to 2^53 - 1");
    return STATUS_OK;
}

enum status native_field_string(const struct native_fields *fields, size_t index, struct span *out,
                                struct fault *fault)
{
    struct span plain = index < fields->count ? native_plain_string(fields->at[index]) : SPAN_NONE;

    if (!span_present(plain))
        return wrong(fault, index, "a string without escapes");
    *out = plain;
    return STATUS_OK;
}

enum status native_field_object(const struct native_fields *fields, size_t index, struct span *out,
                                struct fault *fault)
{
    if (index >= fields->count || json_kind(fields->at[index]) != JSON_KIND_OBJECT)
        return wrong(fault, index, "an object");
    if (json_repeats_a_name(fields->at[index]))
        return wrong(fault, index, "an object that names each member once");
    *out = fields->at[index];
    return STATUS_OK;
}

enum status native_option_unsigned(struct span object, const char *name, uint64_t *out,
                                   struct fault *fault)
{
    struct span value = json_member(object, name);

    if (span_present(value) && !json_read_unsigned(value, out))
        return fault_set(fault, STATUS_MALFORMED_MESSAGE,
                         "\"%s\" has to be an integer from 0 to 2^53 - 1", name);
    return STATUS_OK;
}

enum status native_option_string(struct span object, const char *name, struct span *out,
                                 struct fault *fault)
{
    struct span value = json_member(object, name);

    if (!span_present(value))
        return STATUS_OK;
    struct span plain = native_plain_string(value);

    if (!span_present(plain))
        return fault_set(fault, STATUS_MALFORMED_MESSAGE,
                         "\"%s\" has to be a string without escapes", name);
    *out = plain;
    return STATUS_OK;
}
