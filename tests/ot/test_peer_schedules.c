/* Several peers and a small sequencer, all orders of events drawn from a seed: whatever was
 * delayed, lost, refused or reloaded, everybody ends with the sequencer's document, and no edit is
 * lost or counted twice. */
#include "ot/peer.h"

#include <stdio.h>

#include "base/memory.h"
#include "base/prng.h"
#include "base/utf8.h"
#include "ot/tie.h"
#include "tests/ot/laws.h"

/* Of the schedule under way, for whoever looks at a failure. */
static unsigned long long seed_now;

#define expect(condition) ck_assert_msg(condition, "seed %llu: %s", seed_now, #condition)

enum { PEERS = 4, ENTRIES_MAX = 2000, WHO_SIZE = 8, NOTES_MAX = 64 };

/* ---- The sequencer ---- */

struct entry {
    struct span who;
    struct operation *operation;
};

/* What it told a peer besides the stream. */
struct note {
    uint64_t serial;
    enum status reason;
    uint64_t seq;
};

/* An edit on its way up. */
struct attempt {
    bool full;
    uint64_t serial;
    uint64_t base;
    struct buffer json;
};

/* What it keeps of one peer: its session, and its connection with a cursor. */
struct session {
    char who[WHO_SIZE + 1];
    uint64_t serial; /* the last one used: sequenced or spent */
    enum status fate;
    uint64_t sequenced; /* seq of the last one sequenced */
    uint64_t floor;     /* an edit with a base below this is sent back for rebase */
    bool waiting;       /* one was refused for now and did not come again */

    bool connected;
    uint64_t cursor; /* the last seq delivered */
    struct note notes[NOTES_MAX];
    size_t notes_count;

    struct attempt uplink;
    struct attempt late; /* a copy that travels on when its connection is gone */
};

struct world {
    struct prng prng;
    const struct type *type;
    struct content *content;
    struct entry entries[ENTRIES_MAX + 1]; /* by seq, from 1 */
    uint64_t head;
    struct session sessions[PEERS];
    struct peer *peers[PEERS];
    int64_t made;    /* sum of the edits of a counter that were made … */
    int64_t refused; /* … and refused for good */
    bool quiet;      /* no more edits and no more trouble */
};

static bool chance(struct world *world, uint64_t percent)
{
    return prng_below(&world->prng, 100) < percent;
}

static void tell(struct session *session, uint64_t serial, enum status reason, uint64_t seq)
{
    expect(session->notes_count < NOTES_MAX);
    session->notes[session->notes_count++] = (struct note){serial, reason, seq};
}

static struct span who_of(const struct session *session)
{
    return span_of(session->who, WHO_SIZE);
}

static int64_t amount(const struct world *world, struct span operation)
{
    int64_t value = 0;

    if (world->type == &type_counter)
        expect(json_read_integer(operation, &value));
    return value;
}

/* The operation of JSON, moved over all entries after `base`. */
static struct operation *move_to_head(struct world *world, const struct session *session,
                                      uint64_t base, struct span json)
{
    enum tie_rule rule = tie_rule_native(world->type);
    struct operation *operation;

    expect(json_scan(json, &json_limits_default, NULL) == STATUS_OK);
    expect(world->type->decode(json, &operation, NULL) == STATUS_OK);
    for (uint64_t seq = base + 1; seq <= world->head; seq++) {
        const struct entry *entry = &world->entries[seq];
        enum side side = tie_side(world->type, rule, who_of(session), entry->who);
        struct operation *moved;

        expect(world->type->transform(operation, entry->operation, side, &moved) == STATUS_OK);
        operation_discard(operation);
        operation = moved;
    }
    return operation;
}

static void spend(struct session *session, enum status fate)
{
    session->serial++;
    session->fate = fate;
    session->waiting = false;
}

static void sequence(struct world *world, struct session *session, const struct attempt *attempt)
{
    struct operation *operation =
        move_to_head(world, session, attempt->base, buffer_span(&attempt->json));
    struct fault fault = {0};
    enum status status = world->type->apply(world->content, operation, &fault);

    ck_assert_msg(status == STATUS_OK, "seed %llu: %s", seed_now, fault.text);
    expect(world->head < ENTRIES_MAX);
    world->entries[++world->head] = (struct entry){who_of(session), operation};
    spend(session, STATUS_OK);
    session->sequenced = world->head;
}

/* Sequence an edit, or refuse it, for good or for now. */
static void submit(struct world *world, struct session *session)
{
    struct attempt *attempt = &session->uplink;

    attempt->full = false;
    if (attempt->serial <= session->serial) {
        if (session->fate != STATUS_OK)
            tell(session, attempt->serial, session->fate, 0);
        return; /* else the cursor brings it */
    }
    expect(attempt->serial == session->serial + 1);
    if (attempt->base < session->floor || (!world->quiet && chance(world, 5))) {
        session->waiting = true;
        tell(session, attempt->serial, attempt->base < session->floor ? STATUS_REBASE : STATUS_BUSY,
             0);
    } else if (!world->quiet && chance(world, 8)) {
        world->refused += amount(world, buffer_span(&attempt->json));
        spend(session, STATUS_NOT_APPLICABLE);
        tell(session, attempt->serial, session->fate, 0);
    } else {
        sequence(world, session, attempt);
    }
}

/* A late copy arrives. Nobody waits for an answer to it. */
static void submit_late(struct world *world, struct session *session)
{
    struct attempt *attempt = &session->late;

    attempt->full = false;
    if (attempt->serial == session->serial + 1 && attempt->base >= session->floor)
        sequence(world, session, attempt);
}

/* The entries after `from`, as one operation. */
static void compose_range(struct world *world, uint64_t from, struct buffer *out)
{
    struct operation *all = NULL;

    for (uint64_t seq = from + 1; seq <= world->head; seq++) {
        const struct operation *next = world->entries[seq].operation;
        struct operation *longer;

        if (all == NULL) {
            world->type->write(next, out);
            expect(world->type->decode(buffer_span(out), &all, NULL) == STATUS_OK);
            buffer_clear(out);
            continue;
        }
        expect(world->type->compose(all, next, &longer) == STATUS_OK);
        operation_discard(all);
        all = longer;
    }
    world->type->write(all, out);
    operation_discard(all);
}

/* ---- Between the two ---- */

static void deliver_composed(struct world *world, struct session *session, struct peer *peer)
{
    struct buffer json = {0};

    compose_range(world, session->cursor, &json);
    expect(peer_composed(peer, world->head, buffer_span(&json), 1, NULL) == STATUS_OK);
    buffer_finish(&json);
    session->cursor = world->head;
    session->floor = world->head;
}

static void deliver_one(struct world *world, struct session *session, struct peer *peer)
{
    const struct entry *entry = &world->entries[++session->cursor];
    struct buffer json = {0};
    enum peer_event event;
    struct fault fault = {0};

    entry->operation->type->write(entry->operation, &json);
    enum status status =
        peer_operation(peer, session->cursor, entry->who, buffer_span(&json), &event, &fault);
    ck_assert_msg(status == STATUS_OK, "seed %llu: %s", seed_now, fault.text);
    expect(event == (span_equal(entry->who, who_of(session)) ? PEER_OWN : PEER_FOREIGN));
    buffer_finish(&json);
}

static void deliver_note(struct session *session, struct peer *peer)
{
    struct note note = session->notes[0];

    session->notes_count--;
    memmove(session->notes, session->notes + 1, session->notes_count * sizeof(note));
    expect(peer_refused(peer, note.serial, note.reason, note.seq, NULL) == STATUS_OK);
}

/* Bring one thing down. */
static void deliver(struct world *world, struct session *session, struct peer *peer)
{
    bool resolved = session->sequenced <= session->cursor && !session->waiting;

    if (session->notes_count > 0 && (session->cursor == world->head || chance(world, 50)))
        deliver_note(session, peer);
    else if (session->cursor == world->head)
        return;
    else if (resolved && session->notes_count == 0 && chance(world, 10))
        deliver_composed(world, session, peer);
    else
        deliver_one(world, session, peer);
}

static void upload(struct world *world, struct session *session, struct peer *peer)
{
    struct attempt *attempt = &session->uplink;

    if (attempt->full) {
        submit(world, session);
        return;
    }
    buffer_clear(&attempt->json);
    attempt->full = peer_next(peer, &attempt->serial, &attempt->base, &attempt->json);
}

static void disconnect(struct world *world, struct session *session, struct peer *peer)
{
    if (session->uplink.full && chance(world, 50)) { /* its answer is lost, or it is late */
        struct attempt late = session->late;

        session->late = session->uplink;
        session->uplink = late;
        if (chance(world, 50))
            submit_late(world, session);
    }
    session->uplink.full = false;
    session->notes_count = 0;
    session->waiting = false;
    session->connected = false;
    peer_disconnected(peer);
}

/* A snapshot instead of the operations after `from`. */
static void open_with_snapshot(struct world *world, struct session *session, struct peer *peer)
{
    struct buffer json = {0};
    struct fault fault = {0};

    world->type->encode(world->content, &json);
    struct peer_opened opened = {.type = world->type,
                                 .snapshot = buffer_span(&json),
                                 .seq = world->head,
                                 .serial = session->serial,
                                 .epoch = 1};
    enum status status = peer_opened(peer, &opened, &fault);
    ck_assert_msg(status == STATUS_OK, "seed %llu: %s", seed_now, fault.text);
    session->cursor = world->head;
    buffer_finish(&json);
}

static void reconnect(struct world *world, struct session *session, struct peer *peer)
{
    struct peer_resume resume = peer_resume(peer);
    bool unknown = resume.pending > session->serial;

    session->connected = true;
    if (unknown || resume.pending == 0) /* late copies of the old form are sent back */
        session->floor = world->head;
    if (peer_view(peer) == NULL || (!world->quiet && chance(world, 25))) {
        open_with_snapshot(world, session, peer);
        return;
    }
    struct peer_opened opened = {
        .type = world->type, .seq = world->head, .serial = session->serial, .epoch = 1};
    expect(peer_opened(peer, &opened, NULL) == STATUS_OK);
    session->cursor = resume.from;
    if (!unknown && resume.pending > 0 && session->fate != STATUS_OK)
        tell(session, session->serial, session->fate, 0);
    if ((unknown || resume.pending == 0) && session->cursor < world->head && chance(world, 50))
        deliver_composed(world, session, peer);
}

/* ---- The people ---- */

static size_t points_of(const struct content *content)
{
    struct buffer out = {0};
    struct buffer text = {0};

    content->type->encode(content, &out);
    json_string_append(buffer_span(&out), &text);
    size_t points = utf8_points(buffer_span(&text));
    buffer_finish(&text);
    buffer_finish(&out);
    return points;
}

static void write_text_edit(struct world *world, const struct content *view, int author,
                            struct buffer *out)
{
    size_t points = points_of(view);
    size_t at = (size_t)prng_below(&world->prng, points + 1);
    size_t rest = points - at;

    buffer_append_byte(out, '[');
    if (at > 0)
        buffer_append_format(out, "%zu,", at);
    if (rest > 0 && chance(world, 45))
        buffer_append_format(out, "{\"d\":%zu}", 1 + (size_t)prng_below(&world->prng, rest) / 2);
    else
        buffer_append_format(out, "\"%s%c\"", chance(world, 20) ? "😀" : "", 'a' + author);
    buffer_append_byte(out, ']');
}

static void make_edit(struct world *world, int author)
{
    struct peer *peer = world->peers[author];
    struct buffer json = {0};
    struct operation *operation;

    if (peer_view(peer) == NULL)
        return;
    if (world->type == &type_text)
        write_text_edit(world, peer_view(peer), author, &json);
    else
        buffer_append_signed(&json, (int64_t)prng_below(&world->prng, 99) - 40);
    world->made += amount(world, buffer_span(&json));
    expect(world->type->decode(buffer_span(&json), &operation, NULL) == STATUS_OK);
    expect(peer_edit_take(peer, operation, NULL) == STATUS_OK);
    buffer_finish(&json);
}

static void step(struct world *world, int number)
{
    struct session *session = &world->sessions[number];
    struct peer *peer = world->peers[number];

    if (session->late.full && chance(world, 10)) {
        submit_late(world, session);
    } else if (!world->quiet && chance(world, 25)) {
        make_edit(world, number);
    } else if (!session->connected) {
        if (world->quiet || chance(world, 20))
            reconnect(world, session, peer);
    } else if (!world->quiet && chance(world, 4)) {
        disconnect(world, session, peer);
    } else if (chance(world, 40)) {
        upload(world, session, peer);
    } else {
        deliver(world, session, peer);
    }
    if (peer_idle(peer) && peer_view(peer) != NULL)
        expect(content_equal(peer_view(peer), peer_confirmed(peer)));
}

static bool all_done(struct world *world)
{
    for (int i = 0; i < PEERS; i++) {
        struct session *session = &world->sessions[i];

        if (!session->connected || session->cursor < world->head || session->notes_count > 0 ||
            session->uplink.full || !peer_idle(world->peers[i]))
            return false;
    }
    return true;
}

/* ---- One schedule ---- */

static void world_init(struct world *world, const struct type *type, uint64_t seed)
{
    *world = (struct world){.type = type};
    prng_init(&world->prng, seed);
    expect(type->create(SPAN_NONE, &world->content, NULL) == STATUS_OK);
    for (int i = 0; i < PEERS; i++) {
        world->peers[i] = peer_create(type);
        snprintf(world->sessions[i].who, sizeof(world->sessions[i].who), "peer-%03d", i);
        peer_set_who(world->peers[i], who_of(&world->sessions[i]));
    }
}

static void world_finish(struct world *world)
{
    for (int i = 0; i < PEERS; i++) {
        peer_destroy(world->peers[i]);
        buffer_finish(&world->sessions[i].uplink.json);
        buffer_finish(&world->sessions[i].late.json);
    }
    for (uint64_t seq = 1; seq <= world->head; seq++)
        operation_discard(world->entries[seq].operation);
    content_destroy(world->content);
}

static void expect_agreement(struct world *world)
{
    for (int i = 0; i < PEERS; i++) {
        expect(content_equal(peer_confirmed(world->peers[i]), world->content));
        expect(content_equal(peer_view(world->peers[i]), world->content));
    }
    if (world->type == &type_counter) {
        struct buffer out = {0};
        int64_t value;

        world->type->encode(world->content, &out);
        expect(json_read_integer(buffer_span(&out), &value));
        expect(value == world->made - world->refused);
        buffer_finish(&out);
    }
}

static void run_schedules(const struct type *type, uint64_t count)
{
    static struct world world;

    for (uint64_t seed = 1; seed <= count; seed++) {
        seed_now = seed;
        world_init(&world, type, seed);
        for (int i = 0; i < 600; i++)
            step(&world, (int)prng_below(&world.prng, PEERS));
        world.quiet = true;
        for (int i = 0; !all_done(&world); i++) {
            expect(i < 100000);
            step(&world, (int)prng_below(&world.prng, PEERS));
        }
        expect_agreement(&world);
        world_finish(&world);
    }
}

START_TEST(peers_of_a_text_converge)
{
    run_schedules(&type_text, 400);
}
END_TEST

START_TEST(peers_of_a_counter_converge)
{
    run_schedules(&type_counter, 400);
}
END_TEST

TEST_MAIN("peer_schedules", peers_of_a_text_converge, peers_of_a_counter_converge)
