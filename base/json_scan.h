/* json_scan - one pass over JSON text that says whether it is fit to be looked at.
 *
 * The scan checks grammar (RFC 8259), UTF-8, that escapes name no half surrogate pair,
 * depth, and the number of values, and builds nothing. Text that passed is then walked by
 * reference: a value is the span of its bytes, without the white space around it.
 *
 *   [ 12 , 3, 17, [5,"x"] ]      json_scan_array() -> spans 12 | 3 | 17 | [5,"x"]
 *
 * The walking functions are total on scanned text and undefined on any other. */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/span.h"

/* The integers that JavaScript holds exactly: ±(2^53 − 1). */
#define JSON_INTEGER_MAX INT64_C(9007199254740991)

enum json_kind {
    JSON_KIND_NULL,
    JSON_KIND_FALSE,
    JSON_KIND_TRUE,
    JSON_KIND_NUMBER,
    JSON_KIND_STRING,
    JSON_KIND_ARRAY,
    JSON_KIND_OBJECT
};

struct json_limits {
    size_t depth; /* of arrays and objects; a lone number has depth 0 */
    size_t nodes; /* values, counting arrays and objects themselves; names do not count */
};

/* What the server allows in a message: LIMIT_JSON_DEPTH, LIMIT_JSON_NODES. */
extern const struct json_limits json_limits_default;

/* Check that `text` is one JSON value. MALFORMED_JSON, MALFORMED_UTF8, TOO_DEEP or
 * TOO_MANY_NODES with the byte offset in `fault` (may be NULL). */
MUST_CHECK enum status json_scan(struct span text, const struct json_limits *limits,
                                 struct fault *fault);

/* The same for a text that has to be an array, and the spans of its elements: `count` says
 * how many there are, the first `elements_max` of them are stored. MALFORMED_MESSAGE when it
 * is JSON and not an array. On failure the elements are undefined. */
MUST_CHECK enum status json_scan_array(struct span text, const struct json_limits *limits,
                                       struct span *elements, size_t elements_max, size_t *count,
                                       struct fault *fault);

/* ---- On scanned text (json_value.c) ---- */

/* The value of a text that json_scan() has passed, without the white space around it. */
struct span json_value(struct span text);

enum json_kind json_kind(struct span value);

/* A walk over the elements of an array or the members of an object. */
struct json_walk {
    const uint8_t *at;
    const uint8_t *end;
};

/* `container` is an array or an object and outlives the walk. */
void json_walk_init(struct json_walk *walk, struct span container);

/* The next element of an array; false at its end. */
bool json_walk_element(struct json_walk *walk, struct span *value);

/* The next member of an object; false at its end. `name` is the literal, with its quotes. */
bool json_walk_member(struct json_walk *walk, struct span *name, struct span *value);

/* The value of the first member `name` (plain bytes, no escapes) of an object; absent when there
 * is none. A name written with escapes is found too. */
struct span json_member(struct span object, const char *name);

/* The number of elements or members. */
size_t json_count(struct span container);

/* An object, or an object anywhere inside, names a member twice (escapes resolved). Linear for
 * small objects, sorted for large ones. */
bool json_repeats_a_name(struct span value);

/* The value as an integer in ±(2^53 − 1), however it is written (`5`, `5.0`, `50e-1`): what
 * JavaScript reads is taken, so `1.00000000000000000001` is 1. False when it is no number or no
 * such integer; the output is then untouched. */
bool json_read_integer(struct span value, int64_t *out);

/* The same, at least 0. */
bool json_read_unsigned(struct span value, uint64_t *out);

/* The nearest double of a number (the process stays in the C locale); false when it is not finite.
 * −0 is 0. */
bool json_read_double(struct span number, double *out);

/* Append the decoded bytes of a string literal (UTF-8, may hold U+0000). */
void json_string_append(struct span literal, struct buffer *out);

/* The decoded bytes of a string literal: a part of the literal when it has no escapes, else
 * appended to `scratch`. Borrowed from whichever it is; offsets of `scratch` may move later. */
struct span json_read_string(struct span literal, struct buffer *scratch);

/* Is this literal the string `text` (escapes resolved)? */
bool json_string_is(struct span literal, const char *text);

#endif
