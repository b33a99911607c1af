/* How a document comes from the store. */
#include "server/collab/loading.h"

#include "server/collab/document.h"
#include "tests/collab/world.h"
#include "tests/runner.h"
#include "tests/store/requests.h"

static struct world world;

static struct document *get(void)
{
    struct document *document = document_get(world.hub, SPAN("notes/1"));

    world_run(&world);
    return document;
}

/* The log has a creation and four edits. */
static void setup(void)
{
    struct client alice = {0};

    world_init(&world);
    client_join(&alice, &world, 'a', "notes/1", "counter");
    for (unsigned serial = 1; serial <= 4; serial++) {
        char edit[] = "[1,0,1,1]";

        edit[3] = (char)('0' + serial);
        client_say(&alice, edit);
    }
    world_run(&world);
    client_finish(&alice);
}

START_TEST(a_document_is_claimed_and_read_whole)
{
    setup();
    world_restart(&world, NULL, 0);
    struct document *document = get();

    ck_assert_int_eq(document->state, DOCUMENT_OWNED);
    ck_assert_uint_eq(document->history.first, 1);
    ck_assert_uint_eq(document->history.head, 5);
    ck_assert_uint_eq(document->committed, 5);
    ck_assert_uint_eq(document->committed_epoch, history_at(&document->history, 5)->entry.epoch);
    ck_assert_uint_gt(document->epoch, document->committed_epoch);
    world_finish(&world);
}
END_TEST

START_TEST(only_what_lies_above_the_snapshot_is_read_until_somebody_needs_older_entries)
{
    setup();
    world_build(&world, "notes/1", 4, false);
    world_restart(&world, NULL, 0);
    struct document *document = get();

    ck_assert_uint_eq(document->history.first, 5);
    loading_older(document, 2);
    ck_assert(document->fetching);
    world_run(&world);
    ck_assert(!document->fetching);
    ck_assert_uint_eq(document->history.first, 3);
    ck_assert_uint_eq(history_at(&document->history, 3)->entry.serial, 2);
    world_finish(&world);
}
END_TEST

START_TEST(a_document_whose_log_cannot_be_applied_is_broken)
{
    struct client alice = {0};

    world_init(&world);
    filled(world.backend, "notes/1", 1); /* an edit of what nobody has made */
    client_connect(&alice, &world, 'a');
    client_say(&alice, "[\"open\",\"notes/1\",{}]");
    ck_assert_int_eq(get()->state, DOCUMENT_BROKEN);
    client_expect(&alice, "[\"welcome\",$");
    client_expect(&alice, "[\"closed\",\"notes/1\",405,$");
    client_finish(&alice);
    world_finish(&world);
}
END_TEST

START_TEST(a_store_that_cannot_be_read_is_asked_again)
{
    struct client alice = {0};

    setup();
    world_restart(&world, NULL, 0);
    world.flaky->fail_at = world.flaky->calls + 2; /* the claim, then the load */
    world.flaky->status = STATUS_AWAY;
    client_connect(&alice, &world, 'a');
    client_say(&alice, "[\"open\",\"notes/1\",{}]");
    ck_assert_int_eq(get()->state, DOCUMENT_RETRYING);
    client_expect(&alice, "[\"welcome\",$");
    client_expect_silence(&alice);
    world_pass(&world, 2000);
    ck_assert_int_eq(get()->state, DOCUMENT_OWNED);
    client_expect(&alice, "[\"opened\",1,\"notes/1\",5,$");
    client_finish(&alice);
    world_finish(&world);
}
END_TEST

TEST_MAIN("loading", a_document_is_claimed_and_read_whole,
          only_what_lies_above_the_snapshot_is_read_until_somebody_needs_older_entries,
          a_document_whose_log_cannot_be_applied_is_broken,
          a_store_that_cannot_be_read_is_asked_again)
