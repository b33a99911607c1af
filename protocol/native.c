#include "protocol/native.h"

#include <string.h>

#include "base/json_scan.h"
#include "protocol/native_fields.h"

/* ---- What clients send ---- */

static enum status decode_edit(const struct native_fields *fields, struct message *message,
                               struct native_place *place, struct fault *fault)
{
    enum status status = native_field_unsigned(fields, 0, &place->channel, fault);

    message->kind = MESSAGE_EDIT;
    message->edit = (struct message_edit){0};
    if (status == STATUS_OK)
        status = native_field_unsigned(fields, 1, &place->serial, fault);
    if (status == STATUS_OK && place->serial == 0)
        status = fault_set(fault, STATUS_MALFORMED_MESSAGE, "serials begin at 1");
    if (status == STATUS_OK)
        status = native_field_unsigned(fields, 2, &message->edit.base, fault);
    if (status == STATUS_OK && fields->count != 4)
        status = fault_set(fault, STATUS_MALFORMED_MESSAGE, "an edit has 4 elements");
    message->channel = place->channel;
    message->edit.serial = place->serial;
    message->edit.operation = fields->at[3];
    return status;
}

static enum status decode_delete(const struct native_fields *fields, struct message *message,
                                 struct native_place *place, struct fault *fault)
{
    enum status status = native_field_unsigned(fields, 1, &place->channel, fault);

    message->kind = MESSAGE_DELETE;
    message->edit = (struct message_edit){0};
    if (status == STATUS_OK)
        status = native_field_unsigned(fields, 2, &place->serial, fault);
    if (status == STATUS_OK && place->serial == 0)
        status = fault_set(fault, STATUS_MALFORMED_MESSAGE, "serials begin at 1");
    if (status == STATUS_OK)
        status = native_field_unsigned(fields, 3, &message->edit.base, fault);
    message->channel = place->channel;
    message->edit.serial = place->serial;
    return status;
}

static enum status decode_hello(const struct native_fields *fields, struct message *message,
                                struct native_place *place, struct fault *fault)
{
    struct span options = SPAN_NONE;
    struct message_hello *hello = &message->hello;
    enum status status = native_field_object(fields, 1, &options, fault);

    (void)place;
    message->kind = MESSAGE_HELLO;
    *hello = (struct message_hello){0};
    if (status == STATUS_OK)
        status = native_option_string(options, "resume", &hello->resume, fault);
    if (status == STATUS_OK)
        status = native_option_string(options, "token", &hello->token, fault);
    if (status == STATUS_OK && !span_present(hello->resume))
        status = fault_set(fault, STATUS_MALFORMED_MESSAGE, "hello needs \"resume\"");
    return status;
}

/* Names may have escapes: `"` and `\` cannot be written without. */
static enum status decode_name(const struct native_fields *fields, struct message *message,
                               struct fault *fault)
{
    struct span literal = fields->count > 1 ? fields->at[1] : SPAN_NONE;

    if (!span_present(literal) || json_kind(literal) != JSON_KIND_STRING)
        return fault_set(fault, STATUS_MALFORMED_MESSAGE, "element 1 has to be a document's name");
    struct span plain = native_plain_string(literal);

    if (!span_present(plain)) {
        struct buffer decoded = {0};

        json_string_append(literal, &decoded);
        bool fits = decoded.size <= sizeof(message->name_bytes);

        if (fits)
            memcpy(message->name_bytes, buffer_span(&decoded).data, decoded.size);
        plain = span_of(message->name_bytes, decoded.size);
        buffer_finish(&decoded);
        if (!fits)
            return fault_set(fault, STATUS_MALFORMED_NAME, "the name is too long");
    }
    message->open.name = plain;
    return message_check_name(plain, fault);
}

static enum status decode_creation(struct span options, struct message_open *open,
                                   struct fault *fault)
{
    struct span create = json_member(options, "create");

    if (!span_present(create) || json_kind(create) == JSON_KIND_FALSE)
        return STATUS_OK;
    open->create = true;
    if (json_kind(create) == JSON_KIND_OBJECT)
        open->data = json_member(create, "data");
    else if (json_kind(create) != JSON_KIND_TRUE)
        return fault_set(fault, STATUS_MALFORMED_MESSAGE,
                         "\"create\" has to be true, false or {\"data\": ...}");
    if (!span_present(open->type))
        return fault_set(fault, STATUS_MALFORMED_MESSAGE, "\"create\" needs \"type\"");
    return STATUS_OK;
}

static enum status decode_open(const struct native_fields *fields, struct message *message,
                               struct native_place *place, struct fault *fault)
{
    struct message_open *open = &message->open;
    struct span options = SPAN("{}");
    struct span diverged;

    (void)place;
    message->kind = MESSAGE_OPEN;
    *open = (struct message_open){0};
    enum status status = decode_name(fields, message, fault);

    if (status == STATUS_OK && fields->count > 2)
        status = native_field_object(fields, 2, &options, fault);
    if (status == STATUS_OK)
        status = native_option_string(options, "type", &open->type, fault);
    if (status == STATUS_OK)
        status = decode_creation(options, open, fault);
    if (status == STATUS_OK)
        status = native_option_unsigned(options, "from", &open->from, fault);
    if (status == STATUS_OK)
        status = native_option_unsigned(options, "epoch", &open->epoch, fault);
    if (status == STATUS_OK)
        status = native_option_unsigned(options, "pending", &open->pending, fault);
    if (status == STATUS_OK) {
        diverged = json_member(options, "diverged");
        open->diverged = span_present(diverged) && json_kind(diverged) == JSON_KIND_TRUE;
    }
    return status;
}

static enum status decode_close(const struct native_fields *fields, struct message *message,
                                struct native_place *place, struct fault *fault)
{
    enum status status = native_field_unsigned(fields, 1, &message->channel, fault);

    (void)place;
    message->kind = MESSAGE_CLOSE;
    return status;
}

typedef enum status (*decode_fn)(const struct native_fields *fields, struct message *message,
                                 struct native_place *place, struct fault *fault);

static const struct {
    const char *word;
    decode_fn decode;
} words[] = {
    {"close", decode_close},
    {"delete", decode_delete},
    {"hello", decode_hello},
    {"open", decode_open},
};

/* Read `digits,` at the front of a text and step over it. */
static bool read_prefix(struct span *text, uint64_t *number)
{
    enum { DIGITS_MAX = 15 }; /* below 2^53 */
    size_t size = 0;
    uint64_t value = 0;

    while (size < text->size && size < DIGITS_MAX && text->data[size] >= '0' &&
           text->data[size] <= '9')
        value = value * 10 + (text->data[size++] - (uint64_t)'0');
    if (size == 0 || size == text->size || text->data[size] != ',')
        return false;
    *number = value;
    *text = span_of(text->data + size + 1, text->size - size - 1);
    return true;
}

/* The text is JSON as far as it was read, but too much of it: an edit's place stands at its front.
 */
static void read_place(struct span text, struct native_place *place)
{
    struct native_place found = {0};

    if (text.size == 0 || text.data[0] != '[')
        return;
    text = span_of(text.data + 1, text.size - 1);
    if (read_prefix(&text, &found.channel) && read_prefix(&text, &found.serial))
        *place = found;
}

enum status native_decode(struct span text, struct message *message, struct native_place *place,
                          struct fault *fault)
{
    struct native_fields fields;
    enum status status = native_fields_read(text, &fields, fault);

    *place = (struct native_place){0};
    message->channel = 0;
    if (status == STATUS_TOO_DEEP || status == STATUS_TOO_MANY_NODES)
        read_place(text, place);
    if (status != STATUS_OK)
        return status;
    if (fields.count == 0) {
        message->kind = MESSAGE_HEARTBEAT;
        return STATUS_OK;
    }
    if (json_kind(fields.at[0]) == JSON_KIND_NUMBER)
        return decode_edit(&fields, message, place, fault);
    if (json_kind(fields.at[0]) == JSON_KIND_STRING)
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
            if (json_string_is(fields.at[0], words[i].word))
                return words[i].decode(&fields, message, place, fault);
    return fault_set(fault, STATUS_MALFORMED_MESSAGE, "a message begins with a number or a word");
}
