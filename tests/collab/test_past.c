#include "server/collab/past.h"

#include "ot/text_blame.h"
#include "ot/type.h"
#include "tests/runner.h"

START_TEST(entries_are_elements_that_say_what_they_did)
{
    const struct entry entries[] = {
        {.seq = 1,
         .time_ms = 5,
         .kind = ENTRY_CREATE,
         .user = SPAN("anna"),
         .arrived = SPAN("{\"type\":\"text\"}"),
         .sequenced = SPAN("{\"type\":\"text\"}")},
        {.seq = 2,
         .time_ms = 6,
         .user = SPAN(""),
         .arrived = SPAN("[\"x\"]"),
         .sequenced = SPAN("[1,\"x\"]")},
        {.seq = 3, .time_ms = 7, .kind = ENTRY_DELETE, .user = SPAN("")},
    };
    struct past past = {.is_log = true, .entries = entries, .count = 3};
    struct buffer out = {0};

    buffer_append_byte(&out, '[');
    past_write_entries(&past, &out);
    ck_assert_msg(span_equal(buffer_span(&out),
                             SPAN("[{\"seq\":1,\"who\":\"AAAAAAAA\",\"user\":\"anna\",\"time\":5,"
                                  "\"create\":{\"type\":\"text\"}},"
                                  "{\"seq\":2,\"who\":\"AAAAAAAA\",\"user\":\"\",\"time\":6,"
                                  "\"operation\":[1,\"x\"]},"
                                  "{\"seq\":3,\"who\":\"AAAAAAAA\",\"user\":\"\",\"time\":7,"
                                  "\"delete\":true}")),
                  "%.*s", SPAN_PRINT(buffer_span(&out)));
    buffer_finish(&out);
}
END_TEST

START_TEST(runs_say_who_wrote_them_if_that_is_known)
{
    struct text_blame *blame = text_blame_create();
    struct past past = {.blame = blame};
    struct buffer out = {0};
    struct operation *operation = NULL;
    struct fault fault;

    text_blame_reset(blame, 3, &(struct text_origin){.seq = 0});
    ck_assert_int_eq(type_text.decode(SPAN("[1,\"xy\"]"), &operation, &fault), STATUS_OK);
    ck_assert_int_eq(text_blame_apply(blame, operation,
                                      &(struct text_origin){.seq = 4,
                                                            .time_ms = 5,
                                                            .who = SPAN("aaaaaaaa"),
                                                            .user = SPAN("anna")}),
                     STATUS_OK);
    buffer_append_byte(&out, '[');
    past_write_runs(&past, &out);
    ck_assert_msg(span_equal(buffer_span(&out),
                             SPAN("[{\"points\":1},{\"points\":2,\"seq\":4,\"who\":\"aaaaaaaa\","
                                  "\"user\":\"anna\",\"time\":5},{\"points\":2}")),
                  "%.*s", SPAN_PRINT(buffer_span(&out)));
    operation_discard(operation);
    text_blame_destroy(blame);
    buffer_finish(&out);
}
END_TEST

TEST_MAIN("past", entries_are_elements_that_say_what_they_did,
          runs_say_who_wrote_them_if_that_is_known)
