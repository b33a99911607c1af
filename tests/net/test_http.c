#include "server/net/http.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/memory.h"
#include "server/net/assets.h"
#include "server/net/clock.h"
#include "server/net/connections.h"
#include "server/net/readiness.h"
#include "tests/net/fake_hub.h"
#include "tests/net/peer.h"
#include "tests/runner.h"

static struct event_base *events;
static struct hub *hub;
static struct clock now;
static struct connections *connections;
static struct readiness readiness;
static struct http *http;
static int peer;

static const char *const origins[] = {"https://friend.example"};

static void connect_peer(void)
{
    const struct address *address = http_address(http);

    peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(connect(peer, (const struct sockaddr *)&address->storage, address->size), 0);
}

static void begin(void)
{
    struct address address;
    struct fault fault;

    readiness = (struct readiness){0};
    events = event_base_new();
    hub = fake_hub_create();
    connections = connections_create(events, hub, &now);
    const struct http_config config = {.events = events,
                                       .connections = connections,
                                       .hub = hub,
                                       .readiness = &readiness,
                                       .clock = &now,
                                       .origins = {origins, 1}};
    ck_assert_int_eq(address_read("127.0.0.1:0", &address, &fault), STATUS_OK);
    ck_assert_int_eq(http_create(&config, &address, &http, &fault), STATUS_OK);
    connect_peer();
}

static void end(void)
{
    close(peer);
    http_destroy(http);
    connections_destroy(connections);
    hub_destroy(hub);
    event_base_free(events);
}

static void turn(void)
{
    event_base_loop(events, EVLOOP_NONBLOCK);
    connections_resume(connections);
    connections_write(connections);
    connections_bury(connections);
    http_bury(http);
}

/* Send, then turn until `needle` has come back, or the end of the connection, or nothing for long;
 * `heard` is then a text. */
static void ask_bytes(struct span request, const char *needle, struct buffer *heard)
{
    ck_assert_int_eq(send(peer, request.data, request.size, MSG_NOSIGNAL), (ssize_t)request.size);
    if (!peer_hear(peer, turn, needle, heard))
        ck_abort_msg("no \"%s\" in: %s", needle, (const char *)heard->data);
}

static struct buffer ask(const char *request, const char *needle)
{
    struct buffer heard = {0};

    ask_bytes(span_of_string(request), needle, &heard);
    return heard;
}

/* The answer begins with `start` and has `needle` in it. */
static void expect(const char *request, const char *start, const char *needle)
{
    struct buffer heard = ask(request, needle);

    ck_assert_int_eq(strncmp((const char *)heard.data, start, strlen(start)), 0);
    buffer_finish(&heard);
}

#define UPGRADE_WITHOUT_VERSION                                                                    \
    "GET / HTTP/1.1\r\nHost: a.example\r\nUpgrade: WebSocket\r\n"                                  \
    "Connection: keep-alive\r\nConnection: Upgrade\r\n"                                            \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define UPGRADE UPGRADE_WITHOUT_VERSION "Sec-WebSocket-Version: 13\r\n"

START_TEST(tells_that_it_lives)
{
    begin();
    expect("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\n", "\r\n\r\nok\n");
    end();
}
END_TEST

START_TEST(serves_the_page_with_a_policy_and_a_tag)
{
    char request[256];
    const struct asset *page = assets_find(&assets_demo, "/");

    begin();
    expect("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\n", "\r\n\r\n<!doctype html>");
    expect("GET /index.html HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\n",
           "Content-Security-Policy: default-src 'none'");
    snprintf(request, sizeof(request),
             "GET / HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"x\", %s\r\n\r\n", page->etag);
    close(peer);
    connect_peer();
    expect(request, "HTTP/1.1 304 Not Modified\r\n", page->etag);
    end();
}
END_TEST

START_TEST(a_head_has_no_body)
{
    begin();
    /* The answer to the next request follows the empty line at once. */
    expect("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET /livez HTTP/1.1\r\nHost: a\r\n\r\n",
           "HTTP/1.1 200 OK\r\n", "\r\n\r\nHTTP/1.1 200 OK\r\n");
    end();
}
END_TEST

START_TEST(says_what_is_wrong_with_a_request)
{
    static const char *const rows[][3] = {
        {"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 Not Found\r\n",
         "{\"code\":223,\"text\":\"there is nothing at this path\"}"},
        {"DELETE / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 405 Method Not Allowed\r\n",
         "Allow: GET, HEAD\r\n"},
        {"POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}",
         "HTTP/1.1 405 Method Not Allowed\r\n", "does not take this method"},
        {"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 4", "\r\n\r\n"},
        {"GET / HTTP/9.9.9\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n", "\r\n\r\n"},
        {"nonsense\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n", "\r\n\r\n"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin();
        expect(rows[i][0], rows[i][1], rows[i][2]);
        end();
    }
}
END_TEST

START_TEST(a_head_of_a_request_has_a_limit)
{
    struct buffer request = {0};
    struct buffer heard = {0};

    buffer_append_text(&request, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
    for (size_t i = 0; i < LIMIT_HTTP_HEADER_BYTES; i++)
        buffer_append_byte(&request, 'x');
    buffer_append_text(&request, "\r\n\r\n");
    begin();
    ask_bytes(buffer_span(&request), "HTTP/1.1 400", &heard);
    end();
    buffer_finish(&request);
    buffer_finish(&heard);
}
END_TEST

START_TEST(a_body_has_a_limit)
{
    begin();
    expect("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n", "HTTP/1.1 413", "\r\n");
    end();
}
END_TEST

START_TEST(an_upgraded_socket_speaks_to_the_hub)
{
    begin();
    /* The key and the answer to it are those of RFC 6455, section 1.3. */
    expect(UPGRADE "Sec-WebSocket-Protocol: a, tutti.v1\r\n\r\n",
           "HTTP/1.1 101 Switching Protocols\r\n",
           "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
    expect("\x81\x82zzzz!'", "\x81\x02[]", "[]");
    ck_assert_uint_eq(connections_count(connections), 1);
    ck_assert_uint_eq(fake_hub_links(hub), 1);
    end();
}
END_TEST

START_TEST(frames_right_behind_the_request_are_not_lost)
{
    begin();
    expect(UPGRADE "\r\n\x81\x82zzzz!'", "HTTP/1.1 101 ", "\r\n\r\n\x81\x02[]");
    end();
}
END_TEST

START_TEST(a_wrong_upgrade_is_answered_in_http)
{
    static const char *const rows[][3] = {
        {UPGRADE_WITHOUT_VERSION "\r\n", "HTTP/1.1 426 Upgrade Required\r\n",
         "Sec-WebSocket-Version: 13\r\n"},
        {UPGRADE_WITHOUT_VERSION "Sec-WebSocket-Version: 8\r\n\r\n", "HTTP/1.1 426 ",
         "Upgrade: websocket\r\n"},
        {UPGRADE "Sec-WebSocket-Version: 13\r\n\r\n", "HTTP/1.1 4", "{\"code\":402,\"text\":"},
        {UPGRADE "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", "HTTP/1.1 400 ",
         "{\"code\":402,\"text\":"},
        {UPGRADE "Origin: https://stranger.example\r\n\r\n", "HTTP/1.1 403 Forbidden\r\n",
         "{\"code\":403,\"text\":"},
        {"GET /elsewhere HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
         "HTTP/1.1 404 Not Found\r\n", "no protocol is spoken at this path"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin();
        expect(rows[i][0], rows[i][1], rows[i][2]);
        ck_assert_uint_eq(connections_count(connections), 0);
        end();
    }
}
END_TEST

START_TEST(a_node_that_leaves_takes_nobody_in_once_it_has_sent_its_clients_away)
{
    begin();
    readiness.draining = true;
    expect(UPGRADE "\r\n", "HTTP/1.1 101 ", "\r\n\r\n");
    close(peer);
    connect_peer();
    readiness.sent_away = true;
    expect(UPGRADE "\r\n", "HTTP/1.1 503 ", "this node is leaving");
    end();
}
END_TEST

START_TEST(friends_origins_may_connect)
{
    begin();
    expect(UPGRADE "Origin: https://friend.example\r\n\r\n", "HTTP/1.1 101 ", "\r\n\r\n");
    close(peer);
    connect_peer();
    end();
}
END_TEST

static void expect_own_page(const char *host, const char *start)
{
    char request[512];

    snprintf(request, sizeof(request),
             "GET / HTTP/1.1\r\nHost: %s\r\nOrigin: http://%s\r\nUpgrade: websocket\r\n"
             "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
             "Sec-WebSocket-Version: 13\r\n\r\n",
             host, host);
    begin();
    expect(request, start, "\r\n\r\n");
    end();
}

START_TEST(its_own_page_may_connect)
{
    expect_own_page("localhost:7400", "HTTP/1.1 101 ");
    expect_own_page("LocalHost", "HTTP/1.1 101 ");
    expect_own_page("tutti.localhost:7400", "HTTP/1.1 101 ");
    expect_own_page("127.0.0.1:7400", "HTTP/1.1 101 ");
    expect_own_page("[::1]:7400", "HTTP/1.1 101 ");
}
END_TEST

START_TEST(a_strangers_name_that_points_here_may_not)
{
    expect_own_page("evil.example:7400", "HTTP/1.1 403 ");
    expect_own_page("notlocalhost", "HTTP/1.1 403 ");
    expect_own_page("127.0.0.1.example", "HTTP/1.1 403 ");
}
END_TEST

START_TEST(a_port_that_is_taken_is_named)
{
    struct http *second;
    struct fault fault;
    char text[ADDRESS_TEXT_SIZE];
    char sentence[FAULT_TEXT_SIZE];

    begin();
    address_write(http_address(http), text);
    snprintf(sentence, sizeof(sentence), "cannot listen on %s: Address already in use", text);
    const struct http_config config = {.events = events};
    ck_assert_int_eq(http_create(&config, http_address(http), &second, &fault), STATUS_FAILED);
    ck_assert_str_eq(fault.text, sentence);
    end();
}
END_TEST

TEST_MAIN("http", tells_that_it_lives, serves_the_page_with_a_policy_and_a_tag, a_head_has_no_body,
          says_what_is_wrong_with_a_request, a_head_of_a_request_has_a_limit, a_body_has_a_limit,
          an_upgraded_socket_speaks_to_the_hub, frames_right_behind_the_request_are_not_lost,
          a_wrong_upgrade_is_answered_in_http,
          a_node_that_leaves_takes_nobody_in_once_it_has_sent_its_clients_away,
          friends_origins_may_connect, its_own_page_may_connect,
          a_strangers_name_that_points_here_may_not, a_port_that_is_taken_is_named)
