#include "tools/replay/trial.h"

#include "base/json_scan.h"
#include "base/memory.h"
#include "base/mutant.h"
#include "tests/runner.h"
#include "tools/replay/reduce.h"

/* One arrival, as `tutti reduce` prints it. */
struct step {
    const char *who; /* 8 characters; only whether two are the same, and their order, counts */
    uint64_t base;
    const char *operation;
};

static struct schedule schedule_of(const struct type *type, const char *start,
                                   const struct step *steps, size_t count)
{
    struct schedule schedule = {.type = type, .count = count};

    must(type->create(span_of_string(start), &schedule.start, NULL) == STATUS_OK);
    schedule.arrivals = memory_zeroed(count, sizeof(*schedule.arrivals));
    for (size_t i = 0; i < count; i++) {
        struct arrival *arrival = &schedule.arrivals[i];

        arrival->seq = i + 1;
        memcpy(arrival->session.bytes, steps[i].who, WHO_SIZE);
        arrival->base = steps[i].base;
        arrival->rule = tie_rule_native(type);
        must(type->decode(span_of_string(steps[i].operation), &arrival->operation, NULL) ==
             STATUS_OK);
    }
    return schedule;
}

/* Everybody has in the end what the server has. */
static void converge(const struct type *type, const char *start, const struct step *steps,
                     size_t count)
{
    struct schedule schedule = schedule_of(type, start, steps, count);
    struct trial trial;

    trial_run(&trial, &schedule);
    ck_assert_msg(!trial.differs, "%.8s: %.*s", trial.who.text,
                  SPAN_PRINT(buffer_span(&trial.found)));
    trial_finish(&trial);
    schedule_finish(&schedule);
}

static const struct step both_delete[] = {
    {"anna----", 0, "[3,\"xyz\"]"}, {"ben-----", 0, "[1,{\"d\":1}]"},
    {"anna----", 2, "[2,\"q\"]"},   {"carl----", 0, "[4,{\"d\":1},\"s\"]"},
    {"ben-----", 3, "[5,\"tt\"]"},  {"anna----", 4, "[4,{\"d\":1}]"},
    {"carl----", 4, "[6,\"u\"]"},   {"ben-----", 5, "[4,{\"d\":1}]"},
};
enum { BOTH_DELETE_COUNT = sizeof(both_delete) / sizeof(both_delete[0]) };

START_TEST(everybody_has_what_the_server_has)
{
    converge(&type_text, "\"abcdefgh\"", both_delete, BOTH_DELETE_COUNT);
}
END_TEST

START_TEST(what_does_not_fit_is_taken_out_for_all)
{
    static const struct step steps[] = {
        {"anna----", 0, "[99,\"x\"]"},
        {"ben-----", 0, "[1,\"y\"]"},
    };
    struct schedule schedule = schedule_of(&type_text, "\"ab\"", steps, 2);
    struct trial trial;

    trial_run(&trial, &schedule);
    ck_assert(!trial.differs);
    ck_assert_int_eq(history_at(&trial.history, 1)->entry.kind, ENTRY_CREATE);
    ck_assert_int_eq(history_at(&trial.history, 2)->entry.kind, ENTRY_EDIT);
    trial_finish(&trial);
    schedule_finish(&schedule);
}
END_TEST

static unsigned count_q(const struct content *content)
{
    struct buffer json = {0};
    unsigned count = 0;

    content->type->encode(content, &json);
    for (size_t i = 0; i < json.size; i++)
        count += json.data[i] == 'q';
    buffer_finish(&json);
    return count;
}

/* Shows it while the arrivals write two "q". */
static bool writes_two(struct reduce *reduce, const struct schedule *schedule)
{
    struct trial trial;

    (void)reduce;
    trial_sequence(&trial, schedule);
    bool shows = count_q(schedule->start) == 0 && count_q(trial.content) == 2;
    trial_finish(&trial);
    return shows;
}

START_TEST(reduces_to_what_is_needed)
{
    static const struct step steps[] = {
        {"anna----", 0, "[3,\"xyz\"]"}, {"ben-----", 0, "[2,\"q\"]"}, {"anna----", 2, "[1,\"r\"]"},
        {"ben-----", 3, "[4,\"q\"]"},   {"carl----", 4, "[\"t\"]"},
    };
    struct schedule schedule = schedule_of(&type_text, "\"abcdefgh\"", steps, 5);
    struct reduce reduce = {.shows = writes_two};
    struct buffer start = {0};

    ck_assert(reduce_run(&reduce, &schedule));
    ck_assert_uint_eq(schedule.count, 2);
    ck_assert_uint_eq(schedule.arrivals[0].base, 0);
    ck_assert_uint_le(schedule.arrivals[1].base, 1);
    schedule.type->encode(schedule.start, &start);
    ck_assert(span_equal(buffer_span(&start), SPAN("\"\"")));
    buffer_finish(&start);
    schedule_finish(&schedule);
}
END_TEST

/* Whoever had seen what was taken out still means the same place. */
START_TEST(others_stay_where_they_were_when_one_is_taken_out)
{
    static const struct step steps[] = {
        {"anna----", 0, "[\"12345\"]"},
        {"ben-----", 1, "[6,\"X\"]"},
    };
    struct schedule schedule = schedule_of(&type_text, "\"ab\"", steps, 2);
    struct buffer json = {0};
    struct trial trial;

    reduce_take_out(&schedule, 0);
    ck_assert_uint_eq(schedule_left(&schedule), 1);
    trial_sequence(&trial, &schedule);
    type_text.encode(trial.content, &json);
    ck_assert(span_equal(buffer_span(&json), SPAN("\"aXb\"")));
    buffer_finish(&json);
    trial_finish(&trial);
    schedule_finish(&schedule);
}
END_TEST

static bool diverges(struct reduce *reduce, const struct schedule *schedule)
{
    struct trial trial;

    (void)reduce;
    trial_run(&trial, schedule);
    bool differs = trial.differs;
    trial_finish(&trial);
    return differs;
}

START_TEST(a_transform_that_is_wrong_is_noticed_and_reduced_to_two)
{
    struct schedule schedule =
        schedule_of(&type_text, "\"abcdefgh\"", both_delete, BOTH_DELETE_COUNT);
    struct reduce reduce = {.shows = diverges};

    if (mutant_choose("delete-twice")) {
        ck_assert(reduce_run(&reduce, &schedule));
        ck_assert_uint_eq(schedule.count, 2);
        ck_assert(mutant_choose(NULL));
    }
    ck_assert(!reduce_run(&reduce, &schedule));
    schedule_finish(&schedule);
}
END_TEST

TEST_MAIN("trial", everybody_has_what_the_server_has, what_does_not_fit_is_taken_out_for_all,
          reduces_to_what_is_needed, others_stay_where_they_were_when_one_is_taken_out,
          a_transform_that_is_wrong_is_noticed_and_reduced_to_two)
