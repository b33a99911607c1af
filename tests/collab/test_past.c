#include "server/collab/past.h"

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

TEST_MAIN("past", entries_are_elements_that_say_what_they_did)
