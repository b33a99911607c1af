#include "server/collab/room.h"

#include <string.h>

#include "base/json_scan.h"
#include "base/limits.h"
#include "ot/rich.h"
#include "ot/type.h"
#include "protocol/sharedb.h"
#include "server/collab/hub_state.h"
#include "server/collab/posting.h"
#include "server/collab/source.h"

struct room_value {
    struct room_value *prev, *next; /* of the seat */
    bool changed;                   /* since it was last told */
    uint64_t version;               /* of the value: its client counts */
    struct span id;                 /* in `bytes` */
    struct span document;           /* its name, in `bytes`; absent when it is of none */
    const struct type *type;        /* of the document; NULL when it is of none */
    uint64_t seq;                   /* the range is of the document at this */
    struct buffer state;            /* JSON; empty when its document has ended */
    uint8_t bytes[];
};

/* A link that listens in a room or shows something there. */
struct room_seat {
    struct room_seat *prev, *next; /* in room->seats */
    struct room_seat *link_prev, *link_next;
    struct room *room;
    struct link *link;
    bool listens;
    bool behind; /* it has to be told everything */
    struct room_value *values;
    size_t value_count;
};

struct room {
    struct hub *hub;
    UT_hash_handle hh; /* in hub->rooms, by name */
    struct room_seat *seats;
    size_t value_count;
    bool is_telling;
    struct room *telling_prev, *telling_next; /* in hub->rooms_telling */
    size_t name_size;
    uint8_t name[];
};

/* ---- Lists ---- */

static void touch(struct room *room)
{
    if (room->is_telling)
        return;
    room->is_telling = true;
    DL_APPEND2(room->hub->rooms_telling, room, telling_prev, telling_next);
}

static void untouch(struct room *room)
{
    if (!room->is_telling)
        return;
    room->is_telling = false;
    DL_DELETE2(room->hub->rooms_telling, room, telling_prev, telling_next);
}

static struct room *get_room(struct hub *hub, struct span name)
{
    struct room *room = NULL;

    HASH_FIND(hh, hub->rooms, name.data, name.size, room);
    if (room != NULL)
        return room;
    room = memory_zeroed(1, sizeof(*room) + name.size);
    room->hub = hub;
    room->name_size = name.size;
    memcpy(room->name, name.data, name.size);
    HASH_ADD_KEYPTR(hh, hub->rooms, room->name, room->name_size, room);
    return room;
}

static struct room_seat *find_seat(const struct link *link, struct span name)
{
    struct room_seat *seat;

    DL_FOREACH2 (link->seats, seat, link_next)
        if (span_equal(span_of(seat->room->name, seat->room->name_size), name))
            return seat;
    return NULL;
}

/* NULL when the link is in too many rooms. */
static struct room_seat *get_seat(struct link *link, struct span name)
{
    struct room_seat *seat = find_seat(link, name);

    if (seat != NULL || link->seat_count == LIMIT_OPEN_DOCUMENTS)
        return seat;
    seat = memory_zeroed(1, sizeof(*seat));
    seat->room = get_room(link->hub, name);
    seat->link = link;
    DL_APPEND(seat->room->seats, seat);
    DL_APPEND2(link->seats, seat, link_prev, link_next);
    link->seat_count++;
    return seat;
}

static void free_value(struct room_seat *seat, struct room_value *value)
{
    DL_DELETE(seat->values, value);
    seat->room->value_count--;
    buffer_finish(&value->state);
    memory_free(value);
}

/* Whoever does nothing here leaves, and the last one puts out the light. */
static void leave_if_idle(struct room_seat *seat)
{
    struct room *room = seat->room;

    if (seat->listens || seat->values != NULL)
        return;
    DL_DELETE(room->seats, seat);
    DL_DELETE2(seat->link->seats, seat, link_prev, link_next);
    seat->link->seat_count--;
    memory_free(seat);
    if (room->seats != NULL)
        return;
    untouch(room);
    HASH_DEL(room->hub->rooms, room);
    memory_free(room);
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

static void move_over(const struct room_seat *seat, struct room_value *value,
                      const struct document *document, uint64_t seq)
{
    const struct entry *entry = &history_at(&document->history, seq)->entry;
    struct buffer moved = {0};

    if (entry->kind == ENTRY_EDIT && value->state.size > 0 &&
        json_kind(buffer_span(&value->state)) == JSON_KIND_OBJECT)
        write_moved(&moved, buffer_span(&value->state),
                    history_operation(&document->history, seq, value->type),
                    memcmp(&entry->session, &seat->link->session, sizeof(entry->session)) == 0);
    else if (entry->kind == ENTRY_EDIT)
        return;
    buffer_finish(&value->state);
    value->state = moved;
}

/* As far as memory knows its document's history. */
static void move(const struct room_seat *seat, struct room_value *value)
{
    const struct document *document =
        value->type != NULL ? document_find(seat->link->hub, value->document) : NULL;

    if (document == NULL || !document_is_live(document) || document->now.type != value->type ||
        value->seq + 1 < document->history.first)
        return;
    while (value->seq < document->committed) {
        value->seq++;
        move_over(seat, value, document, value->seq);
    }
}

/* ---- Telling ---- */

static void write_value(const struct room_seat *seat, const struct room_value *value,
                        struct buffer *out)
{
    struct buffer source = {0};
    struct sharedb_presence words = {
        .channel = span_of(seat->room->name, seat->room->name_size),
        .id = value->id,
        .version = value->version,
        .state = value->state.size > 0 ? buffer_span(&value->state) : SPAN("null"),
        .at = value->seq,
    };

    if (value->type != NULL) {
        message_split_name(value->document, &words.collection, &words.document);
        words.type = span_of_string(value->type->uri);
    }
    source_write(&source, &seat->link->session);
    words.source = buffer_span(&source);
    sharedb_presence(out, &words);
    buffer_finish(&source);
}

static void say(struct link *link, struct span message)
{
    size_t mark;

    buffer_append(link_begin(link, &mark), message);
    link_end(link, mark);
}

static bool is_slow(const struct link *link)
{
    return link_private_size(link) >= LIMIT_FRAME_BYTES;
}

static void tell_all(struct room_seat *listener)
{
    const struct room_seat *seat;
    const struct room_value *value;
    struct buffer words = {0};

    listener->behind = false;
    DL_FOREACH (listener->room->seats, seat) {
        if (seat == listener)
            continue;
        DL_FOREACH (seat->values, value) {
            if (value->changed || value->state.size == 0)
                continue;
            write_value(seat, value, &words);
            say(listener->link, buffer_span(&words));
            buffer_clear(&words);
        }
    }
    buffer_finish(&words);
}

/* To all who listen but its own link; `urgent`: also to those who are slow. */
static void tell(const struct room_seat *seat, const struct room_value *value, bool urgent)
{
    struct room_seat *listener;
    struct buffer words = {0};

    write_value(seat, value, &words);
    DL_FOREACH (seat->room->seats, listener) {
        if (!listener->listens || listener == seat || (listener->behind && !urgent))
            continue;
        if (urgent || !is_slow(listener->link))
            say(listener->link, buffer_span(&words));
        else
            listener->behind = true;
    }
    buffer_finish(&words);
}

void room_tell(struct room *room)
{
    struct room_seat *seat;
    struct room_value *value;

    untouch(room);
    DL_FOREACH (room->seats, seat)
        DL_FOREACH (seat->values, value)
            move(seat, value);
    DL_FOREACH (room->seats, seat)
        if (seat->behind && !is_slow(seat->link))
            tell_all(seat);
    DL_FOREACH (room->seats, seat)
        DL_FOREACH (seat->values, value)
            if (value->changed) {
                value->changed = false;
                tell(seat, value, false);
            }
}

void room_link_drained(struct link *link)
{
    const struct room_seat *seat;

    DL_FOREACH2 (link->seats, seat, link_next)
        if (seat->behind)
            touch(seat->room);
}

/* ---- Showing ---- */

static void reject(struct link *link, const struct message *message, struct sharedb_error error)
{
    posting_refuse(link, message->request, &error);
}

static struct room_value *find_value(const struct room_seat *seat, struct span id)
{
    struct room_value *value;

    DL_FOREACH (seat->values, value)
        if (span_equal(value->id, id))
            return value;
    return NULL;
}

/* Nobody sees it any more. */
static void take_away(struct room_seat *seat, struct room_value *value)
{
    buffer_clear(&value->state);
    tell(seat, value, true);
    free_value(seat, value);
}

static void take_all_away(struct room_seat *seat)
{
    while (seat->values != NULL)
        take_away(seat, seat->values);
}

static struct room_value *make_value(struct room_seat *seat, const struct message *message,
                                     const struct type *type)
{
    struct span id = message->room.id;
    struct span collection = type != NULL ? message->collection : SPAN_NONE;
    struct span document = type != NULL ? message->id : SPAN_NONE;
    struct room_value *value =
        memory_zeroed(1, sizeof(*value) + id.size + collection.size + 1 + document.size);
    struct buffer name = {0};

    memcpy(value->bytes, id.data, id.size);
    value->id = span_of(value->bytes, id.size);
    value->type = type;
    if (type != NULL) {
        message_join_name(&name, collection, document);
        memcpy(value->bytes + id.size, name.data, name.size);
        value->document = span_of(value->bytes + id.size, name.size);
        buffer_finish(&name);
    }
    DL_APPEND(seat->values, value);
    seat->room->value_count++;
    return value;
}

/* The client counts every value, and waits for each one's echo. */
static void acknowledge(struct link *link, const struct message *message)
{
    struct buffer source = {0};
    struct sharedb_presence words = {
        .channel = message->room.name,
        .id = message->room.id,
        .version = message->room.version,
        .state = message->room.state,
    };
    size_t mark;

    source_write(&source, &link->session);
    words.source = buffer_span(&source);
    sharedb_presence(link_begin(link, &mark), &words);
    link_end(link, mark);
    buffer_finish(&source);
}

static void put(struct room_seat *seat, const struct message *message, const struct type *type)
{
    struct room_value *value = find_value(seat, message->room.id);

    if (value != NULL && message->room.version < value->version)
        return;
    if (value != NULL)
        free_value(seat, value);
    value = make_value(seat, message, type);
    value->version = message->room.version;
    value->seq = message->room.at;
    value->changed = true;
    buffer_append(&value->state, message->room.state);
    touch(seat->room);
}

static void remove_value(struct room_seat *seat, const struct message_room *show)
{
    struct room_value *value = find_value(seat, show->id);

    if (value == NULL || show->version < value->version)
        return;
    value->version = show->version;
    take_away(seat, value);
}

void room_show(struct link *link, const struct message *message)
{
    static const struct sharedb_error no_presence = {"ERR_TYPE_DOES_NOT_SUPPORT_PRESENCE",
                                                     "Type does not support presence"};
    static const struct sharedb_error too_large = {"ERR_MESSAGE_BADLY_FORMED",
                                                   "The presence is larger than the limit"};
    const struct message_room *show = &message->room;
    bool of_document = span_present(message->collection) && span_present(show->type);
    const struct type *type = of_document ? type_find(show->type) : NULL;
    struct room_seat *seat = get_seat(link, message->room.name);

    if (of_document && type != &type_rich)
        reject(link, message, no_presence);
    else if (show->state.size > LIMIT_PRESENCE_BYTES)
        reject(link, message, too_large);
    else if (seat == NULL || (seat->room->value_count >= LIMIT_PRESENCE_VALUES &&
                              find_value(seat, show->id) == NULL))
        reject(link, message, sharedb_error_of(STATUS_TOO_MANY));
    else {
        if (json_kind(show->state) == JSON_KIND_NULL)
            remove_value(seat, show);
        else
            put(seat, message, type);
        acknowledge(link, message);
    }
    if (seat != NULL)
        leave_if_idle(seat);
}

/* ---- Listening ---- */

static void confirm(struct link *link, const struct message *message)
{
    size_t mark;

    sharedb_presence_reply(link_begin(link, &mark), message);
    link_end(link, mark);
}

static void fall_behind(struct room_seat *seat)
{
    seat->behind = true;
    touch(seat->room);
}

void room_listen(struct link *link, const struct message *message)
{
    struct room_seat *seat = get_seat(link, message->room.name);

    if (seat == NULL) {
        reject(link, message, sharedb_error_of(STATUS_TOO_MANY));
        return;
    }
    confirm(link, message);
    if (!seat->listens)
        fall_behind(seat);
    seat->listens = true;
}

void room_unlisten(struct link *link, const struct message *message)
{
    struct room_seat *seat = find_seat(link, message->room.name);

    confirm(link, message);
    if (seat == NULL)
        return;
    seat->listens = false;
    seat->behind = false;
    take_all_away(seat);
    leave_if_idle(seat);
}

void room_ask(struct link *link, const struct message *message)
{
    struct room_seat *seat = find_seat(link, message->room.name);

    confirm(link, message);
    if (seat != NULL && seat->listens)
        fall_behind(seat);
}

void room_forget_all(struct link *link)
{
    while (link->seats != NULL) {
        struct room_seat *seat = link->seats;

        seat->listens = false;
        take_all_away(seat);
        leave_if_idle(seat);
    }
}
