#include "server/collab/divergence.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json_scan.h"
#include "server/collab/hub_state.h"
#include "tests/collab/world.h"
#include "tests/ot/laws.h"

static struct world world;
static struct client anna;
static struct client ben;

static void setup(void)
{
    world_init(&world);
    anna = ben = (struct client){0};
    client_join(&anna, &world, 'a', "notes/1", "counter");
    client_join(&ben, &world, 'b', "notes/1", "counter");
}

static void finish(void)
{
    client_finish(&anna);
    client_finish(&ben);
    world_finish(&world);
}

/* Anna adds 1 until the document is at this seq; 1 is its creation. */
static void add_until(uint64_t head)
{
    static char edit[64];

    for (uint64_t seq = 2; seq <= head; seq++) {
        snprintf(edit, sizeof(edit), "[1,%" PRIu64 ",%" PRIu64 ",1]", seq - 1, seq - 1);
        client_say(&anna, edit);
        world_run(&world);
    }
    while (client_hears(&anna) != NULL || client_hears(&ben) != NULL)
        continue;
}

/* The client tells that its counter was `value` at `seq`. */
static void check(struct client *client, uint64_t seq, const char *value)
{
    struct content *content = law_content(&type_counter, value);
    char message[64];

    snprintf(message, sizeof(message), "[\"check\",1,%" PRIu64 ",\"%016" PRIx64 "\"]", seq,
             content_hash(content));
    client_say(client, message);
    world_run(&world);
    content_destroy(content);
}

START_TEST(the_same_state_needs_no_answer)
{
    setup();
    add_until(1024);
    check(&anna, 1024, "1023");
    check(&ben, 1024, "1023");
    client_expect_silence(&anna);
    client_expect_silence(&ben);
    ck_assert_uint_eq(hub_counts(world.hub).diverged, 0);
    finish();
}
END_TEST

START_TEST(another_state_is_told_to_who_has_it)
{
    setup();
    add_until(1030);
    check(&ben, 1024, "1022");
    client_expect(&ben, "[\"diverged\",1,1024]");
    client_expect_silence(&anna);
    ck_assert_uint_eq(hub_counts(world.hub).diverged, 1);
    finish();
}
END_TEST

START_TEST(nothing_is_said_of_a_state_that_is_not_known)
{
    setup();
    add_until(1030);
    check(&ben, 1023, "0");
    check(&ben, 2048, "0");
    check(&ben, 1, "0");
    client_expect_silence(&ben);
    client_say(&ben, "[\"check\",9,1024,\"0123456789abcdef\"]");
    world_run(&world);
    client_expect(&ben, "[\"closed\",9,214,$");
    finish();
}
END_TEST

START_TEST(nothing_is_compared_before_it_is_committed)
{
    setup();
    add_until(1023);
    world.store_stuck = true;
    client_say(&anna, "[1,1023,1023,1]");
    world_run(&world);
    check(&ben, 1024, "0");
    client_expect_silence(&ben);
    world.store_stuck = false;
    world_run(&world);
    client_expect(&ben, "[1,1024,$");
    check(&ben, 1024, "0");
    client_expect(&ben, "[\"diverged\",1,1024]");
    finish();
}
END_TEST

START_TEST(what_was_not_committed_is_not_compared_with)
{
    setup();
    add_until(1023);
    world.flaky->calls = 0;
    world.flaky->fail_at = 1;
    world.flaky->status = STATUS_FENCED;
    client_say(&anna, "[1,1023,1023,5]");
    world_run(&world);
    world_pass(&world, 2000); /* it is sequenced again, and hashed again */
    client_expect(&ben, "[\"epoch\",1,$");
    client_expect(&ben, "[1,1024,$");
    check(&ben, 1024, "1027");
    client_expect_silence(&ben);
    finish();
}
END_TEST

/* ---- The operator ---- */

static struct buffer bundles;

static void keep(struct bundle_keeper *keeper, struct span bundle)
{
    (void)keeper;
    buffer_append(&bundles, bundle);
}

static struct bundle_keeper keeper = {keep};

START_TEST(the_operator_gets_a_bundle_once_for_a_seq)
{
    setup();
    world.hub->config.keeper = &keeper;
    add_until(1025);
    check(&ben, 1024, "7");
    check(&anna, 1024, "8");
    ck_assert_uint_eq(hub_counts(world.hub).diverged, 2);
    ck_assert_int_eq(json_scan(buffer_span(&bundles), &json_limits_default, NULL), STATUS_OK);
    struct span bundle = json_value(buffer_span(&bundles));

    ck_assert(json_string_is(json_member(bundle, "document"), "notes/1"));
    ck_assert(json_string_is(json_member(bundle, "type"), "counter"));
    ck_assert(span_equal(json_member(bundle, "seq"), SPAN("1024")));
    ck_assert(span_equal(json_member(bundle, "head"), SPAN("1025")));
    ck_assert(span_equal(json_member(bundle, "state"), SPAN("1024")));
    ck_assert(json_string_is(json_member(bundle, "hash_here"), "6629ddae3736e894"));
    ck_assert_uint_eq(json_count(json_member(bundle, "entries")), 1025);
    buffer_finish(&bundles);
    finish();
}
END_TEST

TEST_MAIN("divergence", the_same_state_needs_no_answer, another_state_is_told_to_who_has_it,
          nothing_is_said_of_a_state_that_is_not_known, nothing_is_compared_before_it_is_committed,
          what_was_not_committed_is_not_compared_with, the_operator_gets_a_bundle_once_for_a_seq)
