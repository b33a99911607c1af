#include "server/collab/room_peers.h"

#include "base/limits.h"
#include "base/mutant.h"
#include "server/collab/presence.h"
#include "server/collab/room_state.h"

struct room *room_find(const struct hub *hub, struct span name)
{
    struct room *room = NULL;

    HASH_FIND(hh, hub->rooms, name.data, name.size, room);
    return room;
}

struct room *room_next(const struct hub *hub, const struct room *room)
{
    return room == NULL ? hub->rooms : room->hh.next;
}

struct span room_name(const struct room *room)
{
    return span_of(room->name, room->name_size);
}

/* ---- Seats of nodes ---- */

static struct room_seat *find_seat(const struct room *room, uint64_t node)
{
    struct room_seat *seat;

    DL_FOREACH (room->seats, seat)
        if (seat->link == NULL && seat->node == node)
            return seat;
    return NULL;
}

static struct room_seat *get_seat(struct room *room, uint64_t node)
{
    struct room_seat *seat = find_seat(room, node);

    if (seat == NULL) {
        seat = room_seat_create(room, NULL);
        seat->node = node;
    }
    return seat;
}

static bool is_foreign(const struct room_value *value)
{
    return value->seat->link == NULL;
}

/* ---- Hearing ---- */

void room_hear(struct room *room, uint64_t node, const struct aside *show)
{
    struct room_value *value = room_value_of(room, &show->session, show->id);
    bool has_it = value != NULL && is_foreign(value) && value->seat->node == node;
    bool is_newer = value != NULL ? show->version > value->version : !room_is_full(room);

    if (!span_present(show->json)) {
        if (!has_it || show->version < value->version)
            return;
        value->version = show->version;
        room_take_away(value);
    } else if (is_newer) {
        room_put(get_seat(room, node), show);
    } else if (has_it && show->version == value->version) {
        value->renewed_ms = room->hub->now_ms;
    }
}

/* ---- Telling ---- */

static bool is_shown_here(const struct room_value *value)
{
    return !is_foreign(value) && value->state.size > 0;
}

void room_share(struct room *room, const char *node)
{
    struct room_value *value;

    for (value = room->values; value != NULL; value = value->hh.next)
        if (is_shown_here(value))
            room_pass_on(value, node);
}

/* ---- Doubt and loss ---- */

void room_doubt(struct room *room)
{
    uint64_t renewed_ms = presence_doubtful_ms(room->hub->now_ms);
    struct room_value *value;

    for (value = room->values; value != NULL; value = value->hh.next)
        if (is_foreign(value) && value->renewed_ms > renewed_ms)
            value->renewed_ms = renewed_ms;
}

void room_lose(struct room *room, uint64_t node)
{
    struct room_seat *seat = find_seat(room, node);

    if (seat != NULL)
        room_take_all_away(seat);
}

void room_sweep(struct room *room)
{
    struct room_value *value;
    struct room_value *next;

    HASH_ITER (hh, room->values, value, next) {
        uint64_t age_ms = room->hub->now_ms - value->renewed_ms;

        if (is_shown_here(value) && age_ms >= LIMIT_PRESENCE_RENEW_MS)
            room_pass_on(value, NULL);
        else if (is_foreign(value) && age_ms >= LIMIT_PRESENCE_MS &&
                 !mutant_is_on(MUTANT_PRESENCE_STAYS))
            room_take_away(value);
    }
}
