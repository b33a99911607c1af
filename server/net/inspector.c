#include "server/net/inspector.h"

#include <string.h>

#include <event2/http.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "base/memory.h"
#include "protocol/origin.h"
#include "server/net/answer.h"
#include "server/net/assets.h"
#include "server/net/clock.h"
#include "server/net/connections.h"
#include "server/net/headers.h"
#include "server/net/inspector_json.h"
#include "server/net/readiness.h"
#include "server/net/web.h"

struct inspector {
    struct inspector_config config;
    struct web *web;
    uint64_t born_ms;
    struct buffer json; /* of the answer that is being made */
};

/* ---- Who may ask ---- */

static struct span header(struct evhttp_request *request, const char *name)
{
    return span_of_string(evhttp_find_header(evhttp_request_get_input_headers(request), name));
}

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
    struct span host = header(request, "Host");

    return is_our_name(inspector, host) &&
           origin_is_allowed(header(request, "Origin"), host, &none);
}

/* ---- What it shows ---- */

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

static void show(struct inspector *inspector, struct evhttp_request *request, const char *path)
{
    const struct asset *asset = assets_find(&assets_inspector, path);

    if (asset != NULL)
        answer_asset(request, asset);
    else if (strcmp(path, "/api/server") == 0)
        show_server(inspector, request);
    else
        answer_status(request, STATUS_NO_PATH);
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
    made->born_ms = clock_now_ms(config->clock);
    *inspector = made;
    return STATUS_OK;
}

void inspector_destroy(struct inspector *inspector)
{
    if (inspector == NULL)
        return;
    web_destroy(inspector->web);
    buffer_finish(&inspector->json);
    memory_free(inspector);
}

void inspector_turn(struct inspector *inspector)
{
    web_turn(inspector->web);
}

const struct address *inspector_address(const struct inspector *inspector)
{
    return web_address(inspector->web);
}
