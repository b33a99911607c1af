/* fields - taking the fields of a scanned message out, where the first fault sticks.
 *
 * Every call after a fault does nothing and gives zero, so that a decoder reads straight down and
 * looks at `status` once, at its end. */
#ifndef PROTOCOL_FIELDS_H
#define PROTOCOL_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/span.h"

struct fields {
    const char *message;    /* its kind, for the fault */
    struct buffer *scratch; /* strings that were spelled with escapes */
    struct fault *fault;    /* may be NULL */
    enum status status;
};

/* Make room for every string of a message of `text`, so that none moves when the next is read. */
void fields_reserve(struct fields *fields, struct span text);

/* Break off with MALFORMED_MESSAGE: "open: create needs a type". */
void fields_fail(struct fields *fields, const char *what);

/* The message has to have from `min` to `max` elements. */
void fields_expect_count(struct fields *fields, size_t count, size_t min, size_t max);

/* An integer from `min` to 2^53 − 1; an absent value is a fault. `name` is what the protocol calls
 * it. */
uint64_t fields_unsigned(struct fields *fields, struct span value, const char *name, uint64_t min);

/* The bytes of a string: of the message, or in `scratch`; an absent value is a fault. */
struct span fields_string(struct fields *fields, struct span value, const char *name);

/* The members of an object by their names: `found` has a place for each of the `count` names,
 * absent when the object has no such member. Others are skipped; a name must not come twice in the
 * object or anywhere below. */
void fields_members(struct fields *fields, struct span object, const char *const *names,
                    struct span *found, size_t count);

/* ---- Members, which may be absent: zero, absent or false then ---- */

uint64_t fields_member_unsigned(struct fields *fields, struct span value, const char *name);
struct span fields_member_string(struct fields *fields, struct span value, const char *name);
bool fields_member_bool(struct fields *fields, struct span value, const char *name);

#endif
