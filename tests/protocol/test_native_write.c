#include "protocol/native.h"
#include "tests/runner.h"

/* What was written since the last look. */
static struct buffer out;

static void expect(const char *text)
{
    ck_assert_msg(span_equal(buffer_span(&out), span_of_string(text)), "%.*s is not %s",
                  SPAN_PRINT(buffer_span(&out)), text);
    buffer_finish(&out);
}

START_TEST(writes_welcome)
{
    native_welcome(&out, &(struct native_welcome){.who = SPAN("aaaaaaaa"),
                                                  .user = SPAN("an \"na\""),
                                                  .message_bytes_max = 1048576,
                                                  .document_bytes_max = 16777216,
                                                  .heartbeat_ms = 25000});
    expect("[\"welcome\",{\"who\":\"aaaaaaaa\",\"user\":\"an \\\"na\\\"\","
           "\"limits\":{\"message_bytes_max\":1048576,\"document_bytes_max\":16777216},"
           "\"heartbeat_ms\":25000}]");
}
END_TEST

START_TEST(writes_opened_with_a_snapshot_and_without)
{
    struct native_opened opened = {.channel = 12,
                                   .name = SPAN("notes/42"),
                                   .seq = 17,
                                   .type = SPAN("text"),
                                   .snapshot = SPAN("\"hello\""),
                                   .serial = 3,
                                   .epoch = 9,
                                   .check_every = 1024,
                                   .reload = "folded"};

    native_opened(&out, &opened);
    expect("[\"opened\",12,\"notes/42\",17,{\"type\":\"text\",\"snapshot\":\"hello\",\"serial\":3,"
           "\"epoch\":9,\"check_every\":1024,\"reload\":\"folded\"}]");
    opened.snapshot = SPAN_NONE;
    opened.reload = NULL;
    native_opened(&out, &opened);
    expect("[\"opened\",12,\"notes/42\",17,{\"type\":\"text\",\"serial\":3,\"epoch\":9,"
           "\"check_every\":1024}]");
}
END_TEST

START_TEST(writes_a_frame_of_operations)
{
    native_operations_begin(&out, 12, 17);
    native_operations_add(&out, SPAN("aaaaaaaa"), SPAN("[5,\"x\"]"));
    native_operations_add(&out, SPAN("bbbbbbbb"), SPAN("[]"));
    native_operations_end(&out);
    expect("[12,17,\"aaaaaaaa\",[5,\"x\"],\"bbbbbbbb\",[]]");
}
END_TEST

START_TEST(writes_the_rest_of_the_stream)
{
    native_made(&out, 12, 1, SPAN("aaaaaaaa"), SPAN("text"), SPAN("\"hi\""));
    expect("[\"made\",12,1,\"aaaaaaaa\",\"text\",\"hi\"]");
    native_made(&out, 12, 1, SPAN("aaaaaaaa"), SPAN("text"), SPAN_NONE);
    expect("[\"made\",12,1,\"aaaaaaaa\",\"text\"]");
    native_epoch(&out, 12, 1700000000000);
    expect("[\"epoch\",12,1700000000000]");
    native_composed(&out, 12, 40, SPAN("[5,\"x\"]"), 1700000000000);
    expect("[\"composed\",12,40,[5,\"x\"],1700000000000]");
    native_closed(&out, 12, SPAN_NONE, 213, "the document was deleted");
    expect("[\"closed\",12,213,\"the document was deleted\"]");
    native_closed(&out, 0, SPAN("notes/\"42\""), 209, "no such document type");
    expect("[\"closed\",\"notes/\\\"42\\\"\",209,\"no such document type\"]");
}
END_TEST

START_TEST(writes_what_is_not_of_the_stream)
{
    native_here(&out, 12, 17, SPAN("aaaaaaaa"), SPAN("{\"cursor\":[1]}"));
    expect("[\"here\",12,17,\"aaaaaaaa\",{\"cursor\":[1]}]");
    native_here(&out, 12, 17, SPAN("aaaaaaaa"), SPAN_NONE);
    expect("[\"here\",12,17,\"aaaaaaaa\",null]");
    native_here_nobody(&out, 12, 17);
    expect("[\"here\",12,17]");
    native_say(&out, 12, SPAN("aaaaaaaa"), SPAN("[\"ring\"]"));
    expect("[\"say\",12,\"aaaaaaaa\",[\"ring\"]]");
    native_diverged(&out, 12, 1024);
    expect("[\"diverged\",12,1024]");
}
END_TEST

START_TEST(writes_what_is_private)
{
    struct native_refused refused = {
        .channel = 12, .serial = 3, .code = 208, .text = "the operation does not fit"};

    native_refused(&out, &refused);
    expect("[\"refused\",12,3,208,\"the operation does not fit\",{}]");
    refused.seq = 17;
    refused.retry_after_ms = 500;
    native_refused(&out, &refused);
    expect("[\"refused\",12,3,208,\"the operation does not fit\","
           "{\"retry_after_ms\":500,\"seq\":17}]");
    native_goaway(&out, 0, 5000);
    expect("[\"goaway\",{\"after_ms\":0,\"within_ms\":5000}]");
    native_heartbeat(&out);
    expect("[]");
}
END_TEST

START_TEST(writes_what_a_client_says)
{
    native_hello(&out, &(struct message_hello){.resume = SPAN("AAAAAAAAAAAAAAAAAAAAAA")});
    expect("[\"hello\",{\"resume\":\"AAAAAAAAAAAAAAAAAAAAAA\"}]");
    native_hello(&out, &(struct message_hello){.resume = SPAN("AAAAAAAAAAAAAAAAAAAAAA"),
                                               .token = SPAN("a.b.c"),
                                               .client = SPAN("tutti 1")});
    expect("[\"hello\",{\"resume\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"token\":\"a.b.c\","
           "\"client\":\"tutti 1\"}]");
    native_edit(&out, 12, 3, 17, SPAN("[5,\"x\"]"));
    expect("[12,3,17,[5,\"x\"]]");
    native_delete(&out, 12, 3, 17);
    expect("[\"delete\",12,3,17]");
    native_close(&out, 12);
    expect("[\"close\",12]");
    native_show(&out, 12, 17, SPAN("{\"cursor\":[1]}"));
    expect("[\"here\",12,17,{\"cursor\":[1]}]");
    native_show(&out, 12, 17, SPAN_NONE);
    expect("[\"here\",12,17,null]");
    native_signal(&out, 12, SPAN("[\"ring\"]"), SPAN("aaaaaaaa"));
    expect("[\"say\",12,[\"ring\"],\"aaaaaaaa\"]");
    native_signal(&out, 12, SPAN("null"), SPAN_NONE);
    expect("[\"say\",12,null]");
    native_check(&out, 12, 1024, 0x0123456789abcdef);
    expect("[\"check\",12,1024,\"0123456789abcdef\"]");
}
END_TEST

START_TEST(writes_open_in_a_fixed_order)
{
    native_open(&out, &(struct message_open){.name = SPAN("notes/42")});
    expect("[\"open\",\"notes/42\",{}]");
    native_open(&out, &(struct message_open){.name = SPAN("notes/42"),
                                             .diverged = true,
                                             .pending = 3,
                                             .epoch = 9,
                                             .from = 17,
                                             .data = SPAN("\"hi\""),
                                             .create = true,
                                             .type = SPAN("text")});
    expect("[\"open\",\"notes/42\",{\"type\":\"text\",\"create\":true,\"data\":\"hi\",\"from\":17,"
           "\"epoch\":9,\"pending\":3,\"diverged\":true}]");
}
END_TEST

TEST_MAIN("native_write", writes_welcome, writes_opened_with_a_snapshot_and_without,
          writes_a_frame_of_operations, writes_the_rest_of_the_stream,
          writes_what_is_not_of_the_stream, writes_what_is_private, writes_what_a_client_says,
          writes_open_in_a_fixed_order)
