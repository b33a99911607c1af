/* native_fields - reading the elements of a message of either direction. */
#ifndef PROTOCOL_NATIVE_FIELDS_H
#define PROTOCOL_NATIVE_FIELDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/span.h"

enum { NATIVE_FIELDS_MAX = 8 };

/* The elements of one message. Those behind the last one are absent. */
struct native_fields {
    struct span at[NATIVE_FIELDS_MAX];
    size_t count;
};

/* Scan the text and find its elements; at least one. */
MUST_CHECK enum status native_fields_read(struct span text, struct native_fields *fields,
                                          struct fault *fault);

/* Each reads the element number `index`; MALFORMED_MESSAGE with its number when it is of another
 * kind. */
MUST_CHECK enum status native_field_unsigned(const struct native_fields *fields, size_t index,
                                             uint64_t *out, struct fault *fault);
/* A string without escapes: its bytes. */
MUST_CHECK enum status native_field_string(const struct native_fields *fields, size_t index,
                                           struct span *out, struct fault *fault);
MUST_CHECK enum status native_field_object(const struct native_fields *fields, size_t index,
                                           struct span *out, struct fault *fault);

/* Members of an option object; untouched when they are missing. */
MUST_CHECK enum status native_option_unsigned(struct span object, const char *name, uint64_t *out,
                                              struct fault *fault);
MUST_CHECK enum status native_option_string(struct span object, const char *name, struct span *out,
                                            struct fault *fault);

/* The bytes between the quotes of a literal; absent when it is no string or has escapes. */
struct span native_plain_string(struct span literal);

#endif
