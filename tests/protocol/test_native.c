#include "protocol/native.h"

#include "base/limits.h"
#include "tests/runner.h"

static struct buffer scratch;

static struct message decode(const char *text)
{
    struct message message;
    struct native_place place;
    struct fault fault = {""};

    enum status status = native_decode(span_of_string(text), &scratch, &message, &place, &fault);
    ck_assert_msg(status == STATUS_OK, "%s: %s", text, fault.text);
    return message;
}

static void expect(struct span span, const char *text)
{
    ck_assert_msg(span_equal(span, span_of_string(text)), "%.*s is not %s", SPAN_PRINT(span), text);
}

START_TEST(decodes_an_edit_without_an_allocation)
{
    struct message message = decode(" [12, 3, 17, [5,\"\\\"x\"] ]");

    ck_assert_int_eq(message.kind, MESSAGE_EDIT);
    ck_assert_uint_eq(message.channel, 12);
    ck_assert_uint_eq(message.edit.serial, 3);
    ck_assert_uint_eq(message.edit.base, 17);
    expect(message.edit.operation, "[5,\"\\\"x\"]");
    ck_assert_ptr_null(scratch.data);
}
END_TEST

START_TEST(decodes_a_deletion_a_close_and_a_heartbeat)
{
    struct message message = decode("[\"delete\",12,3,17]");

    ck_assert_int_eq(message.kind, MESSAGE_DELETE);
    ck_assert_uint_eq(message.channel, 12);
    ck_assert_uint_eq(message.edit.serial, 3);
    ck_assert_uint_eq(message.edit.base, 17);
    ck_assert(!span_present(message.edit.operation));
    message = decode("[\"close\",12]");
    ck_assert_int_eq(message.kind, MESSAGE_CLOSE);
    ck_assert_uint_eq(message.channel, 12);
    ck_assert_int_eq(decode("[]").kind, MESSAGE_HEARTBEAT);
}
END_TEST

START_TEST(decodes_presence_and_signals)
{
    struct message message = decode("[\"here\",12,17,{\"cursor\":[1,2]}]");

    ck_assert_int_eq(message.kind, MESSAGE_HERE);
    ck_assert_uint_eq(message.channel, 12);
    ck_assert_uint_eq(message.here.seq, 17);
    expect(message.here.state, "{\"cursor\":[1,2]}");
    ck_assert(!span_present(decode("[\"here\",12,0,null]").here.state));
    message = decode("[\"say\",12,[\"ring\"],\"aaaaaaaa\"]");
    ck_assert_int_eq(message.kind, MESSAGE_SAY);
    ck_assert_uint_eq(message.channel, 12);
    expect(message.say.event, "[\"ring\"]");
    expect(message.say.to, "aaaaaaaa");
    message = decode("[\"say\",12,null]");
    expect(message.say.event, "null");
    ck_assert(!span_present(message.say.to));
}
END_TEST

START_TEST(decodes_the_hash_of_a_state)
{
    struct message message = decode("[\"check\",12,1024,\"0123456789abcdef\"]");

    ck_assert_int_eq(message.kind, MESSAGE_CHECK);
    ck_assert_uint_eq(message.channel, 12);
    ck_assert_uint_eq(message.check.seq, 1024);
    ck_assert_uint_eq(message.check.hash, 0x0123456789abcdef);
}
END_TEST

/* ["word",12,"xx…x"] where the string is a value of `size` bytes. */
static enum status decode_sized(const char *head, size_t size)
{
    struct buffer text = {0};
    struct message message;
    struct native_place place;

    buffer_append_text(&text, head);
    buffer_append_byte(&text, '"');
    for (size_t i = 2; i < size; i++)
        buffer_append_byte(&text, 'x');
    buffer_append_text(&text, "\"]");
    enum status status = native_decode(buffer_span(&text), &scratch, &message, &place, NULL);

    buffer_finish(&text);
    return status;
}

START_TEST(bounds_what_others_are_told)
{
    ck_assert_int_eq(decode_sized("[\"here\",12,17,", LIMIT_PRESENCE_BYTES), STATUS_OK);
    ck_assert_int_eq(decode_sized("[\"here\",12,17,", LIMIT_PRESENCE_BYTES + 1), STATUS_TOO_LARGE);
    ck_assert_int_eq(decode_sized("[\"say\",12,", LIMIT_SIGNAL_BYTES), STATUS_OK);
    ck_assert_int_eq(decode_sized("[\"say\",12,", LIMIT_SIGNAL_BYTES + 1), STATUS_TOO_LARGE);
    buffer_finish(&scratch);
}
END_TEST

START_TEST(decodes_a_hello)
{
    struct message message = decode("[\"hello\",{\"client\":\"demo \\\"1\\\"\",\"later\":[1],"
                                    "\"resume\":\"AAAAAAAAAAAAAAAAAAAA-w\",\"token\":\"a.b.c\"}]");

    ck_assert_int_eq(message.kind, MESSAGE_HELLO);
    expect(message.hello.resume, "AAAAAAAAAAAAAAAAAAAA-w");
    expect(message.hello.token, "a.b.c");
    expect(message.hello.client, "demo \"1\"");
    message = decode("[\"hello\",{\"resume\":\"AAAAAAAAAAAAAAAAAAAA-w\"}]");
    ck_assert(!span_present(message.hello.token));
    ck_assert(!span_present(message.hello.client));
    buffer_finish(&scratch);
}
END_TEST

START_TEST(decodes_a_read)
{
    static const struct {
        const char *text;
        enum read_kind kind;
        uint64_t seq;
        uint64_t time_ms;
        uint64_t from;
        uint64_t to;
    } table[] = {
        {"[\"read\",0,\"notes/42\"]", READ_NOW, 0, 0, 1, UINT64_MAX},
        {"[\"read\",0,\"notes/42\",{}]", READ_NOW, 0, 0, 1, UINT64_MAX},
        {"[\"read\",0,\"notes/42\",{\"seq\":0}]", READ_AT_SEQ, 0, 0, 1, UINT64_MAX},
        {"[\"read\",0,\"notes/42\",{\"time\":5}]", READ_AT_TIME, 0, 5, 1, UINT64_MAX},
        {"[\"read\",0,\"notes/42\",{\"to\":7}]", READ_OPERATIONS, 0, 0, 1, 7},
        {"[\"read\",0,\"notes/42\",{\"from\":3}]", READ_OPERATIONS, 0, 0, 3, UINT64_MAX},
        {"[\"read\",0,\"notes/42\",{\"blame\":false}]", READ_NOW, 0, 0, 1, UINT64_MAX},
        {"[\"read\",0,\"notes/42\",{\"blame\":true}]", READ_BLAME, UINT64_MAX, 0, 1, UINT64_MAX},
        {"[\"read\",0,\"notes/42\",{\"blame\":true,\"seq\":9,\"from\":3}]", READ_BLAME, 9, 0, 3,
         UINT64_MAX},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct message message = decode(table[i].text);

        ck_assert_int_eq(message.kind, MESSAGE_READ);
        expect(message.read.name, "notes/42");
        ck_assert_int_eq(message.read.kind, table[i].kind);
        ck_assert_uint_eq(message.read.seq, table[i].seq);
        ck_assert_uint_eq(message.read.time_ms, table[i].time_ms);
        ck_assert_uint_eq(message.read.from, table[i].from);
        ck_assert_uint_eq(message.read.to, table[i].to);
    }
    buffer_finish(&scratch);
}
END_TEST

START_TEST(decodes_an_open)
{
    struct message message = decode("[\"open\",\"notes/42\",{\"type\":\"text\",\"create\":true,"
                                    "\"data\":\"hi\",\"from\":7,\"epoch\":1700000000000,"
                                    "\"pending\":4,\"diverged\":true,\"later\":null}]");
    const struct message_open *open = &message.open;

    ck_assert_int_eq(message.kind, MESSAGE_OPEN);
    expect(open->name, "notes/42");
    expect(open->type, "text");
    ck_assert(open->create);
    expect(open->data, "\"hi\"");
    ck_assert_uint_eq(open->from, 7);
    ck_assert_uint_eq(open->epoch, 1700000000000U);
    ck_assert_uint_eq(open->pending, 4);
    ck_assert(open->diverged);
}
END_TEST

START_TEST(an_open_may_ask_for_nothing_special)
{
    static const char *const texts[] = {"[\"open\",\"notes/42\"]", "[\"open\",\"notes/42\",{}]",
                                        "[\"open\",\"notes/42\",{\"create\":false}]"};

    for (size_t i = 0; i < 3; i++) {
        struct message message = decode(texts[i]);

        expect(message.open.name, "notes/42");
        ck_assert(!span_present(message.open.type));
        ck_assert(!span_present(message.open.data));
        ck_assert(!message.open.create);
        ck_assert(!message.open.diverged);
        ck_assert_uint_eq(message.open.from, 0);
        ck_assert_uint_eq(message.open.pending, 0);
    }
}
END_TEST

START_TEST(words_and_names_may_be_spelled_with_escapes)
{
    struct message message =
        decode("[\"\\u006fpen\",\"caf\\u00e9\\/\\\"1\\\"\",{\"\\u0074ype\":\"t\\u0065xt\"}]");

    expect(message.open.name, "caf\xC3\xA9/\"1\"");
    expect(message.open.type, "text");
    buffer_finish(&scratch);
}
END_TEST

/* The second string does not fit into the first piece of memory that the first one takes. */
START_TEST(strings_with_escapes_do_not_move_each_other)
{
    struct buffer text = {0};

    buffer_append_text(&text, "[\"open\",\"\\u0061/b\",{\"type\":\"\\n");
    for (int i = 0; i < 1000; i++)
        buffer_append_byte(&text, 'x');
    buffer_append_text(&text, "\"}]");
    buffer_append_byte(&text, '\0');
    struct message message = decode((const char *)text.data);
    expect(message.open.name, "a/b");
    ck_assert_uint_eq(message.open.type.size, 1001);
    buffer_finish(&text);
    buffer_finish(&scratch);
}
END_TEST

#define HELLO "[\"hello\",{\"resume\":\"AAAAAAAAAAAAAAAAAAAA-w\""

static const struct {
    const char *text;
    enum status status;
    uint64_t channel;
    uint64_t serial;
} bad[] = {
    /* Edits: what can be read of the place is told. */
    {"[12,3,17]", STATUS_MALFORMED_MESSAGE, 12, 3},
    {"[12,3,17,0,0]", STATUS_MALFORMED_MESSAGE, 12, 3},
    {"[12,3]", STATUS_MALFORMED_MESSAGE, 12, 0},
    {"[12,3,-1,[]]", STATUS_MALFORMED_MESSAGE, 12, 3},
    {"[12,3,\"17\",[]]", STATUS_MALFORMED_MESSAGE, 12, 3},
    {"[12,3,17.5,[]]", STATUS_MALFORMED_MESSAGE, 12, 3},
    {"[12,3,9007199254740992,[]]", STATUS_MALFORMED_MESSAGE, 12, 3},
    {"[12,0,17,[]]", STATUS_MALFORMED_MESSAGE, 12, 0},
    {"[12,null,17,[]]", STATUS_MALFORMED_MESSAGE, 12, 0},
    {"[12,9007199254740992,17,[]]", STATUS_MALFORMED_MESSAGE, 12, 0},
    {"[0,3,17,[]]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[-12,3,17,[]]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {" [ 12 ,\t3\n, 17 , {\"a\":1,\"a\":2} ]", STATUS_MALFORMED_OPERATION, 12, 3},
    {"[12,3,17,[{\"x\":{\"a\":1,\"\\u0061\":2}}]]", STATUS_MALFORMED_OPERATION, 12, 3},
    {"[12,3,17,[5,", STATUS_MALFORMED_JSON, 12, 3},
    {"[12,3,17,\"\\uD800\"]", STATUS_MALFORMED_UTF8, 12, 3},
    {"[12,3,17,\"\xFF\"]", STATUS_MALFORMED_UTF8, 12, 3},
    {"[12,3", STATUS_MALFORMED_JSON, 12, 0},
    {"[12", STATUS_MALFORMED_JSON, 0, 0},
    {"[99999999999999999999999,3,17,[", STATUS_MALFORMED_JSON, 0, 0},
    {"[\"delete\",12,3]", STATUS_MALFORMED_MESSAGE, 12, 0},
    {"[\"delete\",12,3,null]", STATUS_MALFORMED_MESSAGE, 12, 3},
    {"[ \"delete\" , 12,3,17,18]", STATUS_MALFORMED_MESSAGE, 12, 3},
    {"[\"delete\",12,3,", STATUS_MALFORMED_JSON, 12, 3},
    {"[\"delete\" 12,3,17]", STATUS_MALFORMED_JSON, 0, 0},

    /* Anything else. */
    {"", STATUS_MALFORMED_JSON, 0, 0},
    {"{}", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"12", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[null]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[[]]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[{}]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"\"]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"Open\",\"notes/42\"]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"sing\",12,1]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"here\",12,17]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"here\",12,17,{},0]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"here\",\"notes/42\",17,{}]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"here\",12,-1,{}]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"here\",12,17,{\"a\":[{\"b\":1,\"b\":1}]}]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"say\",12]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"say\",12,1,\"aaaaaaaa\",0]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"say\",12,1,null]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"say\",0,1]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"check\",12,1024]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"check\",12,0,\"0123456789abcdef\"]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"check\",12,1024,81985529216486895]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"check\",12,1024,\"0123456789ABCDEF\"]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"check\",12,1024,\"0123456789abcde\"]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"check\",12,1024,\"0123456789abcdef0\"]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"check\",12,1024,\"0123456789abcde\\u0000\"]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"close\"]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"close\",\"notes/42\"]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"close\",12,0]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"hello\"]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"hello\",{}]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"hello\",[]]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"hello\",{\"resume\":\"AAAAAAAAAAAAAAAAAAAA-\"}]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"hello\",{\"resume\":\"AAAAAAAAAAAAAAAAAAAA-wA\"}]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"hello\",{\"resume\":\"AAAAAAAAAAAAAAAAAAAA+w\"}]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"hello\",{\"resume\":\"AAAAAAAAAAAAAAAAAAAA-x\"}]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {HELLO ",\"token\":1}]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {HELLO ",\"token\":null}]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {HELLO ",\"client\":{}}]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {HELLO ",\"x\":1,\"x\":1}]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {HELLO "},1]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"open\"]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"open\",42]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"open\",\"notes/42\",[]]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"open\",\"notes/42\",{},0]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"open\",\"notes\",{}]", STATUS_MALFORMED_NAME, 0, 0},
    {"[\"open\",\"notes/\\u0000\",{}]", STATUS_MALFORMED_NAME, 0, 0},
    {"[\"open\",\"notes/42\",{\"type\":1}]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"open\",\"notes/42\",{\"create\":1,\"type\":\"text\"}]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"open\",\"notes/42\",{\"create\":true}]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"open\",\"notes/42\",{\"from\":-1}]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"open\",\"notes/42\",{\"epoch\":\"1\"}]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"open\",\"notes/42\",{\"pending\":1.5}]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"open\",\"notes/42\",{\"diverged\":\"yes\"}]", STATUS_MALFORMED_MESSAGE, 0, 0},
    {"[\"open\",\"notes/42\",{\"data\":{\"a\":1,\"a\":1}}]", STATUS_MALFORMED_MESSAGE, 0, 0},
};

START_TEST(refuses_what_is_no_message_and_tells_its_place)
{
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct message message = {.kind = MESSAGE_CLOSE, .channel = 77};
        struct native_place place = {77, 77};
        struct fault fault = {""};

        enum status status =
            native_decode(span_of_string(bad[i].text), &scratch, &message, &place, &fault);
        ck_assert_msg(status == bad[i].status, "%s: %s, %s", bad[i].text, status_text(status),
                      fault.text);
        ck_assert_msg(fault.text[0] != '\0', "%s", bad[i].text);
        ck_assert_msg(place.channel == bad[i].channel && place.serial == bad[i].serial,
                      "%s: %lu, %lu", bad[i].text, place.channel, place.serial);
        ck_assert_uint_eq(message.channel, 77);
    }
    buffer_finish(&scratch);
}
END_TEST

/* Of what is cut off a number counts only when the comma behind it came. */
START_TEST(finds_the_place_in_a_beginning)
{
    static const struct {
        const char *text;
        uint64_t channel;
        uint64_t serial;
    } rows[] = {
        {"[12,3,17,[5,\"xx", 12, 3},
        {"[12,3,", 12, 3},
        {"[12,3", 12, 0},
        {"[12,", 12, 0},
        {"[12", 0, 0},
        {"[", 0, 0},
        {"", 0, 0},
        {" [ 12 , 3 ,", 12, 3},
        {"[\"delete\",12,3,", 12, 3},
        {"[\"say\",12,3,", 0, 0},
        {"[\"open\",\"n/", 0, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct native_place place = native_find_place(span_of_string(rows[i].text));

        ck_assert_msg(place.channel == rows[i].channel && place.serial == rows[i].serial, "%s",
                      rows[i].text);
    }
}
END_TEST

START_TEST(says_what_is_wrong_and_where)
{
    struct message message;
    struct native_place place;
    struct fault fault;

    ck_assert(native_decode(SPAN("[\"open\",\"a/b\",{\"from\":\"x\"}]"), &scratch, &message, &place,
                            &fault) == STATUS_MALFORMED_MESSAGE);
    ck_assert_str_eq(fault.text, "open: from has to be an integer from 0 to 2^53 - 1");
    ck_assert(native_decode(SPAN("[1,0,0,0]"), &scratch, &message, &place, &fault) ==
              STATUS_MALFORMED_MESSAGE);
    ck_assert_str_eq(fault.text, "edit: serial has to be a positive integer");
}
END_TEST

TEST_MAIN("native", decodes_a_read, decodes_an_edit_without_an_allocation,
          decodes_a_deletion_a_close_and_a_heartbeat, decodes_presence_and_signals,
          decodes_the_hash_of_a_state, bounds_what_others_are_told, decodes_a_hello,
          decodes_an_open, an_open_may_ask_for_nothing_special,
          words_and_names_may_be_spelled_with_escapes, strings_with_escapes_do_not_move_each_other,
          refuses_what_is_no_message_and_tells_its_place, finds_the_place_in_a_beginning,
          says_what_is_wrong_and_where)
