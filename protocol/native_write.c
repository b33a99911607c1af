/* The writing half of native.h: both directions, appended as canonical JSON. */
#include "base/json_object.h"
#include "base/json_write.h"
#include "protocol/native.h"

/* ["word" — the elements that follow bring their commas. */
static void begin(struct buffer *out, const char *word)
{
    buffer_append_text(out, "[\"");
    buffer_append_text(out, word);
    buffer_append_byte(out, '"');
}

static void end(struct buffer *out)
{
    buffer_append_byte(out, ']');
}

static void add_unsigned(struct buffer *out, uint64_t value)
{
    buffer_append_byte(out, ',');
    buffer_append_unsigned(out, value);
}

static void add_string(struct buffer *out, struct span text)
{
    buffer_append_byte(out, ',');
    json_write_string(out, text);
}

/* A value that is JSON already. */
static void add_json(struct buffer *out, struct span json)
{
    buffer_append_byte(out, ',');
    buffer_append(out, json);
}

/* ---- Objects, as elements (base/json_object) ---- */

static void begin_object(struct buffer *out)
{
    buffer_append_byte(out, ',');
    json_object_begin(out);
}

/* These leave out what is 0, absent or false. */

static void option_unsigned(struct buffer *out, const char *name, uint64_t value)
{
    if (value != 0)
        json_object_unsigned(out, name, value);
}

static void option_string(struct buffer *out, const char *name, struct span text)
{
    if (span_present(text))
        json_object_string(out, name, text);
}

static void option_true(struct buffer *out, const char *name, bool value)
{
    if (value)
        json_object_json(out, name, SPAN("true"));
}

/* ---- server -> client ---- */

void native_welcome(struct buffer *out, const struct native_welcome *welcome)
{
    begin(out, "welcome");
    begin_object(out);
    json_object_string(out, "who", welcome->who);
    json_object_string(out, "user", welcome->user);
    json_object_name(out, "limits");
    buffer_append_byte(out, '{');
    json_object_unsigned(out, "message_bytes_max", welcome->message_bytes_max);
    json_object_unsigned(out, "document_bytes_max", welcome->document_bytes_max);
    json_object_end(out);
    json_object_unsigned(out, "heartbeat_ms", welcome->heartbeat_ms);
    json_object_end(out);
    end(out);
}

void native_opened(struct buffer *out, const struct native_opened *opened)
{
    begin(out, "opened");
    add_unsigned(out, opened->channel);
    add_string(out, opened->name);
    add_unsigned(out, opened->seq);
    begin_object(out);
    json_object_string(out, "type", opened->type);
    json_object_json(out, "snapshot", opened->snapshot);
    json_object_unsigned(out, "serial", opened->serial);
    json_object_unsigned(out, "epoch", opened->epoch);
    json_object_unsigned(out, "check_every", opened->check_every);
    option_string(out, "reload", span_of_string(opened->reload));
    json_object_end(out);
    end(out);
}

void native_operations_begin(struct buffer *out, uint64_t channel, uint64_t seq)
{
    buffer_append_byte(out, '[');
    buffer_append_unsigned(out, channel);
    add_unsigned(out, seq);
}

void native_operations_add(struct buffer *out, struct span who, struct span operation)
{
    add_string(out, who);
    add_json(out, operation);
}

void native_operations_end(struct buffer *out)
{
    end(out);
}

void native_made(struct buffer *out, uint64_t channel, uint64_t seq, struct span who,
                 struct span type, struct span data)
{
    begin(out, "made");
    add_unsigned(out, channel);
    add_unsigned(out, seq);
    add_string(out, who);
    add_string(out, type);
    if (span_present(data))
        add_json(out, data);
    end(out);
}

void native_epoch(struct buffer *out, uint64_t channel, uint64_t epoch)
{
    begin(out, "epoch");
    add_unsigned(out, channel);
    add_unsigned(out, epoch);
    end(out);
}

void native_composed(struct buffer *out, uint64_t channel, uint64_t to_seq, struct span operation,
                     uint64_t epoch)
{
    begin(out, "composed");
    add_unsigned(out, channel);
    add_unsigned(out, to_seq);
    add_json(out, operation);
    add_unsigned(out, epoch);
    end(out);
}

void native_refused(struct buffer *out, const struct native_refused *refused)
{
    begin(out, "refused");
    add_unsigned(out, refused->channel);
    add_unsigned(out, refused->serial);
    add_unsigned(out, (uint64_t)refused->code);
    add_string(out, span_of_string(refused->text));
    begin_object(out);
    option_unsigned(out, "retry_after_ms", refused->retry_after_ms);
    option_unsigned(out, "seq", refused->seq);
    json_object_end(out);
    end(out);
}

void native_closed(struct buffer *out, uint64_t channel, struct span name, int code,
                   const char *text)
{
    begin(out, "closed");
    if (channel != 0)
        add_unsigned(out, channel);
    else
        add_string(out, name);
    add_unsigned(out, (uint64_t)code);
    add_string(out, span_of_string(text));
    end(out);
}

void native_here(struct buffer *out, uint64_t channel, uint64_t seq, struct span who,
                 struct span state)
{
    begin(out, "here");
    add_unsigned(out, channel);
    add_unsigned(out, seq);
    add_string(out, who);
    add_json(out, span_present(state) ? state : SPAN("null"));
    end(out);
}

void native_here_nobody(struct buffer *out, uint64_t channel, uint64_t seq)
{
    begin(out, "here");
    add_unsigned(out, channel);
    add_unsigned(out, seq);
    end(out);
}

void native_say(struct buffer *out, uint64_t channel, struct span who, struct span event)
{
    begin(out, "say");
    add_unsigned(out, channel);
    add_string(out, who);
    add_json(out, event);
    end(out);
}

void native_diverged(struct buffer *out, uint64_t channel, uint64_t seq)
{
    begin(out, "diverged");
    add_unsigned(out, channel);
    add_unsigned(out, seq);
    end(out);
}

/* The answer about one state, to its members that are always there. */
static void begin_state(struct buffer *out, uint64_t request, const struct native_past *past)
{
    begin(out, "history");
    add_unsigned(out, request);
    begin_object(out);
    json_object_unsigned(out, "seq", past->seq);
    json_object_unsigned(out, "epoch", past->epoch);
    json_object_unsigned(out, "time", past->time_ms);
    option_string(out, "type", past->type);
}

void native_history_state(struct buffer *out, uint64_t request, const struct native_past *past)
{
    begin_state(out, request, past);
    json_object_json(out, "snapshot", past->snapshot);
    json_object_end(out);
    end(out);
}

void native_history_begin(struct buffer *out, uint64_t request)
{
    begin(out, "history");
    add_unsigned(out, request);
    begin_object(out);
    json_object_array_begin(out, "operations");
}

void native_past_entry(struct buffer *out, const struct native_past_entry *entry)
{
    buffer_append_byte(out, '{');
    json_object_unsigned(out, "seq", entry->seq);
    json_object_string(out, "who", entry->who);
    json_object_string(out, "user", entry->user);
    json_object_unsigned(out, "time", entry->time_ms);
    json_object_json(out, "operation", entry->operation);
    json_object_json(out, "create", entry->creation);
    option_true(out, "delete", entry->deletion);
    json_object_end(out);
}

void native_history_end(struct buffer *out, uint64_t next)
{
    json_object_array_end(out);
    option_unsigned(out, "next", next);
    json_object_end(out);
    end(out);
}

void native_blame_begin(struct buffer *out, uint64_t request, const struct native_past *past)
{
    begin_state(out, request, past);
    json_object_array_begin(out, "runs");
}

void native_past_run(struct buffer *out, const struct native_past_run *run)
{
    buffer_append_byte(out, '{');
    json_object_unsigned(out, "points", run->points);
    if (run->seq > 0) {
        json_object_unsigned(out, "seq", run->seq);
        json_object_string(out, "who", run->who);
        json_object_string(out, "user", run->user);
        json_object_unsigned(out, "time", run->time_ms);
    }
    json_object_end(out);
}

void native_blame_end(struct buffer *out)
{
    json_object_array_end(out);
    json_object_end(out);
    end(out);
}

void native_history_failed(struct buffer *out, uint64_t request, int code, const char *text)
{
    begin(out, "history");
    add_unsigned(out, request);
    begin_object(out);
    json_object_unsigned(out, "code", (uint64_t)code);
    json_object_string(out, "text", span_of_string(text));
    json_object_end(out);
    end(out);
}

void native_goaway(struct buffer *out, uint64_t after_ms, uint64_t within_ms)
{
    begin(out, "goaway");
    begin_object(out);
    json_object_unsigned(out, "after_ms", after_ms);
    json_object_unsigned(out, "within_ms", within_ms);
    json_object_end(out);
    end(out);
}

void native_heartbeat(struct buffer *out)
{
    buffer_append_text(out, "[]");
}

/* ---- client -> server ---- */

void native_hello(struct buffer *out, const struct message_hello *hello)
{
    begin(out, "hello");
    begin_object(out);
    json_object_string(out, "resume", hello->resume);
    option_string(out, "token", hello->token);
    option_string(out, "client", hello->client);
    json_object_end(out);
    end(out);
}

void native_open(struct buffer *out, const struct message_open *open)
{
    begin(out, "open");
    add_string(out, open->name);
    begin_object(out);
    option_string(out, "type", open->type);
    option_true(out, "create", open->create);
    json_object_json(out, "data", open->data);
    option_unsigned(out, "from", open->from);
    option_unsigned(out, "epoch", open->epoch);
    option_unsigned(out, "pending", open->pending);
    option_true(out, "diverged", open->diverged);
    json_object_end(out);
    end(out);
}

void native_edit(struct buffer *out, uint64_t channel, uint64_t serial, uint64_t base,
                 struct span operation)
{
    buffer_append_byte(out, '[');
    buffer_append_unsigned(out, channel);
    add_unsigned(out, serial);
    add_unsigned(out, base);
    add_json(out, operation);
    end(out);
}

void native_delete(struct buffer *out, uint64_t channel, uint64_t serial, uint64_t base)
{
    begin(out, "delete");
    add_unsigned(out, channel);
    add_unsigned(out, serial);
    add_unsigned(out, base);
    end(out);
}

void native_close(struct buffer *out, uint64_t channel)
{
    begin(out, "close");
    add_unsigned(out, channel);
    end(out);
}

void native_show(struct buffer *out, uint64_t channel, uint64_t seq, struct span state)
{
    begin(out, "here");
    add_unsigned(out, channel);
    add_unsigned(out, seq);
    add_json(out, span_present(state) ? state : SPAN("null"));
    end(out);
}

void native_signal(struct buffer *out, uint64_t channel, struct span event, struct span to)
{
    begin(out, "say");
    add_unsigned(out, channel);
    add_json(out, event);
    if (span_present(to))
        add_string(out, to);
    end(out);
}

void native_check(struct buffer *out, uint64_t channel, uint64_t seq, uint64_t hash)
{
    begin(out, "check");
    add_unsigned(out, channel);
    add_unsigned(out, seq);
    buffer_append_text(out, ",\"");
    for (int shift = 60; shift >= 0; shift -= 4)
        buffer_append_byte(out, (uint8_t) "0123456789abcdef"[hash >> shift & 15]);
    buffer_append_byte(out, '"');
    end(out);
}

void native_read(struct buffer *out, const struct message_read *read)
{
    begin(out, "read");
    add_unsigned(out, read->request);
    add_string(out, read->name);
    begin_object(out);
    bool is_blame = read->kind == READ_BLAME;

    option_true(out, "blame", is_blame);
    if (read->kind == READ_AT_SEQ || (is_blame && read->seq != UINT64_MAX))
        json_object_unsigned(out, "seq", read->seq);
    if (read->kind == READ_AT_TIME)
        json_object_unsigned(out, "time", read->time_ms);
    if (read->kind == READ_OPERATIONS || (is_blame && read->from > 1))
        json_object_unsigned(out, "from", read->from);
    if (read->kind == READ_OPERATIONS && read->to != UINT64_MAX)
        json_object_unsigned(out, "to", read->to);
    json_object_end(out);
    end(out);
}
