#include "server/net/inspector.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/limits.h"
#include "server/collab/inspection.h"
#include "server/net/clock.h"
#include "server/net/connections.h"
#include "server/net/readiness.h"
#include "tests/collab/world.h"
#include "tests/net/peer.h"
#include "tests/runner.h"

static struct event_base *events;
static struct world world;
static struct clock now;
static struct connections *connections;
static struct readiness readiness;
static struct inspector *inspector;
static struct client anna;
static struct client ben;

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

/* The answer begins with `start` and has `needle` in it. */
static void expect(const char *request, const char *start, const char *needle)
{
    struct buffer heard = {0};
    int peer = connect_peer();

    ck_assert_int_eq(send(peer, request, strlen(request), MSG_NOSIGNAL), (ssize_t)strlen(request));
    bool found = peer_hear(peer, turn, needle, &heard);

    ck_assert_msg(found, "no \"%s\" in: %s", needle, (const char *)heard.data);
    ck_assert_int_eq(strncmp((const char *)heard.data, start, strlen(start)), 0);
    buffer_finish(&heard);
    close(peer);
}

#define LOCAL " HTTP/1.1\r\nHost: localhost:1\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\n"
#define NOT_FOUND "HTTP/1.1 404 Not Found\r\n"
#define FORBIDDEN "HTTP/1.1 403 Forbidden\r\n"

START_TEST(the_page_is_served_with_a_policy)
{
    begin();
    expect("GET /" LOCAL, OK, "<!doctype html>");
    expect("GET /index.html" LOCAL, OK, "frame-ancestors 'none'");
    end();
}
END_TEST

START_TEST(a_node_is_told_in_figures)
{
    begin();
    client_join(&anna, &world, 'a', "notes/1", "text");
    expect("GET /api/server" LOCAL, OK,
           "\"store\":\"memory\",\"ready\":true,\"connections\":0,\"links\":1,\"sessions\":1,"
           "\"documents\":1,\"readers\":1,\"queues\":{\"inbox\":0,\"tentative\":0,"
           "\"batch_in_flight\":false,\"store_requests\":0,\"output_bytes\":0,\"behind\":0},"
           "\"totals\":{\"submitted\":0,\"committed\":1,");
    expect("GET /api/server" LOCAL, OK, "{\"node\":\"one\",\"version\":\"1.2.3\",\"time_ms\":");
    expect("GET /api/server" LOCAL, OK, "\"cluster\":null}");
    client_finish(&anna);
    end();
}
END_TEST

START_TEST(a_server_without_its_store_is_not_ready)
{
    begin();
    readiness.store_away = true;
    expect("GET /api/server" LOCAL, OK, "\"ready\":false");
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
        expect(request, NOT_FOUND, "{\"code\":223,");
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
    expect("GET /api/server HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n\r\n", OK,
           "\"node\"");
    end();
}
END_TEST

START_TEST(the_name_that_the_operator_gave_is_ours)
{
    begin_at("ops.example:7401");
    expect("GET /api/server HTTP/1.1\r\nHost: OPS.example:7401\r\n\r\n", OK, "\"node\"");
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

    ck_assert(!peer_hear(peer, turn, "anything", &heard));
    ck_assert_int_eq(recv(peer, buffer_reserve(&heard, 1), 1, MSG_DONTWAIT), 0);
    close(peer);
    for (size_t i = 0; i < LIMIT_INSPECTOR_CONNECTIONS; i++)
        close(peers[i]);
    turn();
    expect("GET /api/server" LOCAL, OK, "\"node\"");
    buffer_finish(&heard);
    end();
}
END_TEST

/* ---- Documents ---- */

START_TEST(documents_are_listed)
{
    begin();
    expect("GET /api/documents" LOCAL, OK, "{\"documents\":[],\"left_off\":0}");
    client_join(&anna, &world, 'a', "notes/a/1", "text");
    expect("GET /api/documents" LOCAL, OK,
           "{\"documents\":[{\"collection\":\"notes\",\"id\":\"a/1\",\"type\":\"text\","
           "\"state\":\"owned\",\"role\":\"owner\",\"owner\":\"node\",");
    expect("GET /api/documents?prefix=notes%2Fa" LOCAL, OK,
           "\"head\":1,\"committed\":1,\"tentative\":0,\"inbox\":0,\"readers\":1,\"behind\":0,"
           "\"history\":{\"from\":1,\"entries\":1,\"bytes\":");
    expect("GET /api/documents?prefix=other" LOCAL, OK, "{\"documents\":[],\"left_off\":0}");
    expect("GET /api/documents?limit=1" LOCAL, "HTTP/1.1 400 Bad Request\r\n", "{\"code\":");
    client_finish(&anna);
    end();
}
END_TEST

START_TEST(a_document_is_shown_with_its_sessions)
{
    begin();
    client_join(&anna, &world, 'a', "notes/1", "text");
    expect("GET /api/documents/notes/1" LOCAL, OK,
           "\"committed_total\":1,\"sessions\":[{\"who\":\"");
    expect("GET /api/documents/notes/1" LOCAL, OK,
           "\",\"user\":\"user\",\"dialect\":\"tutti.v1\",\"state\":\"stream\",\"cursor\":1,"
           "\"behind\":0,\"output_bytes\":0,\"serial\":0,\"here\":false}],"
           "\"sessions_left_off\":0}");
    expect("GET /api/documents/notes/2" LOCAL, NOT_FOUND, "is loaded here");
    expect("GET /api/documents/notes/%2" LOCAL, "HTTP/1.1 400 Bad Request\r\n", "{\"code\":206,");
    client_finish(&anna);
    end();
}
END_TEST

/* ---- The log ---- */

static int watch(const char *path)
{
    struct buffer request = {0};
    int peer = connect_peer();

    buffer_append_format(&request, "GET %s" LOCAL, path);
    ck_assert_int_eq(send(peer, request.data, request.size, MSG_NOSIGNAL), (ssize_t)request.size);
    buffer_finish(&request);
    return peer;
}

static void expect_event(int peer, struct buffer *heard, const char *needle)
{
    bool found = peer_hear(peer, turn, needle, heard);

    ck_assert_msg(found, "no \"%s\" in: %s", needle, (const char *)heard->data);
}

static void say(struct client *client, const char *message)
{
    client_say(client, message);
    world_run(&world);
}

START_TEST(a_log_is_watched)
{
    struct buffer heard = {0};

    begin();
    client_join(&anna, &world, 'a', "notes/1", "text");
    client_join(&ben, &world, 'b', "notes/1", "text");
    int peer = watch("/api/documents/notes/1/log");

    expect_event(peer, &heard,
                 "\"kind\":\"create\",\"operation\":{\"type\":\"text\"},\"path\":[],");
    ck_assert_ptr_nonnull(strstr((const char *)heard.data, "Content-Type: text/event-stream\r\n"));
    say(&ben, "[1,1,1,[\"x\"]]");
    expect_event(peer, &heard, "event: operation\nid: 2\ndata: {\"seq\":2,\"base\":1,\"who\":\"");
    say(&anna, "[1,1,1,[\"y\"]]"); /* at one place Ben's goes first */
    expect_event(peer, &heard,
                 "\"bytes\":7,\"kind\":\"edit\",\"operation\":[1,\"y\"],\"arrived\":[\"y\"],"
                 "\"path\":[{\"seq\":2,\"who\":\"");
    say(&anna, "[\"delete\",1,2,3]");
    expect_event(peer, &heard, "\"kind\":\"delete\",\"operation\":null,\"path\":[],");
    close(peer);
    turn();
    client_finish(&anna);
    client_finish(&ben);
    buffer_finish(&heard);
    end();
}
END_TEST

START_TEST(a_log_goes_on_where_it_was_left)
{
    struct buffer heard = {0};
    begin();
    client_join(&anna, &world, 'a', "notes/1", "text");
    say(&anna, "[1,1,1,[\"x\"]]");
    int peer = watch("/api/documents/notes/1/log?from=2");

    expect_event(peer, &heard, "id: 2\n");
    ck_assert_ptr_null(strstr((const char *)heard.data, "id: 1\n"));
    close(peer);
    buffer_clear(&heard);
    peer = watch("/api/documents/notes/1/log?from=1000"); /* as if it was another history */
    for (int i = 0; i < 10; i++)
        turn();
    say(&anna, "[1,2,2,[\"x\"]]");
    expect_event(peer, &heard, "id: 3\n");
    client_finish(&anna);
    buffer_finish(&heard);
    end(); /* while somebody watches */
    close(peer);
}
END_TEST

START_TEST(what_is_not_loaded_has_no_log)
{
    struct inspected_document unused;

    begin();
    expect("GET /api/documents/notes/1/log" LOCAL, NOT_FOUND, "is loaded here");
    ck_assert(!inspection_document(world.hub, SPAN("notes/1"), &unused));
    expect("GET /api/documents/notes/1/log?from=x" LOCAL, "HTTP/1.1 400 Bad Request\r\n",
           "{\"code\":");
    end();
}
END_TEST

START_TEST(only_so_many_watch)
{
    int peers[LIMIT_INSPECTOR_WATCHERS];
    struct buffer heard = {0};
    begin();
    client_join(&anna, &world, 'a', "notes/1", "text");
    for (size_t i = 0; i < LIMIT_INSPECTOR_WATCHERS; i++) {
        peers[i] = watch("/api/documents/notes/1/log");
        buffer_clear(&heard);
        expect_event(peers[i], &heard, "id: 1\n");
    }
    expect("GET /api/documents/notes/1/log" LOCAL, "HTTP/1.1 503 Service Unavailable\r\n",
           "too many watch");
    for (size_t i = 0; i < LIMIT_INSPECTOR_WATCHERS; i++)
        close(peers[i]);
    turn();
    int peer = watch("/api/documents/notes/1/log");

    buffer_clear(&heard);
    expect_event(peer, &heard, "id: 1\n");
    close(peer);
    client_finish(&anna);
    buffer_finish(&heard);
    end();
}
END_TEST

/* More than the system holds for a socket and a document for those who come late. */
START_TEST(who_does_not_read_misses_and_is_told)
{
    enum { EDITS = 220, EDIT_BYTES = 60000 };
    struct buffer heard = {0};
    struct buffer edit = {0};
    begin();
    client_join(&anna, &world, 'a', "notes/1", "text");
    int peer = watch("/api/documents/notes/1/log");
    int room = 64 << 10;

    ck_assert_int_eq(setsockopt(peer, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)), 0);
    for (int serial = 1; serial <= EDITS; serial++) {
        buffer_clear(&edit);
        buffer_append_format(&edit, "[1,%d,%d,[\"%0*d\"]]", serial, serial, EDIT_BYTES, serial);
        buffer_append_byte(&edit, '\0');
        say(&anna, (const char *)edit.data);
        turn();
    }
    expect_event(peer, &heard, "event: missed\ndata: {\"count\":");
    expect_event(peer, &heard, "event: operation\nid: 221\n");
    ck_assert_uint_lt(heard.size, EDITS * EDIT_BYTES);
    close(peer);
    client_finish(&anna);
    buffer_finish(&heard);
    buffer_finish(&edit);
    end();
}
END_TEST

/* Less than this is what the system holds for a socket. */
START_TEST(who_watches_is_not_listened_to)
{
    enum { TOO_MUCH = 64 << 20 };
    static const char noise[64 << 10];
    struct buffer heard = {0};
    size_t sent = 0;

    begin();
    client_join(&anna, &world, 'a', "notes/1", "text");
    int peer = watch("/api/documents/notes/1/log");

    expect_event(peer, &heard, "id: 1\n");
    for (int idle = 0; idle < 100 && sent < TOO_MUCH;) {
        ssize_t size = send(peer, noise, sizeof(noise), MSG_NOSIGNAL | MSG_DONTWAIT);

        turn();
        sent += size > 0 ? (size_t)size : 0;
        idle = size > 0 ? 0 : idle + 1;
    }
    ck_assert_uint_lt(sent, TOO_MUCH);
    say(&anna, "[1,1,1,[\"x\"]]");
    expect_event(peer, &heard, "id: 2\n");
    close(peer);
    client_finish(&anna);
    buffer_finish(&heard);
    end();
}
END_TEST

TEST_MAIN("inspector", the_page_is_served_with_a_policy, a_node_is_told_in_figures,
          a_server_without_its_store_is_not_ready, only_reading_is_allowed,
          nothing_of_the_clients_port_is_here, other_pages_and_strange_names_see_nothing,
          the_name_that_the_operator_gave_is_ours, one_connection_too_many_is_cut,
          documents_are_listed, a_document_is_shown_with_its_sessions, a_log_is_watched,
          a_log_goes_on_where_it_was_left, what_is_not_loaded_has_no_log, only_so_many_watch,
          who_does_not_read_misses_and_is_told, who_watches_is_not_listened_to)
