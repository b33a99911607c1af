#include "protocol/message.h"

#include "base/limits.h"
#include "base/must.h"
#include "base/utf8.h"

/* U+0000 to U+001F, U+007F to U+009F: invisible, and poison to logs and terminals. */
static bool has_control(struct span text)
{
    for (size_t at = 0; at < text.size;) {
        uint32_t point;

        at += utf8_decode(text.data + at, &point);
        if (point < 0x20 || (point >= 0x7F && point <= 0x9F))
            return true;
    }
    return false;
}

void message_walk_init(struct message_walk *walk, const struct message_follow *follow)
{
    walk->has_versions = json_kind(follow->several) == JSON_KIND_OBJECT;
    json_walk_init(&walk->walk, follow->several);
}

bool message_walk_next(struct message_walk *walk, struct buffer *scratch, struct span *id,
                       uint64_t *from)
{
    struct span literal;
    struct span version;

    if (walk->has_versions ? !json_walk_member(&walk->walk, &literal, &version)
                           : !json_walk_element(&walk->walk, &literal))
        return false;
    if (!walk->has_versions || !json_read_unsigned(version, from))
        *from = MESSAGE_NOW;
    *id = json_read_string(literal, scratch);
    return true;
}

enum status message_check_name(struct span name, struct fault *fault)
{
    const uint8_t *slash = name.size > 0 ? memchr(name.data, '/', name.size) : NULL;

    if (slash == NULL)
        return fault_set(fault, STATUS_MALFORMED_NAME, "a document is named collection/id");
    size_t collection = (size_t)(slash - name.data);
    size_t id = name.size - collection - 1;
    if (collection < 1 || collection > LIMIT_COLLECTION_BYTES)
        return fault_set(fault, STATUS_MALFORMED_NAME, "a collection has 1 to %d bytes, not %zu",
                         LIMIT_COLLECTION_BYTES, collection);
    if (id < 1 || id > LIMIT_ID_BYTES)
        return fault_set(fault, STATUS_MALFORMED_NAME, "an id has 1 to %d bytes, not %zu",
                         LIMIT_ID_BYTES, id);
    if (!utf8_check(name, NULL))
        return fault_set(fault, STATUS_MALFORMED_NAME, "a name is UTF-8");
    if (has_control(name))
        return fault_set(fault, STATUS_MALFORMED_NAME, "a name has no controls");
    return STATUS_OK;
}

void message_join_name(struct buffer *out, struct span collection, struct span id)
{
    buffer_append(out, collection);
    buffer_append_byte(out, '/');
    buffer_append(out, id);
}

void message_split_name(struct span name, struct span *collection, struct span *id)
{
    const uint8_t *slash = memchr(name.data, '/', name.size);

    must(slash != NULL);
    *collection = span_of(name.data, (size_t)(slash - name.data));
    *id = span_of(slash + 1, name.size - collection->size - 1);
}
