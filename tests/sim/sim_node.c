#include "tests/sim/sim_node.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/table.h"
#include "server/collab/hub_state.h"
#include "tests/sim/sim.h"

enum {
    LOOP_MS = 2,
    RESTART_MS = 1500,
    ASLEEP_MS = 4000,
    PAUSE_MS = 9000, /* the others wait for half of that before they take over */
    REPLACED_MS = 3000,
    JUMP_MS = 20000,
    MESSAGES_MAX = 3, /* of one socket in one turn */
    CRASH_POINTS = 4,
    GHOST_MS = LIMIT_MEMBER_MS + LIMIT_GONE_MS + LIMIT_BEAT_MS + 300, /* and a slow message */
    AROUND_IT = 512, /* bytes around an operation in its frame */
    SALT_NODE = 500,
    SALT_DRAIN = 600
};

uint64_t sim_node_now(const struct sim_node *node)
{
    return node->sim->clock.now_ms + node->ahead_ms;
}

/* ---- Start and end ---- */

static void loop(struct sim_timer *timer);
static void change(struct sim_timer *timer);

void sim_node_init(struct sim_node *node, struct sim *sim, unsigned index)
{
    *node = (struct sim_node){.sim = sim, .loop.fire = loop, .change.fire = change};
    node->start = index;
    node->prng = sim_plan_prng(&sim->plan, SALT_NODE + index);
    node->drains = sim_plan_prng(&sim->plan, SALT_DRAIN + index);
    node->ahead_ms = 1000000 + prng_below(&node->prng, 5000);
    snprintf(node->name, sizeof(node->name), "node-%u", index);
    sim_front_init(&node->front, node);
}

struct sim_node *sim_node_for_client(struct sim *sim, struct prng *prng)
{
    return sim->serving != NULL ? sim->serving : &sim->nodes[prng_below(prng, SIM_NODES)];
}

static struct peers *join(struct sim_node *node)
{
    struct bus_member self = {.start = node->start};

    memcpy(self.name, node->name, sizeof(node->name));
    sim_end_open(&node->end, node);
    node->cluster = cluster_create(&self, &node->end.bus);
    return cluster_peers(node->cluster);
}

void sim_node_start(struct sim_node *node)
{
    struct hub_config config = {
        .node = node->name,
        .secret = "the secret of all simulated ones",
        .heartbeat_ms = SIM_HEARTBEAT_MS,
        .idle_ms = SIM_IDLE_MS,
    };

    must(node->hub == NULL);
    sim_trace(node->sim, "%s starts", node->name);
    node->asleep = false;
    node->replaced = false;
    node->drain = (struct sim_drain){.stage = SIM_STAYS};
    node->start += SIM_NODES; /* no other node ever has the same */
    node->born_ms = node->sim->clock.now_ms;
    config.start = node->start;
    if (node->sim->plan.cluster)
        config.peers = join(node);
    node->hub = hub_create(&config, &node->front.store);
    if (node->cluster != NULL)
        cluster_attach(node->cluster, node->hub);
    sim_node_wake(node);
}

/* It is gone, whatever it was at. */
static void end(struct sim_node *node)
{
    struct sim *sim = node->sim;
    struct sim_socket *socket;

    node->died_ms = sim->clock.now_ms;
    DL_FOREACH (sim->sockets, socket)
        if (socket->node == node) {
            if (!socket->down.broken)
                sim_socket_break(socket);
            sim_socket_leave_node(socket);
        }
    sim_front_abandon(&node->front);
    sim_end_silence(&node->end);
    hub_destroy(node->hub);
    cluster_destroy(node->cluster);
    node->hub = NULL;
    node->cluster = NULL;
    sim_end_close(&node->end);
    sim_timer_stop(&sim->clock, &node->loop);
    sim_timer_stop(&sim->clock, &node->change);
    if (!node->replaced)
        sim_timer_set(&sim->clock, &node->change, prng_below(&node->prng, RESTART_MS));
}

void sim_node_crash(struct sim_node *node)
{
    if (node->hub == NULL)
        return;
    sim_trace(node->sim, "%s dies", node->name);
    sim_tally(SIM_TALLY_DEATH);
    end(node);
}

void sim_node_finish(struct sim_node *node)
{
    sim_node_crash(node);
    sim_timer_stop(&node->sim->clock, &node->change);
}

static struct sim_node *other_node(const struct sim_node *node)
{
    struct sim *sim = node->sim;

    for (int i = 0; i < SIM_NODES; i++)
        if (&sim->nodes[i] != node && sim->nodes[i].hub == NULL)
            return &sim->nodes[i];
    return NULL;
}

/* It stops without a word; what is sent to it waits in its sockets. Its clients find out. */
static void pause_among_others(struct sim_node *node)
{
    sim_trace(node->sim, "%s falls asleep", node->name);
    sim_tally(SIM_TALLY_ASLEEP);
    node->asleep = true;
    sim_timer_set(&node->sim->clock, &node->loop, prng_below(&node->prng, PAUSE_MS));
}

/* It stops without a word. Its clients go to another node; what they had sent lies in its sockets.
 */
static void fall_asleep(struct sim_node *node)
{
    struct sim *sim = node->sim;
    struct sim_node *other = other_node(node);
    struct sim_socket *socket;

    if (sim->plan.cluster) {
        pause_among_others(node);
        return;
    }
    if (other == NULL)
        return;
    sim_trace(sim, "%s falls asleep, %s takes over", node->name, other->name);
    sim_tally(SIM_TALLY_TAKEOVER);
    node->asleep = true;
    node->replaced = true;
    sim_timer_set(&sim->clock, &node->loop, prng_below(&node->prng, ASLEEP_MS));
    DL_FOREACH (sim->sockets, socket)
        if (socket->node == node && socket->client != NULL) {
            sim_pipe_break(&socket->up, sim_pipe_size(&socket->up));
            sim_client_lost(socket->client);
        }
    sim_timer_stop(&sim->clock, &other->change);
    sim_node_start(other);
    sim->serving = other;
}

static void change(struct sim_timer *timer)
{
    struct sim_node *node = container_of(timer, struct sim_node, change);

    if (node->hub != NULL)
        sim_node_crash(node);
    else if (node->sim->serving == node || node->sim->plan.cluster)
        sim_node_start(node);
}

void sim_node_heal(struct sim_node *node)
{
    if (node != node->sim->serving && !node->sim->plan.cluster)
        sim_node_crash(node);
    else if (node->hub == NULL)
        sim_node_start(node);
}

void sim_node_describe(const struct sim_node *node, struct buffer *out)
{
    static const char *const states[] = {
        [DOCUMENT_CLAIMING] = "is being claimed",
        [DOCUMENT_JOINING] = "is being joined",
        [DOCUMENT_LOADING] = "is being loaded",
        [DOCUMENT_FOLLOWED] = "is followed",
        [DOCUMENT_OWNED] = "is owned",
        [DOCUMENT_RELEASING] = "is being given up",
        [DOCUMENT_RETRYING] = "waits",
        [DOCUMENT_BROKEN] = "is broken",
    };
    const struct document *document = node->hub != NULL ? node->hub->documents : NULL;

    for (; document != NULL; document = document->hh.next)
        buffer_append_format(
            out, "\n  at %s %s %s, at %llu, epoch %llu of %s", node->name, document->name,
            states[document->state], (unsigned long long)document->committed,
            (unsigned long long)document->follow.row.epoch,
            document->follow.row.owner[0] != '\0' ? document->follow.row.owner : "nobody");
}

/* ---- What a node may hold ---- */

static void expect_below(const struct sim_node *node, const char *what, uint64_t value,
                         uint64_t limit)
{
    if (value > limit)
        sim_fail(node->sim, "%s: %s: %llu above %llu", node->name, what, (unsigned long long)value,
                 (unsigned long long)limit);
}

/* Is the life that began with this start over, and when was that at the latest? */
static bool is_over(const struct sim *sim, uint64_t start, uint64_t *over_ms)
{
    const struct sim_node *node = &sim->nodes[start % SIM_NODES];

    *over_ms = node->died_ms;
    return node->hub == NULL || node->start != start;
}

/* Nothing keeps the nodes from hearing of each other. */
static bool hear_each_other(const struct sim *sim)
{
    const bool *has = sim->plan.has;

    return !has[SIM_BUS] && !has[SIM_BUS_AWAY] && !has[SIM_TAKEOVER] && !has[SIM_CLOCK] &&
           !has[SIM_AWAY];
}

/* No ghosts: who was shown at another node is not, soon after that has died. */
static void check_ghosts(const struct sim_node *node, const struct presence_session *session)
{
    const struct presence_value *value;
    uint64_t now_ms = node->sim->clock.now_ms;
    uint64_t over_ms;

    DL_FOREACH (session->values, value) {
        if (!is_over(node->sim, value->node, &over_ms))
            continue;
        if (over_ms < node->born_ms)
            over_ms = node->born_ms;
        expect_below(node, "ms since somebody's node has died", now_ms - over_ms, GHOST_MS);
    }
}

/* Nobody is shown whose reader is not there. */
static void check_presence(const struct sim_node *node, const struct document *document)
{
    const struct presence_session *session = document->company.presence.sessions;
    const struct reader *reader;
    size_t shown = 0;
    size_t readers = 0;

    for (; session != NULL; session = session->hh.next) {
        shown += presence_value_of(session, node->start) != NULL;
        if (hear_each_other(node->sim))
            check_ghosts(node, session);
    }
    DL_FOREACH (document->readers, reader)
        readers += reader->is_shown;
    expect_below(node, "sessions that are shown", shown, readers);
}

/* What one frame may have, be it of one operation alone or of a whole document. */
static size_t one_frame(const struct sim *sim)
{
    size_t largest = 0;

    for (unsigned i = 0; i < sim->plan.documents; i++)
        if (largest < sim->logs[i]->largest)
            largest = sim->logs[i]->largest;
    return LIMIT_FRAME_BYTES + largest + AROUND_IT;
}

/* The limits, and what one turn or message may add before they are looked at again. */
static void check_memory(const struct sim_node *node)
{
    size_t frame = one_frame(node->sim);
    const struct document *document;
    const struct link *link;

    DL_FOREACH (node->hub->links, link)
        expect_below(node, "private output", link_private_size(link),
                     LIMIT_PRIVATE_BYTES + 2 * frame);
    for (document = node->hub->documents; document != NULL; document = document->hh.next) {
        const struct stream *stream = &document->streams[DIALECT_NATIVE];
        const struct history *history = &document->history;

        check_presence(node, document);
        expect_below(node, "stream", stream->end - stream->first,
                     LIMIT_STREAM_BYTES + LIMIT_BATCH_ENTRIES * frame);
        if (!document->fetching && history->head == document->committed)
            expect_below(node, "history", history->head + 1 - history->first,
                         LIMIT_HISTORY_ENTRIES + LIMIT_BATCH_ENTRIES);
    }
}

/* ---- The loop ---- */

static void take_in(struct sim_node *node)
{
    struct sim_socket *socket;

    DL_FOREACH (node->sim->sockets, socket)
        if (socket->node == node && sim_socket_read(socket, MESSAGES_MAX))
            sim_node_wake(node);
}

/* Up to `sockets_max` of those that have something to write. */
static void write_out(struct sim_node *node, size_t sockets_max)
{
    struct sim_socket *socket;
    struct link *link;

    DL_FOREACH (node->sim->sockets, socket)
        if (socket->node == node && socket->blocked && sockets_max > 0) {
            sim_socket_write(socket);
            sockets_max--;
        }
    while (sockets_max-- > 0 && (link = hub_next_output(node->hub)) != NULL)
        sim_socket_write(link_context(link));
}

/* A turn, or as much of it as comes before the crash at `crash`. */
static void turn(struct sim_node *node, uint64_t crash)
{
    take_in(node);
    if (crash == 0)
        return;
    if (node->cluster != NULL)
        cluster_turn(node->cluster, sim_node_now(node));
    node->front.store.ops->poll(&node->front.store);
    if (crash == 1)
        return;
    hub_turn(node->hub, sim_node_now(node));
    if (crash == 2)
        return;
    hub_deliver(node->hub, sim_node_now(node));
    write_out(node, crash == 3 ? (size_t)prng_below(&node->prng, 3) : SIZE_MAX);
}

static void wake_up(struct sim_node *node)
{
    sim_trace(node->sim, "%s wakes up", node->name);
    node->asleep = false;
    if (node->replaced)
        sim_timer_set(&node->sim->clock, &node->change, prng_below(&node->prng, REPLACED_MS));
}

/* It leaves in order. False: it is through with it, and gone. */
static bool drain(struct sim_node *node)
{
    if (node->drain.stage == SIM_STAYS) {
        if (node->cluster != NULL && sim_strikes(node->sim, SIM_DRAIN, &node->drains, 150))
            sim_drain_begin(node);
        return true;
    }
    if (!sim_drain_step(node))
        return true;
    write_out(node, SIZE_MAX);
    sim_trace(node->sim, "%s has left", node->name);
    end(node);
    return false;
}

static void loop(struct sim_timer *timer)
{
    struct sim_node *node = container_of(timer, struct sim_node, loop);
    struct sim *sim = node->sim;

    if (node->asleep)
        wake_up(node);
    if (sim_strikes(sim, SIM_CLOCK, &node->prng, 20))
        node->ahead_ms += prng_below(&node->prng, JUMP_MS);
    if (sim_strikes(sim, SIM_CRASH, &node->prng, 80)) {
        turn(node, prng_below(&node->prng, CRASH_POINTS));
        sim_node_crash(node);
        return;
    }
    turn(node, CRASH_POINTS);
    check_memory(node);
    if (!drain(node))
        return;
    if (!node->replaced && sim_strikes(sim, SIM_TAKEOVER, &node->prng, 50)) {
        fall_asleep(node);
        return;
    }
    uint64_t due_ms = hub_next_timeout(node->hub, sim_node_now(node));
    uint64_t beat_ms =
        node->cluster != NULL ? cluster_next_timeout(node->cluster, sim_node_now(node)) : due_ms;

    if (beat_ms < due_ms)
        due_ms = beat_ms;

    if (due_ms != UINT64_MAX)
        sim_timer_hurry(&sim->clock, &node->loop, due_ms > LOOP_MS ? due_ms : LOOP_MS);
}

void sim_node_wake(struct sim_node *node)
{
    if (node->hub != NULL && !node->asleep)
        sim_timer_hurry(&node->sim->clock, &node->loop, prng_below(&node->prng, LOOP_MS + 1));
}
