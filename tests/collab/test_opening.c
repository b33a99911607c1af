/* Why a client that has a state gets a snapshot all the same (rules 5 and 6). */
#include "server/collab/opening.h"

#include <stdio.h>
#include <string.h>

#include "server/collab/link.h"
#include "tests/collab/world.h"
#include "tests/runner.h"
#include "tests/store/requests.h"

static struct world world;
static struct client alice;
static struct client bob;

static void begin(void)
{
    world_init(&world);
    alice = (struct client){0};
    bob = (struct client){0};
    client_join(&alice, &world, 'a', "notes/1", "text");
    client_join(&bob, &world, 'b', "notes/1", "text");
}

static void end(void)
{
    client_finish(&alice);
    client_finish(&bob);
    world_finish(&world);
}

static void alice_writes(unsigned first, unsigned last)
{
    char edit[64];

    for (unsigned serial = first; serial <= last; serial++) {
        snprintf(edit, sizeof(edit), "[1,%u,%u,[\"a\"]]", serial, serial);
        client_say(&alice, edit);
        world_run(&world);
    }
}

/* Everybody leaves, and the node forgets the document. */
static void unload(void)
{
    client_disconnect(&alice);
    client_disconnect(&bob);
    for (int i = 0; i < 60 && hub_counts(world.hub).documents > 0; i++)
        world_pass(&world, 1000);
    ck_assert_uint_eq(hub_counts(world.hub).documents, 0);
}

/* Bob comes back with this message; what he is answered. */
static const char *bob_opens(const char *open)
{
    while (bob.heard != NULL && client_hears(&bob) != NULL)
        ;
    client_disconnect(&bob);
    client_connect(&bob, &world, 'b');
    client_say(&bob, open);
    world_run(&world);
    client_expect(&bob, "[\"welcome\",$");
    const char *answer = client_hears(&bob);

    ck_assert_ptr_nonnull(answer);
    return answer;
}

static void expect_reload(const char *answer, const char *reason)
{
    char member[64];

    snprintf(member, sizeof(member), "\"reload\":\"%s\"", reason);
    ck_assert_msg(strstr(answer, member) != NULL, "%s is not in %s", member, answer);
    ck_assert_ptr_nonnull(strstr(answer, "\"snapshot\":"));
}

START_TEST(what_the_store_has_is_not_asked_of_memory)
{
    begin();
    alice_writes(1, 10);
    unload();
    const char *answer =
        bob_opens("[\"open\",\"notes/1\",{\"from\":5,\"epoch\":1000000,\"pending\":1}]");

    ck_assert_ptr_null(strstr(answer, "\"reload\""));
    client_expect(&bob, "[2,6,$");
    end();
}
END_TEST

START_TEST(who_stands_before_a_fold_gets_the_document)
{
    begin();
    alice_writes(1, 10);
    unload();
    world_build(&world, "notes/1", 11, true);
    expect_reload(bob_opens("[\"open\",\"notes/1\",{\"from\":5,\"epoch\":1000000}]"), "folded");
    end();
}
END_TEST

START_TEST(who_stands_at_the_snapshot_itself_goes_on)
{
    begin();
    alice_writes(1, 10);
    unload();
    world_build(&world, "notes/1", 11, true);
    const char *answer = bob_opens("[\"open\",\"notes/1\",{\"from\":11,\"epoch\":1000000}]");

    ck_assert_ptr_null(strstr(answer, "\"reload\""));
    end();
}
END_TEST

START_TEST(another_epoch_in_memory_or_in_the_store_is_another_history)
{
    begin();
    alice_writes(1, 10);
    expect_reload(bob_opens("[\"open\",\"notes/1\",{\"from\":5,\"epoch\":999}]"), "restored");
    unload();
    expect_reload(bob_opens("[\"open\",\"notes/1\",{\"from\":5,\"epoch\":999}]"), "restored");
    end();
}
END_TEST

START_TEST(a_seq_beyond_the_head_is_of_another_history)
{
    begin();
    alice_writes(1, 10);
    expect_reload(bob_opens("[\"open\",\"notes/1\",{\"from\":12,\"epoch\":1000000}]"), "restored");
    end();
}
END_TEST

START_TEST(a_serial_that_was_never_used_is_of_another_history)
{
    begin();
    alice_writes(1, 10);
    expect_reload(bob_opens("[\"open\",\"notes/1\",{\"from\":11,\"epoch\":1000000,\"pending\":2}]"),
                  "restored");
    end();
}
END_TEST

START_TEST(who_lost_track_gets_the_document)
{
    begin();
    alice_writes(1, 10);
    expect_reload(
        bob_opens("[\"open\",\"notes/1\",{\"from\":11,\"epoch\":1000000,\"diverged\":true}]"),
        "diverged");
    end();
}
END_TEST

START_TEST(a_document_made_anew_is_another_one)
{
    begin();
    alice_writes(1, 10);
    client_say(&alice, "[\"delete\",1,11,11]");
    world_run(&world);
    expect_reload(bob_opens("[\"open\",\"notes/1\",{\"from\":5,\"epoch\":1000000,"
                            "\"type\":\"text\",\"create\":true}]"),
                  "deleted");
    end();
}
END_TEST

/* The snapshot of notes/1 becomes one of an older server: it does not say when its document was
 * made. */
static void forget_when_it_was_made(void)
{
    struct store_load load = request_load(world.backend, "notes/1", UINT64_MAX);
    struct batch_document part = {.name = SPAN("notes/1"),
                                  .epoch = load.row.epoch,
                                  .head = load.row.head,
                                  .snapshot = &load.snapshot};

    ck_assert_uint_gt(load.snapshot.created, 0);
    load.snapshot.created = 0;
    ck_assert_int_eq(commit_alone(world.backend, part), STATUS_OK);
    store_arena_destroy(load.arena);
}

/* Then the log says it, to who comes upon the deletion. */
START_TEST(who_comes_upon_a_deletion_in_the_log_gets_the_new_document_next)
{
    const char *open = "[\"open\",\"notes/1\",{\"from\":2,\"epoch\":1000000}]";

    begin();
    alice_writes(1, 3);
    client_say(&alice, "[\"delete\",1,4,4]");
    world_run(&world);
    client_say(&alice, "[\"open\",\"notes/1\",{\"type\":\"text\",\"create\":true}]");
    world_run(&world);
    unload();
    world_build(&world, "notes/1", 6, false);
    forget_when_it_was_made();
    const char *answer = bob_opens(open);

    ck_assert_ptr_null(strstr(answer, "\"reload\""));
    client_expect(&bob, "[3,3,$");
    client_expect(&bob, "[\"closed\",3,213,$");
    expect_reload(bob_opens(open), "deleted");
    end();
}
END_TEST

/* The deletion has left the log: the snapshot tells, also when the document is loaded from it. */
START_TEST(who_was_away_while_a_deletion_was_folded_gets_another_document)
{
    begin();
    alice_writes(1, 3);
    client_say(&alice, "[\"delete\",1,4,4]");
    world_run(&world);
    client_say(&alice, "[\"open\",\"notes/1\",{\"type\":\"text\",\"create\":true}]");
    world_run(&world);
    client_say(&alice, "[2,5,6,[\"new\"]]");
    world_run(&world);
    unload();
    world_build(&world, "notes/1", 7, true);
    expect_reload(bob_opens("[\"open\",\"notes/1\",{\"from\":2,\"epoch\":1000000,\"pending\":1}]"),
                  "deleted");
    expect_reload(bob_opens("[\"open\",\"notes/1\",{\"from\":5,\"epoch\":1000000}]"), "deleted");
    expect_reload(bob_opens("[\"open\",\"notes/1\",{\"from\":6,\"epoch\":1000000}]"), "folded");
    end();
}
END_TEST

START_TEST(a_snapshot_raises_the_floor_of_a_pending_edit)
{
    struct store_session row = {.name = SPAN("notes/1")};

    begin();
    row.session = bob.link->session;
    alice_writes(1, 10);
    expect_reload(bob_opens("[\"open\",\"notes/1\",{\"from\":5,\"epoch\":1000000,\"pending\":1,"
                            "\"diverged\":true}]"),
                  "diverged");
    ck_assert_int_eq(world.backend->ops->session(world.backend, &row), STATUS_OK);
    ck_assert_uint_eq(row.row.floor, 11);
    store_arena_destroy(row.arena);
    end();
}
END_TEST

START_TEST(a_claim_that_came_between_keeps_readers_when_the_history_is_the_same)
{
    struct store_claim claim = {.name = SPAN("notes/1"), .node = "other", .seen_epoch = UINT64_MAX};

    begin();
    alice_writes(1, 1);
    client_expect(&bob, "[1,2,$");
    ck_assert_int_eq(world.backend->ops->claim(world.backend, &claim), STATUS_OK);
    alice_writes(2, 2);
    world_pass(&world, 2000);
    client_expect(&bob, "[\"epoch\",1,1000002]");
    client_expect(&bob, "[1,3,$");
    end();
}
END_TEST

/* Another node claims the document and writes behind `head`, of which this one hears nothing. */
static uint64_t another_writes(uint64_t head)
{
    struct store_claim claim = {.name = SPAN("notes/1"), .node = "other", .seen_epoch = UINT64_MAX};

    ck_assert_int_eq(world.backend->ops->claim(world.backend, &claim), STATUS_OK);
    struct entry entry = {
        .seq = head + 1,
        .epoch = claim.row.epoch,
        .serial = 7,
        .base = head,
        .kind = ENTRY_EDIT,
        .session = {"another"},
        .arrived = SPAN("[\"z\"]"),
        .sequenced = SPAN("[\"z\"]"),
    };
    struct session_row row = {.session = entry.session, .serial = 7, .seq = head + 1};
    struct batch_document batch = {
        .name = claim.name,
        .epoch = claim.row.epoch,
        .head = head,
        .entries = &entry,
        .count = 1,
        .rows = &row,
        .row_count = 1,
    };

    ck_assert_int_eq(world.backend->ops->commit(world.backend, &batch, 1), STATUS_OK);
    ck_assert_int_eq(batch.outcome, STATUS_OK);
    return claim.row.epoch;
}

/* Rule 6: what this node does not have may be in the store. */
START_TEST(a_node_that_was_overtaken_reads_before_it_says_restored)
{
    char open[128];

    begin();
    alice_writes(1, 10);
    uint64_t epoch = another_writes(11);

    snprintf(open, sizeof(open), "[\"open\",\"notes/1\",{\"from\":12,\"epoch\":%d}]", (int)epoch);
    const char *answer = bob_opens(open);

    ck_assert_ptr_null(strstr(answer, "\"reload\""));
    end();
}
END_TEST

/* She has used serials at the other one, the last of which it refused for good. */
START_TEST(a_node_that_was_overtaken_reads_before_it_says_that_serials_are_missing)
{
    struct session_row row = {.serial = 12, .seq = 11};
    struct batch_document batch = {.name = SPAN("notes/1"), .rows = &row, .row_count = 1};

    begin();
    row.session = bob.link->session;
    alice_writes(1, 10);
    batch.epoch = another_writes(11);
    batch.head = 12;
    ck_assert_int_eq(world.backend->ops->commit(world.backend, &batch, 1), STATUS_OK);
    const char *answer =
        bob_opens("[\"open\",\"notes/1\",{\"from\":11,\"epoch\":1000000,\"pending\":13}]");

    ck_assert_ptr_null(strstr(answer, "\"reload\""));
    end();
}
END_TEST

/* Bob comes back while his document is given up; before it is claimed again, another has served him
 * and given it up. */
START_TEST(what_was_known_of_sessions_is_forgotten_with_the_document)
{
    struct session_row row = {.serial = 12, .seq = 11};
    struct batch_document batch = {.name = SPAN("notes/1"), .rows = &row, .row_count = 1};

    begin();
    row.session = bob.link->session;
    alice_writes(1, 10);
    while (client_hears(&bob) != NULL)
        ;
    client_disconnect(&alice);
    client_disconnect(&bob);
    world.store_stuck = true;
    for (int i = 0; i < 60; i++)
        world_pass(&world, 1000);
    client_connect(&bob, &world, 'b');
    client_say(&bob, "[\"open\",\"notes/1\",{\"from\":11,\"epoch\":1000000,\"pending\":13}]");
    world.flaky->fail_at = world.flaky->calls + 2; /* the claim, behind the release */
    world.flaky->status = STATUS_AWAY;
    world.store_stuck = false;
    world_run(&world);
    batch.epoch = another_writes(11);
    batch.head = 12;
    ck_assert_int_eq(world.backend->ops->commit(world.backend, &batch, 1), STATUS_OK);
    for (int i = 0; i < 5; i++)
        world_pass(&world, 1000);
    client_expect(&bob, "[\"welcome\",$");
    const char *answer = client_hears(&bob);

    ck_assert_ptr_nonnull(answer);
    ck_assert_ptr_null(strstr(answer, "\"reload\""));
    ck_assert_ptr_nonnull(strstr(answer, "\"serial\":12,"));
    end();
}
END_TEST

START_TEST(a_store_that_does_not_answer_is_asked_again)
{
    bool failed = true;

    for (uint64_t call = 1; failed; call++) {
        begin();
        alice_writes(1, 10);
        unload();
        world_build(&world, "notes/1", 11, false); /* what lies before it is not loaded */
        world.flaky->fail_at = world.flaky->calls + call;
        world.flaky->status = STATUS_AWAY;
        client_connect(&bob, &world, 'b');
        client_say(&bob, "[\"open\",\"notes/1\",{\"from\":5,\"epoch\":1000000}]");
        for (int i = 0; i < 5; i++)
            world_pass(&world, 1000);
        failed = world.flaky->calls >= world.flaky->fail_at;
        while (bob.heard[bob.read] != NULL && strstr(bob.heard[bob.read], "\"opened\"") == NULL)
            (void)client_hears(&bob);
        client_expect(&bob, "[\"opened\",2,\"notes/1\",11,$");
        client_expect(&bob, "[2,6,$");
        end();
    }
}
END_TEST

TEST_MAIN("opening", what_the_store_has_is_not_asked_of_memory,
          who_stands_before_a_fold_gets_the_document, who_stands_at_the_snapshot_itself_goes_on,
          another_epoch_in_memory_or_in_the_store_is_another_history,
          a_seq_beyond_the_head_is_of_another_history,
          a_serial_that_was_never_used_is_of_another_history, who_lost_track_gets_the_document,
          a_document_made_anew_is_another_one,
          who_comes_upon_a_deletion_in_the_log_gets_the_new_document_next,
          who_was_away_while_a_deletion_was_folded_gets_another_document,
          a_snapshot_raises_the_floor_of_a_pending_edit,
          a_claim_that_came_between_keeps_readers_when_the_history_is_the_same,
          a_node_that_was_overtaken_reads_before_it_says_restored,
          a_node_that_was_overtaken_reads_before_it_says_that_serials_are_missing,
          what_was_known_of_sessions_is_forgotten_with_the_document,
          a_store_that_does_not_answer_is_asked_again)
