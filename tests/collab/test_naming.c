#include "server/collab/naming.h"

#include <string.h>

#include "base/memory.h"
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

struct listener {
    struct namer namer;
    int count;
    enum status status;
    uint64_t seq;
    uint64_t time_ms;
};

static void listen(struct namer *namer, enum status status, const struct version *version)
{
    struct listener *listener = container_of(namer, struct listener, namer);

    listener->count++;
    listener->status = status;
    listener->seq = version->seq;
    listener->time_ms = version->time_ms;
}

static struct naming *begin(struct listener *listener, const char *document, uint64_t seq)
{
    const struct version version = {.name = SPAN("first"), .seq = seq, .user = SPAN("anna")};

    *listener = (struct listener){.namer.named = listen};
    return naming_create(world.hub, span_of_string(document), &version, &listener->namer);
}

static struct listener name(const char *document, uint64_t seq)
{
    struct listener listener;

    begin(&listener, document, seq);
    ck_assert_int_eq(listener.count, 0);
    world_run(&world);
    ck_assert_int_eq(listener.count, 1);
    return listener;
}

/* The store's versions of notes/1. */
static struct store_versions stored(void)
{
    struct store_versions versions = {.request = {.call = STORE_VERSIONS}, .name = SPAN("notes/1")};

    store_run(world.backend, &versions.request);
    ck_assert_int_eq(versions.request.status, STATUS_OK);
    return versions;
}

START_TEST(a_seq_has_the_name_in_the_store)
{
    setup();
    struct listener listener = name("notes/1", UINT64_MAX);

    ck_assert_int_eq(listener.status, STATUS_OK);
    ck_assert_uint_eq(listener.seq, 1);
    ck_assert_uint_eq(listener.time_ms, world.now_ms);
    struct store_versions versions = stored();

    ck_assert_uint_eq(versions.count, 1);
    ck_assert(span_equal(versions.versions[0].name, SPAN("first")));
    ck_assert(span_equal(versions.versions[0].user, SPAN("anna")));
    ck_assert_uint_eq(versions.versions[0].seq, 1);
    store_arena_destroy(versions.arena);
    finish();
}
END_TEST

START_TEST(a_name_that_is_given_again_moves)
{
    setup();
    name("notes/1", 1);
    client_say(&alice, "[1,1,1,[\"x\"]]");
    world_run(&world);
    ck_assert_int_eq(name("notes/1", 2).status, STATUS_OK);
    struct store_versions versions = stored();

    ck_assert_uint_eq(versions.count, 1);
    ck_assert_uint_eq(versions.versions[0].seq, 2);
    store_arena_destroy(versions.arena);
    finish();
}
END_TEST

START_TEST(what_is_not_there_gets_no_name)
{
    setup();
    ck_assert_int_eq(name("notes/1", 2).status, STATUS_BEYOND_HEAD);
    ck_assert_int_eq(name("notes/2", 1).status, STATUS_NOT_CREATED);
    ck_assert_int_eq(name("notes/2", UINT64_MAX).status, STATUS_NOT_CREATED);
    struct store_versions versions = stored();

    ck_assert_uint_eq(versions.count, 0);
    store_arena_destroy(versions.arena);
    finish();
}
END_TEST

START_TEST(a_claim_that_comes_between_refuses_it_for_now)
{
    struct listener listener;
    struct store_claim claim = {.request = {.call = STORE_CLAIM},
                                .name = SPAN("notes/1"),
                                .node = "another",
                                .seen_epoch = UINT64_MAX};

    setup();
    begin(&listener, "notes/1", 1);
    world.store->ops->poll(world.store); /* it has looked, and is about to write */
    store_run(world.backend, &claim.request);
    world.store->ops->poll(world.store);
    ck_assert_int_eq(listener.count, 1);
    ck_assert_int_eq(listener.status, STATUS_AWAY);
    finish();
}
END_TEST

START_TEST(a_namer_that_is_gone_is_not_told)
{
    struct listener listener;

    setup();
    naming_forget(begin(&listener, "notes/1", 1));
    world_run(&world);
    ck_assert_int_eq(listener.count, 0);
    finish();
}
END_TEST

TEST_MAIN("naming", a_seq_has_the_name_in_the_store, a_name_that_is_given_again_moves,
          what_is_not_there_gets_no_name, a_claim_that_comes_between_refuses_it_for_now,
          a_namer_that_is_gone_is_not_told)
