/* value - JSON values: what documents, attributes and payloads of operations are made of.
 *
 * A value is jansson's json_t, built only here, so that it has one form:
 *
 *   numbers   are JavaScript's: an integer within ±(2^53 − 1) is a json_integer, any other finite
 *             double a json_real; 1.0 and 1 are the same value, −0 is 0
 *   strings   are well-formed Unicode and may hold U+0000
 *   objects   name a member once
 *
 * Hence two values mean the same exactly when their canonical bytes are the same. Scalars are never
 * changed once made and are shared by reference; arrays and objects have one owner. */
#ifndef OT_VALUE_H
#define OT_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/span.h"

/* How much a value is. */
struct value_size {
    size_t bytes; /* of its canonical JSON, roughly: escapes and long numbers are not looked at */
    size_t nodes; /* values, counting arrays and objects themselves; names do not count */
    size_t depth; /* of arrays and objects; a scalar has depth 0 */
};

/* The value of JSON text that passed json_scan(). MALFORMED_JSON when a name is repeated or a
 * number is beyond the doubles. The reference in `value` is the caller's. */
MUST_CHECK enum status value_load(struct span json, json_t **value, struct fault *fault);

/* The number as a new value; it is finite. */
json_t *value_of_number(double number);

/* Well-formed UTF-8 as a new value. */
json_t *value_of_string(struct span text);

/* The bytes of a string value; borrowed until the value is released. */
struct span value_string(const json_t *string);

/* Append the canonical form (RFC 8785): no white space, names in the order of their UTF-16 units.
 */
void value_write(const json_t *value, struct buffer *out);

/* The same meaning. Linear in the smaller of both. */
bool value_equal(const json_t *a, const json_t *b);

/* A copy whose arrays and objects are its own; a new reference. */
json_t *value_copy(const json_t *value);

struct value_size value_measure(const json_t *value);

/* A new object's member, in insertion order; takes the value. */
void value_object_set_take(json_t *object, struct span name, json_t *value);

/* Borrowed; NULL when there is none. */
json_t *value_object_get(const json_t *object, struct span name);

/* The order of RFC 8785: as sequences of UTF-16 units, a prefix first. */
int value_name_compare(struct span a, struct span b);

#endif
