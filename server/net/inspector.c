#include "server/net/inspector.h"

#include <event2/http.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "base/memory.h"
#include "protocol/inspect.h"
#include "protocol/origin.h"
#include "server/net/answer.h"
#include "server/net/assets.h"
#include "server/net/clock.h"
#include "server/net/connections.h"
#include "server/net/headers.h"
#include "server/net/inspector_json.h"
#include "server/net/inspector_log.h"
#include "server/net/readiness.h"
#include "server/net/web.h"

struct inspector {
    struct inspector_config config;
    struct web *web;
    struct inspector_log *log;
    uint64_t born_ms;
    struct buffer json;    /* of the answer that is being made, */
    struct buffer scratch; /* and what its request named */
};

/* ---- Who may ask ---- */

/* A page of evil.example may have its name point here, and then its origin equals its host (DNS
 * rebinding): so only an address, localhost, or the name that the operator gave. Who names no host
 * is no browser. */
static bool is_our_name(const struct inspector *inspector, struct span host)
{
    return !span_present(host) || origin_host_is_own(host) ||
           span_equal_without_case(host, span_of_string(inspector->config.place));
}

static bool is_welcome(const struct inspector *inspector, struct evhttp_request *request)
{
    const struct origins none = {0};
    struct span host = headers_first(request, "Host");

    return is_our_name(inspector, host) &&
           origin_is_allowed(headers_first(request, "Origin"), host, &none);
}

/* ---- What it shows ---- */

static const char not_loaded[] = "no document of that name is loaded here";

static void answer_json(struct inspector *inspector, struct evhttp_request *request)
{
    headers_set(request, "Cache-Control", "no-store");
    answer_bytes(request, HTTP_OK, "application/json", buffer_span(&inspector->json));
    buffer_clear(&inspector->json);
}

static void show_server(struct inspector *inspector, struct evhttp_request *request)
{
    const struct inspector_config *config = &inspector->config;
    uint64_t now_ms = clock_now_ms(config->clock);
    const struct inspector_node node = {
        .name = config->node,
        .version = config->version,
        .store = config->store,
        .time_ms = now_ms,
        .uptime_ms = now_ms - inspector->born_ms,
        .ready = readiness_code(config->readiness) == HTTP_OK,
        .connections = connections_count(config->connections),
        .bytes = connections_bytes(config->connections),
        .cluster = config->cluster,
    };
    const struct inspection inspection = inspection_of(config->hub);

    inspector_json_server(&inspector->json, &node, &inspection);
    answer_json(inspector, request);
}

static void show_documents(struct inspector *inspector, struct evhttp_request *request,
                           const struct inspect_request *wanted)
{
    struct inspected_document *list = memory_zeroed(LIMIT_INSPECTED, sizeof(*list));
    size_t left_off;
    size_t count = inspection_documents(inspector->config.hub, wanted->prefix, list,
                                        LIMIT_INSPECTED, &left_off);

    inspector_json_documents(&inspector->json, list, count, left_off);
    answer_json(inspector, request);
    memory_free(list);
}

static void show_document(struct inspector *inspector, struct evhttp_request *request,
                          const struct inspect_request *wanted)
{
    const struct hub *hub = inspector->config.hub;
    struct inspected_session *list = memory_zeroed(LIMIT_INSPECTED, sizeof(*list));
    struct inspector_sessions sessions = {.list = list};
    struct inspected_document document;

    if (inspection_document(hub, wanted->name, &document)) {
        sessions.count =
            inspection_sessions(hub, wanted->name, list, LIMIT_INSPECTED, &sessions.left_off);
        inspector_json_document(&inspector->json, &document, &sessions);
        answer_json(inspector, request);
    } else {
        answer_error(request, HTTP_NOTFOUND, STATUS_NO_PATH, not_loaded);
    }
    memory_free(list);
}

static void show_log(struct inspector *inspector, struct evhttp_request *request,
                     const struct inspect_request *wanted)
{
    if (evhttp_request_get_command(request) == EVHTTP_REQ_HEAD) {
        answer_bytes(request, HTTP_OK, "text/event-stream", SPAN(""));
        return;
    }
    enum status status = inspector_log_watch(inspector->log, request, wanted->name, wanted->from);

    if (status == STATUS_OK)
        web_let_be(inspector->web, request);
    else
        answer_error(request, answer_code_of(status), status,
                     status == STATUS_NO_PATH ? not_loaded : "too many watch a log already");
}

static void show_view(struct inspector *inspector, struct evhttp_request *request, const char *path)
{
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    const struct inspect_input input = {
        .path = span_of_string(path),
        .query = span_of_string(evhttp_uri_get_query(uri)),
        .last_event = headers_first(request, "Last-Event-ID"),
    };
    struct inspect_request wanted;
    struct fault fault = {""};
    enum status status = inspect_decode(&input, &inspector->scratch, &wanted, &fault);

    if (status != STATUS_OK) {
        answer_error(request, answer_code_of(status), status, fault.text);
        return;
    }
    switch (wanted.view) {
    case INSPECT_SERVER:
        show_server(inspector, request);
        break;
    case INSPECT_DOCUMENTS:
        show_documents(inspector, request, &wanted);
        break;
    case INSPECT_DOCUMENT:
        show_document(inspector, request, &wanted);
        break;
    case INSPECT_LOG:
        show_log(inspector, request, &wanted);
        break;
    }
}

static void show(struct inspector *inspector, struct evhttp_request *request, const char *path)
{
    const struct asset *asset = assets_find(&assets_inspector, path);

    if (asset != NULL)
        answer_asset(request, asset);
    else
        show_view(inspector, request, path);
}

static void on_request(struct evhttp_request *request, void *context)
{
    struct inspector *inspector = context;
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    const char *path = uri ? evhttp_uri_get_path(uri) : NULL;
    enum evhttp_cmd_type method = evhttp_request_get_command(request);

    headers_set(request, "Cross-Origin-Resource-Policy", "same-origin");
    if (!is_welcome(inspector, request)) {
        answer_status(request, STATUS_ORIGIN);
    } else if (method != EVHTTP_REQ_GET && method != EVHTTP_REQ_HEAD) {
        headers_set(request, "Allow", "GET, HEAD");
        answer_status(request, STATUS_WRONG_METHOD);
    } else if (path == NULL) {
        answer_status(request, STATUS_NO_PATH);
    } else {
        show(inspector, request, path);
    }
}

/* ---- The listener ---- */

enum status inspector_create(const struct inspector_config *config, const struct address *address,
                             struct inspector **inspector, struct fault *fault)
{
    struct inspector *made = memory_zeroed(1, sizeof(*made));
    const struct web_config web = {.events = config->events,
                                   .on_request = on_request,
                                   .context = made,
                                   .connections_max = LIMIT_INSPECTOR_CONNECTIONS};
    enum status status = web_create(&web, address, &made->web, fault);

    if (status != STATUS_OK) {
        memory_free(made);
        return status;
    }
    made->config = *config;
    made->log = inspector_log_create(config->events, config->hub);
    made->born_ms = clock_now_ms(config->clock);
    *inspector = made;
    return STATUS_OK;
}

void inspector_destroy(struct inspector *inspector)
{
    if (inspector == NULL)
        return;
    web_destroy(inspector->web);
    inspector_log_destroy(inspector->log);
    buffer_finish(&inspector->json);
    buffer_finish(&inspector->scratch);
    memory_free(inspector);
}

void inspector_turn(struct inspector *inspector)
{
    inspector_log_turn(inspector->log);
    web_turn(inspector->web);
}

const struct address *inspector_address(const struct inspector *inspector)
{
    return web_address(inspector->web);
}
