#include "protocol/sharedb.h"

#include "tests/runner.h"

#define JSON0 "http://sharejs.org/types/JSONv0"

static struct buffer out;

static void expect(const char *text)
{
    ck_assert_msg(span_equal(buffer_span(&out), span_of_string(text)), "wrote %.*s",
                  SPAN_PRINT(buffer_span(&out)));
    buffer_finish(&out);
}

static struct sharedb_operation operation(void)
{
    return (struct sharedb_operation){
        .collection = SPAN("pets"),
        .id = SPAN("fido"),
        .source = SPAN("f818"),
        .serial = 2,
        .version = 1,
    };
}

START_TEST(writes_the_handshake)
{
    sharedb_handshake(&out, SPAN("f818"), true);
    expect("{\"a\":\"init\",\"protocol\":1,\"protocolMinor\":2,\"id\":\"f818\",\"type\":\"" JSON0
           "\"}");
    sharedb_handshake(&out, SPAN("f818"), false);
    expect("{\"a\":\"hs\",\"protocol\":1,\"protocolMinor\":2,\"id\":\"f818\",\"type\":\"" JSON0
           "\"}");
}
END_TEST

START_TEST(writes_operations_and_their_acknowledgement)
{
    struct sharedb_operation edit = operation();
    struct sharedb_operation creation = operation();
    struct sharedb_operation deletion = operation();

    edit.operation = SPAN("[1]");
    sharedb_operation(&out, &edit);
    expect("{\"a\":\"op\",\"c\":\"pets\",\"d\":\"fido\",\"v\":1,\"src\":\"f818\",\"seq\":2,"
           "\"op\":[1]}");
    creation.type = SPAN(JSON0);
    sharedb_operation(&out, &creation);
    expect("{\"a\":\"op\",\"c\":\"pets\",\"d\":\"fido\",\"v\":1,\"src\":\"f818\",\"seq\":2,"
           "\"create\":{\"type\":\"" JSON0 "\"}}");
    creation.data = SPAN("{}");
    sharedb_operation(&out, &creation);
    expect("{\"a\":\"op\",\"c\":\"pets\",\"d\":\"fido\",\"v\":1,\"src\":\"f818\",\"seq\":2,"
           "\"create\":{\"type\":\"" JSON0 "\",\"data\":{}}}");
    sharedb_operation(&out, &deletion);
    expect("{\"a\":\"op\",\"c\":\"pets\",\"d\":\"fido\",\"v\":1,\"src\":\"f818\",\"seq\":2,"
           "\"del\":true}");
    sharedb_acknowledged(&out, &edit);
    expect("{\"src\":\"f818\",\"seq\":2,\"v\":1,\"a\":\"op\",\"c\":\"pets\",\"d\":\"fido\"}");
}
END_TEST

START_TEST(writes_snapshots_and_replies)
{
    struct message one = {
        .kind = MESSAGE_SUBSCRIBE, .collection = SPAN("pets"), .id = SPAN("fido")};
    struct message several = {
        .kind = MESSAGE_FETCH, .collection = SPAN("pets"), .follow.several = SPAN("{\"fido\":1}")};

    sharedb_snapshot(&out, 1, SPAN(JSON0), SPAN("{\"n\":1}"));
    expect("{\"v\":1,\"data\":{\"n\":1}}");
    sharedb_snapshot(&out, 1, SPAN("text"), SPAN("\"x\""));
    expect("{\"v\":1,\"data\":\"x\",\"type\":\"text\"}");
    sharedb_snapshot(&out, 3, SPAN_NONE, SPAN_NONE);
    expect("{\"v\":3,\"type\":null}");
    sharedb_reply(&out, &one, SPAN("{\"v\":1}"));
    expect("{\"data\":{\"v\":1},\"a\":\"s\",\"c\":\"pets\",\"d\":\"fido\"}");
    sharedb_reply(&out, &one, SPAN_NONE);
    expect("{\"a\":\"s\",\"c\":\"pets\",\"d\":\"fido\"}");
    sharedb_reply(&out, &several, SPAN_NONE);
    expect("{\"a\":\"bf\",\"c\":\"pets\",\"b\":{\"fido\":1}}");
    sharedb_reply(&out, &several, SPAN("{}"));
    expect("{\"data\":{},\"a\":\"bf\",\"c\":\"pets\"}");
    sharedb_pong(&out);
    expect("{\"a\":\"pp\"}");
}
END_TEST

START_TEST(writes_what_was_asked_of_the_past)
{
    struct message asked = {
        .kind = MESSAGE_READ,
        .read = {.request = 4, .kind = READ_AT_SEQ},
    };

    sharedb_past(&out, &asked, 2, SPAN(JSON0), SPAN("{}"));
    expect("{\"id\":4,\"v\":2,\"type\":\"" JSON0 "\",\"data\":{},\"m\":null,\"a\":\"nf\"}");
    asked.read.kind = READ_AT_TIME;
    sharedb_past(&out, &asked, 0, SPAN_NONE, SPAN_NONE);
    expect("{\"id\":4,\"v\":0,\"type\":null,\"m\":null,\"a\":\"nt\"}");
}
END_TEST

START_TEST(writes_presence)
{
    struct sharedb_presence presence = {
        .channel = SPAN("room"),
        .source = SPAN("f818"),
        .id = SPAN("anna"),
        .state = SPAN("1"),
        .version = 3,
    };
    struct message listen = {.kind = MESSAGE_LISTEN, .room = {.name = SPAN("room"), .seq = 4}};

    sharedb_presence(&out, &presence);
    expect("{\"a\":\"p\",\"ch\":\"room\",\"src\":\"f818\",\"id\":\"anna\",\"p\":1,"
           "\"pv\":3}");
    presence.collection = SPAN("pets");
    presence.document = SPAN("fido");
    presence.type = SPAN("rich");
    presence.at = 7;
    sharedb_presence(&out, &presence);
    expect("{\"a\":\"p\",\"ch\":\"room\",\"src\":\"f818\",\"id\":\"anna\",\"p\":1,"
           "\"pv\":3,\"c\":\"pets\",\"d\":\"fido\",\"v\":7,\"t\":\"rich\"}");
    sharedb_presence_reply(&out, &listen);
    expect("{\"ch\":\"room\",\"seq\":4,\"a\":\"ps\"}");
    listen.kind = MESSAGE_UNLISTEN;
    sharedb_presence_reply(&out, &listen);
    expect("{\"ch\":\"room\",\"seq\":4,\"a\":\"pu\"}");
    listen.kind = MESSAGE_ASK;
    sharedb_presence_reply(&out, &listen);
    expect("{\"a\":\"pr\"}");
    sharedb_presence_request(&out, SPAN("room"));
    expect("{\"a\":\"pr\",\"ch\":\"room\"}");
}
END_TEST

START_TEST(a_refusal_repeats_the_request)
{
    struct sharedb_error error = sharedb_error_of(STATUS_DELETED);

    sharedb_refused(&out, SPAN("{\"a\":\"op\",\"v\":5 }"), &error);
    expect("{\"a\":\"op\",\"v\":5,\"error\":{\"code\":\"ERR_DOC_WAS_DELETED\","
           "\"message\":\"Document was deleted\"}}");
    sharedb_refused(&out, SPAN("{ }"), &error);
    expect("{\"error\":{\"code\":\"ERR_DOC_WAS_DELETED\",\"message\":\"Document was deleted\"}}");
    error = sharedb_error_of(STATUS_FOLDED);
    sharedb_snapshot_error(&out, &error);
    expect("{\"error\":{\"message\":\"Missing ops\"}}");
}
END_TEST

TEST_MAIN("sharedb_write", writes_the_handshake, writes_operations_and_their_acknowledgement,
          writes_snapshots_and_replies, writes_what_was_asked_of_the_past, writes_presence,
          a_refusal_repeats_the_request)
