/* json_object - writing a JSON object, member by member, and the arrays in it.
 *
 *   json_object_begin   json_object_unsigned("seq", 5)   json_object_end      {"seq":5}
 *
 * Where a value is written by other means, json_object_name() goes before it. */
#ifndef BASE_JSON_OBJECT_H
#define BASE_JSON_OBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/span.h"

void json_object_begin(struct buffer *out);
void json_object_end(struct buffer *out);

/* The name of the next member, which needs no escapes, with its comma and colon. */
void json_object_name(struct buffer *out, const char *name);

void json_object_unsigned(struct buffer *out, const char *name, uint64_t value);

void json_object_boolean(struct buffer *out, const char *name, bool value);

/* `text` is well-formed UTF-8. */
void json_object_string(struct buffer *out, const char *name, struct span text);

/* The same; null when there is no text. */
void json_object_string_or_null(struct buffer *out, const char *name, struct span text);

/* A value that is JSON already; nothing when it is absent. */
void json_object_json(struct buffer *out, const char *name, struct span json);

/* A value that is an array. json_object_array_next() goes before each element, with its comma. */
void json_object_array_begin(struct buffer *out, const char *name);
void json_object_array_next(struct buffer *out);
void json_object_array_end(struct buffer *out);

#endif
