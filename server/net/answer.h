/* answer - what HTTP says back. */
#ifndef SERVER_NET_ANSWER_H
#define SERVER_NET_ANSWER_H

#include "base/span.h"

struct asset;
struct evhttp_request;

/* The bytes, copied, with `type` as their Content-Type. */
void answer_bytes(struct evhttp_request *request, int code, const char *type, struct span bytes);

/* {"error":"…"} */
void answer_error(struct evhttp_request *request, int code, const char *text);

/* An embedded file, or "not modified" when the client has it. */
void answer_asset(struct evhttp_request *request, const struct asset *asset);

#endif
