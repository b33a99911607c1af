#include "server/net/headers.h"

#include <string.h>

#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/util.h>

#include "base/must.h"

struct span headers_value(struct evhttp_request *request, const char *name, struct buffer *joined)
{
    const struct evkeyvalq *headers = evhttp_request_get_input_headers(request);
    const struct evkeyval *header;
    struct span value = SPAN_NONE;

    buffer_clear(joined);
    for (header = headers->tqh_first; header != NULL; header = header->next.tqe_next) {
        if (evutil_ascii_strcasecmp(header->key, name) != 0)
            continue;
        if (span_present(value)) {
            if (joined->size == 0)
                buffer_append(joined, value);
            buffer_append_text(joined, ", ");
            buffer_append_text(joined, header->value);
            value = buffer_span(joined);
        } else {
            value = span_of_string(header->value);
        }
    }
    return value;
}

struct span headers_first(struct evhttp_request *request, const char *name)
{
    return span_of_string(evhttp_find_header(evhttp_request_get_input_headers(request), name));
}

bool headers_have_tag(struct evhttp_request *request, const char *tag)
{
    struct span tags = headers_first(request, "If-None-Match");

    return span_present(tags) && strstr((const char *)tags.data, tag) != NULL;
}

void headers_set(struct evhttp_request *request, const char *name, const char *value)
{
    must(evhttp_add_header(evhttp_request_get_output_headers(request), name, value) == 0);
}
