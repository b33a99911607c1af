/* inspect - what an operator may ask the inspector for: paths and queries to requests.
 *
 *   /api/server
 *   /api/documents?prefix=TEXT
 *   /api/documents/COLLECTION/ID
 *   /api/documents/COLLECTION/ID/log?from=SEQ
 *
 * docs/inspector.md is the specification. Names are percent-encoded, as in the API. */
#ifndef PROTOCOL_INSPECT_H
#define PROTOCOL_INSPECT_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/span.h"

enum inspect_view { INSPECT_SERVER, INSPECT_DOCUMENTS, INSPECT_DOCUMENT, INSPECT_LOG };

/* The parts of a request, as they came. */
struct inspect_input {
    struct span path;
    struct span query;      /* absent when there is none */
    struct span last_event; /* of the header Last-Event-ID, likewise */
};

/* What is not of a view is 0 or empty. */
struct inspect_request {
    enum inspect_view view;
    struct span name;   /* DOCUMENT, LOG: "collection/id", checked */
    struct span prefix; /* DOCUMENTS: of their names; any bytes */
    uint64_t from;      /* LOG: the first seq that is wanted; 0: some of the newest */
};

/* Decode a request to read. Spans point into `scratch` (cleared first). NO_PATH, MALFORMED_NAME,
 * MALFORMED_MESSAGE; `fault` says what is wrong. */
MUST_CHECK enum status inspect_decode(const struct inspect_input *input, struct buffer *scratch,
                                      struct inspect_request *request, struct fault *fault);

#endif
