#include "server/collab/audience.h"

#include <stdio.h>
#include <string.h>

#include "server/collab/link.h"
#include "tests/collab/world.h"
#include "tests/runner.h"

static struct world world;
static struct client anna;
static struct client ben;
static struct client carla;

/* Anna and Ben have a document of this type open, which stands at seq 1. */
static void setup(const char *type)
{
    world_init(&world);
    anna = ben = carla = (struct client){0};
    client_join(&anna, &world, 'a', "notes/1", type);
    client_join(&ben, &world, 'b', "notes/1", type);
}

static void finish(void)
{
    client_finish(&anna);
    client_finish(&ben);
    client_finish(&carla);
    world_finish(&world);
}

static void say(struct client *client, const char *message)
{
    client_say(client, message);
    world_run(&world);
}

/* The client hears that `who` shows this. */
static void expect_here(struct client *client, uint64_t seq, struct who who, const char *state)
{
    char expected[512];

    snprintf(expected, sizeof(expected), "[\"here\",1,%lu,\"%.*s\",%s]", (unsigned long)seq,
             WHO_SIZE, who.text, state);
    client_expect(client, expected);
}

static struct who who(const struct client *client)
{
    return client->link->who;
}

static void read_again(struct client *client)
{
    client->takes = SIZE_MAX;
    client_write(client);
    world_run(&world);
}

START_TEST(a_slow_reader_skips_and_is_told_the_present)
{
    setup("text");
    ben.takes = 0;
    for (int i = 0; i < 1000; i++) {
        char here[64];

        snprintf(here, sizeof(here), "[\"here\",1,1,{\"cursor\":[%d]}]", i);
        say(&anna, here);
    }
    ck_assert_uint_eq(link_private_size(ben.link), 0);
    read_again(&ben);
    client_expect(&ben, "[\"here\",1,1]");
    expect_here(&ben, 1, who(&anna), "{\"cursor\":[999]}");
    client_expect_silence(&ben);
    finish();
}
END_TEST

START_TEST(a_slow_reader_forgets_who_went_meanwhile)
{
    setup("text");
    say(&anna, "[\"here\",1,1,\"a\"]");
    expect_here(&ben, 1, who(&anna), "\"a\"");
    ben.takes = 0;
    say(&anna, "[\"say\",1,1]");
    say(&anna, "[\"here\",1,1,null]");
    say(&anna, "[\"say\",1,2]");
    read_again(&ben);
    client_expect(&ben, "[\"here\",1,1]");
    client_expect_silence(&ben);
    finish();
}
END_TEST

START_TEST(a_frame_that_was_begun_is_finished)
{
    for (size_t takes = 1; takes < 60; takes++) {
        setup("text");
        ben.takes = takes;
        say(&anna, "[\"here\",1,1,\"a long enough state of hers\"]");
        say(&anna, "[\"say\",1,\"and something else that she says\"]");
        say(&anna, "[\"here\",1,1,\"and another state\"]");
        while (link_private_size(ben.link) > 0 || ben.link->blocked) {
            client_write(&ben);
            world_run(&world);
        }
        const char *last = NULL;
        for (const char *heard = client_hears(&ben); heard != NULL; heard = client_hears(&ben))
            last = heard;
        ck_assert_ptr_nonnull(last);
        ck_assert_ptr_nonnull(strstr(last, "and another state"));
        finish();
    }
}
END_TEST

START_TEST(what_was_not_told_before_the_next_operation_is_told_at_its_seq)
{
    setup("text");
    ben.takes = 0;
    say(&anna, "[\"here\",1,1,{\"cursor\":[0]}]");
    say(&anna, "[1,1,1,[\"hello\"]]");
    read_again(&ben);
    client_expect(&ben, "[1,2,$");
    client_expect(&ben, "[\"here\",1,2]");
    expect_here(&ben, 2, who(&anna), "{\"cursor\":[5]}");
    client_expect_silence(&ben);
    finish();
}
END_TEST

START_TEST(who_has_no_room_asks_for_the_whole_when_it_has)
{
    setup("text");
    say(&anna, "[\"here\",1,1,\"a\"]");
    client_connect(&carla, &world, 'c');
    carla.takes = 0;
    say(&carla, "[\"open\",\"notes/1\",{}]");
    say(&ben, "[\"here\",1,1,\"b\"]");
    client_expect_silence(&carla);
    read_again(&carla);
    client_expect(&carla, "[\"welcome\",$");
    client_expect(&carla, "[\"opened\",$");
    client_expect(&carla, "[\"here\",1,1]");
    expect_here(&carla, 1, who(&anna), "\"a\"");
    expect_here(&carla, 1, who(&ben), "\"b\"");
    client_expect_silence(&carla);
    finish();
}
END_TEST

/* Ben is slow and does not matter to Carla: what she knows is not told again. */
START_TEST(who_knows_everything_is_given_the_changes_alone)
{
    setup("text");
    client_join(&carla, &world, 'c', "notes/1", "text");
    say(&anna, "[\"here\",1,1,\"a\"]");
    expect_here(&carla, 1, who(&anna), "\"a\"");
    ben.takes = 0;
    say(&anna, "[\"say\",1,1]");
    say(&anna, "[\"say\",1,2]");
    carla.read = carla.heard_count;
    ben.read = ben.heard_count;
    read_again(&ben);
    client_expect(&ben, "[\"here\",1,1]");
    expect_here(&ben, 1, who(&anna), "\"a\"");
    client_expect_silence(&ben);
    client_expect_silence(&carla);
    finish();
}
END_TEST

TEST_MAIN("audience", a_slow_reader_skips_and_is_told_the_present,
          a_slow_reader_forgets_who_went_meanwhile, a_frame_that_was_begun_is_finished,
          what_was_not_told_before_the_next_operation_is_told_at_its_seq,
          who_has_no_room_asks_for_the_whole_when_it_has,
          who_knows_everything_is_given_the_changes_alone)
