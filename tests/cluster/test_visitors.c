#include "server/cluster/visitors.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/mutant.h"
#include "server/collab/link.h"
#include "tests/cluster/fleet.h"
#include "tests/runner.h"

static struct fleet fleet;
static struct client clients[FLEET_NODES + 1];

/* A client with this letter comes to a node and opens the document. */
static void come(size_t client, size_t node, char letter)
{
    client_connect(&clients[client], &fleet.nodes[node].world, letter);
    client_say(&clients[client], "[\"open\",\"notes/1\",{\"type\":\"text\",\"create\":true}]");
    fleet_pass(&fleet, 1500);
    client_expect(&clients[client], "[\"welcome\",$");
    client_expect(&clients[client], "[\"opened\",$");
}

/* One client at each node. */
static void begin(void)
{
    fleet_init(&fleet);
    for (size_t i = 0; i < FLEET_NODES; i++)
        come(i, i, (char)('a' + i));
}

static void end(void)
{
    for (size_t i = 0; i <= FLEET_NODES; i++)
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

/* The client says `what` ("here", "say") with this behind it; then a moment passes. */
static void say(size_t client, const char *what, const char *rest)
{
    char message[256];

    snprintf(message, sizeof(message), "[\"%s\",%llu,%s]", what,
             (unsigned long long)channel_of(&clients[client]), rest);
    client_say(&clients[client], message);
    fleet_pass(&fleet, 100);
}

static void expect(size_t client, const char *what, const char *rest, struct who who,
                   const char *json)
{
    char expected[256];

    snprintf(expected, sizeof(expected), "[\"%s\",%llu,%s\"%.*s\",%s]", what,
             (unsigned long long)channel_of(&clients[client]), rest, WHO_SIZE, who.text, json);
    client_expect(&clients[client], expected);
}

static struct who who(size_t client)
{
    return clients[client].link->who;
}

/* The client inserts a text at the front, and everybody is told. */
static void insert(size_t client, unsigned serial, unsigned base, const char *text)
{
    char edit[64];

    snprintf(edit, sizeof(edit), "[%llu,%u,%u,[\"%s\"]]",
             (unsigned long long)channel_of(&clients[client]), serial, base, text);
    client_say(&clients[client], edit);
    fleet_pass(&fleet, 1500);
}

/* What it has heard so far does not matter. */
static void skip(size_t client)
{
    clients[client].read = clients[client].heard_count;
}

static void expect_here(size_t client, struct who shown, const char *state)
{
    expect(client, "here", "1,", shown, state);
}

START_TEST(what_somebody_shows_is_told_at_every_node)
{
    begin();
    say(0, "here", "1,{\"cursor\":[0]}");
    expect_here(1, who(0), "{\"cursor\":[0]}");
    expect_here(2, who(0), "{\"cursor\":[0]}");
    client_expect_silence(&clients[0]);
    say(0, "here", "1,null");
    expect_here(1, who(0), "null");
    expect_here(2, who(0), "null");
    end();
}
END_TEST

START_TEST(who_closes_the_document_is_shown_nowhere)
{
    begin();
    say(0, "here", "1,1");
    expect_here(1, who(0), "1");
    struct who gone = who(0);

    client_disconnect(&clients[0]);
    fleet_pass(&fleet, 100);
    expect_here(1, gone, "null");
    end();
}
END_TEST

START_TEST(a_position_is_moved_at_every_node)
{
    begin();
    insert(1, 1, 1, "abc");
    insert(1, 2, 2, "de");
    for (size_t i = 0; i < FLEET_NODES; i++)
        skip(i);
    say(0, "here", "2,{\"cursor\":[1]}"); /* of between the two */
    expect(2, "here", "3,", who(0), "{\"cursor\":[3]}");
    end();
}
END_TEST

START_TEST(a_signal_reaches_all_or_the_one_that_it_is_for)
{
    char rest[64];

    begin();
    say(0, "say", "\"hello\"");
    expect(1, "say", "", who(0), "\"hello\"");
    expect(2, "say", "", who(0), "\"hello\"");
    snprintf(rest, sizeof(rest), "\"psst\",\"%.*s\"", WHO_SIZE, who(2).text);
    say(0, "say", rest);
    expect(2, "say", "", who(0), "\"psst\"");
    client_expect_silence(&clients[0]);
    client_expect_silence(&clients[1]);
    end();
}
END_TEST

/* No ghosts: long before what it showed would have to be renewed. */
START_TEST(a_node_that_dies_takes_its_people_along)
{
    begin();
    say(0, "here", "1,1");
    expect_here(1, who(0), "1");
    struct who gone = who(0);

    clients[0].link = NULL;
    fleet_kill(&fleet, 0);
    fleet_pass(&fleet, LIMIT_GONE_MS / 2);
    client_expect_silence(&clients[1]);
    fleet_pass(&fleet, LIMIT_MEMBER_MS + LIMIT_GONE_MS);
    expect_here(1, gone, "null");
    end();
}
END_TEST

/* The rule above is broken, in a build that can: then a ghost stays. */
START_TEST(without_that_rule_they_would_stay)
{
    if (!mutant_choose("presence-ghosts"))
        return;
    begin();
    say(0, "here", "1,1");
    expect_here(1, who(0), "1");
    clients[0].link = NULL;
    fleet_kill(&fleet, 0);
    fleet_pass(&fleet, LIMIT_MEMBER_MS + 2 * LIMIT_GONE_MS);
    client_expect_silence(&clients[1]);
    end();
}
END_TEST

START_TEST(what_is_not_renewed_is_shown_nowhere)
{
    begin();
    say(0, "here", "1,1");
    expect_here(1, who(0), "1");
    for (unsigned passed_ms = 0; passed_ms <= LIMIT_PRESENCE_MS; passed_ms += 20000) {
        for (size_t i = 0; i < FLEET_NODES; i++)
            client_say(&clients[i], "[]");
        fleet_pass(&fleet, 20000);
    }
    while (strcmp(client_hears(&clients[1]), "[]") == 0)
        continue;
    clients[1].read--;
    expect_here(1, who(0), "null");
    end();
}
END_TEST

START_TEST(who_opens_it_at_another_node_is_told_who_is_here)
{
    fleet_init(&fleet);
    come(0, 0, 'a');
    say(0, "here", "1,1");
    come(1, 1, 'b');
    client_expect(&clients[1], "[\"here\",1,1]"); /* nobody so far */
    expect_here(1, who(0), "1");
    end();
}
END_TEST

TEST_MAIN("visitors", what_somebody_shows_is_told_at_every_node,
          who_closes_the_document_is_shown_nowhere, a_position_is_moved_at_every_node,
          a_signal_reaches_all_or_the_one_that_it_is_for, a_node_that_dies_takes_its_people_along,
          without_that_rule_they_would_stay, what_is_not_renewed_is_shown_nowhere,
          who_opens_it_at_another_node_is_told_who_is_here)
