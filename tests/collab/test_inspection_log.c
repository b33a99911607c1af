#include "server/collab/inspection_log.h"

#include <stdio.h>

#include "server/collab/hub_state.h"
#include "tests/collab/world.h"
#include "tests/runner.h"

static struct world world;
static struct client anna;
static struct client ben;

static void begin(const char *type)
{
    world_init(&world);
    client_join(&anna, &world, 'a', "notes/1", type);
    client_join(&ben, &world, 'b', "notes/1", type);
}

static void end(void)
{
    client_finish(&anna);
    client_finish(&ben);
    world_finish(&world);
}

static struct inspected_log look(void)
{
    struct inspected_log log = {0};

    ck_assert(inspection_log(world.hub, SPAN("notes/1"), &log));
    return log;
}

static struct inspected_entry entry(uint64_t seq)
{
    const struct inspected_log log = look();

    return inspection_entry(&log, seq);
}

static void say(struct client *client, const char *message)
{
    client_say(client, message);
    world_run(&world);
}

/* Anna's edits with these serials, each of which has seen everything. */
static void type(int first, int last)
{
    char message[64];

    for (int serial = first; serial <= last; serial++) {
        snprintf(message, sizeof(message), "[1,%d,%d,[\"x\"]]", serial, (int)look().committed);
        say(&anna, message);
    }
}

START_TEST(only_what_is_durable_is_in_it)
{
    struct inspected_log log;

    begin("text");
    world.store_stuck = true;
    say(&anna, "[1,1,1,[\"x\"]]");
    ck_assert_uint_eq(look().first, 1);
    ck_assert_uint_eq(look().committed, 1);
    world.store_stuck = false;
    world_run(&world);
    ck_assert_uint_eq(look().committed, 2);
    ck_assert(look().live);
    ck_assert(!inspection_log(world.hub, SPAN("notes/2"), &log));
    end();
}
END_TEST

START_TEST(a_document_that_is_being_loaded_says_nothing)
{
    struct inspected_log log;

    begin("text");
    world.store_stuck = true;
    say(&anna, "[\"open\",\"notes/2\"]");
    ck_assert(inspection_log(world.hub, SPAN("notes/2"), &log));
    ck_assert(!log.live);
    world.store_stuck = false;
    world_run(&world);
    end();
}
END_TEST

START_TEST(the_path_is_what_was_passed)
{
    begin("text");
    say(&anna, "[1,1,1,[\"x\"]]");
    say(&anna, "[1,2,2,[\"y\"]]");
    say(&ben, "[1,1,1,[\"z\"]]");
    struct inspected_entry passed = entry(3);
    struct inspected_entry last = entry(4);

    ck_assert(last.path_known);
    ck_assert_uint_eq(last.path_count, 2);
    ck_assert_uint_eq(last.path[0].seq, 2);
    ck_assert_uint_eq(last.path[1].seq, 3);
    ck_assert_mem_eq(&last.path[1].who, &passed.who, sizeof(last.who));
    ck_assert_mem_ne(&last.path[1].who, &last.who, sizeof(last.who));
    ck_assert_uint_eq(last.path_left_off, 0);
    ck_assert_uint_eq(world.hub->counts.transforms, 2);
    ck_assert(entry(3).path_known && entry(3).path_count == 0);
    ck_assert(entry(1).path_known && entry(1).path_count == 0); /* the creation */
    end();
}
END_TEST

START_TEST(a_creation_is_stepped_over)
{
    begin("text");
    say(&anna, "[1,1,1,[\"x\"]]");
    say(&ben, "[1,1,0,[\"z\"]]");
    ck_assert_uint_eq(entry(3).entry->base, 0);
    ck_assert_uint_eq(entry(3).path_count, 1);
    ck_assert_uint_eq(entry(3).path[0].seq, 2);
    ck_assert_uint_eq(entry(3).path_left_off, 0);
    ck_assert_uint_eq(world.hub->counts.transforms, 1);
    end();
}
END_TEST

START_TEST(a_type_that_needs_no_transform_has_no_path)
{
    begin("counter");
    say(&anna, "[1,1,1,1]");
    say(&ben, "[1,1,1,1]");
    ck_assert(entry(3).path_known);
    ck_assert_uint_eq(entry(3).path_count, 0);
    ck_assert_uint_eq(entry(3).path_left_off, 0);
    end();
}
END_TEST

START_TEST(of_a_long_path_the_end_is_shown)
{
    begin("text");
    type(1, LIMIT_INSPECTED_PATH + 5);
    say(&ben, "[1,1,1,[\"z\"]]");
    struct inspected_entry last = entry(LIMIT_INSPECTED_PATH + 7);

    ck_assert_uint_eq(last.path_count, LIMIT_INSPECTED_PATH);
    ck_assert_uint_eq(last.path[LIMIT_INSPECTED_PATH - 1].seq, last.entry->seq - 1);
    ck_assert_uint_eq(last.path_left_off, 5);
    end();
}
END_TEST

START_TEST(of_what_was_deleted_the_path_is_not_known)
{
    begin("text");
    say(&anna, "[1,1,1,[\"x\"]]");
    say(&ben, "[1,1,1,[\"z\"]]");
    ck_assert(entry(3).path_known);
    say(&anna, "[\"delete\",1,2,3]");
    ck_assert(!entry(3).path_known);
    ck_assert(entry(4).path_known);
    ck_assert_int_eq(entry(4).entry->kind, ENTRY_DELETE);
    end();
}
END_TEST

/* A late edit has passed almost everything; of that only what is in memory still has a name. */
START_TEST(what_left_memory_is_only_counted)
{
    enum { EDITS = 100, LEFT = 4 };
    const uint64_t late = EDITS + 2;

    begin("text");
    type(1, EDITS);
    say(&ben, "[1,1,1,[\"z\"]]");
    ck_assert_uint_eq(entry(late).path_left_off, EDITS - LIMIT_INSPECTED_PATH);
    type(EDITS + 1, EDITS + LIMIT_HISTORY_ENTRIES - LEFT);
    struct inspected_log log = look();

    ck_assert_uint_eq(log.first, late - LEFT + 1);
    ck_assert_uint_eq(entry(late).path_count, LEFT - 1);
    ck_assert_uint_eq(entry(late).path[0].seq, log.first);
    ck_assert_uint_eq(entry(late).path_left_off, EDITS - (LEFT - 1));
    end();
}
END_TEST

TEST_MAIN("inspection_log", only_what_is_durable_is_in_it,
          a_document_that_is_being_loaded_says_nothing, the_path_is_what_was_passed,
          a_creation_is_stepped_over, a_type_that_needs_no_transform_has_no_path,
          of_a_long_path_the_end_is_shown, of_what_was_deleted_the_path_is_not_known,
          what_left_memory_is_only_counted)
