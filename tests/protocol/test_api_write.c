#include "protocol/api.h"

#include "tests/runner.h"

static void expect(struct span span, const char *text)
{
    ck_assert_msg(span_equal(span, span_of_string(text)), "%.*s is not %s", SPAN_PRINT(span), text);
}

START_TEST(writes_answers)
{
    struct buffer out = {0};

    api_write_document(&out, &(struct api_document){.name = SPAN("notes/\"1\""),
                                                    .type = SPAN("text"),
                                                    .seq = 2,
                                                    .epoch = 3,
                                                    .time_ms = 4,
                                                    .data = SPAN("\"x\"")});
    expect(buffer_span(&out), "{\"name\":\"notes/\\\"1\\\"\",\"type\":\"text\",\"seq\":2,"
                              "\"epoch\":3,\"time\":4,\"data\":\"x\"}");
    buffer_clear(&out);
    api_blame_begin(&out, &(struct api_document){
                              .name = SPAN("n/1"), .type = SPAN("text"), .seq = 2, .epoch = 3});
    api_blame_end(&out);
    expect(buffer_span(&out), "{\"name\":\"n/1\",\"type\":\"text\",\"seq\":2,\"epoch\":3,"
                              "\"time\":0,\"runs\":[]}");
    buffer_clear(&out);
    api_history_begin(&out, SPAN("n/1"));
    api_history_end(&out, 9);
    expect(buffer_span(&out), "{\"name\":\"n/1\",\"operations\":[],\"next\":9}");
    buffer_clear(&out);
    api_write_receipt(&out, SPAN("n/1"), 7, SPAN("abcdefgh"));
    expect(buffer_span(&out), "{\"name\":\"n/1\",\"seq\":7,\"who\":\"abcdefgh\"}");
    buffer_clear(&out);
    api_write_error(&out, 211, "no \"such\"");
    expect(buffer_span(&out), "{\"code\":211,\"text\":\"no \\\"such\\\"\"}");
    buffer_finish(&out);
}
END_TEST

TEST_MAIN("api_write", writes_answers)
