#include "server/cluster/ownership.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "tests/cluster/fleet.h"
#include "tests/runner.h"

/* Of the three nodes one owns the document, one follows it and has the only client, and the third
 * is the one that nobody knows to be the owner. */
static struct fleet fleet;
static struct client clients[FLEET_NODES];
static size_t owner;
static size_t follower;
static size_t third;

static const char document[] = "notes/1";

static void open_it(size_t at, const char *options)
{
    char message[128];

    snprintf(message, sizeof(message), "[\"open\",\"%s\",{%s}]", document, options);
    client_say(&clients[at], message);
}

static void open_everywhere(void)
{
    fleet_init(&fleet);
    for (size_t i = 0; i < FLEET_NODES; i++) {
        client_connect(&clients[i], &fleet.nodes[i].world, (char)('a' + i));
        open_it(i, "\"type\":\"text\",\"create\":true");
        fleet_pass(&fleet, 1500);
        client_expect(&clients[i], "[\"welcome\",$");
        client_expect(&clients[i], "[\"opened\",$");
    }
    owner = fleet_owner_index(&fleet, document);
    follower = (owner + 1) % FLEET_NODES;
    third = (owner + 2) % FLEET_NODES;
}

static void begin(void)
{
    open_everywhere();
    client_disconnect(&clients[owner]);
    client_disconnect(&clients[third]);
}

static void end(void)
{
    for (size_t i = 0; i < FLEET_NODES; i++)
        client_finish(&clients[i]);
    fleet_finish(&fleet);
}

/* A number that stands behind this text in the first message of the follower's that has it. */
static unsigned long long heard_number(const char *text)
{
    const char *at;

    for (size_t i = 0; i < clients[follower].heard_count; i++)
        if ((at = strstr(clients[follower].heard[i], text)) != NULL)
            return strtoull(at + strlen(text), NULL, 10);
    ck_abort_msg("nothing with %s was heard", text);
}

static unsigned long long channel(void)
{
    return heard_number("[\"opened\",");
}

static void type_letter(void)
{
    char edit[64];

    snprintf(edit, sizeof(edit), "[%llu,1,1,[\"x\"]]", channel());
    client_say(&clients[follower], edit);
}

/* A few times over: who asks reads the store, then who is asked does, then claims. */
enum { FOUND_MS = 4 * LIMIT_RESEND_MS };

static void expect_typed(void)
{
    fleet_pass(&fleet, FOUND_MS);
    ck_assert_uint_eq(fleet_head(&fleet, document), 2);
}

/* The follower believes in the old owner, that one in the third node, and the third node in the old
 * owner. */
START_TEST(an_owner_of_whom_nobody_was_told_is_found_by_an_edit)
{
    begin();
    fleet_claim_unheard(&fleet, third, document);
    type_letter();
    expect_typed();
    ck_assert_uint_eq(fleet_owner_index(&fleet, document), third);
    end();
}
END_TEST

/* The same when the old owner is gone, and nobody but the follower ever asks. */
START_TEST(an_owner_of_whom_nobody_was_told_is_found_after_the_old_one_died)
{
    begin();
    fleet_claim_unheard(&fleet, third, document);
    fleet_kill(&fleet, owner);
    type_letter();
    fleet_pass(&fleet, LIMIT_MEMBER_MS + LIMIT_GONE_MS);
    expect_typed();
    end();
}
END_TEST

/* It is the follower itself. */
START_TEST(a_node_finds_out_that_it_is_the_owner)
{
    begin();
    fleet_claim_unheard(&fleet, follower, document);
    type_letter();
    expect_typed();
    ck_assert_uint_eq(fleet_owner_index(&fleet, document), follower);
    end();
}
END_TEST

/* Who wants a snapshot for an edit in flight waits for the owner to raise a floor. */
START_TEST(an_owner_of_whom_nobody_was_told_is_found_by_the_wish_for_a_floor)
{
    char message[96];

    begin();
    type_letter();
    fleet_pass(&fleet, 200);
    snprintf(message, sizeof(message), "[\"close\",%llu]", channel());
    client_say(&clients[follower], message);
    fleet_pass(&fleet, 200);
    fleet_claim_unheard(&fleet, third, document);
    while (client_hears(&clients[follower]) != NULL)
        continue;
    snprintf(message, sizeof(message), "\"from\":1,\"epoch\":%llu,\"pending\":2,\"diverged\":true",
             heard_number("\"epoch\":"));
    open_it(follower, message);
    fleet_pass(&fleet, FOUND_MS);
    client_expect(&clients[follower], "[\"opened\",$");
    ck_assert_uint_eq(fleet_owner_index(&fleet, document), third);
    end();
}
END_TEST

/* It claimed and wrote nothing: all else that the nodes have seen is there. */
START_TEST(an_owner_that_the_store_has_forgotten_is_not_believed_in)
{
    size_t dead;

    open_everywhere();
    dead = owner;
    clients[dead].link = NULL;
    fleet_kill(&fleet, dead);
    fleet_pass(&fleet, LIMIT_MEMBER_MS + LIMIT_GONE_MS + 1000);
    owner = fleet_owner_index(&fleet, document);
    follower = FLEET_NODES - dead - owner;
    client_disconnect(&clients[owner]);
    fleet_set_back(&fleet, follower, document);
    type_letter();
    expect_typed();
    ck_assert_uint_eq(fleet_owner_index(&fleet, document), follower);
    end();
}
END_TEST

TEST_MAIN("ownership", a_node_finds_out_that_it_is_the_owner,
          an_owner_of_whom_nobody_was_told_is_found_by_an_edit,
          an_owner_of_whom_nobody_was_told_is_found_after_the_old_one_died,
          an_owner_of_whom_nobody_was_told_is_found_by_the_wish_for_a_floor,
          an_owner_that_the_store_has_forgotten_is_not_believed_in)
