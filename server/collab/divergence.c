#include "server/collab/divergence.h"

#include <inttypes.h>

#include "base/json_write.h"
#include "server/collab/hub_state.h"
#include "server/collab/reader.h"

/* ---- The bundle: one JSON object ---- */

static void add_name(struct buffer *out, const char *name)
{
    uint8_t last = out->data[out->size - 1];

    if (last != '{')
        buffer_append_byte(out, ',');
    buffer_append_format(out, "\"%s\":", name);
}

static void add_number(struct buffer *out, const char *name, uint64_t value)
{
    add_name(out, name);
    buffer_append_unsigned(out, value);
}

static void add_text(struct buffer *out, const char *name, struct span text)
{
    add_name(out, name);
    json_write_string(out, text);
}

static void add_hash(struct buffer *out, const char *name, uint64_t hash)
{
    add_name(out, name);
    buffer_append_format(out, "\"%016" PRIx64 "\"", hash);
}

static void add_json(struct buffer *out, const char *name, struct span json)
{
    if (json.size == 0)
        return; /* a deletion has no content */
    add_name(out, name);
    buffer_append(out, json);
}

static void add_entry(struct buffer *out, const struct entry *entry)
{
    static const char *const kinds[] = {
        [ENTRY_EDIT] = "edit", [ENTRY_CREATE] = "create", [ENTRY_DELETE] = "delete"};
    struct who who = who_of(&entry->session);

    buffer_append_byte(out, '{');
    add_number(out, "seq", entry->seq);
    add_number(out, "epoch", entry->epoch);
    add_number(out, "time_ms", entry->time_ms);
    add_text(out, "kind", span_of_string(kinds[entry->kind]));
    add_text(out, "who", span_of(who.text, WHO_SIZE));
    add_number(out, "serial", entry->serial);
    add_number(out, "base", entry->base);
    add_json(out, "arrived", entry->arrived);
    if (entry->sequenced.data != entry->arrived.data)
        add_json(out, "sequenced", entry->sequenced);
    buffer_append_byte(out, '}');
}

/* All entries since the comparison before, as far as they are in memory. */
static void add_entries(struct buffer *out, const struct document *document, uint64_t seq)
{
    const struct history *history = &document->history;
    uint64_t every = state_check_every(&document->now);
    uint64_t from = seq > every ? seq - every + 1 : 1;

    add_name(out, "entries");
    buffer_append_byte(out, '[');
    for (uint64_t at = from > history->first ? from : history->first; at <= document->committed;
         at++) {
        if (out->data[out->size - 1] != '[')
            buffer_append_byte(out, ',');
        add_entry(out, &history_at(history, at)->entry);
    }
    buffer_append_byte(out, ']');
}

static void write_bundle(struct buffer *out, const struct reader *reader,
                         const struct message_check *check, uint64_t hash)
{
    const struct document *document = reader->document;
    struct buffer state = {0};

    buffer_append_byte(out, '{');
    add_text(out, "document", document_name(document));
    add_number(out, "time_ms", document->hub->now_ms);
    add_text(out, "who", span_of(reader->link->who.text, WHO_SIZE));
    add_number(out, "seq", check->seq);
    add_hash(out, "hash_here", hash);
    add_hash(out, "hash_there", check->hash);
    add_number(out, "head", document->history.head);
    if (document->now.type != NULL) {
        document->now.type->encode(document->now.content, &state);
        add_text(out, "type", span_of_string(document->now.type->name));
        add_json(out, "state", buffer_span(&state));
        add_entries(out, document, check->seq);
    }
    buffer_append_text(out, "}\n");
    buffer_finish(&state);
}

/* Once for each seq: a client that says it again and again does not fill the log. */
static void tell_operator(const struct reader *reader, const struct message_check *check,
                          uint64_t hash)
{
    struct hub *hub = reader->document->hub;
    struct bundle_keeper *keeper = hub->config.keeper;
    struct buffer bundle = {0};

    hub_report(
        hub, "document %s: %.*s has another state at %" PRIu64 ": %016" PRIx64 ", not %016" PRIx64,
        reader->document->name, WHO_SIZE, reader->link->who.text, check->seq, check->hash, hash);
    if (keeper == NULL)
        return;
    write_bundle(&bundle, reader, check, hash);
    keeper->keep(keeper, buffer_span(&bundle));
    buffer_finish(&bundle);
}

void divergence_check(struct reader *reader, const struct message_check *check)
{
    struct document *document = reader->document;
    struct state_hash *ours = state_hashes_find(&document->hashes, check->seq);

    if (ours == NULL || ours->hash == check->hash || check->seq > document->committed)
        return;
    document->hub->counts.diverged++;
    reader->link->dialect->diverged(reader, check->seq);
    if (!ours->told)
        tell_operator(reader, check, ours->hash);
    ours->told = true;
}
