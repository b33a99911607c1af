#include "protocol/handshake.h"

#include <string.h>

#include "tests/runner.h"

static const struct origins no_origins;

/* The example of RFC 6455, section 1.3. */
#define RFC_KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define RFC_ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

/* A header that is not there; NULL in a row means "as in a good request". */
static const char absent[] = "absent";

static const struct test_case {
    const char *name;
    int code;
    const char *method;
    const char *host;
    const char *upgrade;
    const char *connection;
    const char *version;
    const char *key;
    const char *origin;
} cases[] = {
    {.name = "a good request", .code = 101},
    {.name = "no Origin", .code = 101, .origin = absent},

    {.name = "POST", .code = 400, .method = "POST"},
    {.name = "no Host", .code = 400, .host = absent},
    {.name = "an empty Host", .code = 400, .host = ""},
    {.name = "no Upgrade", .code = 400, .upgrade = absent},
    {.name = "another Upgrade", .code = 400, .upgrade = "h2c"},
    {.name = "a longer Upgrade", .code = 400, .upgrade = "websockets"},
    {.name = "Upgrade in other case", .code = 101, .upgrade = "WebSocket"},
    {.name = "Upgrade in a list", .code = 101, .upgrade = "h2c ,\tWEBSOCKET"},
    {.name = "no Connection", .code = 400, .connection = absent},
    {.name = "another Connection", .code = 400, .connection = "keep-alive"},
    {.name = "Connection in other case", .code = 101, .connection = "upgrade"},
    {.name = "Connection in a list", .code = 101, .connection = "keep-alive, Upgrade"},
    {.name = "Connection in a list with gaps", .code = 101, .connection = ",,upGrade , "},
    {.name = "Connection with a longer word", .code = 400, .connection = "Upgrade-Insecure"},

    {.name = "no version", .code = 426, .version = absent},
    {.name = "an old version", .code = 426, .version = "8"},
    {.name = "a version in the future", .code = 426, .version = "14"},
    {.name = "a version with a zero", .code = 426, .version = "013"},
    {.name = "a version with spaces", .code = 101, .version = " 13 "},

    {.name = "no key", .code = 400, .key = absent},
    {.name = "an empty key", .code = 400, .key = ""},
    {.name = "a key with spaces", .code = 101, .key = " " RFC_KEY " "},
    {.name = "a key of 15 bytes", .code = 400, .key = "AAAAAAAAAAAAAAAAAAAA"},
    {.name = "a key of 17 bytes", .code = 400, .key = "AAAAAAAAAAAAAAAAAAAAAAA="},
    {.name = "a key without padding", .code = 400, .key = "AAAAAAAAAAAAAAAAAAAAAA"},
    {.name = "a key in the other alphabet", .code = 400, .key = "_____________________w=="},
    {.name = "a key with padding inside", .code = 400, .key = "AAAAAAAAAAA=AAAAAAAAAA=="},
    {.name = "a key with bits that do not count", .code = 400, .key = "AAAAAAAAAAAAAAAAAAAAAB=="},
    {.name = "the highest key", .code = 101, .key = "/////////////////////w=="},

    {.name = "another origin", .code = 403, .origin = "http://evil.example"},
    {.name = "the same origin, encrypted", .code = 101, .origin = "https://tutti.example:7400"},
    {.name = "an origin in other case", .code = 101, .origin = "HTTP://Tutti.Example:7400"},
    {.name = "another port", .code = 403, .origin = "http://tutti.example:7401"},
    {.name = "another scheme", .code = 403, .origin = "ftp://tutti.example:7400"},
    {.name = "an origin that begins the same",
     .code = 403,
     .origin = "http://tutti.example:7400.evil.example"},
    {.name = "an origin that ends the same",
     .code = 403,
     .origin = "http://evil.tutti.example:7400"},
    {.name = "the origin null", .code = 403, .origin = "null"},
    {.name = "an empty origin", .code = 403, .origin = ""},
    {.name = "a host alone", .code = 403, .origin = "tutti.example:7400"},
    {.name = "a default port that the origin leaves out",
     .code = 101,
     .host = "tutti.example:80",
     .origin = "http://tutti.example"},
    {.name = "a default port that the host leaves out",
     .code = 101,
     .host = "tutti.example",
     .origin = "https://tutti.example:443"},
    {.name = "the default port of the other scheme",
     .code = 403,
     .host = "tutti.example:443",
     .origin = "http://tutti.example"},
    {.name = "an address", .code = 101, .host = "[::1]:7400", .origin = "http://[::1]:7400"},
};

static struct span value_or(const char *value, const char *good)
{
    return value == absent ? SPAN_NONE : span_of_string(value ? value : good);
}

static struct handshake_request request_of(const struct test_case *row)
{
    return (struct handshake_request){
        .method = value_or(row->method, "GET"),
        .host = value_or(row->host, "tutti.example:7400"),
        .upgrade = value_or(row->upgrade, "websocket"),
        .connection = value_or(row->connection, "Upgrade"),
        .version = value_or(row->version, "13"),
        .key = value_or(row->key, RFC_KEY),
        .origin = value_or(row->origin, "http://tutti.example:7400"),
    };
}

START_TEST(requests_get_the_right_code)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct handshake_request request = request_of(&cases[i]);
        struct handshake_answer answer;
        struct fault fault = {""};

        handshake_check(&request, &no_origins, &answer, &fault);
        ck_assert_msg(answer.code == cases[i].code, "%s: expected %d, got %d (%s)", cases[i].name,
                      cases[i].code, answer.code, fault.text);
        ck_assert_int_eq(answer.code == 101, fault.text[0] == 0);
    }
}
END_TEST

START_TEST(only_an_upgrade_to_websocket_is_wanted)
{
    struct handshake_request request = {0};

    ck_assert(!handshake_wanted(&request));
    request.upgrade = SPAN("h2c");
    ck_assert(!handshake_wanted(&request));
    request.upgrade = SPAN("h2c, WebSocket");
    ck_assert(handshake_wanted(&request));
}
END_TEST

static int code_of_origin(const char *origin, const char *const *origins, size_t count)
{
    struct handshake_request request = request_of(&(struct test_case){.origin = origin});
    struct handshake_answer answer;

    handshake_check(&request, &(struct origins){origins, count}, &answer, NULL);
    return answer.code;
}

START_TEST(other_origins_connect_when_they_are_listed)
{
    static const char *const some[] = {"https://a.example", "https://b.example:8443"};
    static const char *const any[] = {"*"};

    ck_assert_int_eq(code_of_origin("https://a.example", some, 2), 101);
    ck_assert_int_eq(code_of_origin("https://B.example:8443", some, 2), 101);
    ck_assert_int_eq(code_of_origin("http://a.example", some, 2), 403);
    ck_assert_int_eq(code_of_origin("https://b.example", some, 2), 403);
    ck_assert_int_eq(code_of_origin("http://tutti.example:7400", some, 2), 101);
    ck_assert_int_eq(code_of_origin("null", any, 1), 101);
}
END_TEST

static const char *subprotocol_of(const char *protocols)
{
    struct handshake_request request = request_of(&cases[0]);
    struct handshake_answer answer;

    request.protocols = span_of_string(protocols);
    handshake_check(&request, &no_origins, &answer, NULL);
    ck_assert_int_eq(answer.code, 101);
    return answer.subprotocol;
}

START_TEST(our_subprotocol_is_chosen_when_it_is_named)
{
    ck_assert_ptr_null(subprotocol_of(NULL));
    ck_assert_ptr_null(subprotocol_of("chat"));
    ck_assert_ptr_null(subprotocol_of("Tutti.v1"));
    ck_assert_str_eq(subprotocol_of("tutti.v1"), "tutti.v1");
    ck_assert_str_eq(subprotocol_of("chat , tutti.v1"), "tutti.v1");
}
END_TEST

static void expect_response(const char *protocols, const char *expected)
{
    struct handshake_request request = request_of(&cases[0]);
    struct handshake_answer answer;
    struct buffer out = {0};

    request.protocols = span_of_string(protocols);
    handshake_check(&request, &no_origins, &answer, NULL);
    handshake_response(&out, &answer);
    ck_assert(span_equal(buffer_span(&out), span_of_string(expected)));
    ck_assert_int_eq(handshake_check_response(buffer_span(&out), SPAN(RFC_KEY), NULL), STATUS_OK);
    buffer_finish(&out);
}

START_TEST(the_answer_is_the_example_of_the_rfc)
{
    expect_response(NULL, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                          "Connection: Upgrade\r\nSec-WebSocket-Accept: " RFC_ACCEPT "\r\n\r\n");
    expect_response("tutti.v1", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                                "Connection: Upgrade\r\nSec-WebSocket-Accept: " RFC_ACCEPT
                                "\r\nSec-WebSocket-Protocol: tutti.v1\r\n\r\n");
}
END_TEST

START_TEST(the_request_has_every_header)
{
    struct buffer out = {0};

    handshake_write_request(&out, "127.0.0.1:7400", "/", SPAN(RFC_KEY));
    ck_assert(span_equal(buffer_span(&out), SPAN("GET / HTTP/1.1\r\n"
                                                 "Host: 127.0.0.1:7400\r\n"
                                                 "Upgrade: websocket\r\n"
                                                 "Connection: Upgrade\r\n"
                                                 "Sec-WebSocket-Version: 13\r\n"
                                                 "Sec-WebSocket-Protocol: tutti.v1\r\n"
                                                 "Sec-WebSocket-Key: " RFC_KEY "\r\n\r\n")));
    buffer_finish(&out);
}
END_TEST

#define GOOD_HEAD                                                                                  \
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " RFC_ACCEPT "\r\n"

static const struct response_case {
    enum status status;
    const char *head;
} responses[] = {
    {STATUS_OK, "HTTP/1.1 101 Switching Protocols\r\n" GOOD_HEAD "\r\n"},
    {STATUS_OK, "HTTP/1.1 101\r\n" GOOD_HEAD "\r\n"},
    {STATUS_OK, "HTTP/1.1 101 x\r\nupgrade:WebSocket\r\nCONNECTION:  keep-alive, upgrade \r\n"
                "sec-websocket-accept:" RFC_ACCEPT "\r\nServer: x\r\n\r\n"},
    {STATUS_OK, "HTTP/1.1 101 x\r\n" GOOD_HEAD "Sec-WebSocket-Protocol: tutti.v1\r\n\r\n"},
    {STATUS_PROTOCOL, ""},
    {STATUS_PROTOCOL, "HTTP/1.1 200 OK\r\n" GOOD_HEAD "\r\n"},
    {STATUS_PROTOCOL, "HTTP/1.1 1010 x\r\n" GOOD_HEAD "\r\n"},
    {STATUS_PROTOCOL, "HTTP/1.1 403 Forbidden\r\n\r\n"},
    {STATUS_PROTOCOL, "HTTP/1.1 101 x\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Accept: " RFC_ACCEPT "\r\n\r\n"},
    {STATUS_PROTOCOL, "HTTP/1.1 101 x\r\nUpgrade: websocket\r\n"
                      "Sec-WebSocket-Accept: " RFC_ACCEPT "\r\n\r\n"},
    {STATUS_PROTOCOL, "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"},
    {STATUS_PROTOCOL, "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"},
    {STATUS_PROTOCOL,
     "HTTP/1.1 101 x\r\n" GOOD_HEAD "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"},
    {STATUS_PROTOCOL, "HTTP/1.1 101 x\r\n" GOOD_HEAD "Sec-WebSocket-Protocol: chat\r\n\r\n"},
};

START_TEST(responses_are_checked)
{
    for (size_t i = 0; i < sizeof(responses) / sizeof(responses[0]); i++) {
        struct fault fault = {""};
        enum status status =
            handshake_check_response(span_of_string(responses[i].head), SPAN(RFC_KEY), &fault);

        ck_assert_msg(status == responses[i].status, "case %zu: %s", i, fault.text);
    }
}
END_TEST

TEST_MAIN("handshake", requests_get_the_right_code, only_an_upgrade_to_websocket_is_wanted,
          other_origins_connect_when_they_are_listed, our_subprotocol_is_chosen_when_it_is_named,
          the_answer_is_the_example_of_the_rfc, the_request_has_every_header, responses_are_checked)
