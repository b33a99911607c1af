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

/* Write the sentence, cut at the end of the room, and give `status` back, so that a
 * check reads `return fault_set(fault, STATUS_…, "component %zu: …", i)`. `fault` may be NULL. */
enum status fault_set(struct fault *fault, enum status status, const char *format, ...)
    PRINTF_LIKE(3, 4);

#endif
