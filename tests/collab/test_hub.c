#include "server/collab/hub.h"

#include <stdio.h>
#include <string.h>

#include "server/collab/hub_state.h"
#include "tests/collab/world.h"
#include "tests/runner.h"

static struct world world;
static struct client alice;
static struct client bob;

static void setup(void)
{
    world_init(&world);
    alice = (struct client){0};
    bob = (struct client){0};
}

static void finish(void)
{
    client_finish(&alice);
    client_finish(&bob);
    world_finish(&world);
}

static void both_join(const char *type)
{
    setup();
    client_join(&alice, &world, 'a', "notes/1", type);
    client_join(&bob, &world, 'b', "notes/1", type);
}

START_TEST(an_edit_reaches_its_author_and_the_others_in_the_same_frame)
{
    both_join("text");
    client_say(&alice, "[1,1,1,[\"hello\"]]");
    world_run(&world);
    const char *own = client_hears(&alice);

    ck_assert_ptr_nonnull(own);
    ck_assert_ptr_nonnull(strstr(own, "[1,2,\""));
    client_expect(&bob, own);
    client_expect_silence(&alice);
    client_expect_silence(&bob);
    finish();
}
END_TEST

START_TEST(concurrent_edits_are_transformed_by_the_order_of_who)
{
    both_join("text");
    client_say(&alice, "[1,1,1,[\"A\"]]");
    client_say(&bob, "[1,1,1,[\"B\"]]");
    world_run(&world);
    struct client carol = {0};

    client_connect(&carol, &world, 'c');
    client_say(&carol, "[\"open\",\"notes/1\",{}]");
    world_run(&world);
    client_expect(&carol, "[\"welcome\",$");
    const char *opened = client_hears(&carol);
    const char *alice_first = strstr(client_hears(&alice), "[\"A\"]");

    ck_assert_ptr_nonnull(alice_first);
    ck_assert_msg(strstr(opened, "\"AB\"") != NULL || strstr(opened, "\"BA\"") != NULL, "%s",
                  opened);
    ck_assert_uint_eq(hub_counts(world.hub).transformed, 1);
    client_finish(&carol);
    finish();
}
END_TEST

START_TEST(nothing_is_shown_before_it_is_durable)
{
    both_join("text");
    world.store_stuck = true;
    client_say(&alice, "[1,1,1,[\"x\"]]");
    world_run(&world);
    client_expect_silence(&alice);
    client_expect_silence(&bob);
    struct client carol = {0};

    client_connect(&carol, &world, 'c');
    client_say(&carol, "[\"open\",\"notes/1\",{}]");
    world_run(&world);
    client_expect(&carol, "[\"welcome\",$");
    client_expect_silence(&carol);
    world.store_stuck = false;
    world_run(&world);
    client_expect(&alice, "[1,2,$");
    client_expect(&carol, "[\"opened\",1,\"notes/1\",2,$");
    client_expect_silence(&carol);
    client_finish(&carol);
    finish();
}
END_TEST

START_TEST(a_repeated_serial_is_sequenced_once)
{
    both_join("counter");
    client_say(&alice, "[1,1,1,5]");
    world_run(&world);
    client_expect(&alice, "[1,2,$");
    client_say(&alice, "[1,1,1,5]");
    world_run(&world);
    client_expect(&alice, "[\"refused\",1,1,217,$");
    client_expect(&bob, "[1,2,$");
    client_expect_silence(&bob);
    finish();
}
END_TEST

START_TEST(a_serial_refused_for_good_is_spent_and_later_ones_go_on)
{
    both_join("text");
    client_say(&alice, "[1,1,1,[5,\"beyond the end\"]]");
    client_say(&alice, "[1,2,1,[\"ok\"]]");
    client_say(&alice, "[1,1,1,[5,\"beyond the end\"]]");
    world_run(&world);
    client_expect(&alice, "[\"refused\",1,1,208,\"it skips 5 code points at 0 of a text of 0\",$");
    client_expect(&alice, "[\"refused\",1,1,208,\"the operation does not fit the document\",$");
    client_expect(&alice, "[1,2,$");
    client_expect(&bob, "[1,2,$");
    finish();
}
END_TEST

START_TEST(an_unreadable_operation_with_a_serial_is_refused_for_good)
{
    both_join("text");
    client_say(&alice, "[1,1,1,[{\"d\":1,\"d\":1}]]");
    world_run(&world);
    client_expect(&alice, "[\"refused\",1,1,$");
    client_say(&alice, "[1,2,1,[\"goes on\"]]");
    world_run(&world);
    client_expect(&alice, "[1,2,$");
    finish();
}
END_TEST

START_TEST(a_deletion_closes_the_document_at_its_place)
{
    both_join("text");
    client_say(&alice, "[1,1,1,[\"x\"]]");
    world_run(&world);
    client_say(&alice, "[1,2,2,[\"y\"]]");
    client_say(&bob, "[\"delete\",1,1,2]");
    client_say(&alice, "[1,3,2,[\"too late\"]]");
    world_run(&world);
    client_expect(&alice, "[1,2,$");
    client_expect(&alice, "[\"refused\",1,3,213,$");
    client_expect(&alice, "[1,3,$");
    client_expect(&alice, "[\"closed\",1,213,$");
    client_expect(&bob, "[1,2,$");
    client_expect(&bob, "[1,3,$");
    client_expect(&bob, "[\"closed\",1,213,$");
    finish();
}
END_TEST

START_TEST(a_public_id_that_the_store_knows_as_anothers_is_refused_for_now)
{
    struct session_row row = {.serial = 1};
    struct batch_document batch = {
        .name = SPAN("notes/1"), .epoch = 1000000, .head = 1, .rows = &row, .row_count = 1};

    setup();
    client_join(&alice, &world, 'a', "notes/1", "text");
    client_connect(&bob, &world, 'b');
    row.session = bob.link->session;
    row.session.bytes[SESSION_KEY_SIZE - 1] ^= 1;
    ck_assert_int_eq(world.backend->ops->commit(world.backend, &batch, 1), STATUS_OK);
    client_say(&bob, "[\"open\",\"notes/1\",{}]");
    world_run(&world);
    client_expect(&bob, "[\"welcome\",$");
    client_expect(&bob, "[\"opened\",1,$");
    client_say(&bob, "[1,1,1,[\"hello\"]]");
    world_run(&world);
    client_expect(&bob, "[\"refused\",1,1,102,$");
    client_expect_silence(&alice);
    finish();
}
END_TEST

START_TEST(a_deleted_document_is_opened_anew)
{
    both_join("text");
    client_say(&alice, "[\"delete\",1,1,1]");
    world_run(&world);
    client_expect(&alice, "[\"closed\",1,213,$");
    client_expect(&bob, "[\"closed\",1,213,$");
    client_say(&bob, "[\"open\",\"notes/1\",{}]");
    world_run(&world);
    client_expect(&bob, "[\"closed\",\"notes/1\",211,$");
    client_say(&bob, "[\"open\",\"notes/1\",{\"type\":\"counter\",\"create\":true}]");
    world_run(&world);
    client_expect(&bob, "[\"opened\",2,\"notes/1\",3,{\"type\":\"counter\",\"snapshot\":0,$");
    client_expect_silence(&alice);
    finish();
}
END_TEST

START_TEST(a_reader_that_lags_leaves_the_stream_and_comes_back)
{
    char edit[1200];
    size_t frames = 0;
    const char *heard;

    both_join("text");
    bob.takes = 0;
    for (unsigned serial = 1; serial <= 3000; serial++) {
        memset(edit, 'x', sizeof(edit));
        int size = snprintf(edit, sizeof(edit), "[1,%u,%u,[\"", serial, serial);

        edit[size] = 'y';
        memcpy(edit + 1000, "\"]]", 4);
        client_say(&alice, edit);
        world_run(&world);
    }
    bob.takes = SIZE_MAX;
    struct span spans[LIMIT_WRITE_SPANS];

    size_t count = link_output(bob.link, spans, LIMIT_WRITE_SPANS);
    size_t total = 0;

    for (size_t i = 0; i < count; i++)
        total += spans[i].size;
    ck_assert_uint_le(total, 2u << 20);
    link_written(bob.link, 0, world.now_ms);
    client_write(&bob);
    world_run(&world);
    uint64_t seq = 1;

    while ((heard = client_hears(&bob)) != NULL) {
        frames++;
        if (strncmp(heard, "[\"composed\",1,", 14) == 0) {
            seq = strtoull(heard + 14, NULL, 10);
            continue;
        }
        if (strncmp(heard, "[1,", 3) != 0)
            continue;
        ck_assert_uint_eq(strtoull(heard + 3, NULL, 10), seq + 1);
        for (const char *at = heard; (at = strstr(at, "[\"y")) != NULL; at++)
            seq++;
    }
    ck_assert_uint_eq(seq, 3001);
    ck_assert_uint_gt(frames, 1);
    finish();
}
END_TEST

START_TEST(an_idle_document_is_given_up_and_loads_again)
{
    both_join("text");
    client_say(&alice, "[1,1,1,[\"kept\"]]");
    world_run(&world);
    client_disconnect(&alice);
    client_disconnect(&bob);
    for (int i = 0; i < 60; i++)
        world_pass(&world, 1000);
    ck_assert_uint_eq(hub_counts(world.hub).documents, 0);
    client_finish(&bob);
    client_connect(&bob, &world, 'b');
    client_say(&bob, "[\"open\",\"notes/1\",{}]");
    world_run(&world);
    client_expect(&bob, "[\"welcome\",$");
    client_expect(&bob, "[\"opened\",2,\"notes/1\",2,{\"type\":\"text\",\"snapshot\":\"kept\",$");
    finish();
}
END_TEST

START_TEST(after_a_crash_the_document_is_what_was_acknowledged)
{
    struct client *const clients[] = {&alice, &bob};

    both_join("text");
    client_say(&alice, "[1,1,1,[\"kept\"]]");
    world_run(&world);
    world_restart(&world, clients, 2);
    client_connect(&bob, &world, 'b');
    client_say(&bob, "[\"open\",\"notes/1\",{\"from\":1,\"epoch\":1000000}]");
    world_run(&world);
    client_expect(&bob, "[1,2,$");
    client_expect(&bob, "[\"welcome\",$");
    client_expect(&bob, "[\"opened\",1,\"notes/1\",2,{\"type\":\"text\",\"serial\":0,$");
    client_expect(&bob, "[1,2,$");
    client_say(&bob, "[1,1,2,[4,\"!\"]]");
    world_run(&world);
    client_expect(&bob, "[\"epoch\",1,1000001]");
    client_expect(&bob, "[1,3,$");
    finish();
}
END_TEST

/* Another node claims what the batch in flight was written for. */
static void claim_elsewhere(struct span name)
{
    struct store_claim claim = {.name = name, .node = "other", .seen_epoch = UINT64_MAX};

    ck_assert_int_eq(world.backend->ops->claim(world.backend, &claim), STATUS_OK);
}

START_TEST(an_answer_that_waited_for_a_lost_batch_is_made_anew)
{
    both_join("text");
    client_say(&bob, "[\"close\",1]");
    world_run(&world);
    client_expect(&bob, "[\"closed\",1,0,\"ok\"]");
    world.store_stuck = true;
    client_say(&alice, "[1,1,1,[\"hello\"]]");
    world_run(&world);
    client_say(&bob, "[\"open\",\"notes/1\",{}]");
    world_run(&world);
    client_expect_silence(&bob);
    claim_elsewhere(SPAN("notes/1"));
    world.store_stuck = false;
    world_run(&world);
    const char *opened = client_hears(&bob);

    ck_assert_ptr_nonnull(opened);
    ck_assert_ptr_nonnull(strstr(opened, "\"snapshot\":\"hello\""));
    ck_assert_msg(strstr(opened + strlen("[\"opened\""), "opened") == NULL, "%s", opened);
    client_expect_silence(&bob);
    finish();
}
END_TEST

START_TEST(a_silent_client_is_dropped_after_two_heartbeats)
{
    both_join("text");
    for (int i = 0; i < 30; i++) {
        world_pass(&world, 1000);
        client_say(&alice, "[]");
    }
    for (int i = 0; i < 30; i++) {
        world_pass(&world, 1000);
        client_say(&alice, "[]");
    }
    ck_assert_ptr_null(bob.link);
    ck_assert_ptr_nonnull(alice.link);
    client_expect(&alice, "[]");
    finish();
}
END_TEST

/* Alice writes more than the history holds, one edit after the other. */
static void alice_writes_much(void)
{
    char edit[64];

    for (int serial = 1; serial <= LIMIT_HISTORY_ENTRIES + 200; serial++) {
        snprintf(edit, sizeof(edit), "[1,%d,%d,[\"a\"]]", serial, serial);
        client_say(&alice, edit);
        world_run(&world);
    }
    alice.read = alice.heard_count;
}

static uint64_t history_size(void)
{
    const struct history *history = &world.hub->documents->history;

    return history->head + 1 - history->first;
}

START_TEST(one_late_edit_behind_another_may_need_still_older_entries)
{
    struct client carol = {0};

    both_join("text");
    client_join(&carol, &world, 'c', "notes/1", "text");
    alice_writes_much();
    client_say(&bob, "[1,1,100,[\"b\"]]");
    client_say(&carol, "[1,1,1,[\"c\"]]");
    world_run(&world);
    ck_assert_uint_eq(world.hub->counts.operations, LIMIT_HISTORY_ENTRIES + 200 + 1 + 2);
    ck_assert_uint_le(history_size(), LIMIT_HISTORY_ENTRIES);
    client_finish(&carol);
    finish();
}
END_TEST

START_TEST(shutdown_makes_what_was_taken_in_durable)
{
    both_join("text");
    client_say(&alice, "[1,1,1,[\"last\"]]");
    hub_shutdown(world.hub, world.now_ms);
    ck_assert(!hub_flushed(world.hub));
    world_run(&world);
    ck_assert(hub_flushed(world.hub));
    hub_say_goodbye(world.hub, world.now_ms);
    world_run(&world);
    client_expect(&alice, "[1,2,$");
    client_expect(&alice, "[\"goaway\",$");
    ck_assert_uint_eq(alice.close_code, 1001);
    finish();
}
END_TEST

START_TEST(wrong_opens_are_answered_with_the_name)
{
    setup();
    client_connect(&alice, &world, 'a');
    client_say(&alice, "[\"open\",\"notes/1\",{}]");
    client_say(&alice, "[\"open\",\"notes/2\",{\"type\":\"poem\",\"create\":true}]");
    client_say(&alice, "[\"open\",\"notes/3\",{\"type\":\"text\",\"create\":5}]");
    client_say(&alice, "[4,1,1,[\"x\"]]");
    world_run(&world);
    client_expect(&alice, "[\"welcome\",$");
    client_expect(&alice, "[\"closed\",\"notes/2\",209,$");
    while (client_hears(&alice) != NULL)
        ;
    finish();
}
END_TEST

TEST_MAIN("hub", an_edit_reaches_its_author_and_the_others_in_the_same_frame,
          concurrent_edits_are_transformed_by_the_order_of_who,
          nothing_is_shown_before_it_is_durable, a_repeated_serial_is_sequenced_once,
          a_serial_refused_for_good_is_spent_and_later_ones_go_on,
          an_unreadable_operation_with_a_serial_is_refused_for_good,
          a_public_id_that_the_store_knows_as_anothers_is_refused_for_now,
          a_deletion_closes_the_document_at_its_place, a_deleted_document_is_opened_anew,
          a_reader_that_lags_leaves_the_stream_and_comes_back,
          an_idle_document_is_given_up_and_loads_again,
          after_a_crash_the_document_is_what_was_acknowledged,
          an_answer_that_waited_for_a_lost_batch_is_made_anew,
          a_silent_client_is_dropped_after_two_heartbeats,
          one_late_edit_behind_another_may_need_still_older_entries,
          shutdown_makes_what_was_taken_in_durable, wrong_opens_are_answered_with_the_name)
