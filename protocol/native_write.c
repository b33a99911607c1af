#include "base/json_write.h"
#include "base/must.h"
#include "protocol/native.h"

static void write_number(struct buffer *out, uint64_t number)
{
    buffer_append_byte(out, ',');
    buffer_append_unsigned(out, number);
}

static void write_string(struct buffer *out, struct span text)
{
    buffer_append_byte(out, ',');
    json_write_string(out, text);
}

static void write_raw(struct buffer *out, struct span json)
{
    buffer_append_byte(out, ',');
    buffer_append(out, json);
}

/* A member of an option object; `first` is false for those that follow another. */
static void write_member(struct buffer *out, bool *first, const char *name)
{
    if (!*first)
        buffer_append_byte(out, ',');
    *first = false;
    buffer_append_byte(out, '"');
    buffer_append_text(out, name);
    buffer_append_text(out, "\":");
}

static void write_member_number(struct buffer *out, bool *first, const char *name, uint64_t number)
{
    write_member(out, first, name);
    buffer_append_unsigned(out, number);
}

static void write_member_string(struct buffer *out, bool *first, const char *name, struct span text)
{
    write_member(out, first, name);
    json_write_string(out, text);
}

/* ---- server -> client ---- */

void native_welcome(struct buffer *out, const struct native_welcome *welcome)
{
    bool first = true;

    buffer_append_text(out, "[\"welcome\",{");
    write_member_string(out, &first, "who", welcome->who);
    write_member_string(out, &first, "user", welcome->user);
    buffer_append_text(out, ",\"limits\":{\"message_bytes\":");
    buffer_append_unsigned(out, welcome->message_bytes_max);
    buffer_append_text(out, ",\"document_bytes\":");
    buffer_append_unsigned(out, welcome->document_bytes_max);
    buffer_append_byte(out, '}');
    write_member_number(out, &first, "heartbeat_ms", welcome->heartbeat_ms);
    buffer_append_text(out, "}]");
}

void native_opened(struct buffer *out, const struct native_opened *opened)
{
    bool first = true;

    buffer_append_text(out, "[\"opened\"");
    write_number(out, opened->channel);
    write_string(out, opened->name);
    write_number(out, opened->seq);
    buffer_append_text(out, ",{");
    write_member_string(out, &first, "type", opened->type);
    if (span_present(opened->snapshot)) {
        write_member(out, &first, "snapshot");
        buffer_append(out, opened->snapshot);
    }
    write_member_number(out, &first, "serial", opened->serial);
    write_member_number(out, &first, "epoch", opened->epoch);
    write_member_number(out, &first, "check_every", opened->check_every);
    if (opened->reload != NULL)
        write_member_string(out, &first, "reload", span_of_string(opened->reload));
    buffer_append_text(out, "}]");
}

void native_operations_begin(struct buffer *out, uint64_t channel, uint64_t seq)
{
    buffer_append_byte(out, '[');
    buffer_append_unsigned(out, channel);
    write_number(out, seq);
}

void native_operations_add(struct buffer *out, struct span who, struct span operation)
{
    buffer_append_text(out, ",\"");
    buffer_append(out, who); /* base64url: nothing to escape */
    buffer_append_byte(out, '"');
    write_raw(out, operation);
}

void native_operations_end(struct buffer *out)
{
    buffer_append_byte(out, ']');
}

void native_made(struct buffer *out, uint64_t channel, uint64_t seq, struct span who,
                 struct span type, struct span data)
{
    buffer_append_text(out, "[\"made\"");
    write_number(out, channel);
    write_number(out, seq);
    write_string(out, who);
    write_string(out, type);
    write_raw(out, span_present(data) ? data : SPAN("null"));
    buffer_append_byte(out, ']');
}

void native_epoch(struct buffer *out, uint64_t channel, uint64_t epoch)
{
    buffer_append_text(out, "[\"epoch\"");
    write_number(out, channel);
    write_number(out, epoch);
    buffer_append_byte(out, ']');
}

void native_refused(struct buffer *out, const struct native_refused *refused)
{
    bool first = true;

    must(refused->code > 0);
    buffer_append_text(out, "[\"refused\"");
    write_number(out, refused->channel);
    write_number(out, refused->serial);
    write_number(out, (uint64_t)refused->code);
    write_string(out, span_of_string(refused->text));
    buffer_append_text(out, ",{");
    if (refused->retry_after_ms > 0)
        write_member_number(out, &first, "retry_after_ms", refused->retry_after_ms);
    if (refused->seq > 0)
        write_member_number(out, &first, "seq", refused->seq);
    buffer_append_text(out, "}]");
}

void native_closed(struct buffer *out, uint64_t channel, struct span name, int code,
                   const char *text)
{
    buffer_append_text(out, "[\"closed\"");
    if (channel > 0)
        write_number(out, channel);
    else
        write_string(out, name);
    write_number(out, (uint64_t)code);
    write_string(out, span_of_string(text));
    buffer_append_byte(out, ']');
}

void native_goaway(struct buffer *out, uint64_t after_ms, uint64_t within_ms)
{
    buffer_append_text(out, "[\"goaway\",{\"after_ms\":");
    buffer_append_unsigned(out, after_ms);
    buffer_append_text(out, ",\"within_ms\":");
    buffer_append_unsigned(out, within_ms);
    buffer_append_text(out, "}]");
}

void native_heartbeat(struct buffer *out)
{
    buffer_append_text(out, "[]");
}

/* ---- client -> server ---- */

void native_hello(struct buffer *out, struct span resume, struct span client)
{
    bool first = true;

    buffer_append_text(out, "[\"hello\",{");
    write_member_string(out, &first, "resume", resume);
    if (span_present(client))
        write_member_string(out, &first, "client", client);
    buffer_append_text(out, "}]");
}

void native_open(struct buffer *out, const struct message_open *open)
{
    bool first = true;

    buffer_append_text(out, "[\"open\"");
    write_string(out, open->name);
    buffer_append_text(out, ",{");
    if (span_present(open->type))
        write_member_string(out, &first, "type", open->type);
    if (open->create) {
        write_member(out, &first, "create");
        if (span_present(open->data)) {
            buffer_append_text(out, "{\"data\":");
            buffer_append(out, open->data);
            buffer_append_byte(out, '}');
        } else {
            buffer_append_text(out, "true");
        }
    }
    if (open->from > 0) {
        write_member_number(out, &first, "from", open->from);
        write_member_number(out, &first, "epoch", open->epoch);
    }
    if (open->pending > 0)
        write_member_number(out, &first, "pending", open->pending);
    if (open->diverged) {
        write_member(out, &first, "diverged");
        buffer_append_text(out, "true");
    }
    buffer_append_text(out, "}]");
}

void native_edit(struct buffer *out, uint64_t channel, uint64_t serial, uint64_t base,
                 struct span operation)
{
    buffer_append_byte(out, '[');
    buffer_append_unsigned(out, channel);
    write_number(out, serial);
    write_number(out, base);
    write_raw(out, operation);
    buffer_append_byte(out, ']');
}

void native_close(struct buffer *out, uint64_t channel)
{
    buffer_append_text(out, "[\"close\"");
    write_number(out, channel);
    buffer_append_byte(out, ']');
}
