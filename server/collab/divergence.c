#include "server/collab/divergence.h"

#include <inttypes.h>

#include "base/json_object.h"
#include "server/collab/hub_state.h"
#include "server/collab/reader.h"

/* ---- The bundle: one JSON object ---- */

static void add_hash(struct buffer *out, const char *name, uint64_t hash)
{
    json_object_name(out, name);
    buffer_append_format(out, "\"%016" PRIx64 "\"", hash);
}

static void add_entry(struct buffer *out, const struct entry *entry)
{
    struct who who = who_of(&entry->session);

    json_object_begin(out);
    json_object_unsigned(out, "seq", entry->seq);
    json_object_unsigned(out, "epoch", entry->epoch);
    json_object_unsigned(out, "time_ms", entry->time_ms);
    json_object_string(out, "kind", span_of_string(entry_kind_text(entry->kind)));
    json_object_string(out, "who", span_of(who.text, WHO_SIZE));
    json_object_unsigned(out, "serial", entry->serial);
    json_object_unsigned(out, "base", entry->base);
    if (entry->kind != ENTRY_DELETE) /* a deletion has no content */
        json_object_json(out, "arrived", entry->arrived);
    if (!entry_is_as_it_arrived(entry))
        json_object_json(out, "sequenced", entry->sequenced);
    json_object_end(out);
}

/* All entries since the comparison before, as far as they are in memory. */
static void add_entries(struct buffer *out, const struct document *document, uint64_t seq)
{
    const struct history *history = &document->history;
    uint64_t every = state_check_every(&document->now);
    uint64_t from = seq > every ? seq - every + 1 : 1;

    json_object_array_begin(out, "entries");
    for (uint64_t at = from > history->first ? from : history->first; at <= document->committed;
         at++) {
        json_object_array_next(out);
        add_entry(out, &history_at(history, at)->entry);
    }
    json_object_array_end(out);
}

static void write_bundle(struct buffer *out, const struct reader *reader,
                         const struct message_check *check, uint64_t hash)
{
    const struct document *document = reader->document;
    struct buffer state = {0};

    json_object_begin(out);
    json_object_string(out, "document", document_name(document));
    json_object_unsigned(out, "time_ms", document->hub->now_ms);
    json_object_string(out, "who", span_of(reader->link->who.text, WHO_SIZE));
    json_object_unsigned(out, "seq", check->seq);
    add_hash(out, "hash_here", hash);
    add_hash(out, "hash_there", check->hash);
    json_object_unsigned(out, "head", document->history.head);
    if (document->now.type != NULL) {
        document->now.type->encode(document->now.content, &state);
        json_object_string(out, "type", span_of_string(document->now.type->name));
        json_object_json(out, "state", buffer_span(&state));
        add_entries(out, document, check->seq);
    }
    json_object_end(out);
    buffer_append_byte(out, '\n');
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
