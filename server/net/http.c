#include "server/net/http.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "base/memory.h"
#include "protocol/api.h"
#include "protocol/handshake.h"
#include "server/net/answer.h"
#include "server/net/api.h"
#include "server/net/assets.h"
#include "server/net/connections.h"
#include "server/net/headers.h"
#include "server/net/readiness.h"
#include "server/net/web.h"

/* An evhttp connection whose socket has left. */
struct shell {
    struct evhttp_connection *connection;
    struct shell *next;
};

struct http {
    struct http_config config;
    struct web *web;
    struct api *api;
    struct shell *shells;
    int stand_in; /* a socket that takes the number of one that left */
};

/* ---- Who may ask ---- */

/* A page of evil.example may have its name point to this machine, and then its origin equals its
 * host (DNS rebinding). Bound to this machine alone, we know our names: such a page needs to be
 * among the allowed origins. */
static bool is_strange(const struct http *http, struct span host)
{
    return address_is_loopback(web_address(http->web)) && span_present(host) &&
           !origin_host_is_own(host);
}

/* May it use the API? The rule for WebSockets; but those always name their origin. */
static bool is_welcome(const struct http *http, const struct handshake_request *handshake)
{
    const struct origins *origins = &http->config.origins;
    bool strange = is_strange(http, handshake->host);

    if (strange && !span_present(handshake->origin))
        return origin_host_is_allowed(handshake->host, origins);
    return origin_is_allowed(handshake->origin, strange ? SPAN("localhost") : handshake->host,
                             origins);
}

/* ---- Upgrade ---- */

/* Which dialect is spoken at which path. */
static const struct {
    const char *path;
    enum dialect_kind dialect;
} doors[] = {
    {"/", DIALECT_NATIVE},
    {"/sharedb", DIALECT_SHAREDB},
};

static bool find_door(const char *path, enum dialect_kind *dialect)
{
    for (size_t i = 0; i < sizeof(doors) / sizeof(doors[0]); i++)
        if (strcmp(path, doors[i].path) == 0) {
            *dialect = doors[i].dialect;
            return true;
        }
    return false;
}

enum { HEADERS = 7 };

static void read_handshake(struct evhttp_request *request, struct handshake_request *handshake,
                           struct buffer joined[HEADERS])
{
    bool get = evhttp_request_get_command(request) == EVHTTP_REQ_GET;

    *handshake = (struct handshake_request){
        .method = get ? SPAN("GET") : SPAN("other"),
        .host = headers_value(request, "Host", &joined[0]),
        .upgrade = headers_value(request, "Upgrade", &joined[1]),
        .connection = headers_value(request, "Connection", &joined[2]),
        .key = headers_value(request, "Sec-WebSocket-Key", &joined[3]),
        .version = headers_value(request, "Sec-WebSocket-Version", &joined[4]),
        .origin = headers_value(request, "Origin", &joined[5]),
        .protocols = headers_value(request, "Sec-WebSocket-Protocol", &joined[6]),
    };
}

/* Move the socket out of evhttp, which has no call for that: it goes on under a new number, and
 * the old number, which evhttp is going to shut down and close, becomes a stand-in. −1 when there
 * is no number; the request is then answered. */
static int take_socket(struct http *http, struct evhttp_request *request, struct buffer *early)
{
    struct evhttp_connection *connection = evhttp_request_get_connection(request);
    struct bufferevent *stream = evhttp_connection_get_bufferevent(connection);
    struct evbuffer *input = bufferevent_get_input(stream);
    int old = bufferevent_getfd(stream);
    int descriptor = fcntl(old, F_DUPFD_CLOEXEC, 0);
    struct shell *shell;

    if (descriptor < 0) {
        answer_error(request, HTTP_SERVUNAVAIL, STATUS_BUSY,
                     "there is no room for another connection");
        return -1;
    }
    web_let_be(http->web, request);
    bufferevent_disable(stream, EV_READ | EV_WRITE); /* before the number means something else */
    evhttp_connection_set_closecb(connection, NULL, NULL);
    buffer_append(early, span_of(evbuffer_pullup(input, -1), evbuffer_get_length(input)));
    evbuffer_drain(input, early->size);
    must(dup3(http->stand_in, old, O_CLOEXEC) == old);

    shell = memory_allocate(sizeof(*shell));
    *shell = (struct shell){.connection = connection, .next = http->shells};
    http->shells = shell;
    return descriptor;
}

static void hand_over(struct http *http, struct evhttp_request *request, enum dialect_kind dialect,
                      const struct handshake_answer *answer)
{
    struct buffer response = {0};
    struct buffer early = {0};
    int descriptor = take_socket(http, request, &early);

    if (descriptor >= 0) {
        handshake_response(&response, answer);
        connections_add_take(http->config.connections, descriptor, dialect, buffer_span(&response),
                             buffer_span(&early));
    }
    buffer_finish(&response);
    buffer_finish(&early);
}

/* What comes behind the request is thrown away: whoever reads events says nothing more. */
static void hand_over_reader(struct http *http, struct evhttp_request *request, struct span open,
                             struct span origin)
{
    struct buffer response = {0};
    struct buffer early = {0};
    int descriptor = take_socket(http, request, &early);

    if (descriptor >= 0) {
        buffer_append_text(&response, "HTTP/1.1 200 OK\r\n"
                                      "Content-Type: text/event-stream\r\n"
                                      "Cache-Control: no-store\r\n"
                                      "Connection: close\r\n"
                                      "X-Content-Type-Options: nosniff\r\n");
        if (span_present(origin)) {
            buffer_append_text(&response, "Vary: Origin\r\nAccess-Control-Allow-Origin: ");
            buffer_append(&response, origin);
            buffer_append_text(&response, "\r\n");
        }
        buffer_append_text(&response, "\r\n");
        connections_add_events_take(http->config.connections, descriptor, buffer_span(&response),
                                    open);
    }
    buffer_finish(&response);
    buffer_finish(&early);
}

static void refuse_upgrade(struct evhttp_request *request, int code, const char *text)
{
    if (code == 426) {
        headers_set(request, "Sec-WebSocket-Version", "13");
        headers_set(request, "Upgrade", "websocket");
    }
    headers_set(request, "Connection", "close"); /* the peer speaks something else next */
    answer_error(request, code, code == 403 ? STATUS_ORIGIN : STATUS_PROTOCOL, text);
}

/* It would be asked to leave as soon as it has come. */
static void refuse_newcomer(struct evhttp_request *request)
{
    headers_set(request, "Connection", "close");
    answer_error(request, HTTP_SERVUNAVAIL, STATUS_BUSY, "this node is leaving: connect anew");
}

static void upgrade(struct http *http, struct evhttp_request *request, const char *path,
                    struct handshake_request *handshake)
{
    struct handshake_answer answer;
    struct fault fault = {""};
    enum dialect_kind dialect;

    if (!find_door(path, &dialect)) {
        refuse_upgrade(request, HTTP_NOTFOUND, "no protocol is spoken at this path");
        return;
    }
    if (request->major != 1 || request->minor == 0) { /* RFC 6455, section 4.1 */
        refuse_upgrade(request, HTTP_BADREQUEST, "a WebSocket begins in HTTP/1.1");
        return;
    }
    if (is_strange(http, handshake->host))
        handshake->host = SPAN("localhost");
    handshake_check(handshake, &http->config.origins, &answer, &fault);
    if (answer.code == 101 && http->config.readiness->sent_away)
        refuse_newcomer(request);
    else if (answer.code == 101)
        hand_over(http, request, dialect, &answer);
    else
        refuse_upgrade(request, answer.code, fault.text);
}

/* ---- Everything else ---- */

static void serve_readiness(const struct http *http, struct evhttp_request *request)
{
    const char *query = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(request));
    struct buffer text = {0};

    readiness_write(http->config.readiness, query != NULL && strcmp(query, "verbose") == 0, &text);
    answer_bytes(request, readiness_code(http->config.readiness), "text/plain; charset=utf-8",
                 buffer_span(&text));
    buffer_finish(&text);
}

static void serve_file(const struct http *http, struct evhttp_request *request, const char *path)
{
    const struct asset *asset = assets_find(&assets_demo, path);
    bool ready = strcmp(path, "/readyz") == 0;
    enum evhttp_cmd_type method = evhttp_request_get_command(request);
    bool live = strcmp(path, "/livez") == 0;

    if (!live && !ready && asset == NULL) {
        answer_status(request, STATUS_NO_PATH);
    } else if (method != EVHTTP_REQ_GET && method != EVHTTP_REQ_HEAD) {
        headers_set(request, "Allow", "GET, HEAD");
        answer_status(request, STATUS_WRONG_METHOD);
    } else if (live) {
        answer_bytes(request, HTTP_OK, "text/plain; charset=utf-8", SPAN("ok\n"));
    } else if (ready) {
        serve_readiness(http, request);
    } else {
        answer_asset(request, asset);
    }
}

static void serve(struct http *http, struct evhttp_request *request, const char *path,
                  const struct handshake_request *handshake)
{
    struct buffer open = {0};

    if (!api_has_path(span_of_string(path)))
        serve_file(http, request, path);
    else if (!is_welcome(http, handshake))
        answer_status(request, STATUS_ORIGIN);
    else if (api_serve(http->api, request, path, handshake->origin, &open))
        hand_over_reader(http, request, buffer_span(&open), handshake->origin);
    buffer_finish(&open);
}

static void on_request(struct evhttp_request *request, void *context)
{
    struct http *http = context;
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    const char *path = uri ? evhttp_uri_get_path(uri) : NULL;
    struct handshake_request handshake;
    struct buffer joined[HEADERS] = {{0}};

    read_handshake(request, &handshake, joined);
    if (path == NULL)
        answer_status(request, STATUS_NO_PATH);
    else if (handshake_wanted(&handshake))
        upgrade(http, request, path, &handshake);
    else
        serve(http, request, path, &handshake);
    for (size_t i = 0; i < HEADERS; i++)
        buffer_finish(&joined[i]);
}

/* ---- The server ---- */

enum status http_create(const struct http_config *config, const struct address *address,
                        struct http **http, struct fault *fault)
{
    struct http *made = memory_zeroed(1, sizeof(*made));
    const struct web_config web = {.events = config->events,
                                   .on_request = on_request,
                                   .context = made,
                                   .connections_max = SIZE_MAX};
    enum status status = web_create(&web, address, &made->web, fault);

    if (status != STATUS_OK) {
        memory_free(made);
        return status;
    }
    made->config = *config;
    made->api = api_create(config->events, config->hub, config->clock);
    made->stand_in = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(made->stand_in >= 0);
    *http = made;
    return STATUS_OK;
}

void http_close(struct http *http)
{
    web_close(http->web);
    api_close(http->api);
}

void http_destroy(struct http *http)
{
    if (http == NULL)
        return;
    http_bury(http);
    http_close(http);
    web_destroy(http->web);
    api_destroy(http->api);
    close(http->stand_in);
    memory_free(http);
}

void http_bury(struct http *http)
{
    for (struct shell *shell; (shell = http->shells) != NULL;) {
        http->shells = shell->next;
        evhttp_connection_free(shell->connection);
        memory_free(shell);
    }
    web_turn(http->web);
}

const struct address *http_address(const struct http *http)
{
    return web_address(http->web);
}
