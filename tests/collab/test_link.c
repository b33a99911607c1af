#include "server/collab/link.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
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

START_TEST(a_gap_in_the_serials_ends_the_connection)
{
    both_join("text");
    client_say(&alice, "[1,3,1,[\"x\"]]");
    world_run(&world);
    ck_assert_uint_eq(alice.close_code, 4401);
    finish();
}
END_TEST

START_TEST(a_session_lives_on_over_connections)
{
    both_join("text");
    client_say(&alice, "[1,1,1,[\"x\"]]");
    client_disconnect(&alice);
    world_run(&world);
    client_connect(&alice, &world, 'a');
    client_say(&alice, "[\"open\",\"notes/1\",{\"from\":1,\"epoch\":1000000,\"pending\":1}]");
    world_run(&world);
    client_expect(&alice, "[\"welcome\",$");
    client_expect(&alice, "[\"opened\",1,\"notes/1\",2,{\"type\":\"text\",\"serial\":1,$");
    client_expect(&alice, "[1,2,$");
    client_say(&alice, "[1,1,1,[\"x\"]]");
    world_run(&world);
    client_expect(&alice, "[\"refused\",1,1,217,$");
    client_expect_silence(&alice);
    finish();
}
END_TEST

START_TEST(the_newer_connection_of_a_session_wins)
{
    struct client again = {0};

    both_join("text");
    client_connect(&again, &world, 'a');
    world_run(&world);
    ck_assert_uint_eq(alice.close_code, 4400);
    client_expect(&again, "[\"welcome\",$");
    client_finish(&again);
    finish();
}
END_TEST

START_TEST(a_hello_that_was_long_on_its_way_takes_no_session)
{
    struct client late = {0};

    both_join("text");
    client_connect(&late, &world, 'c');
    client_disconnect(&late);
    late.link = hub_connect(world.hub, DIALECT_NATIVE, SPAN("user"), &late, world.now_ms);
    client_disconnect(&alice);
    client_connect(&alice, &world, 'a');
    world_run(&world);
    client_say(&late, "[\"hello\",{\"resume\":\"aaaaaaaaaaaaaaaaaaaaaA\"}]");
    world_run(&world);
    ck_assert_uint_eq(late.close_code, 4400);
    ck_assert_uint_eq(alice.close_code, 0);
    client_finish(&late);
    finish();
}
END_TEST

/* Her edit waits behind more than a batch holds, she comes back meanwhile. */
START_TEST(serials_go_on_behind_an_edit_that_a_lost_connection_brought)
{
    char edit[64];

    both_join("counter");
    world.store_stuck = true;
    for (int serial = 1; serial <= LIMIT_BATCH_ENTRIES; serial++) {
        snprintf(edit, sizeof(edit), "[1,%d,1,1]", serial);
        client_say(&bob, edit);
    }
    client_say(&alice, "[1,1,1,5]");
    world_run(&world);
    client_disconnect(&alice);
    client_connect(&alice, &world, 'a');
    client_say(&alice, "[\"open\",\"notes/1\",{\"from\":1,\"epoch\":1000000,\"pending\":1}]");
    world_run(&world);
    world.store_stuck = false;
    world_run(&world);
    client_say(&alice, "[1,2,4098,7]");
    world_run(&world);
    ck_assert_uint_eq(alice.close_code, 0);
    ck_assert_uint_eq(world.hub->counts.operations, 1 + LIMIT_BATCH_ENTRIES + 2);
    finish();
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

    both_join("text");
    bob.takes = 0;
    client_say(&alice, "[\"delete\",1,1,1]");
    world_run(&world);
    ck_assert_uint_gt(link_output(bob.link, spans, LIMIT_WRITE_SPANS), 0);
    memcpy(piece, spans[0].data, sizeof(piece));
    ck_assert_int_eq(
        websocket_decode(&bob.decoder, piece, sizeof(piece), &used, &event, &code, NULL),
        STATUS_MORE);
    link_written(bob.link, sizeof(piece), world.now_ms);
    client_say(&alice, "[\"open\",\"notes/1\",{\"type\":\"text\",\"create\":true}]");
    world_run(&world);
    ck_assert_int_eq(world.backend->ops->claim(world.backend, &claim), STATUS_OK);
    client_say(&alice, "[2,2,3,[\"a\"]]");
    world_pass(&world, 2000);
    bob.takes = SIZE_MAX;
    client_write(&bob);
    world_run(&world);
    client_expect(&bob, "[\"closed\",1,213,$");
    client_expect_silence(&bob);
    finish();
}
END_TEST

START_TEST(a_frame_that_is_half_sent_is_finished_before_anything_else)
{
    both_join("text");
    bob.takes = 0;
    client_say(&alice, "[1,1,1,[\"a long enough text to be cut\"]]");
    world_run(&world);
    bob.takes = 7;
    for (int i = 0; i < 40; i++) {
        struct span spans[4];

        if (i == 1)
            client_say(&bob, "[\"open\",\"notes/9\",{\"type\":\"text\",\"create\":true}]");
        if (link_output(bob.link, spans, 4) == 0)
            break;
        size_t take = spans[0].size < 7 ? spans[0].size : 7;
        uint8_t piece[7];
        struct websocket_event event;
        size_t used = 0;
        uint16_t code = 0;

        memcpy(piece, spans[0].data, take);
        enum status status =
            websocket_decode(&bob.decoder, piece, take, &used, &event, &code, NULL);

        ck_assert(status == STATUS_OK || status == STATUS_MORE);
        ck_assert_uint_eq(used, take);
        link_written(bob.link, take, world.now_ms);
        world_run(&world);
    }
    finish();
}
END_TEST

START_TEST(a_client_that_says_no_hello_in_time_may_come_back)
{
    setup();
    client_connect(&alice, &world, 'a');
    client_disconnect(&alice);
    alice.link = hub_connect(world.hub, DIALECT_NATIVE, SPAN("user"), &alice, world.now_ms);
    world_pass(&world, LIMIT_HANDSHAKE_MS + 2000);
    ck_assert_ptr_null(alice.link);
    ck_assert_uint_eq(alice.close_code, WEBSOCKET_CLOSE_GOING_AWAY);
    finish();
}
END_TEST

START_TEST(whose_answers_are_not_read_is_not_read_either)
{
    both_join("text");
    bob.takes = 0;
    while (link_wants_input(bob.link)) {
        client_say(&bob, "[\"open\",\"notes/1\",{}]"); /* it has it open already */
        ck_assert_uint_lt(link_private_size(bob.link), LIMIT_PRIVATE_BYTES + 1024);
    }
    world_run(&world);
    ck_assert_uint_ge(link_private_size(bob.link), LIMIT_PRIVATE_BYTES);
    ck_assert(!link_wants_input(bob.link));
    bob.takes = SIZE_MAX;
    client_write(&bob);
    ck_assert(link_wants_input(bob.link));
    client_expect(&bob, "[\"closed\",\"notes/1\",$");
    finish();
}
END_TEST

START_TEST(whoever_reads_nothing_and_says_nothing_takes_no_stream_along)
{
    char edit[96];

    both_join("text");
    bob.takes = 0;
    for (unsigned serial = 1; serial <= 200; serial++) {
        snprintf(edit, sizeof(edit), "[1,%u,%u,[\"%064u\"]]", serial, serial, serial);
        client_say(&alice, edit);
        world_run(&world);
    }
    for (int i = 0; i < 4 && bob.link->state != LINK_CLOSING; i++) {
        client_say(&alice, "[]");
        world_pass(&world, world.hub->config.heartbeat_ms);
    }
    ck_assert_int_eq(bob.link->state, LINK_CLOSING);
    ck_assert_uint_lt(link_private_size(bob.link), 1024);
    finish();
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
