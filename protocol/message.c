#include "protocol/message.h"

#include <string.h>

#include "base/utf8.h"

static bool has_control(struct span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] < 0x20 || text.data[i] == 0x7F)
            return true;
    return false;
}

enum status message_check_name(struct span name, struct fault *fault)
{
    const uint8_t *slash = name.size > 0 ? memchr(name.data, '/', name.size) : NULL;

    if (slash == NULL)
        return fault_set(fault, STATUS_MALFORMED_NAME, "a name is collection/id: no slash in it");
    size_t collection = (size_t)(slash - name.data);
    size_t id = name.size - collection - 1;

    if (collection < 1 || collection > LIMIT_COLLECTION_BYTES)
        return fault_set(fault, STATUS_MALFORMED_NAME, "the collection has %zu bytes, not 1 to %d",
                         collection, LIMIT_COLLECTION_BYTES);
    if (id < 1 || id > LIMIT_ID_BYTES)
        return fault_set(fault, STATUS_MALFORMED_NAME, "the id has %zu bytes, not 1 to %d", id,
                         LIMIT_ID_BYTES);
    if (has_control(name) || !utf8_check(name, NULL))
        return fault_set(fault, STATUS_MALFORMED_NAME, "a name is UTF-8 without controls");
    return STATUS_OK;
}
