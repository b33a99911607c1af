#include "server/cluster/membership.h"

#include <stdio.h>

#include "base/limits.h"
#include "tests/runner.h"

static struct membership membership;
static uint64_t now_ms;

/* An answer with these nodes, each a letter; the start is 1. */
static void answer(const char *names)
{
    struct bus_member members[8];
    size_t count = 0;

    for (; names[count] != '\0'; count++)
        members[count] = (struct bus_member){.name = {names[count]}, .start = 1};
    membership_answer(&membership, members, count, now_ms);
}

/* Answers at every beat, for so long. */
static void answers(const char *names, uint64_t ms)
{
    for (uint64_t end_ms = now_ms + ms; now_ms < end_ms; now_ms += LIMIT_BEAT_MS)
        answer(names);
}

static void begin(void)
{
    membership_finish(&membership);
    now_ms = 5000;
}

START_TEST(who_is_missing_for_long_enough_is_gone)
{
    begin();
    answers("ab", 1000);
    uint64_t last_ms = now_ms - LIMIT_BEAT_MS;

    while (now_ms - last_ms < LIMIT_GONE_MS) {
        answer("a");
        ck_assert(!membership_is_gone(&membership, "b", now_ms));
        now_ms += LIMIT_BEAT_MS;
    }
    answer("a");
    ck_assert(membership_is_gone(&membership, "b", now_ms));
    ck_assert(!membership_is_gone(&membership, "a", now_ms));
    answer("ab");
    ck_assert(!membership_is_gone(&membership, "b", now_ms));
    membership_finish(&membership);
}
END_TEST

START_TEST(who_was_never_there_is_gone_only_after_the_same_time)
{
    begin();
    ck_assert(!membership_is_gone(&membership, "x", now_ms));
    answers("a", LIMIT_GONE_MS);
    ck_assert(!membership_is_gone(&membership, "x", now_ms));
    answer("a");
    ck_assert(membership_is_gone(&membership, "x", now_ms));
    membership_finish(&membership);
}
END_TEST

START_TEST(one_answer_with_it_is_enough)
{
    begin();
    answers("ab", 400);
    for (int i = 0; i < 10; i++) {
        answers("a", LIMIT_GONE_MS - 2 * LIMIT_BEAT_MS);
        ck_assert(!membership_is_gone(&membership, "b", now_ms));
        answers("ab", LIMIT_BEAT_MS);
    }
    membership_finish(&membership);
}
END_TEST

/* A node that hears nothing knows nothing; when it hears again it waits for as long again. */
START_TEST(a_break_in_the_answers_starts_the_wait_anew)
{
    begin();
    answers("ab", 400);
    answers("a", LIMIT_GONE_MS / 2);
    now_ms += LIMIT_UNANSWERED_MS;
    ck_assert(!membership_is_up(&membership, now_ms));
    ck_assert(!membership_is_gone(&membership, "b", now_ms));
    answers("a", LIMIT_GONE_MS);
    ck_assert(!membership_is_gone(&membership, "b", now_ms));
    answer("a");
    ck_assert(membership_is_gone(&membership, "b", now_ms));
    membership_forget(&membership);
    ck_assert(!membership_is_gone(&membership, "b", now_ms));
    membership_finish(&membership);
}
END_TEST

START_TEST(a_node_that_started_again_lives_and_its_earlier_life_is_gone)
{
    const struct bus_member first = {.name = "b", .start = 1};
    const struct bus_member second[] = {{.name = "a", .start = 1}, {.name = "b", .start = 2}};

    begin();
    answers("ab", 400);
    for (uint64_t end_ms = now_ms + LIMIT_GONE_MS; now_ms <= end_ms; now_ms += LIMIT_BEAT_MS)
        membership_answer(&membership, second, 2, now_ms);
    now_ms -= LIMIT_BEAT_MS;
    ck_assert(membership_life_is_gone(&membership, &first, now_ms));
    ck_assert(!membership_life_is_gone(&membership, &second[1], now_ms));
    ck_assert(!membership_is_gone(&membership, "b", now_ms));
    membership_finish(&membership);
}
END_TEST

/* Each document has its first node; without one only its own documents move. */
START_TEST(documents_are_spread_and_stay_when_others_leave)
{
    int counts[3] = {0};

    begin();
    answer("abc");
    for (int i = 0; i < 300; i++) {
        char name[16];

        snprintf(name, sizeof(name), "notes/%d", i);
        const struct span document = span_of_string(name);
        const char *first = membership_first(&membership, document, NULL);
        const char *without_a = membership_first(&membership, document, "a");

        counts[first[0] - 'a']++;
        ck_assert_str_ne(without_a, "a");
        if (first[0] != 'a')
            ck_assert_str_eq(without_a, first);
    }
    for (int i = 0; i < 3; i++)
        ck_assert_int_gt(counts[i], 60);
    membership_finish(&membership);
}
END_TEST

START_TEST(only_who_was_in_the_last_answer_ranks)
{
    begin();
    answer("ab");
    now_ms += LIMIT_BEAT_MS;
    answer("b");
    ck_assert_str_eq(membership_first(&membership, SPAN("notes/1"), NULL), "b");
    ck_assert_ptr_null(membership_first(&membership, SPAN("notes/1"), "b"));
    membership_finish(&membership);
}
END_TEST

START_TEST(who_is_leaving_ranks_no_more_and_is_not_gone)
{
    const struct bus_member members[] = {{.name = "a", .start = 1, .leaving = 1},
                                         {.name = "b", .start = 1}};

    begin();
    answers("ab", LIMIT_GONE_MS);
    membership_answer(&membership, members, 2, now_ms);
    ck_assert_str_eq(membership_first(&membership, SPAN("notes/1"), NULL), "b");
    ck_assert_ptr_null(membership_first(&membership, SPAN("notes/1"), "b"));
    answers("ab", LIMIT_GONE_MS); /* what it said before may still be among the members */
    ck_assert_ptr_null(membership_first(&membership, SPAN("notes/1"), "b"));
    ck_assert(!membership_is_gone(&membership, "a", now_ms));
    membership_finish(&membership);
}
END_TEST

TEST_MAIN("membership", who_is_missing_for_long_enough_is_gone,
          who_was_never_there_is_gone_only_after_the_same_time, one_answer_with_it_is_enough,
          a_break_in_the_answers_starts_the_wait_anew,
          a_node_that_started_again_lives_and_its_earlier_life_is_gone,
          documents_are_spread_and_stay_when_others_leave, only_who_was_in_the_last_answer_ranks,
          who_is_leaving_ranks_no_more_and_is_not_gone)
