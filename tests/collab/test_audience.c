#include "server/collab/audience.h"

#include <stdio.h>
#include <string.h>

#include "server/collab/link.h"
#include "tests/collab/trio.h"
#include "tests/runner.h"

static void read_again(struct client *client)
{
    client->takes = SIZE_MAX;
    client_write(client);
    world_run(&world);
}

START_TEST(a_slow_reader_skips_and_is_told_the_present)
{
    trio_join("text");
    ben.takes = 0;
    for (int i = 0; i < 1000; i++) {
        char here[64];

        snprintf(here, sizeof(here), "[\"here\",1,1,{\"cursor\":[%d]}]", i);
        trio_say(&anna, here);
    }
    ck_assert_uint_eq(link_private_size(ben.link), 0);
    read_again(&ben);
    client_expect(&ben, "[\"here\",1,1]");
    trio_expect_here(&ben, 1, trio_who(&anna), "{\"cursor\":[999]}");
    client_expect_silence(&ben);
    trio_end();
}
END_TEST

START_TEST(a_slow_reader_forgets_who_went_meanwhile)
{
    trio_join("text");
    trio_say(&anna, "[\"here\",1,1,\"a\"]");
    trio_expect_here(&ben, 1, trio_who(&anna), "\"a\"");
    ben.takes = 0;
    trio_say(&anna, "[\"say\",1,1]");
    trio_say(&anna, "[\"here\",1,1,null]");
    trio_say(&anna, "[\"say\",1,2]");
    read_again(&ben);
    client_expect(&ben, "[\"here\",1,1]");
    client_expect_silence(&ben);
    trio_end();
}
END_TEST

START_TEST(a_frame_that_was_begun_is_finished)
{
    for (size_t takes = 1; takes < 60; takes++) {
        trio_join("text");
        ben.takes = takes;
        trio_say(&anna, "[\"here\",1,1,\"a long enough state of hers\"]");
        trio_say(&anna, "[\"say\",1,\"and something else that she says\"]");
        trio_say(&anna, "[\"here\",1,1,\"and another state\"]");
        while (link_private_size(ben.link) > 0 || ben.link->blocked) {
            client_write(&ben);
            world_run(&world);
        }
        const char *last = NULL;
        for (const char *heard = client_hears(&ben); heard != NULL; heard = client_hears(&ben))
            last = heard;
        ck_assert_ptr_nonnull(last);
        ck_assert_ptr_nonnull(strstr(last, "and another state"));
        trio_end();
    }
}
END_TEST

START_TEST(what_was_not_told_before_the_next_operation_is_told_at_its_seq)
{
    trio_join("text");
    ben.takes = 0;
    trio_say(&anna, "[\"here\",1,1,{\"cursor\":[0]}]");
    trio_say(&anna, "[1,1,1,[\"hello\"]]");
    read_again(&ben);
    client_expect(&ben, "[1,2,$");
    client_expect(&ben, "[\"here\",1,2]");
    trio_expect_here(&ben, 2, trio_who(&anna), "{\"cursor\":[5]}");
    client_expect_silence(&ben);
    trio_end();
}
END_TEST

START_TEST(who_has_no_room_asks_for_the_whole_when_it_has)
{
    trio_join("text");
    trio_say(&anna, "[\"here\",1,1,\"a\"]");
    client_connect(&carla, &world, 'c');
    carla.takes = 0;
    trio_say(&carla, "[\"open\",\"notes/1\",{}]");
    trio_say(&ben, "[\"here\",1,1,\"b\"]");
    client_expect_silence(&carla);
    read_again(&carla);
    client_expect(&carla, "[\"welcome\",$");
    client_expect(&carla, "[\"opened\",$");
    client_expect(&carla, "[\"here\",1,1]");
    trio_expect_here(&carla, 1, trio_who(&anna), "\"a\"");
    trio_expect_here(&carla, 1, trio_who(&ben), "\"b\"");
    client_expect_silence(&carla);
    trio_end();
}
END_TEST

/* Ben is slow and does not matter to Carla: what she knows is not told again. */
START_TEST(who_knows_everything_is_given_the_changes_alone)
{
    trio_join("text");
    client_join(&carla, &world, 'c', "notes/1", "text");
    trio_say(&anna, "[\"here\",1,1,\"a\"]");
    trio_expect_here(&carla, 1, trio_who(&anna), "\"a\"");
    ben.takes = 0;
    trio_say(&anna, "[\"say\",1,1]");
    trio_say(&anna, "[\"say\",1,2]");
    carla.read = carla.heard_count;
    ben.read = ben.heard_count;
    read_again(&ben);
    client_expect(&ben, "[\"here\",1,1]");
    trio_expect_here(&ben, 1, trio_who(&anna), "\"a\"");
    client_expect_silence(&ben);
    client_expect_silence(&carla);
    trio_end();
}
END_TEST

TEST_MAIN("audience", a_slow_reader_skips_and_is_told_the_present,
          a_slow_reader_forgets_who_went_meanwhile, a_frame_that_was_begun_is_finished,
          what_was_not_told_before_the_next_operation_is_told_at_its_seq,
          who_has_no_room_asks_for_the_whole_when_it_has,
          who_knows_everything_is_given_the_changes_alone)
