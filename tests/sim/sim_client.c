#include "tests/sim/sim_client.h"

#include <stdio.h>

#include "base/base64.h"
#include "base/memory.h"
#include "tests/sim/sim.h"

enum {
    COME_BACK_MS = 400,
    BEAT_MS = SIM_HEARTBEAT_MS / 2,
    TYPE_MS = 80,
    PATIENCE = 20,
    CLOSE_FINAL = 4400,
    TRACED_MAX = 1000 /* bytes of a message */
};

const char *sim_client_name(const struct sim_client *client)
{
    return client->name;
}

/* ---- The session ---- */

static void connect(struct sim_timer *timer);
static void go_away(struct sim_timer *timer);
static void beat(struct sim_timer *timer);
static void type(struct sim_timer *timer);
static void renew(struct sim_timer *timer);

static void draw_secret(struct sim_client *client)
{
    struct buffer text = {0};
    uint64_t drawn[2] = {prng_next(&client->prng), prng_next(&client->prng)};

    base64url_write(&text, span_of(drawn, sizeof(drawn)));
    must(text.size == sizeof(client->secret));
    memcpy(client->secret, text.data, text.size);
    buffer_finish(&text);
}

static void begin_session(struct sim_client *client)
{
    draw_secret(client);
    client->renews = false;
    client->deletes = 0;
    for (unsigned i = 0; i < client->sim->plan.documents; i++)
        sim_editor_init(&client->editors[i], client, client->sim->logs[i]);
}

static void end_session(struct sim_client *client)
{
    for (unsigned i = 0; i < client->sim->plan.documents; i++)
        sim_editor_finish(&client->editors[i]);
}

struct sim_client *sim_client_create(struct sim *sim, unsigned index)
{
    struct sim_client *client = memory_zeroed(1, sizeof(*client));

    client->sim = sim;
    client->prng = sim_plan_prng(&sim->plan, 1 + index);
    snprintf(client->name, sizeof(client->name), "client-%u", index);
    client->connect.fire = connect;
    client->away.fire = go_away;
    client->beat.fire = beat;
    client->type.fire = type;
    client->renew.fire = renew;
    begin_session(client);
    sim_timer_set(&sim->clock, &client->connect, prng_below(&client->prng, COME_BACK_MS));
    sim_timer_set(&sim->clock, &client->type, prng_below(&client->prng, TYPE_MS));
    return client;
}

void sim_client_destroy(struct sim_client *client)
{
    struct sim_clock *clock = &client->sim->clock;

    if (client->socket != NULL)
        sim_socket_leave_client(client->socket);
    sim_timer_stop(clock, &client->connect);
    sim_timer_stop(clock, &client->away);
    sim_timer_stop(clock, &client->beat);
    sim_timer_stop(clock, &client->type);
    sim_timer_stop(clock, &client->renew);
    end_session(client);
    buffer_finish(&client->scratch);
    memory_free(client);
}

/* ---- The connection ---- */

void sim_client_say(struct sim_client *client, const struct buffer *message)
{
    if (client->socket == NULL)
        return;
    struct span shown = buffer_span(message);

    if (shown.size > TRACED_MAX)
        shown.size = TRACED_MAX;
    sim_trace(client->sim, "%s says %.*s", client->name, SPAN_PRINT(shown));
    client->said_ms = client->sim->clock.now_ms;
    sim_socket_say(client->socket, buffer_span(message));
}

static void connect(struct sim_timer *timer)
{
    struct sim_client *client = container_of(timer, struct sim_client, connect);
    struct sim *sim = client->sim;
    struct sim_node *node = sim_node_for_client(sim, &client->prng);
    struct message_hello hello = {.resume = span_of(client->secret, sizeof(client->secret))};
    struct buffer out = {0};

    if (node->hub == NULL || node->asleep) { /* connection refused */
        sim_timer_set(&sim->clock, timer, prng_below(&client->prng, COME_BACK_MS));
        return;
    }
    client->socket = sim_socket_open(client, node);
    client->welcomed = false;
    client->heard_ms = sim->clock.now_ms;
    sim_timer_set(&sim->clock, &client->beat, BEAT_MS);
    native_hello(&out, &hello);
    sim_client_say(client, &out);
    buffer_finish(&out);
}

void sim_client_lost(struct sim_client *client)
{
    struct sim_clock *clock = &client->sim->clock;

    sim_trace(client->sim, "%s has lost its connection", client->name);
    sim_socket_leave_client(client->socket);
    client->socket = NULL;
    client->welcomed = false;
    for (unsigned i = 0; i < client->sim->plan.documents; i++)
        sim_editor_lost(&client->editors[i]);
    sim_timer_stop(clock, &client->away);
    sim_timer_stop(clock, &client->beat);
    sim_timer_set(clock, &client->connect, sim_delay(&client->prng, COME_BACK_MS));
}

/* At once to another node. */
static void go_away(struct sim_timer *timer)
{
    struct sim_client *client = container_of(timer, struct sim_client, away);

    sim_tally(SIM_TALLY_SENT_AWAY);
    sim_client_lost(client);
    sim_timer_set(&client->sim->clock, &client->connect, 0);
}

void sim_client_closed(struct sim_client *client, uint16_t code, struct span reason)
{
    if (code >= CLOSE_FINAL && code < CLOSE_FINAL + 100)
        sim_fail(client->sim, "%s was closed for good: %u %.*s", client->name, code,
                 SPAN_PRINT(reason));
    sim_client_lost(client);
}

/* A connection that is silent for two heartbeats has nobody behind it. */
static void beat(struct sim_timer *timer)
{
    struct sim_client *client = container_of(timer, struct sim_client, beat);
    struct sim_clock *clock = &client->sim->clock;
    struct buffer out = {0};

    if (clock->now_ms - client->heard_ms > 2 * SIM_HEARTBEAT_MS) {
        sim_client_lost(client);
        return;
    }
    sim_timer_set(clock, timer, BEAT_MS);
    if (clock->now_ms - client->said_ms < SIM_HEARTBEAT_MS - BEAT_MS)
        return;
    native_heartbeat(&out);
    sim_client_say(client, &out);
    buffer_finish(&out);
}

/* ---- Another session ---- */

static bool has_in_flight(const struct sim_client *client)
{
    uint64_t serial;

    for (unsigned i = 0; i < client->sim->plan.documents; i++)
        if (peer_in_flight(client->editors[i].peer, &serial))
            return true;
    return false;
}

static void renew(struct sim_timer *timer)
{
    struct sim_client *client = container_of(timer, struct sim_client, renew);

    if (!client->renews || has_in_flight(client))
        return;
    sim_trace(client->sim, "%s takes a new session", client->name);
    sim_tally(SIM_TALLY_RENEWED);
    client->renews = false;
    draw_secret(client);
    if (client->socket != NULL)
        sim_client_lost(client);
}

void sim_client_renew(struct sim_client *client)
{
    client->renews = true;
    sim_client_fated(client);
}

void sim_client_fated(struct sim_client *client)
{
    if (client->renews)
        sim_timer_set(&client->sim->clock, &client->renew, 0);
}

/* ---- What it hears ---- */

static void welcome(struct sim_client *client, struct span who)
{
    must(who.size == sizeof(client->who));
    memcpy(&client->who, who.data, sizeof(client->who));
    client->welcomed = true;
    for (unsigned i = 0; i < client->sim->plan.documents; i++)
        sim_editor_open(&client->editors[i]);
}

static struct sim_editor *editor_of(struct sim_client *client, const struct native_event *event)
{
    for (unsigned i = 0; i < client->sim->plan.documents; i++) {
        struct sim_editor *editor = &client->editors[i];

        if (event->channel != 0 &&
            (editor->channel == event->channel || editor->left == event->channel))
            return editor;
        if (span_present(event->name) && span_equal(span_of_string(editor->log->name), event->name))
            return editor;
    }
    return NULL;
}

void sim_client_hear(struct sim_client *client, struct span message)
{
    struct native_event event;
    struct fault fault = {0};
    enum status status = native_event_decode(message, &client->scratch, &event, &fault);

    sim_trace(client->sim, "%s hears %.*s", client->name, SPAN_PRINT(message));
    client->heard_ms = client->sim->clock.now_ms;
    if (status != STATUS_OK)
        sim_fail(client->sim, "%s heard what is no message: %s", client->name, fault.text);
    if (event.kind == NATIVE_HEARTBEAT)
        return;
    if (event.kind == NATIVE_GOAWAY) {
        sim_timer_set(&client->sim->clock, &client->away,
                      event.after_ms + prng_below(&client->prng, event.within_ms + 1));
        return;
    }
    if (event.kind == NATIVE_WELCOME) {
        welcome(client, event.who);
        return;
    }
    struct sim_editor *editor = editor_of(client, &event);

    if (editor == NULL && (event.kind == NATIVE_CLOSED || event.kind == NATIVE_REFUSED ||
                           event.kind == NATIVE_DIVERGED))
        return; /* it was closed before, and what this answers was still under way */
    if (editor == NULL)
        sim_fail(client->sim, "%s heard of a document that it has not open", client->name);
    sim_editor_hear(editor, &event);
}

/* ---- The person ---- */

static void leave(struct sim_client *client)
{
    sim_trace(client->sim, "%s goes for good; another comes", client->name);
    sim_tally(SIM_TALLY_LEFT);
    if (client->socket != NULL)
        sim_client_lost(client);
    end_session(client);
    begin_session(client);
}

/* Somebody else comes, deletes one document, and goes. */
static void come_to_delete(struct sim_client *client)
{
    leave(client);
    client->deletes = 1 + (unsigned)prng_below(&client->prng, client->sim->plan.documents);
    client->patience = PATIENCE;
}

/* Somebody has another state of it than it should have, which the next hash will tell. */
static bool is_somebody_astray(const struct sim *sim, unsigned document)
{
    for (unsigned i = 0; i < sim->plan.clients; i++)
        if (sim->clients[i]->editors[document].stray.is_astray)
            return true;
    return false;
}

/* … and nobody may write what brings that hash: all are astray. */
static bool is_everybody_lost(const struct sim *sim, unsigned document)
{
    for (unsigned i = 0; i < sim->plan.clients; i++)
        if (sim_stray_may_type(&sim->clients[i]->editors[document]))
            return false;
    return true;
}

/* After the trouble, once in each document: a node that serves what another has written meanwhile
 * learns of it when it writes. */
static void say_last_words(struct sim_client *client)
{
    bool finished = true;

    for (unsigned i = 0; i < client->sim->plan.documents; i++) {
        struct sim_editor *editor = &client->editors[i];

        bool astray = is_somebody_astray(client->sim, i);

        if (is_everybody_lost(client->sim, i) && editor->channel != 0)
            sim_editor_open_anew(editor); /* its person has the page loaded again */
        else if (!editor->finished || astray)
            editor->finished = sim_editor_type(editor, &client->prng);
        finished &= editor->finished && !astray;
    }
    if (!finished)
        sim_timer_set(&client->sim->clock, &client->type, TYPE_MS);
}

static void type(struct sim_timer *timer)
{
    struct sim_client *client = container_of(timer, struct sim_client, type);
    struct sim *sim = client->sim;

    if (client->deletes != 0 && (sim->healed || client->patience-- == 0))
        leave(client);
    if (sim->healed) {
        say_last_words(client);
        return;
    }
    if (sim_strikes(sim, SIM_LEAVE, &client->prng, 200))
        leave(client);
    else if (sim_strikes(sim, SIM_DELETE, &client->prng, 150))
        come_to_delete(client);
    else if (client->deletes == 0)
        sim_editor_type(&client->editors[prng_below(&client->prng, sim->plan.documents)],
                        &client->prng);
    sim_timer_set(&sim->clock, timer, sim_delay(&client->prng, TYPE_MS));
}
