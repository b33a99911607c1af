/* fault - what is wrong with an input, and where, in words for the peer who sent it. */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <stddef.h>

#include "base/must.h"
#include "base/status.h"

enum { FAULT_TEXT_SIZE = 160 };

struct fault {
    char text[FAULT_TEXT_SIZE]; /* a sentence without its final stop, zero-terminated, UTF-8 */
};

/* Write the sentence, cut at a character where the room ends, and give `status` back, so that a
 * check reads `return fault_set(fault, STATUS_…, "component %zu: …", i)`. `fault` may be NULL. */
enum status fault_set(struct fault *fault, enum status status, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* The sentence; the text of `status` when there is none: `fault` is NULL or its text empty. */
const char *fault_text(const struct fault *fault, enum status status);

#endif
