/* Any bytes as a message of a ShareDB client, or as the beginning of one: whatever is accepted can
 * be walked, and whatever is refused can be echoed as one JSON object. */
#include <stddef.h>
#include <stdint.h>

#include "base/json_scan.h"
#include "base/memory.h"
#include "protocol/sharedb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct json_limits any_limits = {.depth = 1000, .nodes = SIZE_MAX};

static void check_object(struct buffer *out)
{
    must(json_scan(buffer_span(out), &any_limits, NULL) == STATUS_OK);
    must(json_kind(json_value(buffer_span(out))) == JSON_KIND_OBJECT);
    buffer_clear(out);
}

static void check_several(const struct message *message)
{
    struct message_walk walk;
    struct buffer scratch = {0};
    struct span id;
    uint64_t from;

    message_walk_init(&walk, &message->follow);
    while (message_walk_next(&walk, &scratch, &id, &from)) {
        struct buffer name = {0};

        buffer_append(&name, message->collection);
        buffer_append_byte(&name, '/');
        buffer_append(&name, id);
        must(message_check_name(buffer_span(&name), NULL) == STATUS_OK);
        buffer_finish(&name);
    }
    buffer_finish(&scratch);
}

static void check_message(const struct message *message, struct buffer *out)
{
    switch (message->kind) {
    case MESSAGE_FETCH:
    case MESSAGE_SUBSCRIBE:
    case MESSAGE_UNSUBSCRIBE:
        if (!span_present(message->id))
            check_several(message);
        sharedb_reply(out, message, SPAN_NONE);
        check_object(out);
        break;
    case MESSAGE_EDIT:
        must(message->edit.serial > 0);
        if (!span_present(message->edit.operation))
            break; /* of what was too large */
        must(json_scan(message->edit.operation, &any_limits, NULL) == STATUS_OK);
        break;
    default:
        break;
    }
}

typedef enum status decode_fn(struct span text, struct buffer *scratch, struct message *message,
                              struct sharedb_error *error);

static void decode(decode_fn *decode, struct span text)
{
    struct buffer scratch = {0};
    struct buffer out = {0};
    struct message message = {0};
    struct sharedb_error error = sharedb_error_of(STATUS_NOT_APPLICABLE);
    enum status status = decode(text, &scratch, &message, &error);

    if (status == STATUS_OK)
        check_message(&message, &out);
    if (status == STATUS_OK || status == STATUS_MALFORMED_MESSAGE) {
        sharedb_refused(&out, message.request, &error);
        check_object(&out);
    }
    buffer_finish(&out);
    buffer_finish(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = memory_copy(data, size); /* of exactly that size, for the sanitizer */

    decode(sharedb_decode, span_of(copy, size));
    decode(sharedb_decode_beginning, span_of(copy, size));
    memory_free(copy);
    return 0;
}
