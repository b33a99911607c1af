#include "base/json_object.h"

#include "base/json_write.h"

void json_object_begin(struct buffer *out)
{
    buffer_append_byte(out, '{');
}

void json_object_end(struct buffer *out)
{
    buffer_append_byte(out, '}');
}

void json_object_name(struct buffer *out, const char *name)
{
    if (out->data[out->size - 1] != '{')
        buffer_append_byte(out, ',');
    buffer_append_byte(out, '"');
    buffer_append_text(out, name);
    buffer_append_text(out, "\":");
}

void json_object_unsigned(struct buffer *out, const char *name, uint64_t value)
{
    json_object_name(out, name);
    buffer_append_unsigned(out, value);
}

void json_object_boolean(struct buffer *out, const char *name, bool value)
{
    json_object_name(out, name);
    buffer_append_text(out, value ? "true" : "false");
}

void json_object_string(struct buffer *out, const char *name, struct span text)
{
    json_object_name(out, name);
    json_write_string(out, text);
}

void json_object_string_or_null(struct buffer *out, const char *name, struct span text)
{
    json_object_name(out, name);
    if (span_present(text))
        json_write_string(out, text);
    else
        buffer_append_text(out, "null");
}

void json_object_json(struct buffer *out, const char *name, struct span json)
{
    if (!span_present(json))
        return;
    json_object_name(out, name);
    buffer_append(out, json);
}

void json_object_array_begin(struct buffer *out, const char *name)
{
    json_object_name(out, name);
    buffer_append_byte(out, '[');
}

void json_object_array_next(struct buffer *out)
{
    if (out->data[out->size - 1] != '[')
        buffer_append_byte(out, ',');
}

void json_object_array_end(struct buffer *out)
{
    buffer_append_byte(out, ']');
}
