/* The writing half of api.h. */
#include "base/json_object.h"
#include "protocol/api.h"

/* The members that say which state it is. */
static void begin_state(struct buffer *out, const struct api_document *document)
{
    json_object_begin(out);
    json_object_string(out, "name", document->name);
    json_object_string(out, "type", document->type);
    json_object_unsigned(out, "seq", document->seq);
    json_object_unsigned(out, "epoch", document->epoch);
    json_object_unsigned(out, "time", document->time_ms);
}

void api_write_document(struct buffer *out, const struct api_document *document)
{
    begin_state(out, document);
    json_object_json(out, "data", document->data);
    json_object_end(out);
}

void api_blame_begin(struct buffer *out, const struct api_document *document)
{
    begin_state(out, document);
    json_object_array_begin(out, "runs");
}

void api_blame_end(struct buffer *out)
{
    json_object_array_end(out);
    json_object_end(out);
}

void api_history_begin(struct buffer *out, struct span name)
{
    json_object_begin(out);
    json_object_string(out, "name", name);
    json_object_array_begin(out, "operations");
}

void api_history_end(struct buffer *out, uint64_t next)
{
    json_object_array_end(out);
    if (next != 0)
        json_object_unsigned(out, "next", next);
    json_object_end(out);
}

void api_write_version(struct buffer *out, const struct api_version *version)
{
    json_object_begin(out);
    json_object_string(out, "version", version->version);
    json_object_unsigned(out, "seq", version->seq);
    json_object_unsigned(out, "time", version->time_ms);
    json_object_string(out, "user", version->user);
    json_object_end(out);
}

void api_versions_begin(struct buffer *out, struct span name)
{
    json_object_begin(out);
    json_object_string(out, "name", name);
    json_object_array_begin(out, "versions");
}

void api_versions_end(struct buffer *out)
{
    json_object_array_end(out);
    json_object_end(out);
}

void api_write_receipt(struct buffer *out, struct span name, uint64_t seq, struct span who)
{
    json_object_begin(out);
    json_object_string(out, "name", name);
    json_object_unsigned(out, "seq", seq);
    json_object_string(out, "who", who);
    json_object_end(out);
}

void api_write_error(struct buffer *out, int code, const char *text)
{
    json_object_begin(out);
    json_object_unsigned(out, "code", (uint64_t)code);
    json_object_string(out, "text", span_of_string(text));
    json_object_end(out);
}
