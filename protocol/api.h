/* api - the HTTP API, version 1: requests to what they ask for, and the JSON of the answers.
 *
 *   /v1/documents/{collection}/{id}              GET read    PUT create    DELETE delete
 *   /v1/documents/{collection}/{id}/history      GET entries
 *   /v1/documents/{collection}/{id}/blame        GET who wrote what
 *   /v1/documents/{collection}/{id}/operations   POST submit
 *   …
 *
 * protocol/openapi.json is its specification. A decoder reads the parts of a request that HTTP has
 * parsed; names in the path are percent-encoded, so that an id may hold a slash. */
#ifndef PROTOCOL_API_H
#define PROTOCOL_API_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/span.h"

enum api_action {
    API_READ,
    API_CREATE,
    API_DELETE,
    API_HISTORY,
    API_EVENTS,
    API_VERSIONS,
    API_NAME,
    API_RESTORE,
    API_SUBMIT,
    API_BLAME,
};

/* The parts of a request, as they came. */
struct api_input {
    struct span method; /* "GET"; of HEAD too */
    struct span path;
    struct span query;      /* absent when there is none */
    struct span key;        /* of the header Idempotency-Key; absent when there is none */
    struct span last_event; /* of the header Last-Event-ID, likewise */
    struct span body;       /* empty when there is none */
};

/* Below, what is not of an action is 0 or absent. */
struct api_request {
    enum api_action action;
    struct span name; /* "collection/id", checked */
    struct span key;  /* writes: the author's secret, 1 to LIMIT_KEY_BYTES bytes */

    struct span version; /* NAME: the name; RESTORE: the one that has it; absent: that at `seq` */
    uint64_t seq; /* READ, BLAME, RESTORE, NAME: the state after this entry, UINT64_MAX: after the
                     last, … */
    uint64_t time_ms;    /* … and none that is later than this; UINT64_MAX: whenever */
    uint64_t last_seq;   /* EVENTS: the entry that was seen last, 0 when none was, */
    uint64_t last_epoch; /* and its epoch */
    uint64_t from;       /* HISTORY, BLAME: from this entry, at least 1, … */
    uint64_t to;         /* … to this; UINT64_MAX: the last one */

    bool at_head;          /* SUBMIT: the operation is for whatever the document is then, */
    uint64_t base;         /* else it was made on the state after this entry */
    struct span operation; /* SUBMIT: JSON, in which no object repeats a name */
    bool create;           /* SUBMIT: make the document first if there is none */
    struct span type;      /* CREATE; SUBMIT: what the document has to be, if it is present */
    struct span data; /* CREATE: what it begins with, JSON; absent: the type's empty document */
};

/* Is this path the API's, whether or not there is something at it? */
bool api_has_path(struct span path);

/* Decode a request. Spans point into the input or into `scratch` (cleared first). NO_PATH;
 * WRONG_METHOD, and `allow` says which ones the path takes; MALFORMED_NAME, MALFORMED_MESSAGE,
 * MALFORMED_OPERATION or what json_scan() says, with what and where in `fault`. */
MUST_CHECK enum status api_decode(const struct api_input *input, struct buffer *scratch,
                                  struct api_request *request, const char **allow,
                                  struct fault *fault);

/* ---- Answers: one JSON object each ---- */

/* A document after the entry `seq`. */
struct api_document {
    struct span name;
    struct span type;
    uint64_t seq;
    uint64_t epoch;
    uint64_t time_ms;
    struct span data; /* canonical JSON */
};
void api_write_document(struct buffer *out, const struct api_document *document);

/* The same without its data; between the two native_past_run() writes who wrote it. */
void api_blame_begin(struct buffer *out, const struct api_document *document);
void api_blame_end(struct buffer *out);

/* A list of entries, between which native_past_entry() writes them; `next` is the first that did
 * not fit, 0 when that was all. */
void api_history_begin(struct buffer *out, struct span name);
void api_history_end(struct buffer *out, uint64_t next);

/* A seq that has a name. */
struct api_version {
    struct span version;
    uint64_t seq;
    uint64_t time_ms; /* when it was named, */
    struct span user; /* and by whom */
};
void api_write_version(struct buffer *out, const struct api_version *version);

/* A list of them, with commas between. */
void api_versions_begin(struct buffer *out, struct span name);
void api_versions_end(struct buffer *out);

/* What was written got this number; `who` is its author's public id. */
void api_write_receipt(struct buffer *out, struct span name, uint64_t seq, struct span who);

/* `code` is that of the status table. */
void api_write_error(struct buffer *out, int code, const char *text);

#endif
