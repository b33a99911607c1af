#include "server/collab/hub.h"

#include <stdio.h>
#include <string.h>

#include "server/collab/hub_state.h"
#include "tests/collab/trio.h"
#include "tests/runner.h"

START_TEST(an_edit_reaches_its_author_and_the_others_in_the_same_frame)
{
    trio_join("text");
    client_say(&anna, "[1,1,1,[\"hello\"]]");
    world_run(&world);
    const char *own = client_hears(&anna);

    ck_assert_ptr_nonnull(own);
    ck_assert_ptr_nonnull(strstr(own, "[1,2,\""));
    client_expect(&ben, own);
    client_expect_silence(&anna);
    client_expect_silence(&ben);
    trio_end();
}
END_TEST

START_TEST(concurrent_edits_are_transformed_by_the_order_of_who)
{
    trio_join("text");
    client_say(&anna, "[1,1,1,[\"A\"]]");
    client_say(&ben, "[1,1,1,[\"B\"]]");
    world_run(&world);
    struct client carol = {0};

    client_connect(&carol, &world, 'c');
    client_say(&carol, "[\"open\",\"notes/1\",{}]");
    world_run(&world);
    client_expect(&carol, "[\"welcome\",$");
    const char *opened = client_hears(&carol);
    const char *anna_first = strstr(client_hears(&anna), "[\"A\"]");

    ck_assert_ptr_nonnull(anna_first);
    ck_assert_msg(strstr(opened, "\"AB\"") != NULL || strstr(opened, "\"BA\"") != NULL, "%s",
                  opened);
    ck_assert_uint_eq(hub_counts(world.hub).transformed, 1);
    client_finish(&carol);
    trio_end();
}
END_TEST

START_TEST(nothing_is_shown_before_it_is_durable)
{
    trio_join("text");
    world.store_stuck = true;
    client_say(&anna, "[1,1,1,[\"x\"]]");
    world_run(&world);
    client_expect_silence(&anna);
    client_expect_silence(&ben);
    struct client carol = {0};

    client_connect(&carol, &world, 'c');
    client_say(&carol, "[\"open\",\"notes/1\",{}]");
    world_run(&world);
    client_expect(&carol, "[\"welcome\",$");
    client_expect_silence(&carol);
    world.store_stuck = false;
    world_run(&world);
    client_expect(&anna, "[1,2,$");
    client_expect(&carol, "[\"opened\",1,\"notes/1\",2,$");
    client_expect_silence(&carol);
    client_finish(&carol);
    trio_end();
}
END_TEST

START_TEST(a_repeated_serial_is_sequenced_once)
{
    trio_join("counter");
    client_say(&anna, "[1,1,1,5]");
    world_run(&world);
    client_expect(&anna, "[1,2,$");
    client_say(&anna, "[1,1,1,5]");
    world_run(&world);
    client_expect(&anna, "[\"refused\",1,1,217,$");
    client_expect(&ben, "[1,2,$");
    client_expect_silence(&ben);
    trio_end();
}
END_TEST

START_TEST(a_serial_refused_for_good_is_spent_and_later_ones_go_on)
{
    trio_join("text");
    client_say(&anna, "[1,1,1,[5,\"beyond the end\"]]");
    client_say(&anna, "[1,2,1,[\"ok\"]]");
    client_say(&anna, "[1,1,1,[5,\"beyond the end\"]]");
    world_run(&world);
    client_expect(&anna, "[\"refused\",1,1,208,\"it skips 5 code points at 0 of a text of 0\",$");
    client_expect(&anna, "[\"refused\",1,1,208,\"the operation does not fit the document\",$");
    client_expect(&anna, "[1,2,$");
    client_expect(&ben, "[1,2,$");
    trio_end();
}
END_TEST

START_TEST(an_unreadable_operation_with_a_serial_is_refused_for_good)
{
    trio_join("text");
    client_say(&anna, "[1,1,1,[{\"d\":1,\"d\":1}]]");
    world_run(&world);
    client_expect(&anna, "[\"refused\",1,1,$");
    client_say(&anna, "[1,2,1,[\"goes on\"]]");
    world_run(&world);
    client_expect(&anna, "[1,2,$");
    trio_end();
}
END_TEST

#define TOO_LARGE "202,\"a message of 1048577 bytes is above the limit of 1048576\",{}]"

START_TEST(an_oversized_operation_is_refused_for_good)
{
    trio_join("text");
    client_say(&anna, "[1,1,1,[\"before\"]]");
    world_run(&world);
    client_expect(&anna, "[1,2,$");
    client_say_oversized(&anna, "[1,2,2,[6,\"xxx", 1048577);
    client_say(&anna, "[1,3,2,[\"behind\"]]");
    world_run(&world);
    client_expect(&anna, "[\"refused\",1,2," TOO_LARGE);
    client_expect(&anna, "[1,3,$");
    client_expect(&ben, "[1,2,$");
    client_expect(&ben, "[1,3,$");
    client_expect_silence(&ben);
    trio_end();
}
END_TEST

/* As large, or in a form that would pass by now. */
START_TEST(an_oversized_operation_has_one_fate)
{
    trio_join("text");
    client_say_oversized(&anna, "[1,1,1,[\"xxx", 1048577);
    client_say_oversized(&anna, "[1,1,1,[\"xxx", 1048577);
    client_say(&anna, "[1,1,1,[\"x\"]]");
    world_run(&world);
    client_expect(&anna, "[\"refused\",1,1," TOO_LARGE);
    client_expect(&anna, "[\"refused\",1,1," TOO_LARGE);
    client_expect(&anna, "[\"refused\",1,1,202,\"larger than the limit\",{}]");
    client_expect_silence(&anna);

    client_disconnect(&anna);
    anna.read = anna.heard_count;
    client_connect(&anna, &world, 'a');
    client_say(&anna, "[\"open\",\"notes/1\",{\"from\":1,\"epoch\":1,\"pending\":1}]");
    world_run(&world);
    client_expect(&anna, "[\"welcome\",$");
    client_expect(&anna, "[\"opened\",1,\"notes/1\",1,$");
    client_expect(&anna, "[\"refused\",1,1,202,\"larger than the limit\",{}]");
    trio_end();
}
END_TEST

/* One that had its seq in a smaller form has it. */
START_TEST(an_oversized_copy_of_a_sequenced_operation_is_a_repeat)
{
    trio_join("text");
    client_say(&anna, "[1,1,1,[\"x\"]]");
    world_run(&world);
    client_expect(&anna, "[1,2,$");
    client_say_oversized(&anna, "[1,1,1,[\"xxx", 1048577);
    world_run(&world);
    client_expect(&anna, "[\"refused\",1,1,217,$");
    client_expect_silence(&anna);
    trio_end();
}
END_TEST

/* The first copy is on its way to the disk: whatever is wrong with another one, it is a repeat. */
START_TEST(an_unreadable_copy_of_a_tentative_operation_is_a_repeat)
{
    trio_join("text");
    world.store_stuck = true;
    client_say(&anna, "[1,1,1,[\"x\"]]");
    world_run(&world);
    client_say_oversized(&anna, "[1,1,1,[\"xxx", 1048577);
    client_say(&anna, "[1,1,1,[{\"d\":1,\"d\":1}]]");
    world_run(&world);
    client_expect_silence(&anna);
    world.store_stuck = false;
    world_run(&world);
    client_expect(&anna, "[1,2,$");
    client_expect_silence(&anna);
    trio_end();
}
END_TEST

START_TEST(an_oversized_message_goes_as_far_as_it_can_be_made_out)
{
    trio_join("text");
    client_say_oversized(&anna, "[999,1,1,[\"xxx", 1048577);
    world_run(&world);
    client_expect(&anna, "[\"closed\",999,214,$");
    client_say_oversized(&anna, "[1,\"one\",1,[\"xxx", 1048577);
    world_run(&world);
    client_expect(&anna, "[\"closed\",1,202,$");
    client_say(&ben, "[1,1,1,[\"undisturbed\"]]");
    world_run(&world);
    client_expect(&ben, "[1,2,$");
    client_say_oversized(&ben, "[\"say\",1,\"xxx", 1048577);
    world_run(&world);
    ck_assert_uint_eq(ben.close_code, WEBSOCKET_CLOSE_TOO_LARGE);
    trio_end();
}
END_TEST

START_TEST(a_deletion_closes_the_document_at_its_place)
{
    trio_join("text");
    client_say(&anna, "[1,1,1,[\"x\"]]");
    world_run(&world);
    client_say(&anna, "[1,2,2,[\"y\"]]");
    client_say(&ben, "[\"delete\",1,1,2]");
    client_say(&anna, "[1,3,2,[\"too late\"]]");
    world_run(&world);
    client_expect(&anna, "[1,2,$");
    client_expect(&anna, "[\"refused\",1,3,213,$");
    client_expect(&anna, "[1,3,$");
    client_expect(&anna, "[\"closed\",1,213,$");
    client_expect(&ben, "[1,2,$");
    client_expect(&ben, "[1,3,$");
    client_expect(&ben, "[\"closed\",1,213,$");
    trio_end();
}
END_TEST

START_TEST(a_public_id_that_the_store_knows_as_anothers_is_refused_for_now)
{
    struct session_row row = {.serial = 1};
    struct batch_document batch = {
        .name = SPAN("notes/1"), .epoch = 1000000, .head = 1, .rows = &row, .row_count = 1};

    trio_begin();
    client_join(&anna, &world, 'a', "notes/1", "text");
    client_connect(&ben, &world, 'b');
    row.session = ben.link->session;
    row.session.bytes[SESSION_KEY_SIZE - 1] ^= 1;
    ck_assert_int_eq(world.backend->ops->commit(world.backend, &batch, 1), STATUS_OK);
    client_say(&ben, "[\"open\",\"notes/1\",{}]");
    world_run(&world);
    client_expect(&ben, "[\"welcome\",$");
    client_expect(&ben, "[\"opened\",1,$");
    client_say(&ben, "[1,1,1,[\"hello\"]]");
    world_run(&world);
    client_expect(&ben, "[\"refused\",1,1,102,$");
    client_expect_silence(&anna);
    trio_end();
}
END_TEST

START_TEST(a_deleted_document_is_opened_anew)
{
    trio_join("text");
    client_say(&anna, "[\"delete\",1,1,1]");
    world_run(&world);
    client_expect(&anna, "[\"closed\",1,213,$");
    client_expect(&ben, "[\"closed\",1,213,$");
    client_say(&ben, "[\"open\",\"notes/1\",{}]");
    world_run(&world);
    client_expect(&ben, "[\"closed\",\"notes/1\",211,$");
    client_say(&ben, "[\"open\",\"notes/1\",{\"type\":\"counter\",\"create\":true}]");
    world_run(&world);
    client_expect(&ben, "[\"opened\",2,\"notes/1\",3,{\"type\":\"counter\",\"snapshot\":0,$");
    client_expect_silence(&anna);
    trio_end();
}
END_TEST

START_TEST(a_reader_that_lags_leaves_the_stream_and_comes_back)
{
    char edit[1200];
    size_t frames = 0;
    const char *heard;

    trio_join("text");
    ben.takes = 0;
    for (unsigned serial = 1; serial <= 3000; serial++) {
        memset(edit, 'x', sizeof(edit));
        int size = snprintf(edit, sizeof(edit), "[1,%u,%u,[\"", serial, serial);

        edit[size] = 'y';
        memcpy(edit + 1000, "\"]]", 4);
        client_say(&anna, edit);
        world_run(&world);
    }
    ben.takes = SIZE_MAX;
    struct span spans[LIMIT_WRITE_SPANS];

    size_t count = link_output(ben.link, spans, LIMIT_WRITE_SPANS);
    size_t total = 0;

    for (size_t i = 0; i < count; i++)
        total += spans[i].size;
    ck_assert_uint_le(total, 2u << 20);
    link_written(ben.link, 0, world.now_ms);
    client_write(&ben);
    world_run(&world);
    uint64_t seq = 1;

    while ((heard = client_hears(&ben)) != NULL) {
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
    trio_end();
}
END_TEST

START_TEST(an_idle_document_is_given_up_and_loads_again)
{
    trio_join("text");
    client_say(&anna, "[1,1,1,[\"kept\"]]");
    world_run(&world);
    client_disconnect(&anna);
    client_disconnect(&ben);
    for (int i = 0; i < 60; i++)
        world_pass(&world, 1000);
    ck_assert_uint_eq(hub_counts(world.hub).documents, 0);
    client_finish(&ben);
    client_connect(&ben, &world, 'b');
    client_say(&ben, "[\"open\",\"notes/1\",{}]");
    world_run(&world);
    client_expect(&ben, "[\"welcome\",$");
    client_expect(&ben, "[\"opened\",2,\"notes/1\",2,{\"type\":\"text\",\"snapshot\":\"kept\",$");
    trio_end();
}
END_TEST

START_TEST(after_a_crash_the_document_is_what_was_acknowledged)
{
    struct client *const clients[] = {&anna, &ben};

    trio_join("text");
    client_say(&anna, "[1,1,1,[\"kept\"]]");
    world_run(&world);
    world_restart(&world, clients, 2);
    client_connect(&ben, &world, 'b');
    client_say(&ben, "[\"open\",\"notes/1\",{\"from\":1,\"epoch\":1000000}]");
    world_run(&world);
    client_expect(&ben, "[1,2,$");
    client_expect(&ben, "[\"welcome\",$");
    client_expect(&ben, "[\"opened\",1,\"notes/1\",2,{\"type\":\"text\",\"serial\":0,$");
    client_expect(&ben, "[1,2,$");
    client_say(&ben, "[1,1,2,[4,\"!\"]]");
    world_run(&world);
    client_expect(&ben, "[\"epoch\",1,1000001]");
    client_expect(&ben, "[1,3,$");
    trio_end();
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
    trio_join("text");
    client_say(&ben, "[\"close\",1]");
    world_run(&world);
    client_expect(&ben, "[\"closed\",1,0,\"ok\"]");
    world.store_stuck = true;
    client_say(&anna, "[1,1,1,[\"hello\"]]");
    world_run(&world);
    client_say(&ben, "[\"open\",\"notes/1\",{}]");
    world_run(&world);
    client_expect_silence(&ben);
    claim_elsewhere(SPAN("notes/1"));
    world.store_stuck = false;
    world_run(&world);
    const char *opened = client_hears(&ben);

    ck_assert_ptr_nonnull(opened);
    ck_assert_ptr_nonnull(strstr(opened, "\"snapshot\":\"hello\""));
    ck_assert_msg(strstr(opened + strlen("[\"opened\""), "opened") == NULL, "%s", opened);
    client_expect_silence(&ben);
    trio_end();
}
END_TEST

START_TEST(a_silent_client_is_dropped_after_two_heartbeats)
{
    trio_join("text");
    for (int i = 0; i < 30; i++) {
        world_pass(&world, 1000);
        client_say(&anna, "[]");
    }
    for (int i = 0; i < 30; i++) {
        world_pass(&world, 1000);
        client_say(&anna, "[]");
    }
    ck_assert_ptr_null(ben.link);
    ck_assert_ptr_nonnull(anna.link);
    client_expect(&anna, "[]");
    trio_end();
}
END_TEST

/* Alice writes more than the history holds, one edit after the other. */
static void anna_writes_much(void)
{
    char edit[64];

    for (int serial = 1; serial <= LIMIT_HISTORY_ENTRIES + 200; serial++) {
        snprintf(edit, sizeof(edit), "[1,%d,%d,[\"a\"]]", serial, serial);
        client_say(&anna, edit);
        world_run(&world);
    }
    anna.read = anna.heard_count;
}

static uint64_t history_size(void)
{
    const struct history *history = &world.hub->documents->history;

    return history->head + 1 - history->first;
}

START_TEST(one_late_edit_behind_another_may_need_still_older_entries)
{
    struct client carol = {0};

    trio_join("text");
    client_join(&carol, &world, 'c', "notes/1", "text");
    anna_writes_much();
    client_say(&ben, "[1,1,100,[\"b\"]]");
    client_say(&carol, "[1,1,1,[\"c\"]]");
    world_run(&world);
    ck_assert_uint_eq(world.hub->counts.operations, LIMIT_HISTORY_ENTRIES + 200 + 1 + 2);
    ck_assert_uint_le(history_size(), LIMIT_HISTORY_ENTRIES);
    client_finish(&carol);
    trio_end();
}
END_TEST

START_TEST(shutdown_makes_what_was_taken_in_durable)
{
    trio_join("text");
    client_say(&anna, "[1,1,1,[\"last\"]]");
    hub_shutdown(world.hub, world.now_ms);
    ck_assert(!hub_flushed(world.hub));
    world_run(&world);
    ck_assert(hub_flushed(world.hub));
    hub_say_goodbye(world.hub, world.now_ms);
    world_run(&world);
    client_expect(&anna, "[1,2,$");
    client_expect(&anna, "[\"goaway\",$");
    ck_assert_uint_eq(anna.close_code, 1001);
    trio_end();
}
END_TEST

START_TEST(wrong_opens_are_answered_with_the_name)
{
    trio_begin();
    client_connect(&anna, &world, 'a');
    client_say(&anna, "[\"open\",\"notes/1\",{}]");
    client_say(&anna, "[\"open\",\"notes/2\",{\"type\":\"poem\",\"create\":true}]");
    client_say(&anna, "[\"open\",\"notes/3\",{\"type\":\"text\",\"create\":5}]");
    client_say(&anna, "[4,1,1,[\"x\"]]");
    world_run(&world);
    client_expect(&anna, "[\"welcome\",$");
    client_expect(&anna, "[\"closed\",\"notes/2\",209,$");
    while (client_hears(&anna) != NULL)
        ;
    trio_end();
}
END_TEST

TEST_MAIN("hub", an_edit_reaches_its_author_and_the_others_in_the_same_frame,
          concurrent_edits_are_transformed_by_the_order_of_who,
          nothing_is_shown_before_it_is_durable, a_repeated_serial_is_sequenced_once,
          a_serial_refused_for_good_is_spent_and_later_ones_go_on,
          an_unreadable_operation_with_a_serial_is_refused_for_good,
          an_oversized_operation_is_refused_for_good, an_oversized_operation_has_one_fate,
          an_oversized_copy_of_a_sequenced_operation_is_a_repeat,
          an_unreadable_copy_of_a_tentative_operation_is_a_repeat,
          an_oversized_message_goes_as_far_as_it_can_be_made_out,
          a_public_id_that_the_store_knows_as_anothers_is_refused_for_now,
          a_deletion_closes_the_document_at_its_place, a_deleted_document_is_opened_anew,
          a_reader_that_lags_leaves_the_stream_and_comes_back,
          an_idle_document_is_given_up_and_loads_again,
          after_a_crash_the_document_is_what_was_acknowledged,
          an_answer_that_waited_for_a_lost_batch_is_made_anew,
          a_silent_client_is_dropped_after_two_heartbeats,
          one_late_edit_behind_another_may_need_still_older_entries,
          shutdown_makes_what_was_taken_in_durable, wrong_opens_are_answered_with_the_name)
