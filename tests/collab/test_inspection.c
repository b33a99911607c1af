#include "server/collab/inspection.h"

#include "tests/collab/world.h"
#include "tests/runner.h"

static struct world world;
static struct client anna;
static struct client ben;

static struct inspection look(void)
{
    return inspection_of(world.hub);
}

/* Anna and Ben have notes/1 open, an empty text. */
static void begin(void)
{
    world_init(&world);
    client_join(&anna, &world, 'a', "notes/1", "text");
    client_join(&ben, &world, 'b', "notes/1", "text");
}

static void end(void)
{
    client_finish(&anna);
    client_finish(&ben);
    world_finish(&world);
}

START_TEST(a_new_hub_has_done_nothing)
{
    world_init(&world);
    struct inspection seen = look();

    ck_assert_uint_eq(seen.counts.links, 0);
    ck_assert_uint_eq(seen.counts.documents, 0);
    ck_assert_uint_eq(seen.counts.submitted, 0);
    ck_assert_uint_eq(seen.readers, 0);
    ck_assert_uint_eq(seen.sessions, 0);
    ck_assert(!seen.queues.batch_in_flight);
    world_finish(&world);
}
END_TEST

START_TEST(who_is_there_is_counted)
{
    begin();
    struct inspection seen = look();

    ck_assert_uint_eq(seen.counts.links, 2);
    ck_assert_uint_eq(seen.sessions, 2);
    ck_assert_uint_eq(seen.counts.documents, 1);
    ck_assert_uint_eq(seen.readers, 2);
    ck_assert_uint_eq(seen.queues.behind, 0);
    client_disconnect(&ben);
    ck_assert_uint_eq(look().readers, 1);
    end();
}
END_TEST

START_TEST(an_edit_is_seen_on_its_way)
{
    begin();
    uint64_t committed = look().counts.operations;

    world.store_stuck = true;
    client_say(&anna, "[1,1,1,[\"x\"]]");
    ck_assert_uint_eq(look().counts.submitted, 1);
    ck_assert_uint_eq(look().queues.inbox, 1);
    world_run(&world);
    ck_assert_uint_eq(look().queues.inbox, 0);
    ck_assert_uint_eq(look().queues.tentative, 1);
    ck_assert(look().queues.batch_in_flight);
    ck_assert_uint_eq(look().queues.requests, 1);
    world.store_stuck = false;
    world_run(&world);
    ck_assert_uint_eq(look().queues.tentative, 0);
    ck_assert(!look().queues.batch_in_flight);
    ck_assert_uint_eq(look().counts.operations, committed + 1);
    end();
}
END_TEST

START_TEST(an_edit_that_comes_again_is_counted_as_such)
{
    begin();
    client_say(&anna, "[1,1,1,[\"x\"]]");
    world_run(&world);
    ck_assert_uint_eq(look().counts.repeated, 0);
    client_say(&anna, "[1,1,1,[\"x\"]]");
    world_run(&world);
    ck_assert_uint_eq(look().counts.submitted, 2);
    ck_assert_uint_eq(look().counts.repeated, 1);
    end();
}
END_TEST

START_TEST(a_full_socket_shows)
{
    begin();
    ben.takes = 0;
    client_say(&ben, "[\"open\",\"notes/2\",{\"type\":\"text\",\"create\":true}]");
    world_run(&world);
    ck_assert_uint_gt(look().queues.output_bytes, 0);
    ben.takes = SIZE_MAX;
    client_write(&ben);
    ck_assert_uint_eq(look().queues.output_bytes, 0);
    end();
}
END_TEST

TEST_MAIN("inspection", a_new_hub_has_done_nothing, who_is_there_is_counted,
          an_edit_is_seen_on_its_way, an_edit_that_comes_again_is_counted_as_such,
          a_full_socket_shows)
