/* answer - what HTTP says back. */
#ifndef SERVER_NET_ANSWER_H
#define SERVER_NET_ANSWER_H

#include "base/span.h"
#include "base/status.h"

struct asset;
struct evhttp_request;

/* The bytes, copied, with `type` as their Content-Type. */
void answer_bytes(struct evhttp_request *request, int code, const char *type, struct span bytes);

/* A failure as JSON, {"code":…,"text":…}: the status' own code beside the text. */
void answer_error(struct evhttp_request *request, int code, enum status status, const char *text);

/* The same, with the code of HTTP and the text that the status has. */
void answer_status(struct evhttp_request *request, enum status status);

/* What HTTP calls such a failure. */
int answer_code_of(enum status status);

/* An embedded file, or "not modified" when the client has it. */
void answer_asset(struct evhttp_request *request, const struct asset *asset);

#endif
