/* Channels of presence of ShareDB's clients, at several nodes. */
#include "base/limits.h"
#include "base/memory.h"
#include "base/mutant.h"
#include "protocol/node_message.h"
#include "server/collab/room_peers.h"
#include "tests/cluster/fleet.h"
#include "tests/collab/sharedb_script.h"

static struct fleet fleet;
static struct client clients[FLEET_NODES + 1];
static char ids[FLEET_NODES + 1][SOURCE_LETTERS + 1];

/* A client says something; then a moment passes. */
static void tell(size_t client, const char *text)
{
    script_say(&clients[client], text);
    fleet_pass(&fleet, 100);
}

/* What `shown` shows is told to `client`. */
static void expect(size_t client, size_t shown, const char *text)
{
    script_expect(&clients[client], ids[shown], text);
}

static void come(size_t client, size_t node)
{
    client_connect_as(&clients[client], &fleet.nodes[node].world, DIALECT_SHAREDB);
    fleet_pass(&fleet, 50);
    snprintf(ids[client], sizeof(ids[client]), "%s",
             strstr(client_hears(&clients[client]), "\"id\":\"") + 6);
}

static void listen(size_t client)
{
    tell(client, "{'a':'ps','ch':'room','seq':1}");
    expect(client, client, "{'ch':'room','seq':1,'a':'ps'}");
}

/* One client at each node: the first shows something, the others listen. */
static void begin(void)
{
    fleet_init(&fleet);
    for (size_t i = 0; i < FLEET_NODES; i++)
        come(i, i);
    listen(1);
    listen(2);
}

static void end(void)
{
    for (size_t i = 0; i <= FLEET_NODES; i++)
        client_finish(&clients[i]);
    fleet_finish(&fleet);
}

/* So long, in which no client falls silent. */
static void pass(uint64_t ms)
{
    for (; ms > 0; ms -= ms < 10000 ? ms : 10000) {
        for (size_t i = 0; i <= FLEET_NODES; i++)
            if (clients[i].link != NULL)
                link_heard(clients[i].link, fleet.now_ms);
        fleet_pass(&fleet, ms < 10000 ? ms : 10000);
    }
}

#define SHOW "{'a':'p','ch':'room','id':'a',"
#define SHOWN "{'a':'p','ch':'room','src':'@','id':'a',"

/* The first client shows 1, and everybody sees it. */
static void show(void)
{
    tell(0, SHOW "'p':1,'pv':0}");
    expect(1, 0, SHOWN "'p':1,'pv':0}");
    expect(2, 0, SHOWN "'p':1,'pv':0}");
}

START_TEST(everybody_is_told_the_same_at_every_node)
{
    begin();
    come(3, 0);
    listen(3);
    show();
    tell(0, SHOW "'p':{'x':[2]},'pv':1}");
    tell(0, SHOW "'p':null,'pv':2}");
    tell(0, SHOW "'p':3,'pv':3}");
    client_disconnect(&clients[0]);
    fleet_pass(&fleet, 100);
    expect(3, 0, SHOWN "'p':1,'pv':0}");
    for (size_t i = 1; i <= FLEET_NODES; i++) {
        expect(i, 0, SHOWN "'p':{'x':[2]},'pv':1}");
        expect(i, 0, SHOWN "'p':null,'pv':2}");
        expect(i, 0, SHOWN "'p':3,'pv':3}");
        expect(i, 0, SHOWN "'p':null,'pv':3}");
        client_expect_silence(&clients[i]);
    }
    end();
}
END_TEST

START_TEST(who_comes_late_is_told_what_is_shown)
{
    fleet_init(&fleet);
    come(0, 0);
    come(1, 1);
    tell(0, SHOW "'p':1,'pv':0}");
    tell(0, SHOW "'p':2,'pv':1}");
    listen(1);
    expect(1, 0, SHOWN "'p':2,'pv':1}");
    come(2, 1); /* the node knows it already */
    listen(2);
    expect(2, 0, SHOWN "'p':2,'pv':1}");
    client_expect_silence(&clients[1]);
    end();
}
END_TEST

static void kill_first(void)
{
    show();
    clients[0].link = NULL;
    fleet_kill(&fleet, 0);
    fleet_pass(&fleet, LIMIT_GONE_MS / 2);
    client_expect_silence(&clients[1]);
    fleet_pass(&fleet, LIMIT_MEMBER_MS + LIMIT_GONE_MS);
}

START_TEST(a_node_that_dies_takes_what_was_shown_there_along)
{
    begin();
    kill_first();
    expect(1, 0, SHOWN "'p':null,'pv':0}");
    expect(2, 0, SHOWN "'p':null,'pv':0}");
    end();
}
END_TEST

START_TEST(without_that_rule_it_would_stay)
{
    if (!mutant_choose("presence-ghosts"))
        return;
    begin();
    kill_first();
    client_expect_silence(&clients[1]);
    end();
}
END_TEST

START_TEST(a_value_that_is_lost_is_told_when_it_is_renewed)
{
    begin();
    show();
    fleet.nodes[0].losing = 1;
    tell(0, SHOW "'p':2,'pv':1}");
    client_expect_silence(&clients[1]);
    pass(LIMIT_PRESENCE_RENEW_MS + 1000);
    expect(1, 0, SHOWN "'p':2,'pv':1}");
    end();
}
END_TEST

START_TEST(a_lost_end_leaves_no_ghost)
{
    begin();
    show();
    fleet.nodes[0].losing = 1;
    tell(0, SHOW "'p':null,'pv':1}");
    pass(LIMIT_PRESENCE_MS / 2);
    client_expect_silence(&clients[1]);
    pass(LIMIT_PRESENCE_MS / 2 + 1000);
    expect(1, 0, SHOWN "'p':null,'pv':0}");
    end();
}
END_TEST

START_TEST(what_is_shown_stays_as_long_as_its_node_renews_it)
{
    begin();
    show();
    pass(3 * LIMIT_PRESENCE_MS);
    client_expect_silence(&clients[1]);
    tell(0, SHOW "'p':2,'pv':1}");
    expect(1, 0, SHOWN "'p':2,'pv':1}");
    end();
}
END_TEST

/* It cannot say anything, so that it is not among the members; then it can again. */
START_TEST(a_node_that_is_cut_off_is_gone_until_it_is_back)
{
    begin();
    show();
    fleet.nodes[0].cut_off = true;
    pass(LIMIT_MEMBER_MS + 2 * LIMIT_GONE_MS);
    expect(1, 0, SHOWN "'p':null,'pv':0}");
    fleet.nodes[0].cut_off = false;
    pass(LIMIT_PRESENCE_RENEW_MS + 1000);
    expect(1, 0, SHOWN "'p':1,'pv':0}");
    pass(2 * LIMIT_GONE_MS);
    client_expect_silence(&clients[1]);
    end();
}
END_TEST

START_TEST(a_node_that_was_stopped_says_at_once_what_it_shows)
{
    begin();
    show();
    fleet.nodes[0].stopped = true;
    pass(LIMIT_MEMBER_MS + 2 * LIMIT_GONE_MS);
    expect(1, 0, SHOWN "'p':null,'pv':0}");
    fleet.nodes[0].stopped = false;
    fleet_pass(&fleet, 100);
    expect(1, 0, SHOWN "'p':1,'pv':0}");
    pass(2 * LIMIT_GONE_MS);
    client_expect_silence(&clients[1]);
    end();
}
END_TEST

/* The bus says that it hears a channel again: what was missed is made good. */
START_TEST(what_was_missed_while_the_bus_was_away_is_made_good)
{
    begin();
    come(3, 0);
    show();
    tell(3, "{'a':'p','ch':'room','id':'b','p':'b','pv':0}");
    expect(1, 3, "{'a':'p','ch':'room','src':'@','id':'b','p':'b','pv':0}");
    fleet.nodes[0].losing = 2;
    tell(0, SHOW "'p':2,'pv':1}");
    tell(3, "{'a':'p','ch':'room','id':'b','p':null,'pv':1}");
    client_expect_silence(&clients[1]);

    struct bus_listener *listener = fleet.nodes[1].bus.listener;

    listener->ops->lost(listener);
    listener->ops->subscribed(listener, SPAN("r/room"));
    fleet_pass(&fleet, 200);
    expect(1, 0, SHOWN "'p':2,'pv':1}");
    fleet_pass(&fleet, LIMIT_GONE_MS + 1000);
    expect(1, 3, "{'a':'p','ch':'room','src':'@','id':'b','p':null,'pv':0}");
    client_expect_silence(&clients[1]);
    end();
}
END_TEST

/* With the same `src`, before its node has noticed that it is gone. */
START_TEST(a_client_that_moves_to_another_node_stays_visible)
{
    char hello[100];

    begin();
    show();
    client_connect_as(&clients[3], &fleet.nodes[1].world, DIALECT_SHAREDB);
    script_quote(hello, "{'a':'hs','id':'@','protocol':1,'protocolMinor':2}", ids[0]);
    client_say(&clients[3], hello);
    fleet_pass(&fleet, 100);
    tell(3, SHOW "'p':2,'pv':1}");
    expect(1, 0, SHOWN "'p':2,'pv':1}");
    expect(2, 0, SHOWN "'p':2,'pv':1}");
    client_disconnect(&clients[0]);
    fleet_kill(&fleet, 0);
    fleet_pass(&fleet, LIMIT_MEMBER_MS + 2 * LIMIT_GONE_MS);
    client_expect_silence(&clients[1]);
    client_expect_silence(&clients[2]);
    client_disconnect(&clients[3]);
    fleet_pass(&fleet, 100);
    expect(1, 0, SHOWN "'p':null,'pv':1}");
    expect(2, 0, SHOWN "'p':null,'pv':1}");
    end();
}
END_TEST

#define RICH "'c':'pets','d':'fido'"
#define RICH_TYPE "'t':'http://sharejs.org/types/rich-text/v1'"
#define FIDO "{'a':'p','ch':'pets.fido',"

/* Node 1 has the document, the others do not. */
START_TEST(a_range_is_moved_as_far_as_a_node_knows_the_document)
{
    fleet_init(&fleet);
    for (size_t i = 0; i < FLEET_NODES; i++)
        come(i, i);
    script_say(&clients[1], "{'a':'op'," RICH ",'v':0,'seq':1,'x':{},'create':"
                            "{'type':'rich-text','data':[{'insert':'hello'}]}}");
    fleet_pass(&fleet, 2000);
    script_say(&clients[1], "{'a':'op'," RICH ",'v':1,'seq':2,'x':{},'op':[{'insert':'12'}]}");
    fleet_pass(&fleet, 2000);
    for (size_t i = 1; i < FLEET_NODES; i++) {
        tell(i, "{'a':'ps','ch':'pets.fido','seq':1}");
        clients[i].read = clients[i].heard_count;
    }
    tell(0, FIDO "'id':'a','pv':0,'p':{'index':1,'length':3}," RICH ",'v':1," RICH_TYPE "}");
    expect(1, 0,
           FIDO "'src':'@','id':'a','p':{'index':3,'length':3},'pv':0," RICH ",'v':2," RICH_TYPE
                "}");
    expect(2, 0,
           FIDO "'src':'@','id':'a','p':{'index':1,'length':3},'pv':0," RICH ",'v':1," RICH_TYPE
                "}");
    end();
}
END_TEST

START_TEST(a_channel_may_have_any_name)
{
    static const char *names[] = {"d/notes/1", "n/n0", "\\u0000", "*", " \\r\\n "};

    begin();
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char text[200];

        snprintf(text, sizeof(text), "{'a':'ps','ch':'%s','seq':2}", names[i]);
        tell(1, text);
        ck_assert_ptr_nonnull(strstr(client_hears(&clients[1]), "\"a\":\"ps\""));
        snprintf(text, sizeof(text), "{'a':'p','ch':'%s','id':'\\u0001','p':1,'pv':0}", names[i]);
        tell(0, text);
        ck_assert_ptr_nonnull(strstr(client_hears(&clients[1]), "\"p\":1,\"pv\":0}"));
        client_expect_silence(&clients[1]);
    }
    client_expect_silence(&clients[2]);
    end();
}
END_TEST

/* What a node says that keeps none of the limits of a client. */
static void forge(struct node_message message)
{
    struct fleet_node *node = &fleet.nodes[2];
    struct buffer bytes = {0};

    message.kind = NODE_SHOW;
    message.room = SPAN("room");
    message.node = SPAN("forger");
    message.start = 9;
    node_message_write(&bytes, &message);
    node->bus.ops->publish(&node->bus, SPAN("r/room"), buffer_span(&bytes));
    buffer_finish(&bytes);
    fleet_pass(&fleet, 100);
}

START_TEST(what_no_client_could_have_shown_is_ignored)
{
    char large[LIMIT_PRESENCE_BYTES + 2];
    char name[LIMIT_ROOM_NAME_BYTES + 1];
    const struct node_message good = {.id = SPAN("a"), .body = SPAN("1")};
    struct node_message bad[6];

    memset(large, '1', sizeof(large));
    memset(name, 'n', sizeof(name));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        bad[i] = good;
    bad[0].body = span_of(large, LIMIT_PRESENCE_BYTES + 1);
    bad[1].body = SPAN("{no json");
    bad[2].id = SPAN("\xff");
    bad[3].id = SPAN("");
    bad[4].id = span_of(name, sizeof(name));
    bad[5].document = SPAN("no slash");

    begin();
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        forge(bad[i]);
    client_expect_silence(&clients[1]);
    forge(good);
    ck_assert_ptr_nonnull(client_hears(&clients[1]));
    end();
}
END_TEST

START_TEST(only_nodes_with_somebody_in_it_know_a_room)
{
    begin();
    tell(2, "{'a':'pu','ch':'room','seq':2}");
    tell(0, SHOW "'p':1,'pv':0}");
    ck_assert_ptr_nonnull(room_find(fleet.nodes[0].world.hub, SPAN("room")));
    ck_assert_ptr_nonnull(room_find(fleet.nodes[1].world.hub, SPAN("room")));
    ck_assert_ptr_null(room_find(fleet.nodes[2].world.hub, SPAN("room")));
    end();
}
END_TEST

TEST_MAIN("rooms", everybody_is_told_the_same_at_every_node, who_comes_late_is_told_what_is_shown,
          a_node_that_dies_takes_what_was_shown_there_along, without_that_rule_it_would_stay,
          a_value_that_is_lost_is_told_when_it_is_renewed, a_lost_end_leaves_no_ghost,
          what_is_shown_stays_as_long_as_its_node_renews_it,
          a_node_that_is_cut_off_is_gone_until_it_is_back,
          a_node_that_was_stopped_says_at_once_what_it_shows,
          what_was_missed_while_the_bus_was_away_is_made_good,
          a_client_that_moves_to_another_node_stays_visible,
          a_range_is_moved_as_far_as_a_node_knows_the_document, a_channel_may_have_any_name,
          what_no_client_could_have_shown_is_ignored, only_nodes_with_somebody_in_it_know_a_room)
