#include "tools/tutti/script.h"

#include "tests/runner.h"
#include "tools/tutti/recording.h"

/* The drawing of script.h: agent 0 is a, agent 1 is b. */
static const struct recording_edit edits[] = {
    {.agent = 0, .seen = 0}, {.agent = 0, .seen = 1}, {.agent = 0, .seen = 2},
    {.agent = 0, .seen = 3}, {.agent = 1, .seen = 2}, {.agent = 1, .seen = 5},
    {.agent = 0, .seen = 4}, {.agent = 0, .seen = 7},
};

static struct recording drawing(void)
{
    return (struct recording){.agents = 2,
                              .edits = (struct recording_edit *)edits,
                              .count = sizeof(edits) / sizeof(*edits)};
}

/* Type all that one may; returns the number of the last edit typed. */
static size_t type_all(struct script *script, size_t agent)
{
    size_t last = 0;

    while (script_may_type(script, agent)) {
        last = script->agents[agent].next;
        script_typed(script, agent);
    }
    return last;
}

static void send_and_acknowledge(struct script *script, size_t agent, uint64_t seq, size_t last)
{
    ck_assert(script_may_send(script, agent));
    script_sent(script, agent);
    ck_assert(!script_may_send(script, agent));
    ck_assert_uint_eq(script_last_of_seq(script, seq, agent), last);
    script_acknowledged(script, agent);
    ck_assert_uint_eq(script_last_of_seq(script, seq, agent), last);
}

START_TEST(commits_end_where_somebody_stopped_reading)
{
    struct recording recording = drawing();
    struct script script;

    script_init(&script, &recording, 100, false);
    ck_assert_uint_eq(type_all(&script, 0), 2);
    send_and_acknowledge(&script, 0, 2, 2);
    ck_assert_uint_eq(type_all(&script, 0), 4);
    ck_assert_uint_eq(script_reads_to(&script, 1), 2);
    ck_assert_uint_eq(type_all(&script, 1), 6);
    ck_assert(!script_may_send(&script, 1)); /* 3 and 4 come first */
    send_and_acknowledge(&script, 0, 3, 4);
    ck_assert_uint_eq(script_reads_to(&script, 0), 0); /* of others, it has seen nothing */
    ck_assert_uint_eq(type_all(&script, 0), 8);
    ck_assert(!script_may_send(&script, 0));
    script_sent(&script, 1);
    ck_assert_uint_eq(script_edits_since(&script, 1, 2), 2);
    ck_assert_uint_eq(script_last_of_seq(&script, 4, 1), 6);
    script_acknowledged(&script, 1);
    ck_assert(!script_done(&script));
    send_and_acknowledge(&script, 0, 5, 8);
    ck_assert(script_done(&script));
    script_finish(&script);
}
END_TEST

START_TEST(each_edit_may_be_an_operation_of_its_own)
{
    struct recording recording = drawing();
    struct script script;

    script_init(&script, &recording, 1, false);
    for (size_t number = 1; number <= recording.count; number++) {
        size_t agent = edits[number - 1].agent;

        type_all(&script, 0);
        type_all(&script, 1);
        ck_assert(!script_may_send(&script, 1 - agent));
        send_and_acknowledge(&script, agent, number + 1, number);
    }
    ck_assert(script_done(&script));
    script_finish(&script);
}
END_TEST

/* An edit that was taken back before it was sent has no seq. */
START_TEST(what_came_to_nothing_is_not_waited_for)
{
    static const struct recording_edit three[] = {
        {.agent = 0, .seen = 0}, {.agent = 1, .seen = 1}, {.agent = 0, .seen = 2}};
    struct recording recording = {.agents = 2, .edits = (struct recording_edit *)three, .count = 3};
    struct script script;

    script_init(&script, &recording, 100, false);
    ck_assert_uint_eq(type_all(&script, 0), 1);
    ck_assert_uint_eq(script_reads_to(&script, 1), 1);
    script_vanished(&script, 0);
    ck_assert_uint_eq(script_reads_to(&script, 1), 0);
    ck_assert_uint_eq(type_all(&script, 1), 2);
    send_and_acknowledge(&script, 1, 2, 2);
    ck_assert_uint_eq(script_reads_to(&script, 0), 2);
    script_finish(&script);
}
END_TEST

START_TEST(free_agents_do_not_wait)
{
    struct recording recording = drawing();
    struct script script;

    script_init(&script, &recording, 4, true);
    ck_assert_uint_eq(type_all(&script, 0), 4);
    ck_assert_uint_eq(type_all(&script, 1), 6);
    ck_assert_uint_eq(script_reads_to(&script, 1), 0);
    ck_assert(script_may_send(&script, 0));
    ck_assert(script_may_send(&script, 1));
    script_sent(&script, 1);
    script_acknowledged(&script, 1);
    script_sent(&script, 0);
    script_acknowledged(&script, 0);
    ck_assert_uint_eq(type_all(&script, 0), 8);
    script_sent(&script, 0);
    ck_assert(!script_done(&script));
    script_acknowledged(&script, 0);
    ck_assert(script_done(&script));
    script_finish(&script);
}
END_TEST

TEST_MAIN("script", commits_end_where_somebody_stopped_reading,
          each_edit_may_be_an_operation_of_its_own, what_came_to_nothing_is_not_waited_for,
          free_agents_do_not_wait)
