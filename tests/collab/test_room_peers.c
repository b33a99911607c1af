#include "server/collab/room_peers.h"

#include "base/limits.h"
#include "server/collab/hub_state.h"
#include "server/collab/peers.h"
#include "tests/collab/sharedb_script.h"

/* The other nodes: what they are told is written down, a line for each message. */
static char told[1 << 20];

static void note(const char *format, ...) PRINTF_LIKE(1, 2);
static void note(const char *format, ...)
{
    size_t size = strlen(told);
    va_list values;

    va_start(values, format);
    vsnprintf(told + size, sizeof(told) - size, format, values);
    va_end(values);
}

static void on_follow(struct peers *peers, enum topic topic, struct span name, bool on)
{
    (void)peers;
    ck_assert_int_eq(topic, TOPIC_ROOM);
    note("%c%.*s\n", on ? '+' : '-', SPAN_PRINT(name));
}

static void on_tell(struct peers *peers, struct span name, const struct aside *show,
                    const char *node)
{
    (void)peers;
    ck_assert_int_eq(show->kind, ASIDE_SHOW);
    note("%s: %.*s %.*s %llu ", node != NULL ? node : "all", SPAN_PRINT(name), SPAN_PRINT(show->id),
         (unsigned long long)show->version);
    note("%.*s\n", SPAN_PRINT(span_present(show->json) ? show->json : SPAN("-")));
}

static const struct peers_ops peers_ops = {.follow = on_follow, .tell = on_tell};
static struct peers peers = {.ops = &peers_ops};

static void expect_told(const char *lines)
{
    ck_assert_str_eq(told, lines);
    told[0] = '\0';
}

/* Anna and Ben are here; Cleo is at nodes 1 and 2, one after the other. */
static struct world world;
static struct client anna;
static struct client ben;
static char id[SOURCE_LETTERS + 1]; /* anna's */
static char ben_id[SOURCE_LETTERS + 1];
static const struct session_key cleo = {"cleo, elsewhere"};
#define CLEO "Y2xlbywgZWxzZXdoZXJlAA"

static void setup(void)
{
    world_init(&world);
    world.hub->peers = &peers;
    told[0] = '\0';
    script_join(&anna, &world, id);
    script_join(&ben, &world, ben_id);
    script_tell(&ben, "{'a':'ps','ch':'room','seq':1}");
    script_expect(&ben, "", "{'ch':'room','seq':1,'a':'ps'}");
    expect_told("+room\n");
}

static void teardown(void)
{
    client_finish(&anna);
    client_finish(&ben);
    world_finish(&world);
}

static struct room *room(void)
{
    return room_find(world.hub, SPAN("room"));
}

/* A session shows something at a node, or nothing any more when `state` is NULL. */
static void hear_of(const struct session_key *session, uint64_t node, uint64_t version,
                    const char *state)
{
    const struct aside show = {.kind = ASIDE_SHOW,
                               .session = *session,
                               .json = state != NULL ? span_of_string(state) : SPAN_NONE,
                               .id = SPAN("c"),
                               .version = version};

    room_hear(room(), node, &show);
    world_run(&world);
}

static void hear(uint64_t node, uint64_t version, const char *state)
{
    hear_of(&cleo, node, version, state);
}

static void expect(const char *state, unsigned version)
{
    char text[200];

    snprintf(text, sizeof(text), "{'a':'p','ch':'room','src':'@','id':'c','p':%s,'pv':%u}", state,
             version);
    script_expect(&ben, CLEO, text);
}

static void pass(uint64_t ms)
{
    for (; ms > 0; ms -= ms < 10000 ? ms : 10000) {
        if (anna.link != NULL)
            link_heard(anna.link, world.now_ms);
        link_heard(ben.link, world.now_ms);
        world_pass(&world, ms < 10000 ? ms : 10000);
    }
}

START_TEST(what_is_shown_here_is_told_everywhere_the_latest_of_a_turn)
{
    setup();
    script_say(&anna, "{'a':'p','ch':'room','id':'a','p':1,'pv':0}");
    script_tell(&anna, "{'a':'p','ch':'room','id':'a','p':2,'pv':1}");
    expect_told("all: room a 1 2\n");
    script_tell(&anna, "{'a':'p','ch':'room','id':'a','p':null,'pv':2}");
    expect_told("all: room a 2 -\n");
    script_tell(&anna, "{'a':'p','ch':'room','id':'a','p':3,'pv':3}");
    expect_told("all: room a 3 3\n");
    client_disconnect(&anna);
    expect_told("all: room a 3 -\n");
    teardown();
    expect_told("-room\n");
}
END_TEST

START_TEST(a_room_is_followed_while_somebody_here_is_in_it)
{
    setup();
    script_tell(&anna, "{'a':'p','ch':'other','id':'a','p':null,'pv':0}");
    expect_told("");
    script_tell(&anna, "{'a':'p','ch':'other','id':'a','p':1,'pv':1}");
    expect_told("+other\nall: other a 1 1\n");
    script_tell(&anna, "{'a':'p','ch':'other','id':'a','p':null,'pv':2}");
    expect_told("all: other a 2 -\n-other\n");

    /* What was shown elsewhere is forgotten with the room. */
    hear(1, 1, "1");
    script_tell(&ben, "{'a':'pu','ch':'room','seq':2}");
    expect_told("-room\n");
    ck_assert_ptr_null(room());
    teardown();
}
END_TEST

START_TEST(what_is_shown_elsewhere_is_told_once_in_order_of_its_version)
{
    setup();
    hear(1, 5, "10");
    expect("10", 5);
    hear(1, 5, "10"); /* it came twice, … */
    hear(1, 4, "9");  /* … late, … */
    hear(1, 4, NULL);
    client_expect_silence(&ben);
    hear(1, 6, "11");
    expect("11", 6);
    hear(1, 7, NULL);
    expect("null", 7);
    hear(1, 7, NULL);
    client_expect_silence(&ben);
    expect_told(""); /* it is not for us to pass on */
    teardown();
}
END_TEST

START_TEST(only_the_node_that_showed_it_last_clears_it)
{
    setup();
    hear(1, 5, "5");
    expect("5", 5);
    hear(2, 6, "6"); /* she has moved, */
    expect("6", 6);
    hear(1, 6, NULL); /* and node 1 noticed it late */
    hear(1, 5, "5");
    room_lose(room(), 1);
    world_run(&world);
    client_expect_silence(&ben);
    room_lose(room(), 2);
    world_run(&world);
    expect("null", 6);
    client_expect_silence(&ben);
    teardown();
}
END_TEST

START_TEST(what_is_not_renewed_goes)
{
    setup();
    hear(1, 5, "5");
    expect("5", 5);
    pass(LIMIT_PRESENCE_MS - 5000);
    hear(1, 5, "5");
    pass(LIMIT_PRESENCE_MS - 5000);
    client_expect_silence(&ben);
    pass(10000);
    expect("null", 5);
    teardown();
}
END_TEST

START_TEST(what_is_in_doubt_has_to_be_said_again_soon)
{
    setup();
    hear(1, 5, "5");
    expect("5", 5);
    room_doubt(room());
    hear(1, 5, "5");
    pass(2 * LIMIT_GONE_MS);
    client_expect_silence(&ben);
    room_doubt(room());
    pass(LIMIT_GONE_MS / 2);
    client_expect_silence(&ben);
    pass(LIMIT_GONE_MS);
    expect("null", 5);
    teardown();
}
END_TEST

START_TEST(what_is_shown_here_is_renewed_and_told_to_who_asks)
{
    setup();
    script_tell(&anna, "{'a':'p','ch':'room','id':'a','p':1,'pv':4}");
    hear(1, 5, "5");
    expect_told("all: room a 4 1\n");
    pass(LIMIT_PRESENCE_RENEW_MS - 1000);
    room_share(room(), "n7"); /* this is news for one node alone */
    expect_told("n7: room a 4 1\n");
    pass(1000);
    expect_told("all: room a 4 1\n");
    pass(LIMIT_PRESENCE_RENEW_MS - 1000);
    room_share(room(), NULL);
    expect_told("all: room a 4 1\n");
    pass(1000);
    expect_told("");
    teardown();
}
END_TEST

/* Ben's client comes here from node 1, which has not noticed it. */
START_TEST(who_comes_from_another_node_goes_on_here)
{
    setup();
    const struct session_key moved = anna.link->session;

    hear_of(&moved, 1, 6, "6");
    script_expect(&ben, id, "{'a':'p','ch':'room','src':'@','id':'c','p':6,'pv':6}");
    script_tell(&anna, "{'a':'p','ch':'room','id':'c','p':7,'pv':7}");
    script_expect(&ben, id, "{'a':'p','ch':'room','src':'@','id':'c','p':7,'pv':7}");
    hear_of(&moved, 1, 6, "6");
    hear_of(&moved, 1, 6, NULL);
    room_lose(room(), 1);
    client_expect_silence(&ben);

    /* It is not told what it shows itself. */
    script_tell(&anna, "{'a':'ps','ch':'room','seq':1}");
    hear_of(&moved, 1, 8, "8");
    script_expect(&ben, id, "{'a':'p','ch':'room','src':'@','id':'c','p':8,'pv':8}");
    script_expect(&anna, id, "{'a':'p','ch':'room','src':'@','id':'c','p':7,'pv':7}");
    script_expect(&anna, id, "{'ch':'room','seq':1,'a':'ps'}");
    client_expect_silence(&anna);

    /* It counts anew, and whoever listens has to take a lower version. */
    script_tell(&anna, "{'a':'p','ch':'room','id':'c','p':0,'pv':0}");
    script_expect(&ben, id, "{'a':'p','ch':'room','src':'@','id':'c','p':null,'pv':8}");
    script_expect(&ben, id, "{'a':'p','ch':'room','src':'@','id':'c','p':0,'pv':0}");
    teardown();
}
END_TEST

START_TEST(who_has_gone_to_another_node_is_not_cleared_here)
{
    setup();
    const struct session_key moved = anna.link->session;

    script_tell(&anna, "{'a':'p','ch':'room','id':'c','p':7,'pv':7}");
    script_expect(&ben, id, "{'a':'p','ch':'room','src':'@','id':'c','p':7,'pv':7}");
    expect_told("all: room c 7 7\n");
    hear_of(&moved, 1, 8, "8");
    script_expect(&ben, id, "{'a':'p','ch':'room','src':'@','id':'c','p':8,'pv':8}");
    client_disconnect(&anna);
    pass(LIMIT_PRESENCE_RENEW_MS);
    client_expect_silence(&ben);
    expect_told("");
    teardown();
}
END_TEST

/* Nobody listens here: with what Anna showed, the room goes. */
START_TEST(the_last_one_may_go_to_another_node)
{
    setup();
    const struct session_key moved = anna.link->session;

    script_tell(&ben, "{'a':'pu','ch':'room','seq':2}");
    script_tell(&anna, "{'a':'p','ch':'room','id':'c','p':7,'pv':7}");
    hear_of(&moved, 1, 8, "8");
    ck_assert_ptr_null(room());
    teardown();
}
END_TEST

START_TEST(other_nodes_cannot_fill_a_room_beyond_its_limit)
{
    struct session_key many = {"many"};

    setup();
    hear(1, 5, "5");
    expect("5", 5);
    for (unsigned i = 0; i < LIMIT_PRESENCE_VALUES + 10; i++) {
        memcpy(many.bytes + 8, &i, sizeof(i));
        hear_of(&many, 2, 1, "1");
    }
    for (unsigned i = 1; i < LIMIT_PRESENCE_VALUES; i++)
        ck_assert_ptr_nonnull(client_hears(&ben));
    client_expect_silence(&ben);
    script_tell(&anna, "{'a':'p','ch':'room','id':'a','p':1,'pv':1}");
    ck_assert_ptr_nonnull(strstr(client_hears(&anna), "error"));
    hear(1, 6, "6");
    expect("6", 6);
    room_lose(room(), 2);
    script_tell(&anna, "{'a':'p','ch':'room','id':'a','p':1,'pv':1}");
    ck_assert_ptr_null(strstr(client_hears(&anna), "error"));
    teardown();
}
END_TEST

TEST_MAIN("room_peers", what_is_shown_here_is_told_everywhere_the_latest_of_a_turn,
          a_room_is_followed_while_somebody_here_is_in_it,
          what_is_shown_elsewhere_is_told_once_in_order_of_its_version,
          only_the_node_that_showed_it_last_clears_it, what_is_not_renewed_goes,
          what_is_in_doubt_has_to_be_said_again_soon,
          what_is_shown_here_is_renewed_and_told_to_who_asks,
          who_comes_from_another_node_goes_on_here,
          who_has_gone_to_another_node_is_not_cleared_here, the_last_one_may_go_to_another_node,
          other_nodes_cannot_fill_a_room_beyond_its_limit)
