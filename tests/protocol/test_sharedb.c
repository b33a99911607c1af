#include "protocol/sharedb.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/memory.h"
#include "tests/runner.h"

static struct buffer scratch;
static struct message message;
static struct sharedb_error error;

static enum status decode(const char *text)
{
    message = (struct message){0};
    error = (struct sharedb_error){0};
    return sharedb_decode(span_of_string(text), &scratch, &message, &error);
}

static void accept(const char *text, enum message_kind kind)
{
    enum status status = decode(text);

    ck_assert_msg(status == STATUS_OK, "%s: %s", text, error.text ? error.text : "");
    ck_assert_int_eq(message.kind, kind);
    ck_assert(span_equal(message.request, span_of_string(text)));
}

static void refuse(const char *text, const char *code, const char *why)
{
    ck_assert_msg(decode(text) == STATUS_MALFORMED_MESSAGE, "%s", text);
    ck_assert_str_eq(error.code, code);
    ck_assert_str_eq(error.text, why);
}

static void expect(struct span span, const char *text)
{
    ck_assert_msg(span_equal(span, span_of_string(text)), "%.*s, not %s", SPAN_PRINT(span), text);
}

/* As sharedb 7.0.0 was seen to send them. */
START_TEST(reads_the_operations_of_a_real_client)
{
    accept("{\"a\":\"op\",\"c\":\"pets\",\"d\":\"fido\",\"v\":1,\"seq\":2,\"x\":{},"
           "\"op\":[{\"p\":[\"n\"],\"na\":1}]}",
           MESSAGE_EDIT);
    expect(message.collection, "pets");
    expect(message.id, "fido");
    expect(message.edit.operation, "[{\"p\":[\"n\"],\"na\":1}]");
    ck_assert_uint_eq(message.edit.base, 1);
    ck_assert_uint_eq(message.edit.serial, 2);
    ck_assert(!span_present(message.edit.source));

    accept("{\"a\":\"op\",\"c\":\"pets\",\"d\":\"fido\",\"v\":null,\"seq\":1,\"x\":{},"
           "\"create\":{\"type\":\"http://sharejs.org/types/JSONv0\",\"data\":{\"n\":1}}}",
           MESSAGE_CREATE);
    expect(message.edit.type, "http://sharejs.org/types/JSONv0");
    expect(message.edit.data, "{\"n\":1}");
    ck_assert_uint_eq(message.edit.base, MESSAGE_NOW);

    accept(
        "{\"a\":\"op\",\"c\":\"pets\",\"d\":\"fido\",\"v\":14,\"seq\":13,\"src\":\"f818\",\"x\":{},"
        "\"del\":true}",
        MESSAGE_DELETE);
    expect(message.edit.source, "f818");
}
END_TEST

START_TEST(reads_requests_for_one_document_or_several)
{
    struct message_walk walk;
    struct span id;
    uint64_t from;

    accept("{\"a\":\"s\",\"c\":\"pets\",\"d\":\"fido\",\"v\":null}", MESSAGE_SUBSCRIBE);
    ck_assert_uint_eq(message.follow.from, MESSAGE_NOW);
    accept("{\"a\":\"f\",\"c\":\"pets\",\"d\":\"fido\",\"v\":8}", MESSAGE_FETCH);
    ck_assert_uint_eq(message.follow.from, 8);
    accept("{\"a\":\"u\",\"c\":\"pets\",\"d\":\"fido\"}", MESSAGE_UNSUBSCRIBE);
    accept("{\"a\":\"bu\",\"c\":\"pets\",\"b\":[\"fido\",\"rex\"]}", MESSAGE_UNSUBSCRIBE);
    accept("{\"a\":\"bs\",\"c\":\"pets\",\"b\":{\"fi\\u0064o\":10,\"rex\":null}}",
           MESSAGE_SUBSCRIBE);
    ck_assert(!span_present(message.id));
    struct buffer ids = {0};
    message_walk_init(&walk, &message.follow);
    ck_assert(message_walk_next(&walk, &ids, &id, &from));
    expect(id, "fido");
    ck_assert_uint_eq(from, 10);
    ck_assert(message_walk_next(&walk, &ids, &id, &from));
    expect(id, "rex");
    ck_assert_uint_eq(from, MESSAGE_NOW);
    ck_assert(!message_walk_next(&walk, &ids, &id, &from));
    buffer_finish(&ids);
}
END_TEST

START_TEST(reads_the_handshake_and_pings)
{
    accept("{\"a\":\"hs\",\"id\":null,\"protocol\":1,\"protocolMinor\":2}", MESSAGE_HELLO);
    ck_assert(!span_present(message.hello.resume));
    accept("{\"a\":\"hs\",\"id\":\"f818\",\"protocol\":1,\"protocolMinor\":2}", MESSAGE_HELLO);
    expect(message.hello.resume, "f818");
    accept("{\"a\":\"pp\"}", MESSAGE_HEARTBEAT);
}
END_TEST

#define OP "{\"a\":\"op\",\"c\":\"pets\",\"d\":\"fido\","

START_TEST(refuses_in_the_words_of_the_reference)
{
    static const char *const cases[][3] = {
        {"{}", "ERR_MESSAGE_BADLY_FORMED", "Invalid or unknown message"},
        {"{\"a\":\"zz\"}", "ERR_MESSAGE_BADLY_FORMED", "Invalid or unknown message"},
        {"{\"a\":5}", "ERR_MESSAGE_BADLY_FORMED", "Invalid or unknown message"},
        {OP "\"v\":1,\"seq\":1}", "ERR_MESSAGE_BADLY_FORMED", "Invalid op message"},
        {OP "\"v\":-1,\"seq\":1,\"op\":[]}", "ERR_MESSAGE_BADLY_FORMED", "Invalid version"},
        {OP "\"v\":\"1\",\"seq\":1,\"op\":[]}", "ERR_MESSAGE_BADLY_FORMED", "Invalid version"},
        {OP "\"v\":1,\"seq\":\"1\",\"op\":[]}", "ERR_MESSAGE_BADLY_FORMED", "Invalid seq"},
        {OP "\"v\":1,\"seq\":0,\"op\":[]}", "ERR_MESSAGE_BADLY_FORMED", "Invalid seq"},
        {OP "\"v\":1,\"seq\":9007199254740991,\"op\":[]}", "ERR_CONNECTION_SEQ_INTEGER_OVERFLOW",
         "Connection seq has exceeded the max safe integer, maybe from being open for too long"},
        {OP "\"v\":1,\"op\":[]}", "ERR_OT_OP_BADLY_FORMED",
         "Both src and seq must be set together"},
        {OP "\"v\":1,\"seq\":1,\"src\":7,\"op\":[]}", "ERR_OT_OP_BADLY_FORMED",
         "src must be a string"},
        {OP "\"v\":1,\"seq\":1,\"create\":7}", "ERR_OT_OP_BADLY_FORMED",
         "Create data must be an object"},
        {OP "\"v\":1,\"seq\":1,\"create\":{}}", "ERR_OT_OP_BADLY_FORMED", "Missing create type"},
        {OP "\"v\":1,\"seq\":1,\"del\":1}", "ERR_OT_OP_BADLY_FORMED", "del value must be true"},
        {"{\"a\":\"f\",\"c\":\"pets\",\"d\":7}", "ERR_MESSAGE_BADLY_FORMED", "Invalid id"},
        {"{\"a\":\"f\",\"c\":\"pets\"}", "ERR_MESSAGE_BADLY_FORMED", "Invalid id"},
        {"{\"a\":\"f\",\"c\":\"pets\",\"d\":\"__proto__\"}", "ERR_MESSAGE_BADLY_FORMED",
         "Invalid id"},
        {"{\"a\":\"f\",\"c\":\"constructor\",\"d\":\"x\"}", "ERR_MESSAGE_BADLY_FORMED",
         "Invalid collection"},
        {"{\"a\":\"f\",\"c\":\"a/b\",\"d\":\"x\"}", "ERR_MESSAGE_BADLY_FORMED",
         "Invalid collection"},
        {"{\"a\":\"bs\",\"c\":\"pets\",\"b\":7}", "ERR_MESSAGE_BADLY_FORMED",
         "Invalid bulk subscribe data"},
        {"{\"a\":\"bs\",\"c\":\"pets\"}", "ERR_MESSAGE_BADLY_FORMED",
         "Invalid bulk subscribe data"},
        {"{\"a\":\"bs\",\"c\":\"pets\",\"b\":[7]}", "ERR_MESSAGE_BADLY_FORMED", "Invalid id"},
        {"{\"a\":\"bs\",\"c\":\"pets\",\"b\":{\"x\":-1}}", "ERR_MESSAGE_BADLY_FORMED",
         "Invalid version"},
        {"{\"a\":\"hs\",\"protocol\":{}}", "ERR_MESSAGE_BADLY_FORMED", "Invalid protocol"},
        {"{\"a\":\"qf\",\"c\":\"pets\",\"q\":{}}", "ERR_MESSAGE_BADLY_FORMED", "Missing query ID"},
        {"{\"a\":\"qs\",\"id\":1,\"c\":\"pets\",\"q\":{}}", "ERR_DATABASE_METHOD_NOT_IMPLEMENTED",
         "This server has no queries: subscribe to the documents by their ids"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        refuse(cases[i][0], cases[i][1], cases[i][2]);
}
END_TEST

START_TEST(reads_what_is_asked_of_the_past)
{
    accept("{\"a\":\"nf\",\"id\":1,\"c\":\"pets\",\"d\":\"fi\\u0064o\",\"v\":2}", MESSAGE_READ);
    expect(message.read.name, "pets/fido");
    expect(message.id, "fido");
    ck_assert_uint_eq(message.read.request, 1);
    ck_assert_int_eq(message.read.kind, READ_AT_SEQ);
    ck_assert_uint_eq(message.read.seq, 2);
    accept("{\"a\":\"nf\",\"id\":1,\"c\":\"pets\",\"d\":\"fido\",\"v\":null}", MESSAGE_READ);
    ck_assert_int_eq(message.read.kind, READ_NOW);
    accept("{\"a\":\"nt\",\"id\":4,\"c\":\"pets\",\"d\":\"fido\",\"ts\":1795484530005.5}",
           MESSAGE_READ);
    ck_assert_int_eq(message.read.kind, READ_AT_TIME);
    ck_assert_uint_eq(message.read.time_ms, 1795484530005);
    accept("{\"a\":\"nt\",\"id\":4,\"c\":\"pets\",\"d\":\"fido\",\"ts\":null}", MESSAGE_READ);
    ck_assert_uint_eq(message.read.time_ms, UINT64_MAX);

    refuse("{\"a\":\"nf\",\"c\":\"pets\",\"d\":\"fido\",\"v\":2}", "ERR_MESSAGE_BADLY_FORMED",
           "Missing query ID");
    refuse("{\"a\":\"nf\",\"id\":1,\"c\":\"pets\",\"d\":\"fido\",\"v\":-2}",
           "ERR_MESSAGE_BADLY_FORMED", "Invalid version");
    refuse("{\"a\":\"nt\",\"id\":1,\"c\":\"pets\",\"d\":\"fido\",\"ts\":-1}",
           "ERR_MESSAGE_BADLY_FORMED", "Invalid timestamp");
}
END_TEST

#define SHOW "{\"a\":\"p\",\"ch\":\"pets.fido\",\"id\":\"anna\",\"pv\":3,"

START_TEST(reads_what_is_about_a_channel_of_presence)
{
    accept(SHOW "\"p\":{\"x\":1}}", MESSAGE_SHOW);
    expect(message.room.name, "pets.fido");
    expect(message.room.id, "anna");
    expect(message.room.state, "{\"x\":1}");
    ck_assert_uint_eq(message.room.version, 3);
    ck_assert(!span_present(message.room.type));
    accept(SHOW "\"p\":null,\"c\":\"pets\",\"d\":\"fido\",\"v\":7,\"t\":\"rich\"}", MESSAGE_SHOW);
    expect(message.room.state, "null");
    expect(message.room.type, "rich");
    expect(message.id, "fido");
    ck_assert_uint_eq(message.room.at, 7);
    accept("{\"a\":\"ps\",\"ch\":\"room\",\"seq\":4}", MESSAGE_LISTEN);
    ck_assert_uint_eq(message.room.seq, 4);
    accept("{\"a\":\"pu\",\"ch\":\"room\",\"seq\":5}", MESSAGE_UNLISTEN);
    accept("{\"a\":\"pr\",\"ch\":\"room\"}", MESSAGE_ASK);

    static const char *const cases[][2] = {
        {"{\"a\":\"ps\",\"seq\":4}", "Invalid presence channel"},
        {"{\"a\":\"ps\",\"ch\":\"constructor\",\"seq\":4}", "Invalid presence channel"},
        {"{\"a\":\"p\",\"ch\":\"room\",\"id\":7,\"p\":1,\"pv\":3}", "Invalid presence ID"},
        {"{\"a\":\"p\",\"ch\":\"room\",\"id\":\"a\",\"p\":1}", "Invalid presence version"},
        {SHOW "\"p\":1,\"c\":\"pets\"}", "Invalid id"},
        {SHOW "\"p\":1,\"c\":\"pets\",\"d\":\"fido\",\"v\":-1}", "Invalid version"},
        {SHOW "\"p\":{\"x\":1,\"x\":2}}", "A name is repeated"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        refuse(cases[i][0], "ERR_MESSAGE_BADLY_FORMED", cases[i][1]);
}
END_TEST

START_TEST(tells_apart_what_cannot_be_answered)
{
    ck_assert_int_eq(decode("{"), STATUS_MALFORMED_JSON);
    ck_assert_int_eq(decode(""), STATUS_MALFORMED_JSON);
    ck_assert_int_eq(decode("5"), STATUS_PROTOCOL);
    ck_assert_int_eq(decode("null"), STATUS_PROTOCOL);
    ck_assert_int_eq(decode("[]"), STATUS_PROTOCOL);
}
END_TEST

/* JavaScript sends half surrogate pairs as escapes, and its client sends again until answered. */
START_TEST(answers_an_operation_that_it_would_not_look_at)
{
    refuse(OP "\"v\":1,\"seq\":1,\"op\":[{\"p\":[0],\"si\":\"\\ud83d\"}]}",
           "ERR_OT_OP_BADLY_FORMED", "not well-formed Unicode");
    expect(message.request, OP "\"v\":1,\"seq\":1,\"op\":[{\"p\":[0],\"si\":\"\\ufffd\"}]}");
    struct buffer deep = {0};
    buffer_append_text(&deep, OP "\"v\":1,\"seq\":1,\"op\":");
    for (int i = 0; i < LIMIT_JSON_DEPTH + 1; i++)
        buffer_append_byte(&deep, '[');
    for (int i = 0; i < LIMIT_JSON_DEPTH + 1; i++)
        buffer_append_byte(&deep, ']');
    buffer_append_text(&deep, "}");
    buffer_append_byte(&deep, 0);
    refuse((const char *)deep.data, "ERR_OT_OP_BADLY_FORMED", "nested deeper than the limit");
    buffer_finish(&deep);
}
END_TEST

START_TEST(an_operation_has_one_reading)
{
    refuse(OP "\"v\":1,\"seq\":1,\"op\":[{\"p\":[],\"p\":[0]}]}", "ERR_OT_OP_BADLY_FORMED",
           "A name is repeated");
}
END_TEST

static enum status decode_beginning(const char *text)
{
    message = (struct message){0};
    error = (struct sharedb_error){0};
    return sharedb_decode_beginning(span_of_string(text), &scratch, &message, &error);
}

/* As the clients 4 to 7 write it, in this order. */
START_TEST(makes_out_an_operation_by_its_beginning)
{
    ck_assert_int_eq(
        decode_beginning(OP "\"v\":1,\"src\":\"f818\",\"seq\":2,\"x\":{},\"op\":[1,\"xx"),
        STATUS_OK);
    ck_assert_int_eq(message.kind, MESSAGE_EDIT);
    expect(message.collection, "pets");
    expect(message.id, "fido");
    expect(message.edit.source, "f818");
    ck_assert_uint_eq(message.edit.base, 1);
    ck_assert_uint_eq(message.edit.serial, 2);
    ck_assert(!span_present(message.edit.operation));
    expect(message.request, OP "\"v\":1,\"src\":\"f818\",\"seq\":2,\"x\":{}}");

    /* What the middleware is told may itself be long, and lies behind. */
    ck_assert_int_eq(decode_beginning(OP "\"v\":null,\"seq\":2,\"x\":{\"source\":\"a,b"),
                     STATUS_OK);
    ck_assert_uint_eq(message.edit.base, MESSAGE_NOW);
    ck_assert(!span_present(message.edit.source));
    expect(message.request, OP "\"v\":null,\"seq\":2}");

    ck_assert_int_eq(
        decode_beginning("{\"a\":\"\\u006fp\",\"c\":\"p\\u0065ts\",\"d\":\"f\\u0069do\",\"v\":1,"
                         "\"seq\":2,\"create\":{\"type\":"),
        STATUS_OK);
    ck_assert_int_eq(message.kind, MESSAGE_EDIT);
    expect(message.collection, "pets");
    expect(message.id, "fido");
}
END_TEST

/* In escapes each of its bytes takes six. */
START_TEST(the_longest_names_leave_room_for_the_number)
{
    struct buffer text = {0};

    buffer_append_text(&text, "{\"a\":\"op\",\"c\":\"");
    for (int i = 0; i < LIMIT_COLLECTION_BYTES; i++)
        buffer_append_text(&text, "\\u0061");
    buffer_append_text(&text, "\",\"d\":\"");
    for (int i = 0; i < LIMIT_ID_BYTES; i++)
        buffer_append_text(&text, "\\u0061");
    buffer_append_text(&text,
                       "\",\"v\":9007199254740990,\"src\":\"0123456789abcdef0123456789abcdef\","
                       "\"seq\":9007199254740990,\"op\":[");
    ck_assert_uint_le(text.size, LIMIT_OVERSIZED_KEPT_BYTES);
    ck_assert_int_eq(sharedb_decode_beginning(buffer_span(&text), &scratch, &message, &error),
                     STATUS_OK);
    ck_assert_uint_eq(message.id.size, LIMIT_ID_BYTES);
    ck_assert_uint_eq(message.edit.serial, 9007199254740990);
    buffer_finish(&text);
}
END_TEST

START_TEST(tells_what_submits_nothing_by_its_beginning)
{
    static const char *const cases[] = {
        "",
        "nonsense",
        "[1,2,",
        "{\"a\":\"op\",\"c\":\"pets\",\"d\":\"fido\",\"v\":1,\"op\":[1,2,\"seq\":1,",
        "{\"op\":[],\"a\":\"op\",\"c\":\"pets\",\"d\":\"fido\",\"seq\":1",
        "{\"c\":\"pets\",\"d\":\"fido\",\"seq\":1,\"v\":1,",
        "{\"a\":7,\"c\":\"pets\",\"d\":\"fido\",\"seq\":1,\"v\":1,",
        "{\"a\":\"op\",\"d\":\"fido\",\"seq\":1,\"v\":1,",
        "{\"a\":\"op\",\"c\":\"pets\",\"seq\":1,\"v\":1,",
        "{\"a\":\"bs\",\"c\":\"pets\",\"d\":\"fido\",\"seq\":1,\"b\":[",
        "{\"a\":\"p\",\"ch\":\"room\",\"seq\":1,\"p\":[",
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        ck_assert_msg(decode_beginning(cases[i]) == STATUS_PROTOCOL, "%s", cases[i]);
    ck_assert_int_eq(decode_beginning(OP "\"seq\":\"1\",\"op\":["), STATUS_MALFORMED_MESSAGE);
    ck_assert_str_eq(error.text, "Invalid seq");
    expect(message.request, OP "\"seq\":\"1\"}");
}
END_TEST

TEST_MAIN("sharedb", makes_out_an_operation_by_its_beginning,
          the_longest_names_leave_room_for_the_number, tells_what_submits_nothing_by_its_beginning,
          reads_the_operations_of_a_real_client, reads_requests_for_one_document_or_several,
          reads_the_handshake_and_pings, reads_what_is_asked_of_the_past,
          reads_what_is_about_a_channel_of_presence, refuses_in_the_words_of_the_reference,
          tells_apart_what_cannot_be_answered, answers_an_operation_that_it_would_not_look_at,
          an_operation_has_one_reading)
