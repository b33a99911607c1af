#include "server/cluster/node_submission.h"

#include <string.h>

#include "tests/runner.h"

/* What comes out at the owner. */
static bool pass(const struct submission *submission, struct submission *read)
{
    struct node_message message = {.kind = NODE_SUBMIT, .document = SPAN("notes/1")};
    struct node_message heard;
    static struct buffer bytes;

    buffer_clear(&bytes);
    node_submission_write(&message, submission);
    node_message_write(&bytes, &message);
    return node_message_read(buffer_span(&bytes), &heard, NULL) == STATUS_OK &&
           node_submission_read(&heard, read);
}

START_TEST(everything_that_decides_its_fate_goes_along)
{
    for (unsigned i = 0; i < 32; i++) {
        struct submission read;
        const struct submission submission = {
            .session = {{7}},
            .kind = (enum entry_kind)(i % 3),
            .refusal = i % 2 ? STATUS_OK : STATUS_NOT_APPLICABLE,
            .sparse = (i & 1) != 0,
            .ties_later = (i & 2) != 0,
            .at_head = (i & 4) != 0,
            .restores = (i & 8) != 0,
            .creates = (i & 16) != 0,
            .type = i >= 8 ? &type_text : NULL,
            .serial = 3,
            .base = UINT64_MAX,
            .user = SPAN("anna"),
            .operation = SPAN("[1]"),
        };

        ck_assert(pass(&submission, &read));
        ck_assert_int_eq(read.kind, submission.kind);
        ck_assert_int_eq(read.refusal, submission.refusal);
        ck_assert_int_eq(read.sparse, submission.sparse);
        ck_assert_int_eq(read.ties_later, submission.ties_later);
        ck_assert_int_eq(read.at_head, submission.at_head);
        ck_assert_int_eq(read.restores, submission.restores);
        ck_assert_int_eq(read.creates, submission.creates);
        ck_assert_ptr_eq(read.type, submission.type);
        ck_assert_uint_eq(read.serial, 3);
        ck_assert_uint_eq(read.base, UINT64_MAX);
        ck_assert(span_equal(read.user, submission.user));
        ck_assert(span_equal(read.operation, submission.operation));
        ck_assert_mem_eq(&read.session, &submission.session, sizeof(read.session));
    }
}
END_TEST

START_TEST(what_no_node_writes_is_not_taken)
{
    struct submission read;
    const struct node_message table[] = {
        {.kind = NODE_SUBMIT, .flags = 3},    {.kind = NODE_SUBMIT, .flags = 128},
        {.kind = NODE_SUBMIT, .code = 99999}, {.kind = NODE_SUBMIT, .type = SPAN("nothing")},
        {.kind = NODE_SUBMIT, .flags = 32}, /* restores, and no type */
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        ck_assert_msg(!node_submission_read(&table[i], &read), "%zu", i);
}
END_TEST

TEST_MAIN("node_submission", everything_that_decides_its_fate_goes_along,
          what_no_node_writes_is_not_taken)
