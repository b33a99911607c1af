#include "server/cluster/cluster.h"

#include <stdio.h>

#include "base/limits.h"
#include "server/collab/hub_state.h"
#include "tests/cluster/fleet.h"
#include "tests/collab/sharedb_script.h"
#include "tests/runner.h"

static struct fleet fleet;
static struct client clients[FLEET_NODES];

static const char document[] = "notes/1";

/* One client at each node has the document open; which node owns it is as it falls. */
static void begin(void)
{
    fleet_init(&fleet);
    for (size_t i = 0; i < FLEET_NODES; i++) {
        client_connect(&clients[i], &fleet.nodes[i].world, (char)('a' + i));
        client_say(&clients[i], "[\"open\",\"notes/1\",{\"type\":\"text\",\"create\":true}]");
        fleet_pass(&fleet, 1500);
        client_expect(&clients[i], "[\"welcome\",$");
        client_expect(&clients[i], "[\"opened\",$");
    }
}

static void end(void)
{
    for (size_t i = 0; i < FLEET_NODES; i++)
        client_finish(&clients[i]);
    fleet_finish(&fleet);
}

static uint64_t channel_of(const struct client *client)
{
    unsigned long long channel = 0;

    for (size_t i = 0; i < client->heard_count; i++)
        sscanf(client->heard[i], "[\"opened\",%llu", &channel);
    return channel;
}

/* A letter at the front. */
static void insert(struct client *client, char letter, unsigned serial, uint64_t base)
{
    char edit[64];

    snprintf(edit, sizeof(edit), "[%llu,%u,%llu,[\"%c\"]]", (unsigned long long)channel_of(client),
             serial, (unsigned long long)base, letter);
    client_say(client, edit);
}

/* Client `i` inserts its own. */
static void type_letter(size_t i, unsigned serial, uint64_t base)
{
    insert(&clients[i], (char)('A' + i), serial, base);
}

/* So many operations have reached this client behind its `opened`; a frame may hold several. */
static size_t count_heard(const struct client *client)
{
    size_t count = 0;

    for (size_t i = 0; i < client->heard_count; i++)
        if (client->heard[i][0] == '[' && client->heard[i][1] >= '0' && client->heard[i][1] <= '9')
            for (const char *at = client->heard[i]; (at = strstr(at, "\",[")) != NULL; at++)
                count++;
    return count;
}

static void expect_all_have(size_t operations)
{
    for (size_t i = 0; i < FLEET_NODES; i++)
        if (clients[i].link != NULL)
            ck_assert_msg(count_heard(&clients[i]) == operations, "client %zu heard %zu of %zu", i,
                          count_heard(&clients[i]), operations);
}

static size_t not_owner(void)
{
    return (fleet_owner_index(&fleet, document) + 1) % FLEET_NODES;
}

START_TEST(an_edit_at_any_node_reaches_all)
{
    begin();
    for (size_t i = 0; i < FLEET_NODES; i++) {
        type_letter(i, 1, fleet_head(&fleet, document));
        fleet_pass(&fleet, 200);
        ck_assert_uint_eq(fleet_head(&fleet, document), 2 + i);
        expect_all_have(1 + i);
    }
    end();
}
END_TEST

START_TEST(a_refusal_is_told_at_a_replica_as_at_the_owner)
{
    char edit[64];

    begin();
    size_t replica = not_owner();
    snprintf(edit, sizeof(edit), "[%llu,1,1,[7,\"x\"]]",
             (unsigned long long)channel_of(&clients[replica]));
    client_say(&clients[replica], edit);
    fleet_pass(&fleet, 500);
    snprintf(edit, sizeof(edit), "[\"refused\",%llu,1,208,\"it skips 7 $",
             (unsigned long long)channel_of(&clients[replica]));
    client_expect(&clients[replica], edit);
    end();
}
END_TEST

/* The owner gets no more than its serial; what it had its fate for before is said as it was. */
START_TEST(an_oversized_edit_is_refused_at_a_replica_as_at_the_owner)
{
    struct client *anna;
    char text[128];

    begin();
    anna = &clients[not_owner()];
    unsigned long long channel = channel_of(anna);

    snprintf(text, sizeof(text), "[%llu,1,1,[7,\"x\"]]", channel);
    client_say(anna, text);
    fleet_pass(&fleet, 500);
    client_hears(anna);
    for (unsigned serial = 1; serial <= 2; serial++) {
        snprintf(text, sizeof(text), "[%llu,%u,1,[\"xxx", channel, serial);
        client_say_oversized(anna, text, 1048577);
        fleet_pass(&fleet, 500);
    }
    snprintf(text, sizeof(text), "[\"refused\",%llu,1,208,\"the operation does not fit $", channel);
    client_expect(anna, text);
    snprintf(text, sizeof(text), "[\"refused\",%llu,2,202,\"a message of 1048577 bytes $", channel);
    client_expect(anna, text);
    insert(anna, 'A', 3, 1);
    fleet_pass(&fleet, 500);
    expect_all_have(1);
    end();
}
END_TEST

START_TEST(an_edit_that_is_lost_on_its_way_is_sent_again)
{
    begin();
    size_t from = not_owner();

    fleet.nodes[from].losing = 1;
    type_letter(from, 1, 1);
    fleet_pass(&fleet, LIMIT_RESEND_MS / 2);
    expect_all_have(0);
    fleet_pass(&fleet, LIMIT_RESEND_MS * 2);
    expect_all_have(1);
    ck_assert_uint_eq(fleet_head(&fleet, document), 2);
    end();
}
END_TEST

/* What others forward meanwhile does not put it off. */
START_TEST(an_edit_that_is_lost_is_sent_again_while_others_are_sent)
{
    struct client other;

    begin();
    size_t from = not_owner();

    client_connect(&other, &fleet.nodes[from].world, 'o');
    client_say(&other, "[\"open\",\"notes/1\",{}]");
    fleet_pass(&fleet, 200);
    fleet.nodes[from].losing = 1;
    type_letter(from, 1, 1);
    for (unsigned serial = 1; serial <= 10; serial++) {
        fleet_pass(&fleet, LIMIT_RESEND_MS / 4);
        insert(&other, 'O', serial, fleet_head(&fleet, document));
    }
    fleet_pass(&fleet, 100);
    ck_assert_uint_eq(fleet_head(&fleet, document), 1 + 1 + 10);
    client_finish(&other);
    end();
}
END_TEST

/* Exactly the last message of a burst: nothing follows that would show the gap. */
START_TEST(the_last_message_that_is_lost_is_shown_by_the_next_head)
{
    begin();
    size_t owner = fleet_owner_index(&fleet, document);

    type_letter(owner, 1, 1);
    fleet_pass(&fleet, 50);
    fleet.nodes[owner].losing = 1;
    type_letter(owner, 2, 2);
    fleet_pass(&fleet, LIMIT_HEAD_MS + 1000);
    ck_assert_uint_eq(fleet.nodes[owner].losing, 0);
    expect_all_have(2);
    end();
}
END_TEST

START_TEST(a_gap_is_read_from_the_store)
{
    begin();
    size_t owner = fleet_owner_index(&fleet, document);

    fleet.nodes[owner].losing = 1;
    type_letter(owner, 1, 1);
    fleet_pass(&fleet, 50);
    type_letter(owner, 2, 2);
    fleet_pass(&fleet, 100);
    expect_all_have(2);
    end();
}
END_TEST

START_TEST(another_takes_over_when_the_owner_dies_and_nothing_is_lost)
{
    begin();
    size_t dead = fleet_owner_index(&fleet, document);
    size_t other = not_owner();

    type_letter(other, 1, 1);
    fleet_pass(&fleet, 200);
    clients[dead].link = NULL;
    fleet_kill(&fleet, dead);
    type_letter(other, 2, 2);
    fleet_pass(&fleet, LIMIT_MEMBER_MS + LIMIT_GONE_MS + 1500);
    ck_assert_uint_ne(fleet_owner_index(&fleet, document), dead);
    ck_assert_uint_eq(fleet_head(&fleet, document), 3);
    expect_all_have(2);
    end();
}
END_TEST

/* The owner stops until another one claims, which alone has a client left. */
static void take_over_unsure(size_t after, unsigned unsure)
{
    begin();
    size_t stopped = fleet_owner_index(&fleet, document);
    size_t left = (stopped + after) % FLEET_NODES;

    for (size_t i = 0; i < FLEET_NODES; i++)
        if (i != left)
            client_disconnect(&clients[i]);
    fleet.nodes[stopped].stopped = true;
    fleet.nodes[left].unsure = unsure;
    type_letter(left, 1, 1);
    for (int i = 0; i < 200 && fleet_owner_index(&fleet, document) == stopped; i++)
        fleet_pass(&fleet, 50);
    fleet.nodes[stopped].stopped = false;
    fleet_pass(&fleet, 8000);
    ck_assert_uint_eq(fleet_head(&fleet, document), 2);
    ck_assert_uint_eq(count_heard(&clients[left]), 1);
    end();
}

/* The claim was made, though nobody knows, and what is read to find that out fails. */
START_TEST(a_store_that_does_not_answer_during_a_takeover_delays_it)
{
    for (unsigned unsure = 0; unsure <= 3; unsure++) {
        take_over_unsure(1, unsure);
        take_over_unsure(2, unsure);
    }
}
END_TEST

/* All claim it at the same time. */
START_TEST(a_new_document_is_opened_at_all_nodes_at_once)
{
    begin();
    for (size_t i = 0; i < FLEET_NODES; i++)
        client_say(&clients[i], "[\"open\",\"notes/2\",{\"type\":\"text\",\"create\":true}]");
    fleet_pass(&fleet, LIMIT_BEAT_MS / 2);
    for (size_t i = 0; i < FLEET_NODES; i++)
        client_expect(&clients[i], "[\"opened\",$");
    ck_assert_uint_eq(fleet_head(&fleet, "notes/2"), 1);
    end();
}
END_TEST

START_TEST(a_living_owner_is_not_taken_from)
{
    begin();
    char first[64];

    snprintf(first, sizeof(first), "%s", fleet_owner(&fleet, document));
    for (size_t i = 0; i < 10; i++) {
        type_letter(0, (unsigned)i + 1, fleet_head(&fleet, document));
        fleet_pass(&fleet, 300);
    }
    ck_assert_str_eq(fleet_owner(&fleet, document), first);
    end();
}
END_TEST

/* It wakes up with an edit that arrived before, after another took the document over. */
START_TEST(an_owner_that_was_stopped_commits_nothing_after_the_takeover)
{
    begin();
    size_t stopped = fleet_owner_index(&fleet, document);
    size_t other = not_owner();

    fleet.nodes[stopped].stopped = true;
    type_letter(stopped, 1, 1);
    fleet_pass(&fleet, LIMIT_MEMBER_MS + LIMIT_GONE_MS + 2000);
    type_letter(other, 1, 1);
    fleet_pass(&fleet, 1500);
    ck_assert_uint_eq(fleet_head(&fleet, document), 2);
    ck_assert_uint_ne(fleet_owner_index(&fleet, document), stopped);
    fleet.nodes[stopped].stopped = false;
    fleet_pass(&fleet, 3000);
    ck_assert_uint_eq(fleet_head(&fleet, document), 3); /* through the new owner */
    ck_assert_uint_ne(fleet_owner_index(&fleet, document), stopped);
    expect_all_have(2);
    end();
}
END_TEST

START_TEST(who_ranks_first_for_long_gets_the_document_once)
{
    begin();
    fleet_pass(&fleet, LIMIT_HAND_OVER_MS + 5000);
    char settled[64];

    snprintf(settled, sizeof(settled), "%s", fleet_owner(&fleet, document));
    ck_assert_str_ne(settled, "");
    for (int i = 0; i < 4; i++) {
        fleet_pass(&fleet, LIMIT_HAND_OVER_MS);
        for (size_t at = 0; at < FLEET_NODES; at++)
            client_say(&clients[at], "[]");
        ck_assert_str_eq(fleet_owner(&fleet, document), settled);
    }
    type_letter(0, 1, 1);
    fleet_pass(&fleet, 1500);
    expect_all_have(1);
    end();
}
END_TEST

START_TEST(a_node_that_drains_hands_its_documents_over)
{
    begin();
    size_t leaving = fleet_owner_index(&fleet, document);
    size_t other = not_owner();

    cluster_drain(fleet.nodes[leaving].cluster);
    type_letter(leaving, 1, 1);
    type_letter(other, 1, 1);
    fleet_pass(&fleet, 2500);
    ck_assert(cluster_is_drained(fleet.nodes[leaving].cluster));
    ck_assert_uint_ne(fleet_owner_index(&fleet, document), leaving);
    ck_assert_uint_eq(fleet_head(&fleet, document), 3);
    expect_all_have(2);
    end();
}
END_TEST

/* The document has come to who ranks first, as in every cluster that has been up for a while: the
 * others still rank that node first when it drains. */
START_TEST(a_node_that_drains_keeps_no_writer_waiting)
{
    begin();
    fleet_pass(&fleet, LIMIT_HAND_OVER_MS + 5000);
    cluster_drain(fleet.nodes[fleet_owner_index(&fleet, document)].cluster);
    for (size_t i = 0; i < FLEET_NODES; i++)
        type_letter(i, 1, 1);
    fleet_pass(&fleet, LIMIT_BEAT_MS / 2);
    ck_assert_uint_eq(fleet_head(&fleet, document), 4);
    expect_all_have(3);
    end();
}
END_TEST

/* The one that would be asked first is leaving itself. */
START_TEST(two_nodes_that_drain_hand_over_to_the_third)
{
    begin();
    size_t owner = fleet_owner_index(&fleet, document);

    for (size_t i = 1; i < FLEET_NODES; i++) {
        size_t other = (owner + i) % FLEET_NODES;
        size_t third = (owner + FLEET_NODES - i) % FLEET_NODES;

        cluster_drain(fleet.nodes[other].cluster);
        fleet_pass(&fleet, 2 * LIMIT_BEAT_MS);
        cluster_drain(fleet.nodes[owner].cluster);
        fleet_pass(&fleet, LIMIT_BEAT_MS / 2);
        ck_assert_uint_eq(fleet_owner_index(&fleet, document), third);
        end();
        begin();
    }
    end();
}
END_TEST

enum { MANY = 3 * LIMIT_GIVEN_AT_ONCE };

static const char *many(size_t i)
{
    static char name[32];

    snprintf(name, sizeof(name), "notes/many-%zu", i);
    return name;
}

static void open_many(struct client *client)
{
    for (size_t i = 0; i < MANY; i++) {
        char open[96];

        snprintf(open, sizeof(open), "[\"open\",\"%s\",{\"type\":\"text\",\"create\":true}]",
                 many(i));
        client_say(client, open);
    }
}

static size_t count_owned(const char *owner)
{
    size_t count = 0;

    for (size_t i = 0; i < MANY; i++)
        count += strcmp(fleet_owner(&fleet, many(i)), owner) == 0;
    return count;
}

/* The others do not claim what they are given: the rest goes on to be served. */
START_TEST(a_node_that_drains_gives_few_documents_at_a_time)
{
    begin();
    open_many(&clients[0]);
    fleet_pass(&fleet, 1000);
    ck_assert_uint_eq(count_owned("n0"), MANY);
    fleet.nodes[1].stopped = fleet.nodes[2].stopped = true;
    cluster_drain(fleet.nodes[0].cluster);
    fleet_pass(&fleet, LIMIT_RESEND_MS / 2);
    ck_assert_uint_eq(count_owned("") + (fleet_owner(&fleet, document)[0] == '\0'),
                      LIMIT_GIVEN_AT_ONCE);
    fleet.nodes[1].stopped = fleet.nodes[2].stopped = false;
    fleet_pass(&fleet, LIMIT_BEAT_MS);
    ck_assert_uint_eq(count_owned("n1") + count_owned("n2"), MANY);
    ck_assert(cluster_is_drained(fleet.nodes[0].cluster));
    end();
}
END_TEST

/* As it is for the third of its documents that a node which comes up gets. */
START_TEST(documents_go_to_who_ranks_first_few_at_a_time)
{
    begin();
    open_many(&clients[0]);
    fleet_pass(&fleet, 1000);

    size_t left = count_owned("n0");
    size_t first = left;

    for (int passed = 0; passed < LIMIT_HAND_OVER_MS / 50 + 60; passed++) {
        fleet_pass(&fleet, 50);
        ck_assert_uint_le(left - count_owned("n0"), LIMIT_GIVEN_AT_ONCE);
        left = count_owned("n0");
    }
    ck_assert_uint_ge(first - left, LIMIT_GIVEN_AT_ONCE + 1);
    end();
}
END_TEST

/* Also one that it has had before, and gave to the node that drains now: its ten seconds begin
 * anew.
 */
START_TEST(who_takes_a_document_from_a_node_that_drains_keeps_it)
{
    size_t owners[MANY];

    begin();
    open_many(&clients[0]);
    fleet_pass(&fleet, LIMIT_HAND_OVER_MS + 5000);
    cluster_drain(fleet.nodes[1].cluster);
    fleet_pass(&fleet, LIMIT_BEAT_MS / 2);
    for (size_t i = 0; i < MANY; i++)
        owners[i] = fleet_owner_index(&fleet, many(i));
    for (int passed = 0; passed < 20; passed++) {
        fleet_pass(&fleet, 250);
        for (size_t i = 0; i < MANY; i++)
            ck_assert_uint_eq(fleet_owner_index(&fleet, many(i)), owners[i]);
    }
    end();
}
END_TEST

START_TEST(a_replica_without_the_bus_reads_the_store)
{
    begin();
    size_t owner = fleet_owner_index(&fleet, document);
    size_t cut = not_owner();

    fleet.nodes[owner].cut_off = true;
    fleet.nodes[cut].cut_off = true;
    type_letter(owner, 1, 1);
    fleet_pass(&fleet, 500);
    ck_assert_uint_eq(fleet_head(&fleet, document), 2); /* what it owns it goes on to serve */
    fleet_pass(&fleet, LIMIT_GONE_MS + 8000);
    expect_all_have(1);
    end();
}
END_TEST

START_TEST(without_the_bus_nothing_new_is_claimed)
{
    begin();
    for (size_t i = 0; i < FLEET_NODES; i++)
        fleet.nodes[i].cut_off = true;
    fleet_pass(&fleet, 3000);
    client_say(&clients[0], "[\"open\",\"notes/2\",{\"type\":\"text\",\"create\":true}]");
    fleet_pass(&fleet, 5000);
    ck_assert_str_eq(fleet_owner(&fleet, "notes/2"), "");
    ck_assert_uint_eq(fleet_head(&fleet, "notes/2"), 0);
    for (size_t i = 0; i < FLEET_NODES; i++)
        fleet.nodes[i].cut_off = false;
    fleet_pass(&fleet, 5000);
    ck_assert_uint_eq(fleet_head(&fleet, "notes/2"), 1);
    end();
}
END_TEST

/* ---- Clients of ShareDB, at a node that follows ---- */

#define AT "'c':'notes','d':'1'"

/* Say it there, and let the nodes come to rest. */
static void tell(struct client *client, const char *text)
{
    script_say(client, text);
    fleet_pass(&fleet, 400);
}

static void join(struct client *client, size_t node, char id[SOURCE_LETTERS + 1])
{
    client_connect_as(client, &fleet.nodes[node].world, DIALECT_SHAREDB);
    fleet_pass(&fleet, 400);
    ck_assert_uint_eq(client->heard_count, 1);
    snprintf(id, SOURCE_LETTERS + 1, "%s", strstr(client->heard[0], "\"id\":\"") + 6);
    client_expect(client, "{\"a\":\"init\"$");
}

/* It edits without a version, makes a tie that goes to the later one, sends one again, deletes and
 * creates, each as at the owner. */
START_TEST(a_client_of_sharedb_is_served_by_a_replica_as_by_the_owner)
{
    struct client anna;
    char id[SOURCE_LETTERS + 1];

    begin();
    type_letter(fleet_owner_index(&fleet, document), 1, 1);
    fleet_pass(&fleet, 400);
    join(&anna, not_owner(), id);
    tell(&anna, "{'a':'s'," AT ",'v':null}");
    script_expect(&anna, id, "{'data':{'v':2,'data':'$");
    tell(&anna, "{'a':'op'," AT ",'v':1,'seq':4,'x':{},'op':['X']}");
    script_expect(&anna, id, "{'a':'op'," AT ",'v':2,'src':'@','seq':4,'op':['X']}");
    tell(&anna, "{'a':'op'," AT ",'v':null,'seq':7,'x':{},'op':['Y']}");
    script_expect(&anna, id, "{'a':'op'," AT ",'v':3,'src':'@','seq':7,'op':['Y']}");
    tell(&anna, "{'a':'op'," AT ",'v':2,'seq':4,'x':{},'op':['X']}");
    script_expect(&anna, id, "{'src':'@','seq':4,'v':2,'a':'op'," AT "}");
    tell(&anna, "{'a':'op'," AT ",'v':4,'seq':8,'x':{},'op':[99,'X']}");
    script_expect(&anna, id, "{'a':'op'," AT ",'v':4,'seq':8,'x':{},'op':[99,'X'],'error':$");
    client_say_oversized(
        &anna, "{\"a\":\"op\",\"c\":\"notes\",\"d\":\"1\",\"v\":4,\"seq\":9,\"op\":[", 1048577);
    fleet_pass(&fleet, 500);
    script_expect(&anna, id,
                  "{'a':'op'," AT ",'v':4,'seq':9,'error':{'code':"
                  "'ERR_OT_OP_NOT_APPLIED','message':'a message of 1048577 bytes $");
    tell(&anna, "{'a':'op'," AT ",'v':4,'seq':10,'x':{},'del':true}");
    script_expect(&anna, id, "{'a':'op'," AT ",'v':4,'src':'@','seq':10,'del':true}");
    tell(&anna, "{'a':'op'," AT ",'v':5,'seq':11,'x':{},'create':{'type':'json0','data':[1]}}");
    script_expect(&anna, id, "{'a':'op'," AT ",'v':5,'src':'@','seq':11,'create':$");
    tell(&anna, "{'a':'u'," AT "}");
    script_expect(&anna, id, "{'a':'u'," AT "}");
    tell(&anna, "{'a':'op'," AT ",'v':6,'seq':12,'x':{},'op':[{'p':[0],'na':1}]}");
    script_expect(&anna, id, "{'a':'op'," AT ",'v':6,'src':'@','seq':12,'op':$");
    tell(&anna, "{'a':'f'," AT "}");
    script_expect(&anna, id, "{'data':{'v':7,'data':[2]},'a':'f'," AT "}");
    ck_assert_uint_eq(fleet_head(&fleet, document), 7);
    client_finish(&anna);
    end();
}
END_TEST

/* What it follows is here and up to date: content and operations come from memory. */
START_TEST(a_replica_answers_clients_of_sharedb_without_the_store)
{
    struct client anna;
    char id[SOURCE_LETTERS + 1];

    begin();
    type_letter(fleet_owner_index(&fleet, document), 1, 1);
    fleet_pass(&fleet, 400);
    size_t replica = not_owner();

    join(&anna, replica, id);
    uint64_t submitted = fleet.nodes[replica].world.hub->submitted;

    tell(&anna, "{'a':'s'," AT ",'v':null}");
    script_expect(&anna, id, "{'data':{'v':2,'data':'$");
    tell(&anna, "{'a':'f'," AT "}");
    script_expect(&anna, id, "{'data':{'v':2,'data':'$");
    tell(&anna, "{'a':'f'," AT ",'v':1}");
    client_expect(&anna, "{\"a\":\"op\",$");
    script_expect(&anna, id, "{'a':'f'," AT "}");
    ck_assert_uint_eq(fleet.nodes[replica].world.hub->submitted, submitted);
    client_finish(&anna);
    end();
}
END_TEST

TEST_MAIN("cluster", a_replica_answers_clients_of_sharedb_without_the_store,
          a_client_of_sharedb_is_served_by_a_replica_as_by_the_owner,
          an_edit_at_any_node_reaches_all, a_refusal_is_told_at_a_replica_as_at_the_owner,
          an_oversized_edit_is_refused_at_a_replica_as_at_the_owner,
          an_edit_that_is_lost_on_its_way_is_sent_again,
          an_edit_that_is_lost_is_sent_again_while_others_are_sent,
          the_last_message_that_is_lost_is_shown_by_the_next_head, a_gap_is_read_from_the_store,
          another_takes_over_when_the_owner_dies_and_nothing_is_lost,
          a_store_that_does_not_answer_during_a_takeover_delays_it,
          a_new_document_is_opened_at_all_nodes_at_once, a_living_owner_is_not_taken_from,
          an_owner_that_was_stopped_commits_nothing_after_the_takeover,
          who_ranks_first_for_long_gets_the_document_once,
          a_node_that_drains_hands_its_documents_over, a_node_that_drains_keeps_no_writer_waiting,
          two_nodes_that_drain_hand_over_to_the_third,
          a_node_that_drains_gives_few_documents_at_a_time,
          documents_go_to_who_ranks_first_few_at_a_time,
          who_takes_a_document_from_a_node_that_drains_keeps_it,
          a_replica_without_the_bus_reads_the_store, without_the_bus_nothing_new_is_claimed)
