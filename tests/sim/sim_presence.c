#include "tests/sim/sim_presence.h"

#include <string.h>

#include "base/json_scan.h"
#include "base/memory.h"
#include "tests/sim/sim.h"

enum { SHOW_MS = 300, RENEW_MS = LIMIT_PRESENCE_MS / 4, POSITION_MAX = 12 };

static struct sim *sim_of(const struct sim_editor *editor)
{
    return editor->client->sim;
}

_Noreturn static void wrong(const struct sim_editor *editor, struct span state, const char *what)
{
    sim_fail(sim_of(editor), "%s in %s at %llu, presence %.*s: %s", editor->client->name,
             editor->log->name, (unsigned long long)peer_seq(editor->peer), SPAN_PRINT(state),
             what);
}

/* ---- Showing ---- */

static struct sim_shown *draw(struct sim_editor *editor, uint64_t seq)
{
    struct sim *sim = sim_of(editor);
    struct prng *prng = &editor->client->prng;
    struct sim_shown *shown = memory_zeroed(1, sizeof(*shown));

    shown->number = sim->shown != NULL ? sim->shown->number + 1 : 1;
    shown->seq = seq;
    shown->who = editor->client->who;
    buffer_append_format(&shown->state, "{\"cursor\":[%llu,%llu],\"number\":%llu}",
                         (unsigned long long)prng_below(prng, POSITION_MAX),
                         (unsigned long long)prng_below(prng, POSITION_MAX),
                         (unsigned long long)shown->number);
    shown->next = sim->shown;
    sim->shown = shown;
    return shown;
}

/* What it has to look like at a later seq. */
static void move_to(const struct sim_editor *editor, const struct sim_shown *shown, uint64_t seq,
                    struct buffer *out)
{
    const struct type *type = editor->log->type;
    struct caret caret;

    caret_init(&caret, buffer_span(&shown->state));
    for (uint64_t at = shown->seq + 1; at <= seq; at++) {
        const struct entry *entry = &sim_log_at(editor->log, at)->entry;
        struct who author = who_of(&entry->session);
        struct operation *operation = NULL;

        if (entry->kind != ENTRY_EDIT)
            continue;
        must(type->decode(entry->sequenced, &operation, NULL) == STATUS_OK);
        caret_move(&caret, operation, memcmp(&author, &shown->who, sizeof(author)) == 0);
        operation_discard(operation);
    }
    caret_write(&caret, out);
    caret_finish(&caret);
}

/* What it shows, where that is by now: renewed. */
static void say(struct sim_editor *editor, uint64_t seq)
{
    const struct sim_shown *shown = editor->presence.shown;
    struct buffer state = {0};
    struct buffer out = {0};

    if (shown != NULL)
        move_to(editor, shown, seq, &state);
    native_show(&out, editor->channel, seq, shown != NULL ? buffer_span(&state) : SPAN_NONE);
    sim_client_say(editor->client, &out);
    buffer_finish(&state);
    buffer_finish(&out);
}

/* Something else, nothing, or the same again; after the trouble always the same. */
static void show(struct sim_editor *editor)
{
    struct sim_presence *presence = &editor->presence;
    uint64_t choice = sim_of(editor)->healed ? 0 : prng_below(&editor->client->prng, 8);
    uint64_t seq;

    if (editor->channel == 0 || !peer_may_show(editor->peer, &seq))
        return;
    if (choice == 7)
        presence->shown = NULL;
    else if (choice > 2 || presence->shown == NULL)
        presence->shown = draw(editor, seq);
    say(editor, seq);
}

static bool may_show(const struct sim_editor *editor)
{
    return editor->presence.renews || !sim_of(editor)->healed;
}

static void timer_fired(struct sim_timer *timer)
{
    struct sim_editor *editor = container_of(timer, struct sim_editor, presence.timer);
    struct sim *sim = sim_of(editor);

    if (may_show(editor))
        show(editor);
    sim_timer_set(&sim->clock, timer,
                  sim->healed ? RENEW_MS : sim_delay(&editor->client->prng, SHOW_MS));
}

void sim_presence_init(struct sim_editor *editor)
{
    struct prng *prng = &editor->client->prng;

    editor->presence = (struct sim_presence){.timer.fire = timer_fired};
    editor->presence.renews = prng_below(prng, 2) == 0;
    sim_timer_set(&sim_of(editor)->clock, &editor->presence.timer, prng_below(prng, SHOW_MS));
}

void sim_presence_finish(struct sim_editor *editor)
{
    sim_timer_stop(&sim_of(editor)->clock, &editor->presence.timer);
}

void sim_presence_begin_anew(struct sim_editor *editor)
{
    editor->presence.shown = NULL;
}

void sim_presence_opened(struct sim_editor *editor)
{
    struct sim_presence *presence = &editor->presence;
    const struct who *who = &editor->client->who;

    if (presence->shown != NULL && memcmp(&presence->shown->who, who, sizeof(*who)) != 0)
        presence->shown = NULL; /* another session shows something else */
    if (may_show(editor))
        sim_timer_hurry(&sim_of(editor)->clock, &editor->presence.timer, 0);
}

/* ---- Seeing ---- */

static const struct sim_shown *find(const struct sim *sim, uint64_t number)
{
    const struct sim_shown *shown = sim->shown;

    while (shown != NULL && shown->number != number)
        shown = shown->next;
    return shown;
}

static bool looks_like(const struct sim_editor *editor, const struct sim_shown *shown, uint64_t seq,
                       struct span state)
{
    struct buffer expected = {0};

    move_to(editor, shown, seq, &expected);
    bool same = span_equal(buffer_span(&expected), state);
    buffer_finish(&expected);
    return same;
}

void sim_presence_hear(struct sim_editor *editor, const struct native_event *event)
{
    const struct sim_shown *shown;
    uint64_t number = 0;

    if (event->seq != peer_seq(editor->peer))
        wrong(editor, event->data, "it is of another seq than the reader has read");
    if (!span_present(event->data))
        return;
    if (!json_read_unsigned(json_member(event->data, "number"), &number))
        wrong(editor, event->data, "nobody has shown that");
    shown = find(sim_of(editor), number);
    if (shown == NULL || !span_equal(span_of(shown->who.text, WHO_SIZE), event->who))
        wrong(editor, event->data, "it is somebody else's");
    if (span_equal(event->who, span_of(editor->client->who.text, WHO_SIZE)))
        wrong(editor, event->data, "it is one's own");
    if (!looks_like(editor, shown, event->seq, event->data))
        wrong(editor, event->data, "its positions have not been moved as the document has");
    sim_tally(SIM_TALLY_SHOWN);
}

/* ---- In the end ---- */

/* The same document at another client. */
static const struct sim_editor *at_client(const struct sim_editor *editor, unsigned index)
{
    return &sim_of(editor)->clients[index]->editors[editor - editor->client->editors];
}

/* All others who go on showing themselves. */
static size_t count_renewing(const struct sim_editor *editor)
{
    size_t count = 0;

    for (unsigned i = 0; i < sim_of(editor)->plan.clients; i++)
        count += at_client(editor, i)->presence.renews;
    return count - editor->presence.renews;
}

/* This other one is seen where it is, or has gone and is not seen. */
static bool sees(const struct sim_editor *editor, const struct sim_editor *other)
{
    struct span who = span_of(other->client->who.text, WHO_SIZE);
    const struct other *seen = others_find(peer_others(editor->peer), who);
    struct buffer state = {0};

    if (seen == NULL || !other->presence.renews || other->presence.shown == NULL)
        return seen == NULL && !other->presence.renews;
    caret_write(&seen->caret, &state);
    bool same =
        looks_like(editor, other->presence.shown, peer_seq(editor->peer), buffer_span(&state));
    buffer_finish(&state);
    return same;
}

bool sim_presence_is_settled(const struct sim_editor *editor)
{
    const struct sim *sim = sim_of(editor);

    if (others_count(peer_others(editor->peer)) != count_renewing(editor))
        return false;
    for (unsigned i = 0; i < sim->plan.clients; i++) {
        const struct sim_editor *other = at_client(editor, i);

        if (other != editor && !sees(editor, other))
            return false;
    }
    return true;
}

void sim_presence_forget(struct sim *sim)
{
    while (sim->shown != NULL) {
        struct sim_shown *shown = sim->shown;

        sim->shown = shown->next;
        buffer_finish(&shown->state);
        memory_free(shown);
    }
}
