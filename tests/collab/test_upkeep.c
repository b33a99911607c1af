/* Snapshots and folds that a whole node asks its store for. */
#include "server/collab/upkeep.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "server/collab/hub_state.h"
#include "tests/collab/world.h"
#include "tests/runner.h"
#include "tests/store/requests.h"

static struct world world;
static struct client alice;
static uint64_t serial;

static void join(const char *type)
{
    alice = (struct client){0};
    serial = 0;
    client_join(&alice, &world, 'a', "notes/1", type);
}

static void setup(const char *type, uint64_t keep_operations, uint64_t keep_ms)
{
    world_init(&world);
    world.keep_operations = keep_operations;
    world.keep_ms = keep_ms;
    world_restart(&world, NULL, 0);
    join(type);
}

static void finish(void)
{
    client_finish(&alice);
    world_finish(&world);
}

static void hear_everything(void)
{
    while (client_hears(&alice) != NULL)
        continue;
}

/* Alice counts so often, all at once. The creation is seq 1. */
static void count_up(uint64_t count)
{
    char message[64];

    for (uint64_t i = 0; i < count; i++) {
        snprintf(message, sizeof(message), "[1,%u,1,1]", (unsigned)++serial);
        client_say(&alice, message);
    }
    world_run(&world);
    hear_everything();
}

/* Alice types so many letters, one after the other. */
static void type_letters(uint64_t count)
{
    char message[64];

    for (uint64_t i = 0; i < count; i++) {
        serial++;
        snprintf(message, sizeof(message), "[1,%u,%u,[\"x\"]]", (unsigned)serial, (unsigned)serial);
        client_say(&alice, message);
        world_run(&world);
        hear_everything();
    }
}

static struct snapshot newest(void)
{
    struct store_load load = request_load(world.backend, "notes/1", UINT64_MAX);
    struct snapshot snapshot = load.snapshot;

    ck_assert_int_eq(load.request.status, STATUS_OK);
    snapshot.type = snapshot.content = SPAN_NONE;
    store_arena_destroy(load.arena);
    return snapshot;
}

static uint64_t folded(void)
{
    struct store_load load = request_load(world.backend, "notes/1", UINT64_MAX);

    store_arena_destroy(load.arena);
    return load.row.folded;
}

START_TEST(a_document_gets_a_snapshot_after_so_many_operations)
{
    setup("counter", 0, 0);
    count_up(LIMIT_SNAPSHOT_ENTRIES - 2);
    ck_assert_uint_eq(newest().seq, 0);
    count_up(1);
    ck_assert_uint_eq(newest().seq, LIMIT_SNAPSHOT_ENTRIES);
    count_up(LIMIT_SNAPSHOT_ENTRIES - 1);
    ck_assert_uint_eq(newest().seq, LIMIT_SNAPSHOT_ENTRIES);
    count_up(1);
    ck_assert_uint_eq(newest().seq, 2 * LIMIT_SNAPSHOT_ENTRIES);
    ck_assert_uint_eq(folded(), 0);
    finish();
}
END_TEST

START_TEST(a_document_opens_from_its_snapshot)
{
    char opened[100];

    setup("counter", 0, 0);
    count_up(LIMIT_SNAPSHOT_ENTRIES + 99);
    client_finish(&alice);
    world_restart(&world, NULL, 0);
    client_connect(&alice, &world, 'b');
    client_say(&alice, "[\"open\",\"notes/1\",{}]");
    world_run(&world);
    client_expect(&alice, "[\"welcome\",$");
    snprintf(opened, sizeof(opened),
             "[\"opened\",1,\"notes/1\",%d,{\"type\":\"counter\",\"snapshot\":%d,$",
             LIMIT_SNAPSHOT_ENTRIES + 100, LIMIT_SNAPSHOT_ENTRIES + 99);
    client_expect(&alice, opened);
    finish();
}
END_TEST

/* 800 KB: the next snapshot waits for 200 KB of log, which are some 2,600 letters. */
START_TEST(a_large_document_gets_one_after_as_large_a_part_of_its_log)
{
    enum { PASTE = 800 << 10 };
    char *paste = memory_zeroed(PASTE + 100, 1);

    setup("text", 0, 0);
    int size = snprintf(paste, 32, "[1,1,1,[\"");
    memset(paste + size, 'x', PASTE);
    memcpy(paste + size + PASTE, "\"]]", 4);
    client_say(&alice, paste);
    world_run(&world);
    serial = 1;
    memory_free(paste);
    type_letters(LIMIT_SNAPSHOT_ENTRIES);
    uint64_t first = newest().seq;
    ck_assert_uint_eq(first, LIMIT_SNAPSHOT_ENTRIES);
    type_letters(2 * LIMIT_SNAPSHOT_ENTRIES);
    ck_assert_uint_eq(newest().seq, first);
    type_letters(LIMIT_SNAPSHOT_ENTRIES);
    ck_assert_uint_gt(newest().seq, first + 2 * LIMIT_SNAPSHOT_ENTRIES);
    finish();
}
END_TEST

/* Neither does a node that leaves make any: the log is enough. */
START_TEST(a_document_that_is_given_up_gets_none)
{
    setup("counter", 0, 0);
    count_up(10);
    client_disconnect(&alice);
    world_pass(&world, 1000);
    world_pass(&world, LIMIT_IDLE_DOCUMENT_MS + 1000);
    world_pass(&world, 1000);
    ck_assert_uint_eq(hub_counts(world.hub).documents, 0);
    ck_assert_uint_eq(newest().seq, 0);
    finish();
}
END_TEST

/* ---- When builds fail ---- */

START_TEST(a_build_that_failed_is_asked_for_again_after_a_while)
{
    setup("counter", 0, 0);
    count_up(LIMIT_SNAPSHOT_ENTRIES - 2);
    world.flaky->fail_at = world.flaky->calls + 2; /* behind the commit: the build's load */
    world.flaky->status = STATUS_AWAY;
    count_up(1);
    ck_assert_uint_eq(newest().seq, 0);
    count_up(1);
    ck_assert_uint_eq(newest().seq, 0);
    for (int i = 0; i < 4; i++) {
        world_pass(&world, LIMIT_HEARTBEAT_MS - 1);
        client_say(&alice, "[]");
    }
    ck_assert_uint_eq(newest().seq, LIMIT_SNAPSHOT_ENTRIES + 1);
    finish();
}
END_TEST

START_TEST(a_node_that_leaves_does_not_wait_for_folds)
{
    setup("counter", 10, 0);
    world.store_stuck = true;
    count_up(LIMIT_SNAPSHOT_ENTRIES + 100);
    world.store_stuck = false;
    world.store->ops->poll(world.store); /* the batch; the next turn asks for a snapshot */
    hub_turn(world.hub, world.now_ms);
    hub_shutdown(world.hub, world.now_ms);
    ck_assert(!hub_flushed(world.hub));
    world_run(&world);
    ck_assert(hub_flushed(world.hub));
    ck_assert_uint_eq(newest().seq, 0);
    ck_assert_uint_eq(folded(), 0);
    finish();
}
END_TEST

/* ---- Retention ---- */

START_TEST(a_log_keeps_so_many_operations_at_least)
{
    enum { KEEP = 100 };

    setup("counter", KEEP, 0);
    count_up(LIMIT_SNAPSHOT_ENTRIES + KEEP - 2);
    ck_assert_uint_eq(folded(), 0);
    count_up(LIMIT_SNAPSHOT_ENTRIES); /* with the next snapshot */
    uint64_t head = 2 * LIMIT_SNAPSHOT_ENTRIES + KEEP - 1;
    ck_assert_uint_eq(newest().seq, head);
    ck_assert_uint_eq(folded(), head - KEEP);
    struct store_since since = request_since(world.backend, "notes/1", head - KEEP, UINT64_MAX);
    ck_assert_uint_eq(since.count, KEEP);
    store_arena_destroy(since.arena);
    finish();
}
END_TEST

START_TEST(a_log_keeps_operations_of_an_age)
{
    enum { DAY_MS = 24 * 3600 * 1000 };

    setup("counter", 0, DAY_MS);
    count_up(5);
    client_disconnect(&alice);
    world_pass(&world, DAY_MS / 2);
    client_connect(&alice, &world, 'a');
    client_say(&alice, "[\"open\",\"notes/1\",{}]");
    world_run(&world);
    hear_everything();
    alice.read = alice.heard_count;
    client_say(&alice, "[2,6,6,1]");
    world_run(&world);
    ck_assert_uint_eq(folded(), 0);
    world_pass(&world, DAY_MS / 2);
    world_pass(&world, 3600 * 1000); /* the hour in which it is looked at again */
    ck_assert_uint_eq(folded(), 6);
    finish();
}
END_TEST

TEST_MAIN("upkeep", a_document_gets_a_snapshot_after_so_many_operations,
          a_document_opens_from_its_snapshot,
          a_large_document_gets_one_after_as_large_a_part_of_its_log,
          a_document_that_is_given_up_gets_none,
          a_build_that_failed_is_asked_for_again_after_a_while,
          a_node_that_leaves_does_not_wait_for_folds, a_log_keeps_so_many_operations_at_least,
          a_log_keeps_operations_of_an_age)
