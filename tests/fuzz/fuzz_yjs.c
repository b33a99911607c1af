/* Any bytes as a message of a Yjs server. One that is taken says which it is, and no number in it
 * is above what Yjs can count to. */
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "tools/tutti/yjs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* An own block of the exact size, so that a read behind it is seen. */
    uint8_t *copy = memory_copy(data, size);
    struct yjs_event event;
    struct fault fault = {""};
    enum status status = yjs_read(span_of(copy, size), &event, &fault);

    if (status != STATUS_OK)
        must(fault.text[0] != '\0');
    else
        must(event.kind <= YJS_OTHER && event.author >> 56 == 0 && event.clock >> 56 == 0);
    memory_free(copy);
    return 0;
}
