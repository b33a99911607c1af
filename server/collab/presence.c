#include "server/collab/presence.h"

#include <string.h>

#include "base/limits.h"
#include "base/must.h"
#include "base/mutant.h"
#include "server/collab/history.h"

/* ---- Values ---- */

static void destroy_value(struct presence_value *value)
{
    caret_finish(&value->caret);
    memory_free(value);
}

static struct presence_value *create_value(const struct presence_news *news)
{
    struct presence_value *value = memory_zeroed(1, sizeof(*value));

    value->node = news->node;
    value->seq = news->seq;
    value->renewed_ms = news->now_ms;
    caret_init(&value->caret, news->state);
    return value;
}

static void move_over_entry(struct presence_value *value, const struct session_key *session,
                            const struct presence_track *track, uint64_t seq)
{
    const struct entry *entry = &history_at(track->history, seq)->entry;
    const struct operation *operation = history_operation(track->history, seq, track->type);

    if (operation != NULL && !mutant_is_on(MUTANT_PRESENCE_STILL))
        caret_move(&value->caret, operation,
                   memcmp(&entry->session, session, sizeof(*session)) == 0);
}

/* Bring it to the head. False when that cannot be done: what lies between is not in memory, or a
 * creation. */
static bool move_value(struct presence_value *value, const struct session_key *session,
                       const struct presence_track *track)
{
    if (value->seq >= track->head)
        return true;
    if (track->type == NULL || value->seq < track->created)
        return false;
    if (track->type->move_position != NULL && value->caret.count > 0) {
        if (value->seq + 1 < track->history->first)
            return false;
        for (uint64_t seq = value->seq + 1; seq <= track->head; seq++)
            move_over_entry(value, session, track, seq);
    }
    value->seq = track->head;
    return true;
}

/* ---- Sessions ---- */

static struct presence_session *find(const struct presence *presence, const struct session_key *key)
{
    struct presence_session *session = NULL;

    HASH_FIND(hh, presence->sessions, key, sizeof(*key), session);
    return session;
}

static void mark(struct presence *presence, struct presence_session *session)
{
    if (session->changed)
        return;
    session->changed = true;
    DL_APPEND2(presence->changed, session, changed_prev, changed_next);
}

/* Whoever is behind it is shown now; a value that nobody saw goes without a word. */
static void remove_value(struct presence *presence, struct presence_session *session,
                         struct presence_value *value)
{
    bool shown = session->values == value;

    DL_DELETE(session->values, value);
    destroy_value(value);
    if (shown)
        mark(presence, session);
}

struct presence_value *presence_value_of(const struct presence_session *session, uint64_t node)
{
    struct presence_value *value;

    DL_FOREACH (session->values, value)
        if (value->node == node)
            return value;
    return NULL;
}

static struct presence_session *find_or_add(struct presence *presence,
                                            const struct session_key *key)
{
    struct presence_session *session = find(presence, key);

    if (session == NULL && HASH_COUNT(presence->sessions) < LIMIT_PRESENCE_VALUES) {
        session = memory_zeroed(1, sizeof(*session));
        session->key = *key;
        HASH_ADD(hh, presence->sessions, key, sizeof(session->key), session);
    }
    return session;
}

/* What it says is what it had said: nobody has to be told. */
static bool is_same(const struct presence_session *session, const struct presence_value *older,
                    const struct presence_value *value)
{
    return older != NULL && older == session->values && older->seq == value->seq &&
           caret_equal(&older->caret, &value->caret);
}

void presence_put(struct presence *presence, const struct presence_news *news,
                  const struct presence_track *track)
{
    struct presence_value *value = create_value(news);
    struct presence_session *session = NULL;

    if (move_value(value, &news->session, track))
        session = find_or_add(presence, &news->session);
    if (session == NULL) {
        destroy_value(value);
        return;
    }
    struct presence_value *older = presence_value_of(session, news->node);

    if (!is_same(session, older, value))
        mark(presence, session);
    DL_PREPEND(session->values, value);
    if (older != NULL)
        remove_value(presence, session, older);
}

void presence_clear(struct presence *presence, const struct session_key *key, uint64_t node)
{
    struct presence_session *session = find(presence, key);
    struct presence_value *value = session != NULL ? presence_value_of(session, node) : NULL;

    if (value != NULL)
        remove_value(presence, session, value);
}

void presence_drop_node(struct presence *presence, uint64_t node)
{
    struct presence_session *session;
    struct presence_session *next;

    HASH_ITER (hh, presence->sessions, session, next) {
        struct presence_value *value = presence_value_of(session, node);

        if (value != NULL)
            remove_value(presence, session, value);
    }
}

uint64_t presence_doubtful_ms(uint64_t now_ms)
{
    uint64_t again_ms = now_ms + LIMIT_GONE_MS;

    return again_ms > LIMIT_PRESENCE_MS ? again_ms - LIMIT_PRESENCE_MS : 0;
}

void presence_doubt(struct presence *presence, uint64_t node, uint64_t renewed_ms)
{
    struct presence_session *session;
    struct presence_value *value;

    for (session = presence->sessions; session != NULL; session = session->hh.next)
        DL_FOREACH (session->values, value)
            if (value->node != node && value->renewed_ms > renewed_ms)
                value->renewed_ms = renewed_ms;
}

void presence_expire(struct presence *presence, uint64_t before_ms)
{
    struct presence_session *session;
    struct presence_session *next_session;
    struct presence_value *value;
    struct presence_value *next;

    HASH_ITER (hh, presence->sessions, session, next_session)
        DL_FOREACH_SAFE (session->values, value, next)
            if (value->renewed_ms < before_ms)
                remove_value(presence, session, value);
}

void presence_move(struct presence *presence, const struct presence_track *track)
{
    struct presence_session *session;
    struct presence_session *next_session;
    struct presence_value *value;
    struct presence_value *next;

    HASH_ITER (hh, presence->sessions, session, next_session)
        DL_FOREACH_SAFE (session->values, value, next)
            if (!move_value(value, &session->key, track))
                remove_value(presence, session, value);
}

static void destroy_session(struct presence *presence, struct presence_session *session)
{
    HASH_DEL(presence->sessions, session);
    memory_free(session);
}

void presence_told(struct presence *presence, struct presence_session *session)
{
    must(session->changed);
    session->changed = false;
    DL_DELETE2(presence->changed, session, changed_prev, changed_next);
    if (session->values == NULL)
        destroy_session(presence, session);
}

void presence_finish(struct presence *presence)
{
    struct presence_session *session;
    struct presence_session *next_session;
    struct presence_value *value;
    struct presence_value *next;

    HASH_ITER (hh, presence->sessions, session, next_session) {
        DL_FOREACH_SAFE (session->values, value, next)
            destroy_value(value);
        destroy_session(presence, session);
    }
    presence->changed = NULL;
}
