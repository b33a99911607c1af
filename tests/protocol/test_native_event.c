#include "base/limits.h"
#include "protocol/native.h"
#include "tests/runner.h"

static struct buffer scratch;

static struct native_event decode(const char *text)
{
    struct native_event event;
    struct fault fault = {""};

    enum status status = native_event_decode(span_of_string(text), &scratch, &event, &fault);
    ck_assert_msg(status == STATUS_OK, "%s: %s", text, fault.text);
    return event;
}

static void expect(struct span span, const char *text)
{
    ck_assert_msg(span_equal(span, span_of_string(text)), "%.*s is not %s", SPAN_PRINT(span), text);
}

START_TEST(decodes_welcome)
{
    struct native_event event =
        decode("[\"welcome\",{\"who\":\"aaaaaaaa\",\"user\":\"an\\u0061\",\"later\":1,"
               "\"limits\":{\"message_bytes_max\":5,\"document_bytes_max\":6,\"more\":7},"
               "\"heartbeat_ms\":25000}]");

    ck_assert_int_eq(event.kind, NATIVE_WELCOME);
    expect(event.who, "aaaaaaaa");
    expect(event.user, "ana");
    ck_assert_uint_eq(event.message_bytes_max, 5);
    ck_assert_uint_eq(event.document_bytes_max, 6);
    ck_assert_uint_eq(event.heartbeat_ms, 25000);
    buffer_finish(&scratch);
}
END_TEST

START_TEST(decodes_opened)
{
    struct native_event event =
        decode("[\"opened\",12,\"notes/\\\"42\\\"\",17,{\"type\":\"text\",\"snapshot\":\"hi\","
               "\"serial\":3,\"epoch\":9,\"check_every\":1024,\"reload\":\"folded\"}]");

    ck_assert_int_eq(event.kind, NATIVE_OPENED);
    ck_assert_uint_eq(event.channel, 12);
    expect(event.name, "notes/\"42\"");
    ck_assert_uint_eq(event.seq, 17);
    expect(event.type, "text");
    expect(event.data, "\"hi\"");
    ck_assert_uint_eq(event.serial, 3);
    ck_assert_uint_eq(event.epoch, 9);
    ck_assert_uint_eq(event.check_every, 1024);
    expect(event.reload, "folded");
    event = decode("[\"opened\",12,\"notes/42\",0,{\"type\":\"text\",\"serial\":0,\"epoch\":0}]");
    ck_assert(!span_present(event.data));
    ck_assert(!span_present(event.reload));
    buffer_finish(&scratch);
}
END_TEST

START_TEST(steps_over_the_operations_of_a_frame)
{
    struct native_event event = decode(" [12, 17, \"aaaaaaaa\", [5,\"x\"], \"bbbbbbbb\" ,null] ");
    struct native_operations_walk walk;
    uint64_t seq;
    struct span who;
    struct span operation;

    ck_assert_int_eq(event.kind, NATIVE_OPERATIONS);
    ck_assert_uint_eq(event.channel, 12);
    ck_assert_uint_eq(event.seq, 17);
    native_operations_walk_init(&walk, &event);
    ck_assert(native_operations_walk_next(&walk, &seq, &who, &operation));
    ck_assert_uint_eq(seq, 17);
    expect(who, "aaaaaaaa");
    expect(operation, "[5,\"x\"]");
    ck_assert(native_operations_walk_next(&walk, &seq, &who, &operation));
    ck_assert_uint_eq(seq, 18);
    expect(who, "bbbbbbbb");
    expect(operation, "null");
    ck_assert(!native_operations_walk_next(&walk, &seq, &who, &operation));
}
END_TEST

START_TEST(decodes_a_refusal)
{
    struct native_event event =
        decode("[\"refused\",12,3,217,\"a \\\"text\\\"\",{\"retry_after_ms\":500,\"seq\":17}]");

    ck_assert_int_eq(event.kind, NATIVE_REFUSED);
    ck_assert_uint_eq(event.channel, 12);
    ck_assert_uint_eq(event.serial, 3);
    ck_assert_int_eq(event.code, 217);
    expect(event.text, "a \"text\"");
    ck_assert_uint_eq(event.after_ms, 500);
    ck_assert_uint_eq(event.seq, 17);
    buffer_finish(&scratch);
}
END_TEST

START_TEST(decodes_the_rest_of_the_stream)
{
    struct native_event event = decode("[\"made\",12,1,\"aaaaaaaa\",\"text\",\"hi\"]");

    ck_assert_int_eq(event.kind, NATIVE_MADE);
    ck_assert_uint_eq(event.seq, 1);
    expect(event.who, "aaaaaaaa");
    expect(event.type, "text");
    expect(event.data, "\"hi\"");
    ck_assert(!span_present(decode("[\"made\",12,1,\"aaaaaaaa\",\"text\"]").data));
    event = decode("[\"epoch\",12,1700000000000]");
    ck_assert_int_eq(event.kind, NATIVE_EPOCH);
    ck_assert_uint_eq(event.epoch, 1700000000000U);
    event = decode("[\"composed\",12,40,[5,\"x\"],1700000000000]");
    ck_assert_int_eq(event.kind, NATIVE_COMPOSED);
    ck_assert_uint_eq(event.seq, 40);
    expect(event.data, "[5,\"x\"]");
    ck_assert_uint_eq(event.epoch, 1700000000000U);
    event = decode("[\"closed\",12,213,\"gone\"]");
    ck_assert_int_eq(event.kind, NATIVE_CLOSED);
    ck_assert_uint_eq(event.channel, 12);
    ck_assert(!span_present(event.name));
    ck_assert_int_eq(event.code, 213);
    event = decode("[\"closed\",\"notes/42\",209,\"gone\"]");
    ck_assert_uint_eq(event.channel, 0);
    expect(event.name, "notes/42");
    event = decode("[\"goaway\",{\"after_ms\":100,\"within_ms\":5000}]");
    ck_assert_int_eq(event.kind, NATIVE_GOAWAY);
    ck_assert_uint_eq(event.after_ms, 100);
    ck_assert_uint_eq(event.within_ms, 5000);
    ck_assert_int_eq(decode("[]").kind, NATIVE_HEARTBEAT);
}
END_TEST

START_TEST(decodes_what_is_not_of_the_stream)
{
    struct native_event event = decode("[\"here\",12,17,\"aaaaaaaa\",{\"cursor\":[1]}]");

    ck_assert_int_eq(event.kind, NATIVE_HERE);
    ck_assert_uint_eq(event.channel, 12);
    ck_assert_uint_eq(event.seq, 17);
    expect(event.who, "aaaaaaaa");
    expect(event.data, "{\"cursor\":[1]}");
    event = decode("[\"here\",12,17,\"aaaaaaaa\",null]");
    expect(event.who, "aaaaaaaa");
    ck_assert(!span_present(event.data));
    event = decode("[\"here\",12,17]");
    ck_assert_int_eq(event.kind, NATIVE_HERE);
    ck_assert_uint_eq(event.seq, 17);
    ck_assert(!span_present(event.who));
    event = decode("[\"say\",12,\"aaaaaaaa\",null]");
    ck_assert_int_eq(event.kind, NATIVE_SAY);
    expect(event.who, "aaaaaaaa");
    expect(event.data, "null");
    event = decode("[\"diverged\",12,1024]");
    ck_assert_int_eq(event.kind, NATIVE_DIVERGED);
    ck_assert_uint_eq(event.channel, 12);
    ck_assert_uint_eq(event.seq, 1024);
}
END_TEST

static const char *const bad[] = {
    "",
    "{}",
    "[null]",
    "[\"hello\",{}]",
    "[12]",
    "[12,17]",
    "[12,17,\"aaaaaaaa\"]",
    "[12,17,\"aaaaaaaa\",1,\"bbbbbbbb\"]",
    "[12,17,\"aaaaaaaa\",1,2,3]",
    "[12,17,5,1]",
    "[12,17,\"\",1]",
    "[12,17,\"\\u0061\",1]",
    "[12,0,\"aaaaaaaa\",1]",
    "[0,17,\"aaaaaaaa\",1]",
    "[12,\"17\",\"aaaaaaaa\",1]",
    "[\"welcome\",{}]",
    "[\"welcome\",{\"who\":\"aaaaaaaa\"}]",
    "[\"welcome\",{\"who\":\"aaaaaaaa\",\"heartbeat_ms\":0}]",
    "[\"welcome\",{\"who\":\"aaaaaaaa\",\"heartbeat_ms\":1,\"limits\":5}]",
    "[\"opened\",12,\"notes/42\",17]",
    "[\"opened\",12,\"notes/42\",17,{\"serial\":0,\"epoch\":0}]",
    "[\"opened\",12,\"notes/42\",17,{\"type\":\"text\",\"epoch\":0}]",
    "[\"opened\",12,\"notes/42\",17,{\"type\":\"text\",\"serial\":0}]",
    "[\"opened\",12,5,17,{\"type\":\"text\",\"serial\":0,\"epoch\":0}]",
    "[\"refused\",12,3,208,\"text\"]",
    "[\"refused\",12,0,208,\"text\",{}]",
    "[\"refused\",12,3,\"208\",\"text\",{}]",
    "[\"refused\",12,3,2147483648,\"text\",{}]",
    "[\"refused\",12,3,208,null,{}]",
    "[\"refused\",12,3,208,\"text\",{\"seq\":\"1\"}]",
    "[\"made\",12,0,\"aaaaaaaa\",\"text\"]",
    "[\"made\",12,1,\"aaaaaaaa\"]",
    "[\"made\",12,1,\"aaaaaaaa\",\"text\",1,2]",
    "[\"epoch\",12]",
    "[\"composed\",12,40,[5,\"x\"]]",
    "[\"composed\",12,0,[5,\"x\"],9]",
    "[\"closed\",12,213]",
    "[\"closed\",null,213,\"text\"]",
    "[\"closed\"]",
    "[\"here\",12]",
    "[\"here\",12,17,\"aaaaaaaa\"]",
    "[\"here\",12,17,null,null]",
    "[\"here\",12,17,\"aaaaaaaa\",{},0]",
    "[\"say\",12,\"aaaaaaaa\"]",
    "[\"say\",12,5,null]",
    "[\"diverged\",12]",
    "[\"diverged\",12,0]",
    "[\"goaway\"]",
    "[\"goaway\",{\"after_ms\":-1}]",
};

START_TEST(refuses_what_a_server_never_sends)
{
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct native_event event = {.channel = 77};

        ck_assert_msg(native_event_decode(span_of_string(bad[i]), &scratch, &event, NULL) !=
                          STATUS_OK,
                      "%s", bad[i]);
        ck_assert_uint_eq(event.channel, 77);
    }
    buffer_finish(&scratch);
}
END_TEST

/* A server's documents may have more values than a client's message. */
START_TEST(a_snapshot_may_be_large)
{
    struct native_opened opened = {
        .channel = 1, .name = SPAN("a/b"), .seq = 1, .type = SPAN("json0")};
    struct buffer snapshot = {0};
    struct buffer text = {0};
    struct native_event event;

    buffer_append_byte(&snapshot, '[');
    for (int i = 0; i < LIMIT_JSON_NODES; i++)
        buffer_append_text(&snapshot, "0,");
    buffer_append_text(&snapshot, "0]");
    opened.snapshot = buffer_span(&snapshot);
    native_opened(&text, &opened);
    ck_assert(native_event_decode(buffer_span(&text), &scratch, &event, NULL) == STATUS_OK);
    ck_assert(span_equal(event.data, opened.snapshot));
    buffer_finish(&snapshot);
    buffer_finish(&text);
}
END_TEST

TEST_MAIN("native_event", decodes_welcome, decodes_opened, steps_over_the_operations_of_a_frame,
          decodes_a_refusal, decodes_the_rest_of_the_stream, decodes_what_is_not_of_the_stream,
          refuses_what_a_server_never_sends, a_snapshot_may_be_large)
