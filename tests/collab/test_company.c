#include "server/collab/company.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "server/collab/link.h"
#include "tests/collab/trio.h"
#include "tests/runner.h"

static void expect_say(struct client *client, struct who who, const char *event)
{
    char expected[512];

    snprintf(expected, sizeof(expected), "[\"say\",1,\"%.*s\",%s]", WHO_SIZE, who.text, event);
    client_expect(client, expected);
}

static void expect_nothing_more(void)
{
    client_expect_silence(&anna);
    client_expect_silence(&ben);
}

static void join(struct client *client, char letter)
{
    client_join(client, &world, letter, "notes/1", "text");
}

/* ---- here ---- */

START_TEST(the_others_see_it_and_its_author_does_not)
{
    trio_join("text");
    trio_say(&anna, "[\"here\",1,1,{\"name\":\"Anna\"}]");
    trio_expect_here(&ben, 1, trio_who(&anna), "{\"name\":\"Anna\"}");
    trio_say(&anna, "[\"here\",1,1,null]");
    trio_expect_here(&ben, 1, trio_who(&anna), "null");
    expect_nothing_more();
    trio_end();
}
END_TEST

START_TEST(of_many_in_a_turn_the_last_is_told)
{
    trio_join("text");
    client_say(&anna, "[\"here\",1,1,1]");
    client_say(&ben, "[\"here\",1,1,\"b\"]");
    client_say(&anna, "[\"here\",1,1,2]");
    client_say(&anna, "[\"here\",1,1,3]");
    world_run(&world);
    trio_expect_here(&ben, 1, trio_who(&anna), "3");
    trio_expect_here(&anna, 1, trio_who(&ben), "\"b\"");
    expect_nothing_more();
    trio_end();
}
END_TEST

START_TEST(a_newcomer_is_told_who_is_there)
{
    trio_join("text");
    trio_say(&anna, "[\"here\",1,1,\"a\"]");
    trio_say(&ben, "[\"here\",1,1,\"b\"]");
    join(&carla, 'c');
    client_expect(&carla, "[\"here\",1,1]");
    trio_expect_here(&carla, 1, trio_who(&anna), "\"a\"");
    trio_expect_here(&carla, 1, trio_who(&ben), "\"b\"");
    client_expect_silence(&carla);
    trio_end();
}
END_TEST

START_TEST(a_newcomer_is_told_nothing_when_nobody_shows_itself)
{
    trio_join("text");
    join(&carla, 'c');
    client_expect_silence(&carla);
    trio_end();
}
END_TEST

START_TEST(positions_are_of_the_seq_that_the_reader_has)
{
    trio_join("text");
    trio_say(&ben, "[1,1,1,[\"hello\"]]");
    client_expect(&anna, "[1,2,$");
    client_expect(&ben, "[1,2,$");
    trio_say(&anna, "[\"here\",1,1,{\"cursor\":[0]}]"); /* she had not seen the hello */
    trio_expect_here(&ben, 2, trio_who(&anna), "{\"cursor\":[0]}");
    trio_say(&anna, "[\"here\",1,2,{\"cursor\":[3]}]");
    trio_expect_here(&ben, 2, trio_who(&anna), "{\"cursor\":[3]}");
    trio_say(&ben, "[1,2,2,[\"oh, \"]]");
    client_expect(&ben, "[1,3,$");
    client_expect(&anna, "[1,3,$");
    expect_nothing_more(); /* Ben moves it by himself … */
    join(&carla, 'c');
    client_expect(&carla, "[\"here\",1,3]");
    trio_expect_here(&carla, 3, trio_who(&anna),
                     "{\"cursor\":[7]}"); /* … and for Carla it was moved */
    trio_end();
}
END_TEST

START_TEST(is_told_behind_the_operations_of_its_turn)
{
    trio_join("text");
    client_say(&ben, "[1,1,1,[\"hello\"]]");
    client_say(&anna, "[\"here\",1,1,{\"cursor\":[1]}]");
    world_run(&world);
    trio_expect_here(&ben, 1, trio_who(&anna), "{\"cursor\":[1]}"); /* not durable yet */
    client_expect(&ben, "[1,2,$");
    trio_end();
}
END_TEST

START_TEST(a_seq_that_is_not_there_yet_waits)
{
    trio_join("text");
    trio_say(&anna, "[\"here\",1,2,{\"cursor\":[5]}]");
    client_expect_silence(&ben);
    trio_say(&ben, "[1,1,1,[\"hello\"]]");
    client_expect(&ben, "[1,2,$");
    trio_expect_here(&ben, 2, trio_who(&anna), "{\"cursor\":[5]}");
    trio_end();
}
END_TEST

START_TEST(whoever_goes_is_gone_for_the_others)
{
    static const char *const ways[] = {"close", "break", "taken"};

    for (size_t i = 0; i < 3; i++) {
        trio_join("text");
        trio_say(&anna, "[\"here\",1,1,\"a\"]");
        struct who left = trio_who(&anna);

        trio_expect_here(&ben, 1, left, "\"a\"");
        if (strcmp(ways[i], "close") == 0)
            client_say(&anna, "[\"close\",1]");
        else if (strcmp(ways[i], "break") == 0)
            client_disconnect(&anna);
        else
            client_connect(&carla, &world, 'a'); /* the same session */
        world_run(&world);
        trio_expect_here(&ben, 1, left, "null");
        client_expect_silence(&ben);
        trio_end();
    }
}
END_TEST

START_TEST(what_is_not_renewed_expires)
{
    trio_join("text");
    trio_say(&anna, "[\"here\",1,1,\"a\"]");
    trio_say(&ben, "[\"here\",1,1,\"b\"]");
    trio_expect_here(&ben, 1, trio_who(&anna), "\"a\"");
    trio_expect_here(&anna, 1, trio_who(&ben), "\"b\"");
    for (int i = 0; i < 3; i++) { /* Anna's connection lives, and she says no more */
        world_pass(&world, LIMIT_HEARTBEAT_MS);
        trio_say(&anna, "[]");
        trio_say(&ben, "[\"here\",1,1,\"b\"]");
    }
    for (int i = 0; i < 3; i++) {
        client_expect(&anna, "[]");
        client_expect(&ben, "[]");
    }
    trio_expect_here(&ben, 1, trio_who(&anna), "null");
    expect_nothing_more();
    trio_end();
}
END_TEST

START_TEST(nothing_of_it_is_left_when_all_have_gone)
{
    trio_join("text");
    trio_say(&anna, "[\"here\",1,1,\"a\"]");
    trio_say(&ben, "[\"here\",1,1,\"b\"]");
    client_disconnect(&anna);
    client_disconnect(&ben);
    world_pass(&world, LIMIT_IDLE_DOCUMENT_MS + 1000);
    world_pass(&world, 1000);
    ck_assert_uint_eq(hub_counts(world.hub).documents, 0);
    trio_end();
}
END_TEST

START_TEST(a_deletion_takes_it_away_and_the_next_document_knows_nobody)
{
    trio_join("text");
    trio_say(&anna, "[\"here\",1,1,\"a\"]");
    trio_expect_here(&ben, 1, trio_who(&anna), "\"a\"");
    trio_say(&ben, "[\"delete\",1,1,1]");
    client_expect(&ben, "[\"closed\",1,213,$");
    client_expect(&anna, "[\"closed\",1,213,$");
    trio_say(&anna, "[\"here\",1,1,\"late\"]");
    client_expect(&anna, "[\"closed\",1,214,$");
    trio_say(&ben, "[\"open\",\"notes/1\",{\"type\":\"text\",\"create\":true}]");
    client_expect(&ben, "[\"opened\",2,\"notes/1\",3,$");
    expect_nothing_more();
    trio_end();
}
END_TEST

START_TEST(a_session_that_opens_a_document_made_anew_shows_itself_there)
{
    trio_join("text");
    trio_say(&anna, "[\"here\",1,1,\"a\"]");
    trio_expect_here(&ben, 1, trio_who(&anna), "\"a\"");
    anna.takes = 0; /* she does not read that it was deleted */
    trio_say(&ben, "[\"delete\",1,1,1]");
    client_expect(&ben, "[\"closed\",1,213,$");
    trio_say(&ben, "[\"open\",\"notes/1\",{\"type\":\"text\",\"create\":true}]");
    client_expect(&ben, "[\"opened\",2,$");
    trio_say(&anna, "[\"open\",\"notes/1\",{}]");
    trio_say(&anna, "[\"here\",2,3,\"again\"]");
    client_expect(&ben, "[\"here\",2,3,$");
    anna.takes = SIZE_MAX;
    client_write(&anna); /* the old one goes, the new one stays */
    world_run(&world);
    client_expect_silence(&ben);
    trio_end();
}
END_TEST

START_TEST(a_deletion_that_was_not_committed_changes_nothing)
{
    trio_join("text");
    trio_say(&anna, "[\"here\",1,1,\"a\"]");
    trio_expect_here(&ben, 1, trio_who(&anna), "\"a\"");
    world.flaky->calls = 0;
    world.flaky->fail_at = 1;
    world.flaky->status = STATUS_FENCED;
    client_say(&ben, "[\"delete\",1,1,1]");
    world_run(&world);
    world_pass(&world, 2000);
    client_expect(&ben, "[\"here\",1,1]"); /* the stream began anew */
    trio_expect_here(&ben, 1, trio_who(&anna), "\"a\"");
    client_expect(&ben, "[\"epoch\",1,$");
    client_expect(&ben, "[\"closed\",1,213,$");
    client_expect(&anna, "[\"here\",1,1]");
    client_expect(&anna, "[\"epoch\",1,$");
    client_expect(&anna, "[\"closed\",1,213,$");
    trio_end();
}
END_TEST

/* ---- say ---- */

START_TEST(a_signal_reaches_all_others_once)
{
    trio_join("text");
    join(&carla, 'c');
    trio_say(&anna, "[\"say\",1,{\"ring\":true}]");
    expect_say(&ben, trio_who(&anna), "{\"ring\":true}");
    expect_say(&carla, trio_who(&anna), "{\"ring\":true}");
    client_expect_silence(&carla);
    expect_nothing_more();
    trio_end();
}
END_TEST

START_TEST(a_signal_may_be_for_one)
{
    char message[64];

    trio_join("text");
    join(&carla, 'c');
    snprintf(message, sizeof(message), "[\"say\",1,\"psst\",\"%.*s\"]", WHO_SIZE,
             trio_who(&carla).text);
    trio_say(&anna, message);
    expect_say(&carla, trio_who(&anna), "\"psst\"");
    trio_say(&anna, "[\"say\",1,\"psst\",\"nobody--\"]");
    client_expect_silence(&carla);
    expect_nothing_more();
    trio_end();
}
END_TEST

START_TEST(signals_keep_their_order)
{
    trio_join("counter");
    client_say(&anna, "[\"say\",1,1]");
    client_say(&anna, "[\"say\",1,2]");
    client_say(&ben, "[\"say\",1,3]");
    client_say(&anna, "[\"say\",1,4]");
    world_run(&world);
    expect_say(&ben, trio_who(&anna), "1");
    expect_say(&ben, trio_who(&anna), "2");
    expect_say(&ben, trio_who(&anna), "4");
    expect_say(&anna, trio_who(&ben), "3");
    expect_nothing_more();
    trio_end();
}
END_TEST

/* A signal of `size` bytes. */
static void say_bytes(struct client *client, size_t size)
{
    struct buffer message = {0};

    buffer_append_text(&message, "[\"say\",1,\"");
    for (size_t i = 2; i < size; i++)
        buffer_append_byte(&message, 'x');
    buffer_append_text(&message, "\"]");
    buffer_append_byte(&message, '\0');
    client_say(client, (const char *)message.data);
    buffer_finish(&message);
}

START_TEST(what_is_said_beyond_the_limit_of_a_turn_is_dropped)
{
    trio_join("text");
    for (int i = 0; i < 6; i++)
        say_bytes(&anna, LIMIT_SIGNAL_BYTES);
    world_run(&world);
    size_t heard = 0;

    while (client_hears(&ben) != NULL)
        heard++;
    ck_assert_uint_eq(heard, LIMIT_SIGNALS_BYTES / LIMIT_SIGNAL_BYTES);
    trio_say(&anna, "[\"say\",1,\"next turn\"]");
    expect_say(&ben, trio_who(&anna), "\"next turn\"");
    trio_end();
}
END_TEST

START_TEST(whoever_has_not_opened_the_document_is_told_so)
{
    trio_join("text");
    trio_say(&anna, "[\"here\",9,1,1]");
    client_expect(&anna, "[\"closed\",9,214,$");
    trio_say(&anna, "[\"say\",9,1]");
    client_expect(&anna, "[\"closed\",9,214,$");
    expect_nothing_more();
    trio_end();
}
END_TEST

TEST_MAIN("company", the_others_see_it_and_its_author_does_not, of_many_in_a_turn_the_last_is_told,
          a_newcomer_is_told_who_is_there, a_newcomer_is_told_nothing_when_nobody_shows_itself,
          positions_are_of_the_seq_that_the_reader_has, is_told_behind_the_operations_of_its_turn,
          a_seq_that_is_not_there_yet_waits, whoever_goes_is_gone_for_the_others,
          what_is_not_renewed_expires, nothing_of_it_is_left_when_all_have_gone,
          a_deletion_takes_it_away_and_the_next_document_knows_nobody,
          a_session_that_opens_a_document_made_anew_shows_itself_there,
          a_deletion_that_was_not_committed_changes_nothing, a_signal_reaches_all_others_once,
          a_signal_may_be_for_one, signals_keep_their_order,
          what_is_said_beyond_the_limit_of_a_turn_is_dropped,
          whoever_has_not_opened_the_document_is_told_so)
