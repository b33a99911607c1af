#include "server/collab/room.h"

#include "base/json_scan.h"
#include "ot/rich.h"
#include "protocol/sharedb.h"
#include "server/collab/posting.h"
#include "server/collab/room_peers.h"
#include "server/collab/room_state.h"
#include "server/collab/source.h"

/* ---- Rooms ---- */

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

/* Hear, or no longer, what is shown in it at other nodes. */
static void follow(const struct room *room, bool on)
{
    struct peers *peers = room->hub->peers;

    if (peers != NULL)
        peers->ops->follow(peers, TOPIC_ROOM, room_name(room), on);
}

static struct room *get_room(struct hub *hub, struct span name)
{
    struct room *room = room_find(hub, name);

    if (room != NULL)
        return room;
    room = memory_zeroed(1, sizeof(*room) + name.size);
    room->hub = hub;
    room->name_size = name.size;
    memcpy(room->name, name.data, name.size);
    HASH_ADD_KEYPTR(hh, hub->rooms, room->name, room->name_size, room);
    follow(room, true);
    return room;
}

static void free_value(struct room_value *value)
{
    HASH_DEL(value->seat->room->values, value);
    DL_DELETE(value->seat->values, value);
    room_value_destroy(value);
}

/* Nobody here is in it any more: what is shown elsewhere is of no concern. */
static void destroy(struct room *room)
{
    struct room_seat *seat;
    struct room_seat *next;

    DL_FOREACH_SAFE (room->seats, seat, next) {
        while (seat->values != NULL)
            free_value(seat->values);
        memory_free(seat);
    }
    untouch(room);
    follow(room, false);
    HASH_DEL(room->hub->rooms, room);
    memory_free(room);
}

/* ---- Seats ---- */

struct room_seat *room_seat_create(struct room *room, struct link *link)
{
    struct room_seat *seat = memory_zeroed(1, sizeof(*seat));

    seat->room = room;
    seat->link = link;
    DL_APPEND(room->seats, seat);
    if (link == NULL)
        return seat;
    DL_APPEND2(link->seats, seat, link_prev, link_next);
    link->seat_count++;
    room->links++;
    return seat;
}

static struct room_seat *find_seat(const struct link *link, struct span name)
{
    struct room_seat *seat;

    DL_FOREACH2 (link->seats, seat, link_next)
        if (span_equal(room_name(seat->room), name))
            return seat;
    return NULL;
}

/* NULL when the link is in too many rooms. */
static struct room_seat *get_seat(struct link *link, struct span name)
{
    struct room_seat *seat = find_seat(link, name);

    if (seat != NULL || link->seat_count == LIMIT_OPEN_DOCUMENTS)
        return seat;
    return room_seat_create(get_room(link->hub, name), link);
}

/* Who does nothing here leaves, and the last link puts out the light. */
static void leave_if_idle(struct room_seat *seat)
{
    struct room *room = seat->room;

    if (seat->listens || seat->values != NULL)
        return;
    DL_DELETE(room->seats, seat);
    if (seat->link != NULL) {
        DL_DELETE2(seat->link->seats, seat, link_prev, link_next);
        seat->link->seat_count--;
        room->links--;
    }
    memory_free(seat);
    if (room->links == 0)
        destroy(room);
}

/* ---- Telling ---- */

void room_pass_on(struct room_value *value, const char *node)
{
    const struct room *room = value->seat->room;
    struct peers *peers = room->hub->peers;

    room_value_move(value, room->hub);
    if (node == NULL)
        value->renewed_ms = room->hub->now_ms;
    const struct aside show = room_value_aside(value);

    peers->ops->tell(peers, room_name(room), &show, node);
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

/* Its client shows it, maybe at another node that it has left. */
static bool is_own(const struct room_seat *listener, const struct room_value *value)
{
    return memcmp(&listener->link->session, &value->session, sizeof(value->session)) == 0;
}

static void tell_all(struct room_seat *listener)
{
    const struct room *room = listener->room;
    const struct room_value *value;
    struct buffer words = {0};

    listener->behind = false;
    for (value = room->values; value != NULL; value = value->hh.next) {
        if (is_own(listener, value) || value->changed || value->state.size == 0)
            continue;
        room_value_write(value, room_name(room), &words);
        say(listener->link, buffer_span(&words));
        buffer_clear(&words);
    }
    buffer_finish(&words);
}

/* To all who listen but its own link; `urgent`: also to those who are slow. */
static void tell_here(const struct room_value *value, bool urgent)
{
    const struct room *room = value->seat->room;
    struct room_seat *listener;
    struct buffer words = {0};

    room_value_write(value, room_name(room), &words);
    DL_FOREACH (room->seats, listener) {
        if (!listener->listens || is_own(listener, value) || (listener->behind && !urgent))
            continue;
        if (urgent || !is_slow(listener->link))
            say(listener->link, buffer_span(&words));
        else
            listener->behind = true;
    }
    buffer_finish(&words);
}

static void tell(struct room_value *value, bool urgent)
{
    value->changed = false;
    tell_here(value, urgent);
    if (value->seat->link != NULL && value->seat->room->hub->peers != NULL)
        room_pass_on(value, NULL);
}

void room_tell(struct room *room)
{
    struct room_seat *seat;
    struct room_value *value;

    untouch(room);
    for (value = room->values; value != NULL; value = value->hh.next)
        room_value_move(value, room->hub);
    DL_FOREACH (room->seats, seat)
        if (seat->behind && !is_slow(seat->link))
            tell_all(seat);
    for (value = room->values; value != NULL; value = value->hh.next)
        if (value->changed)
            tell(value, false);
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

struct room_value *room_value_of(const struct room *room, const struct session_key *session,
                                 struct span id)
{
    struct room_key key = room_key_of(session, id);
    struct room_value *value = NULL;

    HASH_FIND(hh, room->values, key.bytes, key.size, value);
    return value;
}

bool room_is_full(const struct room *room)
{
    return HASH_COUNT(room->values) >= LIMIT_PRESENCE_VALUES;
}

/* Tell that it is gone, and forget it. */
static void end_value(struct room_value *value)
{
    buffer_clear(&value->state);
    tell(value, true);
    free_value(value);
}

void room_take_away(struct room_value *value)
{
    struct room_seat *seat = value->seat;

    end_value(value);
    leave_if_idle(seat);
}

void room_take_all_away(struct room_seat *seat)
{
    while (seat->values != NULL)
        end_value(seat->values);
    leave_if_idle(seat);
}

void room_put(struct room_seat *seat, const struct aside *show)
{
    struct room *room = seat->room;
    struct room_value *older = room_value_of(room, &show->session, show->id);
    struct room_seat *before = older != NULL ? older->seat : seat;
    struct room_value *value = room_value_create(show);

    if (older != NULL)
        free_value(older);
    value->seat = seat;
    value->changed = true;
    value->renewed_ms = room->hub->now_ms;
    DL_APPEND(seat->values, value);
    HASH_ADD_KEYPTR(hh, room->values, value->bytes, SESSION_KEY_SIZE + value->id.size, value);
    touch(room);
    leave_if_idle(before);
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

/* A lower version than what was told is late. Only when that was shown at another node, its client
 * has begun to count anew: who listens has to forget how far it had counted. */
static void put(struct room_seat *seat, const struct aside *show)
{
    struct room_value *older = room_value_of(seat->room, &show->session, show->id);
    bool is_lower = older != NULL && show->version < older->version;

    if (is_lower && older->seat == seat)
        return;
    if (is_lower)
        room_take_away(older);
    room_put(seat, show);
}

static void put_message(struct room_seat *seat, const struct message *message, bool of_document)
{
    const struct message_room *room = &message->room;
    struct buffer name = {0};

    if (of_document)
        message_join_name(&name, message->collection, message->id);
    const struct aside show = {
        .kind = ASIDE_SHOW,
        .session = seat->link->session,
        .seq = room->at,
        .json = room->state,
        .id = room->id,
        .version = room->version,
        .document = of_document ? buffer_span(&name) : SPAN_NONE,
    };

    put(seat, &show);
    buffer_finish(&name);
}

static void remove_value(const struct link *link, const struct message_room *show)
{
    const struct room_seat *seat = find_seat(link, show->name);
    struct room_value *value =
        seat != NULL ? room_value_of(seat->room, &link->session, show->id) : NULL;

    if (value == NULL || value->seat != seat || show->version < value->version)
        return;
    value->version = show->version;
    room_take_away(value);
}

static bool has_place(const struct link *link, const struct message_room *show)
{
    const struct room *room = room_find(link->hub, show->name);

    return room == NULL || !room_is_full(room) ||
           room_value_of(room, &link->session, show->id) != NULL;
}

void room_show(struct link *link, const struct message *message)
{
    static const struct sharedb_error no_presence = {"ERR_TYPE_DOES_NOT_SUPPORT_PRESENCE",
                                                     "Type does not support presence"};
    static const struct sharedb_error too_large = {"ERR_MESSAGE_BADLY_FORMED",
                                                   "The presence is larger than the limit"};
    const struct message_room *show = &message->room;
    bool of_document = span_present(message->collection) && span_present(show->type);
    bool is_shown = json_kind(show->state) != JSON_KIND_NULL;
    struct room_seat *seat = NULL;

    if (of_document && type_find(show->type) != &type_rich) {
        reject(link, message, no_presence);
        return;
    }
    if (show->state.size > LIMIT_PRESENCE_BYTES) {
        reject(link, message, too_large);
        return;
    }
    if (is_shown && has_place(link, show))
        seat = get_seat(link, show->name);
    if (is_shown && seat == NULL) {
        reject(link, message, sharedb_error_of(STATUS_TOO_MANY));
        return;
    }
    if (is_shown)
        put_message(seat, message, of_document);
    else
        remove_value(link, show);
    acknowledge(link, message);
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

/* Its client shows again what it did on its last connection when it is asked, not by itself. */
static void ask(struct link *link, struct span name)
{
    size_t mark;

    sharedb_presence_request(link_begin(link, &mark), name);
    link_end(link, mark);
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
    if (!seat->listens && link->returned)
        ask(link, message->room.name);
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
    room_take_all_away(seat);
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
        room_take_all_away(seat);
    }
}
