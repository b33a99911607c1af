#include "server/net/answer.h"

#include <stdio.h>

#include <event2/buffer.h>
#include <event2/http.h>

#include "base/buffer.h"
#include "base/must.h"
#include "protocol/api.h"
#include "server/net/assets.h"
#include "server/net/headers.h"

/* The page loads its own files and connects to its own host, nothing else; nobody frames it. */
static const char content_security_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

static const struct {
    int code;
    const char *reason;
} reasons[] = {
    {200, "OK"},
    {201, "Created"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {409, "Conflict"},
    {410, "Gone"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {500, "Internal Server Error"},
    {503, "Service Unavailable"},
};

static const char *reason_of(int code)
{
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].code == code)
            return reasons[i].reason;
    return "Error";
}

int answer_code_of(enum status status)
{
    switch (status) {
    case STATUS_OK:
        return 200;
    case STATUS_NO_PATH:
    case STATUS_NOT_CREATED:
    case STATUS_NO_VERSION:
    case STATUS_BEYOND_HEAD:
        return 404;
    case STATUS_WRONG_METHOD:
        return 405;
    case STATUS_CREATED:
    case STATUS_TYPE_DIFFERS:
    case STATUS_BEHIND:
    case STATUS_FROM_THE_FUTURE:
        return 409;
    case STATUS_DELETED:
    case STATUS_FOLDED:
        return 410;
    case STATUS_TOO_LARGE:
    case STATUS_TOO_MANY_NODES:
        return 413;
    case STATUS_CONTENT_TYPE:
        return 415;
    case STATUS_NOT_APPLICABLE:
    case STATUS_OVERFLOW:
        return 422;
    case STATUS_ORIGIN:
        return 403;
    case STATUS_BROKEN:
        return 500;
    default:
        break;
    }
    switch (status_class(status)) {
    case STATUS_RETRY:
        return 503;
    case STATUS_LOGIN:
        return 401;
    default:
        return 400;
    }
}

void answer_bytes(struct evhttp_request *request, int code, const char *type, struct span bytes)
{
    struct evbuffer *body = evbuffer_new();
    char size[32];

    must(body != NULL);
    if (evhttp_request_get_command(request) != EVHTTP_REQ_HEAD)
        must(evbuffer_add(body, bytes.data, bytes.size) == 0);
    snprintf(size, sizeof(size), "%zu", bytes.size);
    headers_set(request, "Content-Length", size);
    headers_set(request, "Content-Type", type);
    headers_set(request, "X-Content-Type-Options", "nosniff");
    evhttp_send_reply(request, code, reason_of(code), body);
    evbuffer_free(body);
}

void answer_error(struct evhttp_request *request, int code, enum status status, const char *text)
{
    struct buffer body = {0};

    api_write_error(&body, status_code(status), text);
    buffer_append_byte(&body, '\n');
    if (status_class(status) == STATUS_RETRY)
        headers_set(request, "Retry-After", "1");
    answer_bytes(request, code, "application/json", buffer_span(&body));
    buffer_finish(&body);
}

void answer_status(struct evhttp_request *request, enum status status)
{
    answer_error(request, answer_code_of(status), status, status_text(status));
}

void answer_asset(struct evhttp_request *request, const struct asset *asset)
{
    headers_set(request, "ETag", asset->etag);
    headers_set(request, "Cache-Control", "no-cache"); /* may be kept, has to be asked about */
    headers_set(request, "Content-Security-Policy", content_security_policy);
    headers_set(request, "Referrer-Policy", "no-referrer");
    if (headers_have_tag(request, asset->etag))
        evhttp_send_reply(request, HTTP_NOTMODIFIED, reason_of(HTTP_NOTMODIFIED), NULL);
    else
        answer_bytes(request, HTTP_OK, asset->type, span_of(asset->bytes, asset->size));
}
