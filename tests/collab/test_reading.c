/* What was, asked over a link: the store's past, without disturbing the present. */
#include "server/collab/reading.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/prng.h"
#include "server/collab/document.h"
#include "server/collab/hub_state.h"
#include "tests/collab/world.h"
#include "tests/runner.h"
#include "tests/store/requests.h"

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

/* Alice types one letter after the other, a second apart: seq 2 is "a", 3 "ba", … */
static void type_letters(uint64_t count)
{
    char message[64];

    for (uint64_t i = 0; i < count; i++) {
        world_pass(&world, 1000);
        snprintf(message, sizeof(message), "[1,%lu,%lu,[\"%c\"]]", i + 1, i + 1,
                 (int)('a' + i % 26));
        client_say(&alice, message);
        world_run(&world);
        client_expect(&alice, "[1,$");
    }
}

static void ask(const char *message, const char *answer)
{
    client_say(&alice, message);
    world_run(&world);
    client_expect(&alice, answer);
}

START_TEST(a_document_as_it_is_and_at_each_seq)
{
    char message[64];
    char answer[200];
    char text[8] = "";

    setup();
    type_letters(3);
    ask("[\"read\",7,\"notes/1\"]",
        "[\"history\",7,{\"seq\":4,\"epoch\":1000000,\"time\":1003000,\"type\":\"text\","
        "\"snapshot\":\"cba\"}]");
    for (int seq = 1; seq <= 4; seq++) {
        snprintf(message, sizeof(message), "[\"read\",7,\"notes/1\",{\"seq\":%d}]", seq);
        snprintf(answer, sizeof(answer),
                 "[\"history\",7,{\"seq\":%d,\"epoch\":1000000,\"time\":%d,\"type\":\"text\","
                 "\"snapshot\":\"%s\"}]",
                 seq, 1000000 + (seq - 1) * 1000, text);
        ask(message, answer);
        memmove(text + 1, text, strlen(text) + 1);
        text[0] = (char)('a' + seq - 1);
    }
    ask("[\"read\",8,\"notes/1\",{\"seq\":0}]",
        "[\"history\",8,{\"seq\":0,\"epoch\":0,\"time\":0}]");
    ask("[\"read\",9,\"notes/1\",{\"seq\":5}]",
        "[\"history\",9,{\"code\":221,\"text\":\"the history has not come so far\"}]");
    finish();
}
END_TEST

START_TEST(a_document_at_a_time_is_after_the_last_entry_that_is_not_later)
{
    setup();
    type_letters(2);
    ask("[\"read\",1,\"notes/1\",{\"time\":999999}]", "[\"history\",1,{\"seq\":0,$");
    ask("[\"read\",2,\"notes/1\",{\"time\":1000000}]", "[\"history\",2,{\"seq\":1,$");
    ask("[\"read\",3,\"notes/1\",{\"time\":1001999}]", "[\"history\",3,{\"seq\":2,$");
    ask("[\"read\",4,\"notes/1\",{\"time\":1002000}]", "[\"history\",4,{\"seq\":3,$");
    ask("[\"read\",5,\"notes/1\",{\"time\":9007199254740991}]", "[\"history\",5,{\"seq\":3,$");
    finish();
}
END_TEST

START_TEST(a_time_before_the_newest_snapshot_is_read_from_an_older_one)
{
    setup();
    type_letters(2);
    client_say(&alice, "[\"close\",1]");
    world_run(&world);
    client_expect(&alice, "[\"closed\",1,$");
    world_build(&world, "notes/1", 3, false);
    for (int i = 0; i < 4; i++) { /* until it is released */
        world_pass(&world, LIMIT_HEARTBEAT_MS - 1);
        client_say(&alice, "[]");
    }
    while (client_hears(&alice) != NULL)
        continue;
    ck_assert_uint_eq(hub_counts(world.hub).documents, 0);
    ask("[\"read\",1,\"notes/1\",{\"time\":1001000}]",
        "[\"history\",1,{\"seq\":2,\"epoch\":1000000,\"time\":1001000,\"type\":\"text\","
        "\"snapshot\":\"a\"}]");
    ck_assert_uint_eq(hub_counts(world.hub).documents, 0); /* nobody claimed it */
    finish();
}
END_TEST

START_TEST(entries_say_who_and_when)
{
    char expected[400];

    setup();
    struct who who = alice.link->who;

    type_letters(1);
    client_say(&alice, "[\"delete\",1,2,2]");
    world_run(&world);
    client_expect(&alice, "[\"closed\",1,$");
    client_say(&alice, "[\"read\",1,\"notes/1\",{\"from\":1}]");
    world_run(&world);
    snprintf(expected, sizeof(expected),
             "[\"history\",1,{\"operations\":["
             "{\"seq\":1,\"who\":\"%.8s\",\"user\":\"user\",\"time\":1000000,"
             "\"create\":{\"type\":\"text\"}},"
             "{\"seq\":2,\"who\":\"%.8s\",\"user\":\"user\",\"time\":1001000,"
             "\"operation\":[\"a\"]},"
             "{\"seq\":3,\"who\":\"%.8s\",\"user\":\"user\",\"time\":1001000,\"delete\":true}]}]",
             who.text, who.text, who.text);
    client_expect(&alice, expected);
    ask("[\"read\",2,\"notes/1\"]",
        "[\"history\",2,{\"seq\":3,\"epoch\":1000000,\"time\":1001000}]");
    finish();
}
END_TEST

START_TEST(a_list_ends_where_it_was_asked_to_or_where_it_is_full)
{
    char large[2 * LIMIT_FRAME_BYTES];

    setup();
    type_letters(1100);
    ask("[\"read\",1,\"notes/1\",{\"from\":5,\"to\":5}]",
        "[\"history\",1,{\"operations\":[{\"seq\":5,$");
    client_say(&alice, "[\"read\",2,\"notes/1\",{\"from\":3}]");
    client_say(&alice, "[\"read\",3,\"notes/1\",{\"from\":1000}]");
    client_say(&alice, "[\"read\",4,\"notes/1\",{\"from\":1102}]");
    world_run(&world);
    const char *full = client_hears(&alice);

    ck_assert_uint_lt(strlen(full), LIMIT_FRAME_BYTES + 1000);
    const char *next = strstr(full, "}],\"next\":");
    uint64_t first_left_out;

    ck_assert_ptr_nonnull(next);
    ck_assert_int_eq(sscanf(next, "}],\"next\":%lu}", &first_left_out), 1);
    char last[32];

    snprintf(last, sizeof(last), "{\"seq\":%lu,", first_left_out - 1);
    ck_assert_ptr_nonnull(strstr(full, last));
    snprintf(last, sizeof(last), "{\"seq\":%lu,", first_left_out);
    ck_assert_ptr_null(strstr(full, last));
    const char *rest = client_hears(&alice);

    ck_assert_ptr_nonnull(strstr(rest, "{\"seq\":1101,"));
    ck_assert_ptr_null(strstr(rest, "\"next\""));
    client_expect(&alice, "[\"history\",4,{\"operations\":[]}]");

    int head = snprintf(large, sizeof(large), "[1,1101,1101,[\"");
    memset(large + head, 'x', LIMIT_FRAME_BYTES);
    snprintf(large + head + LIMIT_FRAME_BYTES, 8, "\"]]");
    client_say(&alice, large);
    world_run(&world);
    client_expect(&alice, "[1,1102,$");
    client_say(&alice, "[\"read\",5,\"notes/1\",{\"from\":1102,\"to\":1102}]");
    world_run(&world);
    const char *one = client_hears(&alice); /* one entry that is larger than all of them may be */

    ck_assert_uint_gt(strlen(one), LIMIT_FRAME_BYTES);
    ck_assert_ptr_null(strstr(one, "\"next\""));
    finish();
}
END_TEST

START_TEST(a_document_that_never_was_is_said_to_be_none)
{
    setup();
    ask("[\"read\",1,\"notes/2\"]", "[\"history\",1,{\"code\":211,$");
    ask("[\"read\",2,\"notes/2\",{\"from\":1}]", "[\"history\",2,{\"code\":211,$");
    finish();
}
END_TEST

START_TEST(what_is_not_durable_is_not_shown)
{
    setup();
    client_say(&alice, "[1,1,1,[\"tentative\"]]");
    client_say(&alice, "[\"read\",1,\"notes/1\"]");
    hub_turn(world.hub, world.now_ms); /* sequenced; its batch is on its way, the read behind it */
    ck_assert_uint_eq(world.hub->readings_under_way, 1);
    world_run(&world);
    client_expect(&alice, "[\"history\",1,{\"seq\":2,$"); /* private output goes first */
    client_expect(&alice, "[1,2,$");
    finish();
}
END_TEST

/* What Alice is told of the document as it is, and as it is at the head; the same. */
static void expect_the_same_from_memory_and_store(uint64_t head)
{
    char message[64];
    uint64_t submitted = world.hub->submitted;

    client_say(&alice, "[\"read\",1,\"notes/1\"]");
    world_run(&world);
    const char *from_memory = client_hears(&alice);

    ck_assert_ptr_nonnull(from_memory);
    ck_assert_uint_eq(world.hub->submitted, submitted);
    snprintf(message, sizeof(message), "[\"read\",1,\"notes/1\",{\"seq\":%lu}]",
             (unsigned long)head);
    ask(message, from_memory);
    ck_assert_uint_gt(world.hub->submitted, submitted);
}

START_TEST(a_document_that_is_here_is_read_as_the_store_has_it_without_asking)
{
    setup();
    expect_the_same_from_memory_and_store(1);
    type_letters(3);
    expect_the_same_from_memory_and_store(4);
    client_say(&alice, "[\"delete\",1,4,4]");
    world_run(&world);
    client_expect(&alice, "[\"closed\",1,213,$");
    expect_the_same_from_memory_and_store(5);
    finish();
}
END_TEST

START_TEST(no_more_than_a_few_are_asked_of_the_store_at_once)
{
    struct client clients[LIMIT_READINGS + 2] = {{0}};

    setup();
    for (size_t i = 0; i < LIMIT_READINGS + 2; i++) {
        client_connect(&clients[i], &world, (char)('b' + i));
        client_say(&clients[i], "[\"read\",1,\"notes/1\",{\"seq\":1}]");
    }
    hub_turn(world.hub, world.now_ms);
    ck_assert_uint_eq(world.hub->readings_under_way, LIMIT_READINGS);
    ck_assert_uint_eq(world.hub->readings_waiting, 2);
    world_run(&world);
    for (size_t i = 0; i < LIMIT_READINGS + 2; i++) {
        client_expect(&clients[i], "[\"welcome\",$");
        client_expect(&clients[i], "[\"history\",1,{\"seq\":1,$");
        client_finish(&clients[i]);
    }
    finish();
}
END_TEST

/* ---- Who wrote it ---- */

enum { EDITS = 2500, POINTS_MAX = 2 * EDITS }; /* in more than one portion of the log */

/* The naive model: who wrote each code point, by seq. */
static uint64_t seqs[POINTS_MAX];
static size_t points;

/* Alice edits so often at random places; emoji among it. */
static void edit_at_random(struct prng *prng, uint64_t from_serial, uint64_t count)
{
    char message[100];

    for (uint64_t serial = from_serial; serial < from_serial + count; serial++) {
        size_t at = (size_t)prng_below(prng, points + 1);
        char skip[24] = "";
        bool deletes = at < points && prng_below(prng, 3) == 0;

        if (at > 0)
            snprintf(skip, sizeof(skip), "%lu,", (unsigned long)at);
        snprintf(message, sizeof(message), "[1,%lu,%lu,[%s%s]]", (unsigned long)serial,
                 (unsigned long)serial, skip,
                 deletes ? "{\"d\":1}" : "\"\xf0\x9f\x98\x80\xc3\xa9\"");
        client_say(&alice, message);
        world_run(&world);
        client_expect(&alice, "[1,$");
        memmove(seqs + at + (deletes ? 0 : 2), seqs + at + (deletes ? 1 : 0),
                (points - at - (deletes ? 1 : 0)) * sizeof(seqs[0]));
        points = deletes ? points - 1 : points + 2;
        if (!deletes)
            seqs[at] = seqs[at + 1] = serial + 1;
    }
}

/* Runs as the model has them, those of entries before `from` without a name. */
static void expect_runs(struct buffer *out, uint64_t from)
{
    struct who who = alice.link->who;

    for (size_t at = 0, next; at < points; at = next) {
        uint64_t seq = seqs[at] < from ? 0 : seqs[at];

        for (next = at + 1; next < points && (seqs[next] < from ? 0 : seqs[next]) == seq; next++)
            continue;
        buffer_append_format(out, "%s{\"points\":%lu", at > 0 ? "," : "",
                             (unsigned long)(next - at));
        if (seq > 0)
            buffer_append_format(out,
                                 ",\"seq\":%lu,\"who\":\"%.8s\",\"user\":\"user\",\"time\":1000000",
                                 (unsigned long)seq, who.text);
        buffer_append_byte(out, '}');
    }
}

static void expect_blame(uint64_t head, uint64_t from)
{
    struct buffer answer = {0};
    char message[100];

    snprintf(message, sizeof(message), "[\"read\",1,\"notes/1\",{\"blame\":true,\"from\":%lu}]",
             (unsigned long)from);
    buffer_append_format(&answer,
                         "[\"history\",1,{\"seq\":%lu,\"epoch\":1000000,\"time\":1000000,"
                         "\"type\":\"text\",\"runs\":[",
                         (unsigned long)head);
    expect_runs(&answer, from);
    buffer_append_text(&answer, "]}]");
    buffer_append_byte(&answer, '\0');
    ask(message, (const char *)answer.data);
    buffer_finish(&answer);
}

START_TEST(blame_says_of_each_character_which_operation_wrote_it)
{
    enum { SEED = 5 };
    struct prng prng;

    prng_init(&prng, SEED);
    setup();
    points = 0;
    edit_at_random(&prng, 1, EDITS);
    expect_blame(EDITS + 1, 1);
    expect_blame(EDITS + 1, 1700);
    expect_blame(EDITS + 1, EDITS + 2);
    world_build(&world, "notes/1", 1200, true); /* what is folded is nobody's */
    ck_assert_uint_gt(points, 0);
    for (size_t i = 0; i < points; i++)
        seqs[i] = seqs[i] > 1200 ? seqs[i] : 0;
    expect_blame(EDITS + 1, 1);
    expect_blame(EDITS + 1, 1700);
    ask("[\"read\",2,\"notes/1\",{\"blame\":true,\"from\":1200}]",
        "[\"history\",2,{\"code\":222,$");
    finish();
}
END_TEST

/* A text as long as this gets no snapshot for a while. */
static void type_much(void)
{
    enum { SIZE = 500 * 1000 };
    struct buffer message = {0};

    buffer_append_text(&message, "[1,1,1,[\"");
    for (int i = 0; i < SIZE; i++)
        buffer_append_byte(&message, 'x');
    buffer_append_text(&message, "\"]]");
    buffer_append_byte(&message, '\0');
    client_say(&alice, (const char *)message.data);
    buffer_finish(&message);
    world_run(&world);
    client_expect(&alice, "[1,2,$");
}

/* What was loaded with the snapshot is no exception. */
START_TEST(blame_steps_through_no_more_than_a_portion_in_one_turn)
{
    struct prng prng;

    prng_init(&prng, 7);
    setup();
    points = 0;
    type_much();
    edit_at_random(&prng, 2, EDITS);
    struct store_load load = request_load(world.backend, "notes/1", UINT64_MAX);
    ck_assert_uint_gt(load.count, LIMIT_PAST_ENTRIES);
    store_arena_destroy(load.arena);
    client_say(&alice, "[\"read\",1,\"notes/1\",{\"blame\":true,\"from\":9999}]");
    hub_turn(world.hub, world.now_ms);
    world.store->ops->poll(world.store);
    ck_assert_uint_eq(world.hub->readings_under_way, 1);
    world_run(&world);
    client_expect(&alice, "[\"history\",1,{\"seq\":2502,$");
    finish();
}
END_TEST

START_TEST(blame_of_an_earlier_text_and_of_what_is_none)
{
    setup();
    type_letters(3);
    ask("[\"read\",1,\"notes/1\",{\"blame\":true,\"seq\":2}]",
        "[\"history\",1,{\"seq\":2,\"epoch\":1000000,\"time\":1001000,\"type\":\"text\",\"runs\":["
        "{\"points\":1,\"seq\":2,$");
    ask("[\"read\",2,\"notes/1\",{\"blame\":true,\"seq\":2,\"from\":3}]",
        "[\"history\",2,{\"seq\":2,\"epoch\":1000000,\"time\":1001000,\"type\":\"text\",\"runs\":["
        "{\"points\":1}]}]");
    ask("[\"read\",3,\"notes/1\",{\"blame\":true,\"seq\":5}]", "[\"history\",3,{\"code\":221,$");
    ask("[\"read\",4,\"notes/2\",{\"blame\":true}]", "[\"history\",4,{\"code\":211,$");
    ask("[\"read\",5,\"notes/1\",{\"blame\":true,\"seq\":0}]",
        "[\"history\",5,{\"seq\":0,\"epoch\":0,\"time\":0}]");
    client_say(&alice, "[\"open\",\"notes/3\",{\"type\":\"counter\",\"create\":true}]");
    world_run(&world);
    client_expect(&alice, "[\"opened\",$");
    ask("[\"read\",6,\"notes/3\",{\"blame\":true}]", "[\"history\",6,{\"code\":210,$");
    finish();
}
END_TEST

/* A version below the log is still readable; what came after it is not. */
START_TEST(blame_of_a_version_that_was_folded_over_has_no_names)
{
    struct version version = {.name = SPAN("draft"), .seq = 2, .user = SPAN("ann")};
    struct batch_document named = {
        .name = SPAN("notes/1"), .head = 5, .versions = &version, .version_count = 1};

    setup();
    type_letters(4);
    named.epoch = document_find(world.hub, SPAN("notes/1"))->epoch;
    ck_assert_int_eq(commit_alone(world.backend, named), STATUS_OK);
    world_build(&world, "notes/1", 4, true);
    ask("[\"read\",1,\"notes/1\",{\"blame\":true,\"seq\":2}]",
        "[\"history\",1,{\"seq\":2,\"epoch\":1000000,\"time\":1001000,\"type\":\"text\",\"runs\":["
        "{\"points\":1}]}]");
    ask("[\"read\",2,\"notes/1\",{\"blame\":true,\"from\":3}]", "[\"history\",2,{\"code\":222,$");
    ask("[\"read\",3,\"notes/1\",{\"blame\":true,\"seq\":3}]", "[\"history\",3,{\"code\":222,$");
    finish();
}
END_TEST

START_TEST(blame_that_nobody_waits_for_any_more_is_given_up)
{
    struct prng prng;

    prng_init(&prng, 6);
    setup();
    points = 0;
    edit_at_random(&prng, 1, EDITS);
    client_say(&alice, "[\"read\",1,\"notes/1\",{\"blame\":true}]");
    hub_turn(world.hub, world.now_ms);
    ck_assert_uint_eq(world.hub->readings_under_way, 1);
    client_disconnect(&alice);
    world_run(&world);
    ck_assert_uint_eq(world.hub->readings_under_way, 0);
    finish();
}
END_TEST

TEST_MAIN("reading", a_document_as_it_is_and_at_each_seq,
          a_document_at_a_time_is_after_the_last_entry_that_is_not_later,
          a_time_before_the_newest_snapshot_is_read_from_an_older_one, entries_say_who_and_when,
          a_list_ends_where_it_was_asked_to_or_where_it_is_full,
          a_document_that_never_was_is_said_to_be_none, what_is_not_durable_is_not_shown,
          a_document_that_is_here_is_read_as_the_store_has_it_without_asking,
          no_more_than_a_few_are_asked_of_the_store_at_once,
          blame_says_of_each_character_which_operation_wrote_it,
          blame_steps_through_no_more_than_a_portion_in_one_turn,
          blame_of_an_earlier_text_and_of_what_is_none,
          blame_of_a_version_that_was_folded_over_has_no_names,
          blame_that_nobody_waits_for_any_more_is_given_up)
