#include "server/bus/redis_url.h"

#include <string.h>

#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include "base/memory.h"

enum { PORT_DEFAULT = 6379, PREFIX_BYTES_MAX = 64 };

static char *copy(const char *text)
{
    return text != NULL && text[0] != '\0' ? memory_copy(text, strlen(text) + 1) : NULL;
}

static char *decode(const char *text)
{
    char *plain = evhttp_uridecode(text, 0, NULL); /* by malloc(), like ours */

    if (plain != NULL && plain[0] == '\0') {
        memory_free(plain);
        plain = NULL;
    }
    return plain;
}

/* "user:password", "user" or ":password". */
static void read_user(struct redis_url *url, const char *userinfo)
{
    char *text = copy(userinfo);

    if (text == NULL)
        return;
    char *colon = strchr(text, ':');

    if (colon != NULL) {
        *colon = '\0';
        url->password = decode(colon + 1);
    }
    url->user = decode(text);
    memory_free(text);
}

static enum status read_query(struct redis_url *url, const char *query, struct fault *fault)
{
    struct evkeyvalq pairs = {0};
    const struct evkeyval *pair;
    enum status status = STATUS_OK;

    if (evhttp_parse_query_str(query != NULL ? query : "", &pairs) != 0)
        return fault_set(fault, STATUS_MALFORMED_NAME, "the bus: cannot read what follows the ?");
    for (pair = pairs.tqh_first; pair != NULL; pair = pair->next.tqe_next) {
        if (strcmp(pair->key, "prefix") == 0 && strlen(pair->value) <= PREFIX_BYTES_MAX &&
            url->prefix == NULL)
            url->prefix = copy(pair->value);
        else
            status = fault_set(fault, STATUS_MALFORMED_NAME,
                               "the bus: only prefix=NAME of up to 64 bytes may follow the ?");
    }
    evhttp_clear_headers(&pairs);
    if (url->prefix == NULL)
        url->prefix = copy("tutti:");
    return status;
}

static enum status read_parts(struct redis_url *url, const struct evhttp_uri *uri,
                              struct fault *fault)
{
    const char *scheme = evhttp_uri_get_scheme(uri);
    const char *path = evhttp_uri_get_path(uri);
    int port = evhttp_uri_get_port(uri);

    if (scheme == NULL || strcmp(scheme, "redis") != 0)
        return fault_set(fault, STATUS_MALFORMED_NAME, "the bus: its URL begins with redis://");
    url->host = copy(evhttp_uri_get_host(uri));
    if (url->host == NULL)
        return fault_set(fault, STATUS_MALFORMED_NAME, "the bus: the URL names no host");
    if (path != NULL && path[0] != '\0' && strcmp(path, "/") != 0)
        return fault_set(fault, STATUS_MALFORMED_NAME,
                         "the bus: no database number; ?prefix=NAME keeps deployments apart");
    url->port = port > 0 ? (uint16_t)port : PORT_DEFAULT;
    read_user(url, evhttp_uri_get_userinfo(uri));
    return read_query(url, evhttp_uri_get_query(uri), fault);
}

enum status redis_url_read(struct redis_url *url, const char *text, struct fault *fault)
{
    struct evhttp_uri *uri = evhttp_uri_parse(text);
    struct redis_url read = {0};

    if (uri == NULL)
        return fault_set(fault, STATUS_MALFORMED_NAME,
                         "the bus: not a URL of the form redis://user:password@host:port");
    enum status status = read_parts(&read, uri, fault);
    evhttp_uri_free(uri);
    if (status == STATUS_OK)
        *url = read;
    else
        redis_url_finish(&read);
    return status;
}

void redis_url_finish(struct redis_url *url)
{
    memory_free(url->host);
    memory_free(url->user);
    memory_free(url->password);
    memory_free(url->prefix);
    *url = (struct redis_url){0};
}
