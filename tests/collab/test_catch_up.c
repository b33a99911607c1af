#include "server/collab/catch_up.h"

#include <stdio.h>
#include <string.h>

#include "server/collab/link.h"
#include "tests/collab/world.h"
#include "tests/runner.h"

/* More than go singly. */
enum { MANY = LIMIT_SINGLE_OPERATIONS + 8 };

static struct world world;
static struct client alice;
static struct client bob;

/* Alice writes and Bob reads, in a document of this type. */
static void begin(const char *type)
{
    world_init(&world);
    alice = (struct client){0};
    bob = (struct client){0};
    client_join(&alice, &world, 'a', "notes/1", type);
    client_join(&bob, &world, 'b', "notes/1", type);
}

static void end(void)
{
    client_finish(&alice);
    client_finish(&bob);
    world_finish(&world);
}

static void hear_all(struct client *client)
{
    while (client_hears(client) != NULL)
        ;
}

/* Alice's edits `first` … `last`, each on the newest seq, which is its serial here. */
static void alice_writes(unsigned first, unsigned last, const char *operation)
{
    char edit[256];

    for (unsigned serial = first; serial <= last; serial++) {
        snprintf(edit, sizeof(edit), "[1,%u,%u,%s]", serial, serial, operation);
        client_say(&alice, edit);
        world_run(&world);
    }
}

/* Bob is away while Alice writes many; then he opens as this says. */
static void bob_returns(const char *open)
{
    client_disconnect(&bob);
    alice_writes(1, MANY, "[\"a\"]");
    hear_all(&bob);
    client_connect(&bob, &world, 'b');
    client_say(&bob, open);
    world_run(&world);
    client_expect(&bob, "[\"welcome\",$");
}

START_TEST(who_opens_far_behind_gets_one_operation)
{
    begin("text");
    bob_returns("[\"open\",\"notes/1\",{\"from\":1,\"epoch\":1000000}]");
    client_expect(&bob, "[\"opened\",1,\"notes/1\",41,{\"type\":\"text\",\"serial\":0,$");
    client_expect(&bob,
                  "[\"composed\",1,41,[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"],1000000]");
    client_expect_silence(&bob);
    alice_writes(MANY + 1, MANY + 1, "[\"b\"]");
    client_expect(&bob, "[1,42,$");
    end();
}
END_TEST

START_TEST(a_few_operations_keep_their_authors)
{
    begin("text");
    client_disconnect(&bob);
    alice_writes(1, 3, "[\"a\"]");
    hear_all(&bob);
    client_connect(&bob, &world, 'b');
    client_say(&bob, "[\"open\",\"notes/1\",{\"from\":1,\"epoch\":1000000}]");
    world_run(&world);
    client_expect(&bob, "[\"welcome\",$");
    client_expect(&bob, "[\"opened\",1,\"notes/1\",4,$");
    client_expect(&bob, "[1,2,$");
    client_expect_silence(&bob);
    end();
}
END_TEST

START_TEST(an_edit_from_before_a_range_has_to_be_rebased)
{
    begin("text");
    bob_returns("[\"open\",\"notes/1\",{\"from\":1,\"epoch\":1000000}]");
    client_expect(&bob, "[\"opened\",$");
    client_expect(&bob, "[\"composed\",1,41,$");
    client_say(&bob, "[1,1,40,[\"b\"]]");
    world_run(&world);
    client_expect(&bob, "[\"refused\",1,1,103,$");
    client_say(&bob, "[1,1,41,[\"b\"]]");
    world_run(&world);
    client_expect(&bob, "[1,42,$");
    client_expect_silence(&bob);
    end();
}
END_TEST

START_TEST(an_edit_of_an_identity_type_never_has_to_be_rebased)
{
    begin("counter");
    client_disconnect(&bob);
    alice_writes(1, MANY, "1");
    hear_all(&bob);
    client_connect(&bob, &world, 'b');
    client_say(&bob, "[\"open\",\"notes/1\",{\"from\":1,\"epoch\":1000000,\"pending\":1}]");
    world_run(&world);
    client_expect(&bob, "[\"welcome\",$");
    client_expect(&bob, "[\"opened\",$");
    client_expect(&bob, "[\"composed\",1,41,40,1000000]");
    client_say(&bob, "[1,1,1,5]");
    world_run(&world);
    client_expect(&bob, "[1,42,$");
    end();
}
END_TEST

/* A pending serial that was never sequenced. */
START_TEST(the_floor_keeps_old_copies_of_a_pending_edit_out)
{
    struct store_session row = {
        .request = {.call = STORE_SESSION},
        .name = SPAN("notes/1"),
    };

    begin("text");
    row.session = bob.link->session;
    bob_returns("[\"open\",\"notes/1\",{\"from\":1,\"epoch\":1000000,\"pending\":1}]");
    client_expect(&bob, "[\"opened\",1,\"notes/1\",41,$");
    ck_assert_int_eq(world.backend->ops->session(world.backend, &row), STATUS_OK);
    ck_assert_uint_eq(row.row.floor, 41);
    store_arena_destroy(row.arena);
    client_expect(&bob, "[\"composed\",1,41,$");
    client_say(&bob, "[1,1,1,[\"old copy\"]]");
    world_run(&world);
    client_expect(&bob, "[\"refused\",1,1,103,$");
    client_say(&bob, "[1,1,41,[40,\"new\"]]");
    world_run(&world);
    client_expect(&bob, "[1,42,$");
    end();
}
END_TEST

START_TEST(an_answer_waits_until_its_floor_is_durable)
{
    begin("text");
    client_disconnect(&bob);
    alice_writes(1, MANY, "[\"a\"]");
    hear_all(&bob);
    client_connect(&bob, &world, 'b');
    client_say(&bob, "[\"open\",\"notes/1\",{\"from\":1,\"epoch\":1000000,\"pending\":1}]");
    world.store_stuck = true;
    world_run(&world);
    client_expect(&bob, "[\"welcome\",$");
    client_expect_silence(&bob);
    world.store_stuck = false;
    world_run(&world);
    client_expect(&bob, "[\"opened\",$");
    end();
}
END_TEST

START_TEST(an_answer_of_single_operations_alone_raises_no_floor)
{
    struct store_session row = {
        .request = {.call = STORE_SESSION},
        .name = SPAN("notes/1"),
    };

    begin("text");
    row.session = bob.link->session;
    client_disconnect(&bob);
    alice_writes(1, 3, "[\"a\"]");
    hear_all(&bob);
    client_connect(&bob, &world, 'b');
    client_say(&bob, "[\"open\",\"notes/1\",{\"from\":1,\"epoch\":1000000,\"pending\":1}]");
    world_run(&world);
    ck_assert_int_eq(world.backend->ops->session(world.backend, &row), STATUS_NOT_FOUND);
    end();
}
END_TEST

START_TEST(a_pending_edit_that_was_sequenced_comes_singly_and_the_rest_composed)
{
    const char *last = NULL;
    const char *heard;

    begin("text");
    client_say(&bob, "[1,1,1,[\"b\"]]"); /* seq 2 */
    world_run(&world);
    for (unsigned serial = 1; serial <= MANY; serial++) {
        char edit[64];

        snprintf(edit, sizeof(edit), "[1,%u,%u,[\"a\"]]", serial, serial + 1);
        client_say(&alice, edit);
        world_run(&world);
    }
    client_disconnect(&bob);
    hear_all(&bob);
    client_connect(&bob, &world, 'b');
    client_say(&bob, "[\"open\",\"notes/1\",{\"from\":1,\"epoch\":1000000,\"pending\":1}]");
    world_run(&world);
    client_expect(&bob, "[\"welcome\",$");
    client_expect(&bob, "[\"opened\",1,\"notes/1\",42,{\"type\":\"text\",\"serial\":1,$");
    client_expect(&bob, "[1,2,$");
    while ((heard = client_hears(&bob)) != NULL)
        last = heard;
    ck_assert_ptr_nonnull(last);
    ck_assert_int_eq(strncmp(last, "[\"composed\",1,42,", 17), 0);
    end();
}
END_TEST

START_TEST(a_pending_edit_that_was_refused_for_good_is_told_behind_opened)
{
    begin("text");
    client_say(&bob, "[1,1,1,[5,\"beyond the end\"]]");
    world_run(&world);
    client_expect(&bob, "[\"refused\",1,1,208,$");
    bob_returns("[\"open\",\"notes/1\",{\"from\":1,\"epoch\":1000000,\"pending\":1}]");
    client_expect(&bob, "[\"opened\",1,\"notes/1\",41,{\"type\":\"text\",\"serial\":1,$");
    client_expect(&bob, "[\"refused\",1,1,208,$");
    client_expect(&bob, "[\"composed\",1,41,$");
    client_expect_silence(&bob);
    end();
}
END_TEST

/* It came by before the range; its second copy was under way. */
START_TEST(a_repeat_from_before_a_range_gets_its_old_answer)
{
    begin("text");
    client_say(&bob, "[1,1,1,[\"b\"]]"); /* seq 2 */
    world_run(&world);
    client_expect(&bob, "[1,2,$");
    client_disconnect(&bob);
    for (unsigned serial = 1; serial <= MANY; serial++) {
        char edit[64];

        snprintf(edit, sizeof(edit), "[1,%u,%u,[\"a\"]]", serial, serial + 1);
        client_say(&alice, edit);
        world_run(&world);
    }
    client_connect(&bob, &world, 'b');
    client_say(&bob, "[\"open\",\"notes/1\",{\"from\":2,\"epoch\":1000000}]");
    world_run(&world);
    client_expect(&bob, "[\"welcome\",$");
    client_expect(&bob, "[\"opened\",$");
    client_expect(&bob, "[\"composed\",1,42,$");
    client_say(&bob, "[1,1,1,[\"b\"]]");
    world_run(&world);
    client_expect(&bob, "[\"refused\",1,1,217,$");
    client_say(&bob, "[1,2,42,[\"c\"]]");
    world_run(&world);
    client_expect(&bob, "[1,43,$");
    end();
}
END_TEST

/* ---- Slow readers ---- */

static void write_replacement(struct buffer *out, unsigned serial, unsigned old, char letter)
{
    buffer_clear(out);
    buffer_append_format(out, "[1,%u,%u,[", serial, serial);
    if (old > 0)
        buffer_append_format(out, "{\"d\":%u},", old);
    buffer_append_byte(out, '"');
    for (int i = 0; i < 10000; i++)
        buffer_append_byte(out, (uint8_t)letter);
    buffer_append_text(out, "\"]]");
    buffer_append_byte(out, 0);
}

/* Alice replaces the same 10 KB so often that who does not read leaves the stream. */
static unsigned alice_replaces(unsigned serial, unsigned count)
{
    struct buffer edit = {0};

    for (unsigned i = 0; i < count; i++, serial++) {
        write_replacement(&edit, serial, serial == 1 ? 0 : 10000, (char)('a' + serial % 26));
        client_say(&alice, (const char *)edit.data);
        world_run(&world);
    }
    buffer_finish(&edit);
    hear_all(&alice);
    return serial;
}

static void bob_reads_again(void)
{
    bob.takes = SIZE_MAX;
    client_write(&bob);
    world_run(&world);
}

START_TEST(a_reader_that_did_not_read_gets_what_it_missed_as_one)
{
    begin("text");
    bob.takes = 0;
    alice_replaces(1, 150);
    size_t before = bob.heard_count;

    bob_reads_again();
    ck_assert_uint_le(bob.heard_count - before, 4);
    client_expect(&bob, "[\"composed\",1,151,[\"$");
    client_expect_silence(&bob);
    client_say(&bob, "[1,1,151,[\"b\"]]");
    world_run(&world);
    client_expect(&bob, "[1,152,$");
    end();
}
END_TEST

/* Bob's snapshot is made between two edits that become durable together. */
START_TEST(who_joins_within_a_frame_is_told_nothing_twice_from_the_log)
{
    struct store_claim claim = {.name = SPAN("notes/1"), .node = "other", .seen_epoch = UINT64_MAX};
    char edit[64];

    begin("counter");
    client_disconnect(&bob);
    hear_all(&bob);
    client_connect(&bob, &world, 'b');
    world.store_stuck = true;
    client_say(&alice, "[1,1,1,1]");
    world_run(&world);
    client_say(&alice, "[1,2,1,10]");
    client_say(&bob, "[\"open\",\"notes/1\",{}]");
    world_run(&world);
    client_expect(&bob, "[\"welcome\",$");
    client_say(&alice, "[1,3,1,100]");
    world_run(&world);
    bob.takes = 0;
    world.store_stuck = false;
    world_run(&world);
    ck_assert_int_eq(world.backend->ops->claim(world.backend, &claim), STATUS_OK);
    for (int serial = 4; serial < 4 + MANY; serial++) { /* the readers leave the stream for them */
        snprintf(edit, sizeof(edit), "[1,%d,1,1000]", serial);
        client_say(&alice, edit);
    }
    world_pass(&world, 2000);
    bob_reads_again();
    client_expect(&bob, "[\"opened\",1,\"notes/1\",3,{\"type\":\"counter\",\"snapshot\":11,$");
    client_expect(&bob, "[\"composed\",1,44,40100,1002000]");
    end();
}
END_TEST

START_TEST(nothing_is_kept_for_a_reader_that_does_not_read)
{
    struct span spans[LIMIT_WRITE_SPANS];
    size_t size = 0;

    begin("text");
    bob.takes = 0;
    alice_replaces(1, 300);
    size_t count = link_output(bob.link, spans, LIMIT_WRITE_SPANS);

    for (size_t i = 0; i < count; i++)
        size += spans[i].size;
    ck_assert_uint_le(size, 32 << 10);
    link_written(bob.link, 0, world.now_ms);
    end();
}
END_TEST

START_TEST(while_an_own_edit_is_unresolved_every_operation_comes_singly)
{
    const char *heard;
    unsigned serial;
    bool own = false;

    begin("text");
    bob.takes = 0;
    client_say(&bob, "[1,1,1,[\"mine\"]]"); /* seq 2, which he does not read */
    world_run(&world);
    struct buffer edit = {0};

    for (serial = 1; serial <= 150; serial++) {
        buffer_clear(&edit);
        write_replacement(&edit, serial, serial == 1 ? 0 : 10000, 'x');
        client_say(&alice, (const char *)edit.data);
        world_run(&world);
    }
    buffer_finish(&edit);
    bob_reads_again();
    while ((heard = client_hears(&bob)) != NULL && strncmp(heard, "[\"composed\"", 11) != 0)
        own = own || strstr(heard, "\"mine\"") != NULL;
    ck_assert(own); /* before anything was composed */
    ck_assert_ptr_nonnull(heard);
    end();
}
END_TEST

/* Deletions that name what they take are more than what they leave. */
static unsigned alice_takes_away(unsigned serial, unsigned count)
{
    struct buffer edit = {0};

    for (unsigned i = 0; i < count; i++, serial++) {
        buffer_clear(&edit);
        buffer_append_format(&edit, "[1,%u,%u,[{\"d\":\"", serial, serial);
        for (int j = 0; j < 10000; j++)
            buffer_append_byte(&edit, 'x');
        buffer_append_text(&edit, "\"}]]");
        buffer_append_byte(&edit, 0);
        client_say(&alice, (const char *)edit.data);
        world_run(&world);
    }
    buffer_finish(&edit);
    return serial;
}

START_TEST(a_reader_so_far_behind_that_the_document_is_less_gets_the_document)
{
    struct buffer edit = {0};
    const char *heard;

    begin("text");
    for (unsigned serial = 1; serial <= 150; serial++) {
        write_replacement(&edit, serial, 0, 'x');
        client_say(&alice, (const char *)edit.data);
        world_run(&world);
    }
    hear_all(&bob);
    bob.takes = 0;
    alice_takes_away(151, 150);
    bob_reads_again();
    while ((heard = client_hears(&bob)) != NULL && strncmp(heard, "[\"closed\",1,104,", 16) != 0)
        ck_assert_ptr_nonnull(heard);
    ck_assert_ptr_nonnull(heard);
    client_say(&bob, "[\"open\",\"notes/1\",{\"from\":151,\"epoch\":1000000}]");
    world_run(&world);
    client_expect(&bob,
                  "[\"opened\",1,\"notes/1\",301,{\"type\":\"text\",\"snapshot\":\"\",\"serial\":0,"
                  "\"epoch\":1000000,\"check_every\":1024,\"reload\":\"behind\"}]");
    client_say(&bob, "[\"close\",1]");
    client_say(&bob, "[\"open\",\"notes/1\",{\"from\":300,\"epoch\":1000000}]");
    world_run(&world);
    client_expect(&bob, "[\"closed\",$");
    client_expect(&bob, "[\"opened\",1,\"notes/1\",301,{\"type\":\"text\",\"serial\":0,$");
    buffer_finish(&edit);
    end();
}
END_TEST

START_TEST(who_never_reads_again_is_closed)
{
    begin("text");
    bob.takes = 0;
    alice_replaces(1, 20);
    for (int i = 0; i < 60; i++) {
        client_say(&alice, "[]");
        client_say(&bob, "[]"); /* it lives, but takes nothing */
        world_pass(&world, 1000);
    }
    bob.takes = SIZE_MAX;
    client_write(&bob);
    world_run(&world);
    ck_assert_uint_eq(bob.close_code, WEBSOCKET_CLOSE_TRY_LATER);
    end();
}
END_TEST

TEST_MAIN("catch_up", who_opens_far_behind_gets_one_operation, a_few_operations_keep_their_authors,
          an_edit_from_before_a_range_has_to_be_rebased,
          an_edit_of_an_identity_type_never_has_to_be_rebased,
          the_floor_keeps_old_copies_of_a_pending_edit_out,
          an_answer_waits_until_its_floor_is_durable,
          an_answer_of_single_operations_alone_raises_no_floor,
          a_pending_edit_that_was_sequenced_comes_singly_and_the_rest_composed,
          a_pending_edit_that_was_refused_for_good_is_told_behind_opened,
          a_repeat_from_before_a_range_gets_its_old_answer,
          a_reader_that_did_not_read_gets_what_it_missed_as_one,
          who_joins_within_a_frame_is_told_nothing_twice_from_the_log,
          nothing_is_kept_for_a_reader_that_does_not_read,
          while_an_own_edit_is_unresolved_every_operation_comes_singly,
          a_reader_so_far_behind_that_the_document_is_less_gets_the_document,
          who_never_reads_again_is_closed)
