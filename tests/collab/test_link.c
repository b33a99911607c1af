#include "server/collab/link.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "server/collab/hub_state.h"
#include "tests/collab/trio.h"
#include "tests/runner.h"

START_TEST(a_gap_in_the_serials_ends_the_connection)
{
    trio_join("text");
    client_say(&anna, "[1,3,1,[\"x\"]]");
    world_run(&world);
    ck_assert_uint_eq(anna.close_code, 4401);
    trio_end();
}
END_TEST

START_TEST(a_session_lives_on_over_connections)
{
    trio_join("text");
    client_say(&anna, "[1,1,1,[\"x\"]]");
    client_disconnect(&anna);
    world_run(&world);
    client_connect(&anna, &world, 'a');
    client_say(&anna, "[\"open\",\"notes/1\",{\"from\":1,\"epoch\":1000000,\"pending\":1}]");
    world_run(&world);
    client_expect(&anna, "[\"welcome\",$");
    client_expect(&anna, "[\"opened\",1,\"notes/1\",2,{\"type\":\"text\",\"serial\":1,$");
    client_expect(&anna, "[1,2,$");
    client_say(&anna, "[1,1,1,[\"x\"]]");
    world_run(&world);
    client_expect(&anna, "[\"refused\",1,1,217,$");
    client_expect_silence(&anna);
    trio_end();
}
END_TEST

START_TEST(the_newer_connection_of_a_session_wins)
{
    struct client again = {0};

    trio_join("text");
    client_connect(&again, &world, 'a');
    world_run(&world);
    ck_assert_uint_eq(anna.close_code, 4400);
    client_expect(&again, "[\"welcome\",$");
    client_finish(&again);
    trio_end();
}
END_TEST

START_TEST(a_hello_that_was_long_on_its_way_takes_no_session)
{
    struct client late = {0};

    trio_join("text");
    client_connect(&late, &world, 'c');
    client_disconnect(&late);
    late.link = hub_connect(world.hub, DIALECT_NATIVE, SPAN("user"), &late, world.now_ms);
    client_disconnect(&anna);
    client_connect(&anna, &world, 'a');
    world_run(&world);
    client_say(&late, "[\"hello\",{\"resume\":\"aaaaaaaaaaaaaaaaaaaaaA\"}]");
    world_run(&world);
    ck_assert_uint_eq(late.close_code, 4400);
    ck_assert_uint_eq(anna.close_code, 0);
    client_finish(&late);
    trio_end();
}
END_TEST

/* Her edit waits behind more than a batch holds, she comes back meanwhile. */
START_TEST(serials_go_on_behind_an_edit_that_a_lost_connection_brought)
{
    char edit[64];

    trio_join("counter");
    world.store_stuck = true;
    for (int serial = 1; serial <= LIMIT_BATCH_ENTRIES; serial++) {
        snprintf(edit, sizeof(edit), "[1,%d,1,1]", serial);
        client_say(&ben, edit);
    }
    client_say(&anna, "[1,1,1,5]");
    world_run(&world);
    client_disconnect(&anna);
    client_connect(&anna, &world, 'a');
    client_say(&anna, "[\"open\",\"notes/1\",{\"from\":1,\"epoch\":1000000,\"pending\":1}]");
    world_run(&world);
    world.store_stuck = false;
    world_run(&world);
    client_say(&anna, "[1,2,4098,7]");
    world_run(&world);
    ck_assert_uint_eq(anna.close_code, 0);
    ck_assert_uint_eq(world.hub->counts.operations, 1 + LIMIT_BATCH_ENTRIES + 2);
    trio_end();
}
END_TEST

/* The stream begins anew, by a claim that came between, while Bob has half of the deletion. */
START_TEST(a_deletion_that_is_half_sent_is_the_end_also_when_the_stream_begins_anew)
{
    struct store_claim claim = {.name = SPAN("notes/1"), .node = "other", .seen_epoch = UINT64_MAX};
    struct websocket_event event;
    struct span spans[LIMIT_WRITE_SPANS];
    uint8_t piece[3];
    uint16_t code = 0;
    size_t used = 0;

    trio_join("text");
    ben.takes = 0;
    client_say(&anna, "[\"delete\",1,1,1]");
    world_run(&world);
    ck_assert_uint_gt(link_output(ben.link, spans, LIMIT_WRITE_SPANS), 0);
    memcpy(piece, spans[0].data, sizeof(piece));
    ck_assert_int_eq(
        websocket_decode(&ben.decoder, piece, sizeof(piece), &used, &event, &code, NULL),
        STATUS_MORE);
    link_written(ben.link, sizeof(piece), world.now_ms);
    client_say(&anna, "[\"open\",\"notes/1\",{\"type\":\"text\",\"create\":true}]");
    world_run(&world);
    ck_assert_int_eq(world.backend->ops->claim(world.backend, &claim), STATUS_OK);
    client_say(&anna, "[2,2,3,[\"a\"]]");
    world_pass(&world, 2000);
    ben.takes = SIZE_MAX;
    client_write(&ben);
    world_run(&world);
    client_expect(&ben, "[\"closed\",1,213,$");
    client_expect_silence(&ben);
    trio_end();
}
END_TEST

START_TEST(a_frame_that_is_half_sent_is_finished_before_anything_else)
{
    trio_join("text");
    ben.takes = 0;
    client_say(&anna, "[1,1,1,[\"a long enough text to be cut\"]]");
    world_run(&world);
    ben.takes = 7;
    for (int i = 0; i < 40; i++) {
        struct span spans[4];

        if (i == 1)
            client_say(&ben, "[\"open\",\"notes/9\",{\"type\":\"text\",\"create\":true}]");
        if (link_output(ben.link, spans, 4) == 0)
            break;
        size_t take = spans[0].size < 7 ? spans[0].size : 7;
        uint8_t piece[7];
        struct websocket_event event;
        size_t used = 0;
        uint16_t code = 0;

        memcpy(piece, spans[0].data, take);
        enum status status =
            websocket_decode(&ben.decoder, piece, take, &used, &event, &code, NULL);

        ck_assert(status == STATUS_OK || status == STATUS_MORE);
        ck_assert_uint_eq(used, take);
        link_written(ben.link, take, world.now_ms);
        world_run(&world);
    }
    trio_end();
}
END_TEST

START_TEST(a_client_that_says_no_hello_in_time_may_come_back)
{
    trio_begin();
    client_connect(&anna, &world, 'a');
    client_disconnect(&anna);
    anna.link = hub_connect(world.hub, DIALECT_NATIVE, SPAN("user"), &anna, world.now_ms);
    world_pass(&world, LIMIT_HANDSHAKE_MS + 2000);
    ck_assert_ptr_null(anna.link);
    ck_assert_uint_eq(anna.close_code, WEBSOCKET_CLOSE_GOING_AWAY);
    trio_end();
}
END_TEST

START_TEST(whose_answers_are_not_read_is_not_read_either)
{
    trio_join("text");
    ben.takes = 0;
    while (link_wants_input(ben.link)) {
        client_say(&ben, "[\"open\",\"notes/1\",{}]"); /* it has it open already */
        ck_assert_uint_lt(link_private_size(ben.link), LIMIT_PRIVATE_BYTES + 1024);
    }
    world_run(&world);
    ck_assert_uint_ge(link_private_size(ben.link), LIMIT_PRIVATE_BYTES);
    ck_assert(!link_wants_input(ben.link));
    ben.takes = SIZE_MAX;
    client_write(&ben);
    ck_assert(link_wants_input(ben.link));
    client_expect(&ben, "[\"closed\",\"notes/1\",$");
    trio_end();
}
END_TEST

START_TEST(whoever_reads_nothing_and_says_nothing_takes_no_stream_along)
{
    char edit[96];

    trio_join("text");
    ben.takes = 0;
    for (unsigned serial = 1; serial <= 200; serial++) {
        snprintf(edit, sizeof(edit), "[1,%u,%u,[\"%064u\"]]", serial, serial, serial);
        client_say(&anna, edit);
        world_run(&world);
    }
    for (int i = 0; i < 4 && ben.link->state != LINK_CLOSING; i++) {
        client_say(&anna, "[]");
        world_pass(&world, world.hub->config.heartbeat_ms);
    }
    ck_assert_int_eq(ben.link->state, LINK_CLOSING);
    ck_assert_uint_lt(link_private_size(ben.link), 1024);
    trio_end();
}
END_TEST

TEST_MAIN("link", whoever_reads_nothing_and_says_nothing_takes_no_stream_along,
          whose_answers_are_not_read_is_not_read_either, a_gap_in_the_serials_ends_the_connection,
          a_session_lives_on_over_connections, the_newer_connection_of_a_session_wins,
          a_hello_that_was_long_on_its_way_takes_no_session,
          serials_go_on_behind_an_edit_that_a_lost_connection_brought,
          a_deletion_that_is_half_sent_is_the_end_also_when_the_stream_begins_anew,
          a_frame_that_is_half_sent_is_finished_before_anything_else,
          a_client_that_says_no_hello_in_time_may_come_back)
