#include "server/collab/submission.h"

#include <string.h>

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

TEST_MAIN("submission", keeps_what_it_points_to, tells_an_unreadable_operation_from_an_empty_one)
