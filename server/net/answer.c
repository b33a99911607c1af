#include "server/net/answer.h"

#include <stdio.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/http.h>

#include "base/buffer.h"
#include "base/json_write.h"
#include "base/must.h"
#include "server/net/assets.h"

/* The page loads its own files and connects to its own host, nothing else; nobody frames it. */
static const char content_security_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

static void set_header(struct evhttp_request *request, const char *name, const char *value)
{
    must(evhttp_add_header(evhttp_request_get_output_headers(request), name, value) == 0);
}

static const char *reason_of(int code)
{
    switch (code) {
    case HTTP_OK:
        return "OK";
    case HTTP_NOTMODIFIED:
        return "Not Modified";
    case HTTP_BADREQUEST:
        return "Bad Request";
    case 403:
        return "Forbidden";
    case HTTP_NOTFOUND:
        return "Not Found";
    case HTTP_BADMETHOD:
        return "Method Not Allowed";
    case 426:
        return "Upgrade Required";
    case HTTP_SERVUNAVAIL:
        return "Service Unavailable";
    default:
        return "Error";
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
    set_header(request, "Content-Length", size);
    set_header(request, "Content-Type", type);
    set_header(request, "X-Content-Type-Options", "nosniff");
    evhttp_send_reply(request, code, reason_of(code), body);
    evbuffer_free(body);
}

void answer_error(struct evhttp_request *request, int code, const char *text)
{
    struct buffer body = {0};

    buffer_append_text(&body, "{\"error\":");
    json_write_string(&body, span_of_string(text));
    buffer_append_text(&body, "}\n");
    answer_bytes(request, code, "application/json", buffer_span(&body));
    buffer_finish(&body);
}

static bool client_has(struct evhttp_request *request, const struct asset *asset)
{
    const char *tags =
        evhttp_find_header(evhttp_request_get_input_headers(request), "If-None-Match");

    return tags != NULL && strstr(tags, asset->etag) != NULL;
}

void answer_asset(struct evhttp_request *request, const struct asset *asset)
{
    set_header(request, "ETag", asset->etag);
    set_header(request, "Cache-Control", "no-cache"); /* may be kept, has to be asked about */
    set_header(request, "Content-Security-Policy", content_security_policy);
    set_header(request, "Referrer-Policy", "no-referrer");
    if (client_has(request, asset))
        evhttp_send_reply(request, HTTP_NOTMODIFIED, reason_of(HTTP_NOTMODIFIED), NULL);
    else
        answer_bytes(request, HTTP_OK, asset->type, span_of(asset->bytes, asset->size));
}
