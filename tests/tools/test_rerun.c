#include "tools/replay/rerun.h"

#include "base/mutant.h"
#include "server/collab/capture.h"
#include "tests/collab/captured.h"
#include "tests/runner.h"
#include "tools/replay/gathered.h"
#include "tools/replay/replay.h"

START_TEST(the_same_calls_make_the_same_writes)
{
    struct buffer bytes = {0};
    struct rerun rerun = {0};

    captured_life(&bytes);
    rerun_run(&rerun, buffer_span(&bytes));
    ck_assert_msg(rerun.end == RERUN_WHOLE, "%s", rerun.fault.text);
    ck_assert_uint_gt(rerun.writes, 10);
    ck_assert_uint_eq(rerun.said, 2);
    buffer_finish(&bytes);
}
END_TEST

START_TEST(a_capture_that_is_cut_off_anywhere_runs_up_to_there)
{
    struct buffer bytes = {0};

    captured_life(&bytes);
    for (size_t size = sizeof(CAPTURE_MAGIC) - 1; size < bytes.size; size++) {
        struct rerun rerun = {0};

        rerun_run(&rerun, span_of(bytes.data, size));
        ck_assert_msg(rerun.end == RERUN_CUT_OFF || rerun.end == RERUN_WHOLE, "%s",
                      rerun.fault.text);
    }
    buffer_finish(&bytes);
}
END_TEST

START_TEST(what_is_no_capture_is_said_so)
{
    struct rerun rerun = {0};

    rerun_run(&rerun, SPAN("tutti"));
    ck_assert_int_eq(rerun.end, RERUN_DAMAGED);
    ck_assert_str_eq(rerun.fault.text, "this is not a capture of this version");
}
END_TEST

/* In a build that goes another way the first other byte is told. */
START_TEST(another_way_is_noticed)
{
    struct buffer bytes = {0};
    struct rerun rerun = {0};

    captured_life(&bytes);
    if (mutant_choose("swap-side")) {
        rerun_run(&rerun, buffer_span(&bytes));
        ck_assert(mutant_choose(NULL));
        ck_assert_int_eq(rerun.end, RERUN_DIFFERS);
        ck_assert_ptr_nonnull(strstr(rerun.fault.text, "bytes that are not what this run has"));
    }
    buffer_finish(&bytes);
}
END_TEST

struct listener {
    struct rerun rerun;
    struct gathered *gathered;
};

static void listen_returned(struct rerun *rerun, const struct store_request *request)
{
    gathered_take(container_of(rerun, struct listener, rerun)->gathered, request);
}

static void expect_none(struct replay *replay, const char *line)
{
    (void)replay;
    ck_abort_msg("%s", line);
}

START_TEST(what_a_capture_shows_of_its_store_is_a_store)
{
    struct buffer bytes = {0};
    struct listener listener = {.rerun.returned = listen_returned, .gathered = gathered_create()};
    struct replay replay = {.until = UINT64_MAX, .differ = expect_none};
    struct fault fault = {""};

    captured_life(&bytes);
    rerun_run(&listener.rerun, buffer_span(&bytes));
    ck_assert(span_equal(gathered_name(listener.gathered, 0), SPAN("notes/1")));
    ck_assert(!span_present(gathered_name(listener.gathered, 1)));
    replay.backend = gathered_backend(listener.gathered);
    enum status status = replay_document(&replay, SPAN("notes/1"), &fault);
    ck_assert_msg(status == STATUS_OK, "%s", fault.text);
    ck_assert_uint_eq(replay.counts.operations, 6); /* made, four edits, deleted */
    ck_assert_uint_eq(replay.counts.moved, 1);
    gathered_destroy(listener.gathered);
    buffer_finish(&bytes);
}
END_TEST

TEST_MAIN("rerun", the_same_calls_make_the_same_writes,
          a_capture_that_is_cut_off_anywhere_runs_up_to_there, what_is_no_capture_is_said_so,
          another_way_is_noticed, what_a_capture_shows_of_its_store_is_a_store)
