#include "server/collab/room_value.h"

#include "base/json_scan.h"
#include "base/must.h"
#include "ot/rich.h"
#include "protocol/message.h"
#include "protocol/sharedb.h"
#include "server/collab/hub_state.h"
#include "server/collab/source.h"

struct room_key room_key_of(const struct session_key *session, struct span id)
{
    struct room_key key = {.size = SESSION_KEY_SIZE + id.size};

    must(id.size > 0 && id.size <= LIMIT_ROOM_NAME_BYTES);
    memcpy(key.bytes, session->bytes, SESSION_KEY_SIZE);
    memcpy(key.bytes + SESSION_KEY_SIZE, id.data, id.size);
    return key;
}

struct room_value *room_value_create(const struct aside *show)
{
    struct room_key key = room_key_of(&show->session, show->id);
    struct room_value *value = memory_zeroed(1, sizeof(*value) + key.size + show->document.size);

    memcpy(value->bytes, key.bytes, key.size);
    value->session = show->session;
    value->id = span_of(value->bytes + SESSION_KEY_SIZE, show->id.size);
    value->version = show->version;
    value->seq = show->seq;
    if (span_present(show->document)) {
        memcpy(value->bytes + key.size, show->document.data, show->document.size);
        value->document = span_of(value->bytes + key.size, show->document.size);
    }
    buffer_append(&value->state, show->json);
    return value;
}

void room_value_destroy(struct room_value *value)
{
    buffer_finish(&value->state);
    memory_free(value);
}

struct aside room_value_aside(const struct room_value *value)
{
    return (struct aside){
        .kind = ASIDE_SHOW,
        .session = value->session,
        .seq = value->seq,
        .json = value->state.size > 0 ? buffer_span(&value->state) : SPAN_NONE,
        .id = value->id,
        .version = value->version,
        .document = value->document,
    };
}

/* ---- Moving ---- */

/* Append `state` with its range moved over one operation; anything but a range is left as it is. */
static void write_moved(struct buffer *out, struct span state, const struct operation *operation,
                        bool own)
{
    struct json_walk walk;
    struct span name;
    struct span value;
    struct span index = json_member(state, "index");
    struct span length = json_member(state, "length");
    uint64_t begin;
    uint64_t size;

    if (!span_present(index) || !span_present(length) || !json_read_unsigned(index, &begin) ||
        !json_read_unsigned(length, &size) || begin + size > JSON_INTEGER_MAX) {
        buffer_append(out, state);
        return;
    }
    uint64_t moved = rich_move_position(operation, begin, own);
    uint64_t end = rich_move_position(operation, begin + size, own);

    json_walk_init(&walk, state);
    while (json_walk_member(&walk, &name, &value)) {
        buffer_append_byte(out, out->size == 0 ? '{' : ',');
        buffer_append(out, name);
        buffer_append_byte(out, ':');
        if (value.data == index.data)
            buffer_append_unsigned(out, moved);
        else if (value.data == length.data)
            buffer_append_unsigned(out, end - moved);
        else
            buffer_append(out, value);
    }
    buffer_append_byte(out, '}');
}

static void move_over(struct room_value *value, const struct document *document, uint64_t seq)
{
    const struct entry *entry = &history_at(&document->history, seq)->entry;
    struct buffer moved = {0};

    if (entry->kind == ENTRY_EDIT && value->state.size > 0 &&
        json_kind(buffer_span(&value->state)) == JSON_KIND_OBJECT)
        write_moved(&moved, buffer_span(&value->state),
                    history_operation(&document->history, seq, &type_rich),
                    memcmp(&entry->session, &value->session, sizeof(entry->session)) == 0);
    else if (entry->kind == ENTRY_EDIT)
        return;
    buffer_finish(&value->state);
    value->state = moved;
}

void room_value_move(struct room_value *value, const struct hub *hub)
{
    const struct document *document =
        span_present(value->document) ? document_find(hub, value->document) : NULL;

    if (document == NULL || !document_is_live(document) || document->now.type != &type_rich ||
        value->seq + 1 < document->history.first)
        return;
    while (value->seq < document->committed) {
        value->seq++;
        move_over(value, document, value->seq);
    }
}

/* ---- Telling ---- */

void room_value_write(const struct room_value *value, struct span channel, struct buffer *out)
{
    struct buffer source = {0};
    struct sharedb_presence words = {
        .channel = channel,
        .id = value->id,
        .version = value->version,
        .state = value->state.size > 0 ? buffer_span(&value->state) : SPAN("null"),
        .at = value->seq,
    };

    if (span_present(value->document)) {
        message_split_name(value->document, &words.collection, &words.document);
        words.type = span_of_string(type_rich.uri);
    }
    source_write(&source, &value->session);
    words.source = buffer_span(&source);
    sharedb_presence(out, &words);
    buffer_finish(&source);
}
