/* url - the parts of a path and a query, as they stand in a request. */
#ifndef PROTOCOL_URL_H
#define PROTOCOL_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/span.h"

/* The part of `text` before `mark`, cut off with the mark; what is left is absent when there was
 * none. */
struct span url_cut(struct span *text, uint8_t mark);

/* Digits alone, up to JSON_INTEGER_MAX, so that nothing in a number needs decoding. False: it is
 * something else. */
bool url_read_number(struct span text, uint64_t *number);

/* Append a segment of a path without its percent-encoding (RFC 3986, section 2.1). False when that
 * is broken. */
bool url_decode(struct span segment, struct buffer *out);

/* The same of a value in a query, where a space is a plus as well (URL Living Standard, 5.1). */
bool url_decode_value(struct span value, struct buffer *out);

/* Append the name of a document, "collection/id", from two segments. MALFORMED_NAME when it is
 * none. */
MUST_CHECK enum status url_decode_name(struct span collection, struct span id, struct buffer *out,
                                       struct fault *fault);

#endif
