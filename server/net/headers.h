/* headers - the header lines of a request that evhttp has parsed. */
#ifndef SERVER_NET_HEADERS_H
#define SERVER_NET_HEADERS_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/span.h"

struct evhttp_request;

/* All lines of a header as one value, with commas between them (RFC 9110, section 5.3); absent when
 * there is none. A value that must be single is wrong then by its comma. Borrowed from the request,
 * or from `joined`, which is cleared first. */
struct span headers_value(struct evhttp_request *request, const char *name, struct buffer *joined);

/* The first line of a header; absent when there is none. Borrowed from the request, and
 * zero-terminated. */
struct span headers_first(struct evhttp_request *request, const char *name);

/* Does the client have what it asks for (RFC 9110, section 13.1.2)? `tag` is its ETag. */
bool headers_have_tag(struct evhttp_request *request, const char *tag);

/* Set a header of the answer. */
void headers_set(struct evhttp_request *request, const char *name, const char *value);

#endif
