#include "server/net/api.h"

#include <inttypes.h>
#include <stdio.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/http.h>

#include "base/limits.h"
#include "base/table.h"
#include "protocol/api.h"
#include "protocol/native.h"
#include "server/collab/call.h"
#include "server/net/answer.h"
#include "server/net/clock.h"
#include "server/net/headers.h"

enum { TAG_SIZE = 64 };

struct api {
    struct event_base *events;
    struct hub *hub;
    struct clock *clock;
    struct exchange *exchanges; /* those that wait for their answer */
    bool closed;                /* the server stops */
    struct buffer body;         /* of the request that is being decoded */
    struct buffer scratch;      /* … and its strings */
};

/* One request and its answer, until it is there. */
struct exchange {
    struct caller caller;
    struct exchange *prev, *next; /* in api->exchanges */
    struct api *api;
    struct evhttp_request *request;
    struct call *call;
    enum api_action action;
    struct event deadline;
    struct event closed; /* its client has gone */
};

/* ---- The end of an exchange ---- */

/* Nothing waits for it any more; the request stays. */
static void finish(struct exchange *exchange)
{
    evhttp_connection_set_closecb(evhttp_request_get_connection(exchange->request), NULL, NULL);
    event_del(&exchange->deadline);
    event_del(&exchange->closed);
    DL_DELETE(exchange->api->exchanges, exchange);
    memory_free(exchange);
}

static void on_connection_freed(struct evhttp_connection *connection, void *context)
{
    struct exchange *exchange = context;

    (void)connection;
    call_forget(exchange->call);
    finish(exchange);
}

static void on_deadline(evutil_socket_t descriptor, short what, void *context)
{
    struct exchange *exchange = context;
    struct evhttp_request *request = exchange->request;

    (void)descriptor;
    (void)what;
    call_forget(exchange->call);
    finish(exchange);
    answer_status(request, STATUS_AWAY);
}

/* evhttp does not look at the socket while a request waits. */
static void on_closed(evutil_socket_t descriptor, short what, void *context)
{
    struct exchange *exchange = context;

    (void)descriptor;
    (void)what;
    evhttp_connection_free(evhttp_request_get_connection(exchange->request));
}

/* ---- Answers ---- */

/* The name of a state: a seq alone may be another one's after a restored backup. */
static void write_tag(char tag[TAG_SIZE], const struct call_answer *answer)
{
    snprintf(tag, TAG_SIZE, "\"%" PRIu64 "-%" PRIu64 "\"", answer->epoch, answer->seq);
}

static void send_document(struct evhttp_request *request, const struct call_answer *answer)
{
    char tag[TAG_SIZE];

    write_tag(tag, answer);
    headers_set(request, "ETag", tag);
    if (headers_have_tag(request, tag))
        evhttp_send_reply(request, HTTP_NOTMODIFIED, "Not Modified", NULL);
    else
        answer_bytes(request, HTTP_OK, "application/json", answer->json);
}

static void send_answer(struct evhttp_request *request, enum api_action action,
                        const struct call_answer *answer)
{
    if (answer->status != STATUS_OK)
        answer_error(request, answer_code_of(answer->status), answer->status,
                     fault_text(answer->why, answer->status));
    else if (action == API_READ)
        send_document(request, answer);
    else
        answer_bytes(request, action == API_CREATE || action == API_NAME ? 201 : HTTP_OK,
                     "application/json", answer->json);
}

static void answered(struct caller *caller, const struct call_answer *answer)
{
    struct exchange *exchange = container_of(caller, struct exchange, caller);
    struct evhttp_request *request = exchange->request;
    enum api_action action = exchange->action;

    finish(exchange);
    send_answer(request, action, answer);
}

/* ---- Requests ---- */

static struct span method_of(struct evhttp_request *request)
{
    switch (evhttp_request_get_command(request)) {
    case EVHTTP_REQ_GET:
    case EVHTTP_REQ_HEAD:
        return SPAN("GET");
    case EVHTTP_REQ_POST:
        return SPAN("POST");
    case EVHTTP_REQ_PUT:
        return SPAN("PUT");
    case EVHTTP_REQ_DELETE:
        return SPAN("DELETE");
    default:
        return SPAN("");
    }
}

static struct span body_of(struct api *api, struct evhttp_request *request)
{
    struct evbuffer *input = evhttp_request_get_input_buffer(request);
    size_t size = evbuffer_get_length(input);

    buffer_clear(&api->body);
    (void)evbuffer_copyout(input, buffer_reserve(&api->body, size), size);
    buffer_grow(&api->body, size);
    return buffer_span(&api->body);
}

/* A form of a stranger's page can send other types without asking first. */
static bool is_json(struct evhttp_request *request)
{
    struct span type = headers_first(request, "Content-Type");
    struct span json = SPAN("application/json");

    return type.size >= json.size && span_equal_without_case(span_of(type.data, json.size), json) &&
           (type.size == json.size || type.data[json.size] == ';' || type.data[json.size] == ' ');
}

/* Pages of another origin that is allowed may read the answer. */
static void allow_origin(struct evhttp_request *request, struct span origin)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);

    headers_set(request, "Cache-Control", "no-cache"); /* may be kept, has to be asked about */
    headers_set(request, "Cross-Origin-Resource-Policy", "same-origin");
    headers_set(request, "Vary", "Origin");
    if (!span_present(origin))
        return;
    (void)evhttp_add_header(headers, "Access-Control-Allow-Origin", (const char *)origin.data);
    headers_set(request, "Access-Control-Expose-Headers", "ETag, Retry-After");
}

/* What a browser asks before a page's request to another origin. */
static void answer_preflight(struct evhttp_request *request, const char *allow)
{
    headers_set(request, "Access-Control-Allow-Methods", allow);
    headers_set(request, "Access-Control-Allow-Headers",
                "content-type, idempotency-key, if-none-match, last-event-id");
    headers_set(request, "Access-Control-Max-Age", "600");
    evhttp_send_reply(request, 204, "No Content", NULL);
}

static void refuse(struct evhttp_request *request, enum status status, const char *allow,
                   const struct fault *fault)
{
    if (status == STATUS_WRONG_METHOD) {
        headers_set(request, "Allow", allow);
        if (evhttp_request_get_command(request) == EVHTTP_REQ_OPTIONS) {
            answer_preflight(request, allow);
            return;
        }
    }
    answer_error(request, answer_code_of(status), status, fault->text);
}

static void start(struct api *api, struct evhttp_request *request,
                  const struct api_request *decoded)
{
    struct evhttp_connection *connection = evhttp_request_get_connection(request);
    struct exchange *exchange = memory_zeroed(1, sizeof(*exchange));
    int descriptor = bufferevent_getfd(evhttp_connection_get_bufferevent(connection));
    const struct timeval patience = {.tv_sec = LIMIT_CALL_MS / 1000};

    exchange->caller.answered = answered;
    exchange->api = api;
    exchange->request = request;
    exchange->action = decoded->action;
    DL_APPEND(api->exchanges, exchange);
    evtimer_assign(&exchange->deadline, api->events, on_deadline, exchange);
    event_assign(&exchange->closed, api->events, descriptor, EV_CLOSED, on_closed, exchange);
    must(event_add(&exchange->deadline, &patience) == 0);
    must(event_add(&exchange->closed, NULL) == 0);
    evhttp_connection_set_closecb(connection, on_connection_freed, exchange);
    exchange->call =
        call_create(api->hub, decoded, SPAN(""), &exchange->caller, clock_now_ms(api->clock));
}

/* What it wants to follow, in the words of `tutti.v1`. */
static void write_open(const struct api_request *request, struct buffer *out)
{
    struct message_open open = {
        .name = request->name, .from = request->last_seq, .epoch = request->last_epoch};

    native_open(out, &open);
}

bool api_serve(struct api *api, struct evhttp_request *request, const char *path,
               struct span origin, struct buffer *open)
{
    const struct api_input input = {
        .method = method_of(request),
        .path = span_of_string(path),
        .query = span_of_string(evhttp_uri_get_query(evhttp_request_get_evhttp_uri(request))),
        .key = headers_first(request, "Idempotency-Key"),
        .last_event = headers_first(request, "Last-Event-ID"),
        .body = body_of(api, request),
    };
    struct api_request decoded;
    const char *allow = NULL;
    struct fault fault = {""};
    enum status status;

    allow_origin(request, origin);
    if (api->closed)
        status = fault_set(&fault, STATUS_LEAVING, "%s", status_text(STATUS_LEAVING));
    else if (input.body.size > 0 && !is_json(request))
        status = fault_set(&fault, STATUS_CONTENT_TYPE, "%s", status_text(STATUS_CONTENT_TYPE));
    else
        status = api_decode(&input, &api->scratch, &decoded, &allow, &fault);
    if (status != STATUS_OK) {
        refuse(request, status, allow, &fault);
    } else if (decoded.action != API_EVENTS) {
        start(api, request, &decoded);
    } else if (evhttp_request_get_command(request) == EVHTTP_REQ_HEAD) {
        answer_bytes(request, HTTP_OK, "text/event-stream", SPAN(""));
    } else {
        write_open(&decoded, open);
        return true;
    }
    return false;
}

/* ---- Coming and going ---- */

struct api *api_create(struct event_base *events, struct hub *hub, struct clock *clock)
{
    struct api *api = memory_zeroed(1, sizeof(*api));

    api->events = events;
    api->hub = hub;
    api->clock = clock;
    return api;
}

void api_close(struct api *api)
{
    api->closed = true;
}

void api_destroy(struct api *api)
{
    if (api == NULL)
        return;
    must(api->exchanges == NULL);
    buffer_finish(&api->body);
    buffer_finish(&api->scratch);
    memory_free(api);
}
