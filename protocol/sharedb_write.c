/* The writing half of sharedb.h. */
#include "base/json_write.h"
#include "base/must.h"
#include "protocol/sharedb.h"

#define DEFAULT_TYPE "http://sharejs.org/types/JSONv0"

static void member(struct buffer *out, const char *name)
{
    if (out->data[out->size - 1] != '{')
        buffer_append_byte(out, ',');
    buffer_append_byte(out, '"');
    buffer_append_text(out, name);
    buffer_append_text(out, "\":");
}

static void member_string(struct buffer *out, const char *name, struct span text)
{
    member(out, name);
    json_write_string(out, text);
}

static void member_unsigned(struct buffer *out, const char *name, uint64_t value)
{
    member(out, name);
    buffer_append_unsigned(out, value);
}

static void member_json(struct buffer *out, const char *name, struct span json)
{
    member(out, name);
    buffer_append(out, json);
}

void sharedb_handshake(struct buffer *out, struct span id, bool unasked)
{
    buffer_append_text(out, unasked ? "{\"a\":\"init\"" : "{\"a\":\"hs\"");
    buffer_append_text(out, ",\"protocol\":1,\"protocolMinor\":2");
    member_string(out, "id", id);
    buffer_append_text(out, ",\"type\":\"" DEFAULT_TYPE "\"}");
}

void sharedb_operation(struct buffer *out, const struct sharedb_operation *operation)
{
    buffer_append_text(out, "{\"a\":\"op\"");
    member_string(out, "c", operation->collection);
    member_string(out, "d", operation->id);
    member_unsigned(out, "v", operation->version);
    member_string(out, "src", operation->source);
    member_unsigned(out, "seq", operation->serial);
    if (span_present(operation->operation)) {
        member_json(out, "op", operation->operation);
    } else if (span_present(operation->type)) {
        buffer_append_text(out, ",\"create\":{");
        member_string(out, "type", operation->type);
        if (span_present(operation->data))
            member_json(out, "data", operation->data);
        buffer_append_byte(out, '}');
    } else {
        buffer_append_text(out, ",\"del\":true");
    }
    buffer_append_byte(out, '}');
}

void sharedb_acknowledged(struct buffer *out, const struct sharedb_operation *operation)
{
    buffer_append_byte(out, '{');
    member_string(out, "src", operation->source);
    member_unsigned(out, "seq", operation->serial);
    member_unsigned(out, "v", operation->version);
    buffer_append_text(out, ",\"a\":\"op\"");
    member_string(out, "c", operation->collection);
    member_string(out, "d", operation->id);
    buffer_append_byte(out, '}');
}

/* The name of the action, of one document or of several. */
static const char *action_of(const struct message *message)
{
    bool one = span_present(message->id);

    switch (message->kind) {
    case MESSAGE_FETCH:
        return one ? "f" : "bf";
    case MESSAGE_SUBSCRIBE:
        return one ? "s" : "bs";
    default:
        must(message->kind == MESSAGE_UNSUBSCRIBE);
        return one ? "u" : "bu";
    }
}

void sharedb_reply(struct buffer *out, const struct message *message, struct span data)
{
    buffer_append_byte(out, '{');
    if (span_present(data))
        member_json(out, "data", data);
    member_string(out, "a", span_of_string(action_of(message)));
    member_string(out, "c", message->collection);
    if (span_present(message->id))
        member_string(out, "d", message->id);
    else if (!span_present(data))
        member_json(out, "b", message->follow.several);
    buffer_append_byte(out, '}');
}

void sharedb_presence(struct buffer *out, const struct sharedb_presence *presence)
{
    buffer_append_text(out, "{\"a\":\"p\"");
    member_string(out, "ch", presence->channel);
    member_string(out, "src", presence->source);
    member_string(out, "id", presence->id);
    member_json(out, "p", presence->state);
    member_unsigned(out, "pv", presence->version);
    if (span_present(presence->document)) {
        member_string(out, "c", presence->collection);
        member_string(out, "d", presence->document);
        member_unsigned(out, "v", presence->at);
        member_string(out, "t", presence->type);
    }
    buffer_append_byte(out, '}');
}

void sharedb_presence_request(struct buffer *out, struct span channel)
{
    buffer_append_text(out, "{\"a\":\"pr\"");
    member_string(out, "ch", channel);
    buffer_append_byte(out, '}');
}

void sharedb_presence_reply(struct buffer *out, const struct message *message)
{
    if (message->kind == MESSAGE_ASK) {
        buffer_append_text(out, "{\"a\":\"pr\"}");
        return;
    }
    buffer_append_byte(out, '{');
    member_string(out, "ch", message->room.name);
    member_unsigned(out, "seq", message->room.seq);
    member_string(out, "a", message->kind == MESSAGE_LISTEN ? SPAN("ps") : SPAN("pu"));
    buffer_append_byte(out, '}');
}

void sharedb_snapshot(struct buffer *out, uint64_t version, struct span type, struct span content)
{
    buffer_append_byte(out, '{');
    member_unsigned(out, "v", version);
    if (!span_present(type)) {
        buffer_append_text(out, ",\"type\":null");
    } else {
        member_json(out, "data", content);
        if (!span_equal(type, SPAN(DEFAULT_TYPE)))
            member_string(out, "type", type);
    }
    buffer_append_byte(out, '}');
}

void sharedb_past(struct buffer *out, const struct message *asked, uint64_t version,
                  struct span type, struct span content)
{
    buffer_append_byte(out, '{');
    member_unsigned(out, "id", asked->read.request);
    member_unsigned(out, "v", version);
    if (span_present(type)) {
        member_string(out, "type", type);
        member_json(out, "data", content);
    } else {
        member_json(out, "type", SPAN("null"));
    }
    member_json(out, "m", SPAN("null"));
    member_string(out, "a", asked->read.kind == READ_AT_TIME ? SPAN("nt") : SPAN("nf"));
    buffer_append_byte(out, '}');
}

static void write_error(struct buffer *out, const struct sharedb_error *error)
{
    member(out, "error");
    buffer_append_byte(out, '{');
    if (error->code != NULL)
        member_string(out, "code", span_of_string(error->code));
    member_string(out, "message", span_of_string(error->text));
    buffer_append_text(out, "}}");
}

void sharedb_snapshot_error(struct buffer *out, const struct sharedb_error *error)
{
    buffer_append_byte(out, '{');
    write_error(out, error);
}

void sharedb_refused(struct buffer *out, struct span request, const struct sharedb_error *error)
{
    while (request.data[request.size - 1] != '}')
        request.size--;
    request.size--;
    while (strchr(" \t\r\n", request.data[request.size - 1]) != NULL)
        request.size--;
    buffer_append(out, request);
    write_error(out, error);
}

void sharedb_pong(struct buffer *out)
{
    buffer_append_text(out, "{\"a\":\"pp\"}");
}

/* ---- Errors ---- */

/* Those that the reference knows by a code; any other is an operation that did not go in. */
static const struct {
    enum status status;
    struct sharedb_error error;
} errors[] = {
    {STATUS_FROM_THE_FUTURE,
     {"ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT",
      "Invalid op submitted. Op version newer than current snapshot"}},
    {STATUS_CREATED, {"ERR_DOC_ALREADY_CREATED", "Document was created remotely"}},
    {STATUS_DELETED, {"ERR_DOC_WAS_DELETED", "Document was deleted"}},
    {STATUS_NOT_CREATED, {"ERR_DOC_DOES_NOT_EXIST", "Document does not exist"}},
    {STATUS_TYPE_UNKNOWN, {"ERR_DOC_TYPE_NOT_RECOGNIZED", "Unknown type"}},
    {STATUS_MALFORMED_OPERATION, {"ERR_OT_OP_BADLY_FORMED", "not an operation of this type"}},
    {STATUS_MALFORMED_DOCUMENT, {"ERR_OT_OP_BADLY_FORMED", "not a document of this type"}},
    {STATUS_REPEATED, {"ERR_OP_ALREADY_SUBMITTED", "Op already submitted"}},
    {STATUS_FOLDED, {NULL, "Missing ops"}},
    {STATUS_BEYOND_HEAD,
     {"ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT",
      "Requested version exceeds latest snapshot version"}},
    {STATUS_BEHIND,
     {"ERR_SUBMIT_TRANSFORM_OPS_NOT_FOUND",
      "Op submit failed. DB missing ops needed to transform it up to the current snapshot "
      "version"}},
    {STATUS_TOO_MANY, {"ERR_MESSAGE_BADLY_FORMED", "too many documents for one connection"}},
    {STATUS_BROKEN, {"ERR_UNKNOWN_ERROR", "the stored document cannot be read"}},
};

struct sharedb_error sharedb_error_of(enum status status)
{
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (errors[i].status == status)
            return errors[i].error;
    return (struct sharedb_error){"ERR_OT_OP_NOT_APPLIED", status_text(status)};
}
