#include "server/collab/question.h"

#include <stdio.h>
#include <string.h>

#include "server/collab/hub_state.h"
#include "tests/collab/world.h"
#include "tests/runner.h"

static struct world world;
static struct client alice;

static void setup(void)
{
    world_init(&world);
    alice = (struct client){0};
    client_join(&alice, &world, 'a', "notes/1", "text");
}

static void finish(void)
{
    client_finish(&alice);
    world_finish(&world);
}

START_TEST(questions_are_answered_in_order_and_too_many_at_once)
{
    char message[64];

    setup();
    for (int i = 0; i <= LIMIT_QUESTIONS; i++) {
        snprintf(message, sizeof(message), "[\"read\",%d,\"notes/1\"]", i);
        client_say(&alice, message);
    }
    world_run(&world);
    snprintf(message, sizeof(message), "[\"history\",%d,{\"code\":101,$", LIMIT_QUESTIONS);
    client_expect(&alice, message);
    for (int i = 0; i < LIMIT_QUESTIONS; i++) {
        snprintf(message, sizeof(message), "[\"history\",%d,{\"seq\":1,$", i);
        client_expect(&alice, message);
    }
    finish();
}
END_TEST

START_TEST(a_client_that_takes_nothing_is_read_for_only_until_its_output_is_full)
{
    static char large[LIMIT_FRAME_BYTES + 100];

    setup();
    int head = snprintf(large, sizeof(large), "[1,1,1,[\"");
    memset(large + head, 'x', LIMIT_FRAME_BYTES);
    snprintf(large + head + LIMIT_FRAME_BYTES, 8, "\"]]");
    client_say(&alice, large);
    world_run(&world);
    client_expect(&alice, "[1,2,$");
    alice.takes = 0;
    for (int i = 0; i < 3; i++)
        client_say(&alice, "[\"read\",1,\"notes/1\"]");
    world_run(&world);
    ck_assert_uint_eq(alice.link->question_count, 2); /* the first answer is large */
    ck_assert_uint_lt(link_private_size(alice.link), 2 * LIMIT_FRAME_BYTES);
    alice.takes = SIZE_MAX;
    client_write(&alice);
    world_run(&world);
    for (int i = 0; i < 3; i++)
        client_expect(&alice, "[\"history\",1,{\"seq\":2,$");
    finish();
}
END_TEST

START_TEST(whoever_goes_away_is_not_told)
{
    setup();
    for (int i = 0; i < 3; i++)
        client_say(&alice, "[\"read\",1,\"notes/1\"]");
    hub_turn(world.hub, world.now_ms);
    client_disconnect(&alice); /* one is under way, two wait */
    world_run(&world);
    ck_assert_ptr_null(world.hub->readings);
    ck_assert_uint_eq(world.hub->readings_under_way, 0);
    ck_assert_uint_eq(world.hub->readings_waiting, 0);
    finish();
}
END_TEST

TEST_MAIN("question", questions_are_answered_in_order_and_too_many_at_once,
          a_client_that_takes_nothing_is_read_for_only_until_its_output_is_full,
          whoever_goes_away_is_not_told)
