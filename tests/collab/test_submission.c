#include "server/collab/submission.h"

#include <string.h>

#include "base/table.h"
#include "tests/runner.h"

START_TEST(keeps_what_it_points_to)
{
    char operation[] = "[\"x\"]";
    struct submission from = {.serial = 4, .base = 9, .user = SPAN("anna")};

    from.operation = span_of_string(operation);
    struct submission *submission = submission_create(&from);

    memset(operation, '-', sizeof(operation));
    ck_assert_uint_eq(submission->serial, 4);
    ck_assert_uint_eq(submission->base, 9);
    ck_assert(span_equal(submission->user, SPAN("anna")));
    ck_assert(span_equal(submission->operation, SPAN("[\"x\"]")));
    submission_destroy(submission);
}
END_TEST

START_TEST(tells_an_unreadable_operation_from_an_empty_one)
{
    struct submission from = {.refusal = STATUS_TOO_LARGE};
    struct submission *submission = submission_create(&from);

    ck_assert(!span_present(submission->operation));
    ck_assert_int_eq(submission->refusal, STATUS_TOO_LARGE);
    submission_destroy(submission);
}
END_TEST

/* Counts what it was told. */
struct listener {
    struct submitter submitter;
    int count;
    struct outcome last;
};

static void listen(struct submitter *submitter, const struct outcome *outcome)
{
    struct listener *listener = container_of(submitter, struct listener, submitter);

    listener->count++;
    listener->last = *outcome;
}

START_TEST(tells_its_submitter_once)
{
    struct listener listener = {.submitter.told = listen};
    struct submission from = {.submitter = &listener.submitter, .serial = 4};
    struct submission *submission = submission_create(&from);

    submission_tell(submission, STATUS_OK, 9);
    submission_tell(submission, STATUS_BROKEN, 0);
    ck_assert_int_eq(listener.count, 1);
    ck_assert_uint_eq(listener.last.serial, 4);
    ck_assert_int_eq(listener.last.status, STATUS_OK);
    ck_assert_uint_eq(listener.last.seq, 9);
    submission_destroy(submission);
}
END_TEST

START_TEST(forgets_one_submitter_and_no_other)
{
    struct listener gone = {.submitter.told = listen};
    struct listener here = {.submitter.told = listen};
    struct submission first = {.submitter = &gone.submitter};
    struct submission second = {.submitter = &here.submitter};
    struct submission *list = NULL;
    struct submission *submission = submission_create(&first);
    struct submission *next;

    DL_APPEND(list, submission);
    submission = submission_create(&second);
    DL_APPEND(list, submission);
    submission_forget(list, &gone.submitter);
    DL_FOREACH_SAFE (list, submission, next) {
        submission_tell(submission, STATUS_OK, 1);
        submission_destroy(submission);
    }
    ck_assert_int_eq(gone.count, 0);
    ck_assert_int_eq(here.count, 1);
}
END_TEST

TEST_MAIN("submission", keeps_what_it_points_to, tells_an_unreadable_operation_from_an_empty_one,
          tells_its_submitter_once, forgets_one_submitter_and_no_other)
