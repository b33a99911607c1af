#include "server/net/inspector.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/limits.h"
#include "server/net/clock.h"
#include "server/net/connections.h"
#include "server/net/readiness.h"
#include "tests/collab/world.h"
#include "tests/runner.h"

static struct event_base *events;
static struct world world;
static struct clock now;
static struct connections *connections;
static struct readiness readiness;
static struct inspector *inspector;

static void begin_at(const char *place)
{
    struct address address;
    struct fault fault;

    events = event_base_new();
    world_init(&world);
    connections = connections_create(events, world.hub, &now);
    const struct inspector_config config = {.events = events,
                                            .hub = world.hub,
                                            .connections = connections,
                                            .readiness = &readiness,
                                            .clock = &now,
                                            .place = place,
                                            .node = "one",
                                            .version = "1.2.3",
                                            .store = "memory"};
    ck_assert_int_eq(address_read("127.0.0.1:0", &address, &fault), STATUS_OK);
    ck_assert_int_eq(inspector_create(&config, &address, &inspector, &fault), STATUS_OK);
}

static void begin(void)
{
    begin_at("127.0.0.1:0");
}

static void end(void)
{
    inspector_destroy(inspector);
    connections_destroy(connections);
    world_finish(&world);
    event_base_free(events);
}

static void turn(void)
{
    event_base_loop(events, EVLOOP_NONBLOCK);
    inspector_turn(inspector);
}

static int connect_peer(void)
{
    const struct address *address = inspector_address(inspector);
    int peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_eq(connect(peer, (const struct sockaddr *)&address->storage, address->size), 0);
    return peer;
}

/* Turn until `needle` has come, or the end of the connection. False at the end, or when nothing
 * comes for long. */
static bool hear(int peer, const char *needle, struct buffer *heard)
{
    for (int idle = 0; idle < 1000;) {
        struct pollfd wait = {.fd = peer, .events = POLLIN};

        turn();
        if (poll(&wait, 1, 1) == 0) {
            idle++;
            continue;
        }
        ssize_t size = recv(peer, buffer_reserve(heard, 65536), 65535, 0);
        if (size <= 0)
            return false;
        buffer_grow(heard, (size_t)size);
        *buffer_reserve(heard, 1) = 0;
        if (strstr((const char *)heard->data, needle) != NULL)
            return true;
    }
    return false;
}

/* The answer begins with `start` and has `needle` in it. */
static void expect(const char *request, const char *start, const char *needle)
{
    struct buffer heard = {0};
    int peer = connect_peer();

    ck_assert_int_eq(send(peer, request, strlen(request), MSG_NOSIGNAL), (ssize_t)strlen(request));
    bool found = hear(peer, needle, &heard);

    *buffer_reserve(&heard, 1) = 0;
    ck_assert_msg(found, "no \"%s\" in: %s", needle, (const char *)heard.data);
    ck_assert_int_eq(strncmp((const char *)heard.data, start, strlen(start)), 0);
    buffer_finish(&heard);
    close(peer);
}

#define LOCAL " HTTP/1.1\r\nHost: localhost:1\r\n\r\n"
#define FORBIDDEN "HTTP/1.1 403 Forbidden\r\n"

START_TEST(the_page_is_served_with_a_policy)
{
    begin();
    expect("GET /" LOCAL, "HTTP/1.1 200 OK\r\n", "<!doctype html>");
    expect("GET /index.html" LOCAL, "HTTP/1.1 200 OK\r\n", "frame-ancestors 'none'");
    end();
}
END_TEST

START_TEST(a_node_is_told_in_figures)
{
    struct client anna;

    begin();
    client_join(&anna, &world, 'a', "notes/1", "text");
    expect("GET /api/server" LOCAL, "HTTP/1.1 200 OK\r\n",
           "\"store\":\"memory\",\"ready\":true,\"connections\":0,\"links\":1,\"sessions\":1,"
           "\"documents\":1,\"readers\":1,\"queues\":{\"inbox\":0,\"tentative\":0,"
           "\"batch_in_flight\":false,\"store_requests\":0,\"output_bytes\":0,\"behind\":0},"
           "\"totals\":{\"submitted\":0,\"committed\":1,");
    expect("GET /api/server" LOCAL, "HTTP/1.1 200 OK\r\n",
           "{\"node\":\"one\",\"version\":\"1.2.3\",\"time_ms\":");
    expect("GET /api/server" LOCAL, "HTTP/1.1 200 OK\r\n", "\"cluster\":null}");
    client_finish(&anna);
    end();
}
END_TEST

START_TEST(a_server_without_its_store_is_not_ready)
{
    begin();
    readiness.store_away = true;
    expect("GET /api/server" LOCAL, "HTTP/1.1 200 OK\r\n", "\"ready\":false");
    end();
}
END_TEST

START_TEST(only_reading_is_allowed)
{
    begin();
    expect("POST /api/server HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}",
           "HTTP/1.1 405 Method Not Allowed\r\n", "{\"code\":224,");
    expect("DELETE /" LOCAL, "HTTP/1.1 405 Method Not Allowed\r\n", "Allow: GET, HEAD\r\n");
    end();
}
END_TEST

START_TEST(nothing_of_the_clients_port_is_here)
{
    static const char *const paths[] = {"/v1/documents/a/b", "/livez", "/client.js", "/api",
                                        "/api/server/"};

    begin();
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        char request[128];

        snprintf(request, sizeof(request), "GET %s" LOCAL, paths[i]);
        expect(request, "HTTP/1.1 404 Not Found\r\n", "{\"code\":223,");
    }
    end();
}
END_TEST

START_TEST(other_pages_and_strange_names_see_nothing)
{
    begin();
    expect("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", FORBIDDEN, "{\"code\":");
    expect("GET /api/server HTTP/1.1\r\nHost: evil.example:7401\r\n"
           "Origin: http://evil.example:7401\r\n\r\n",
           FORBIDDEN, "{\"code\":");
    expect("GET /api/server HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n\r\n",
           FORBIDDEN, "{\"code\":");
    expect("GET /api/server HTTP/1.1\r\nHost: localhost\r\nOrigin: null\r\n\r\n", FORBIDDEN,
           "{\"code\":");
    expect("GET /api/server HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n\r\n",
           "HTTP/1.1 200 OK\r\n", "\"node\"");
    end();
}
END_TEST

START_TEST(the_name_that_the_operator_gave_is_ours)
{
    begin_at("ops.example:7401");
    expect("GET /api/server HTTP/1.1\r\nHost: OPS.example:7401\r\n\r\n", "HTTP/1.1 200 OK\r\n",
           "\"node\"");
    expect("GET /api/server HTTP/1.1\r\nHost: ops.example:80\r\n\r\n", FORBIDDEN, "{\"code\":");
    end();
}
END_TEST

START_TEST(one_connection_too_many_is_cut)
{
    int peers[LIMIT_INSPECTOR_CONNECTIONS];
    struct buffer heard = {0};

    begin();
    for (size_t i = 0; i < LIMIT_INSPECTOR_CONNECTIONS; i++) {
        peers[i] = connect_peer();
        turn();
    }
    int peer = connect_peer();

    ck_assert(!hear(peer, "anything", &heard));
    ck_assert_int_eq(recv(peer, buffer_reserve(&heard, 1), 1, MSG_DONTWAIT), 0);
    close(peer);
    for (size_t i = 0; i < LIMIT_INSPECTOR_CONNECTIONS; i++)
        close(peers[i]);
    turn();
    expect("GET /api/server" LOCAL, "HTTP/1.1 200 OK\r\n", "\"node\"");
    buffer_finish(&heard);
    end();
}
END_TEST

TEST_MAIN("inspector", the_page_is_served_with_a_policy, a_node_is_told_in_figures,
          a_server_without_its_store_is_not_ready, only_reading_is_allowed,
          nothing_of_the_clients_port_is_here, other_pages_and_strange_names_see_nothing,
          the_name_that_the_operator_gave_is_ours, one_connection_too_many_is_cut)
