#include "protocol/node_message.h"

#include <stddef.h>

#include "base/must.h"

enum { VERSION = 1 };

/* ---- Numbers and bytes ---- */

static void write_number(struct buffer *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        buffer_append_byte(out, (uint8_t)(value | 0x80));
    buffer_append_byte(out, (uint8_t)value);
}

static void write_bytes(struct buffer *out, struct span bytes)
{
    if (!span_present(bytes)) {
        write_number(out, 0);
        return;
    }
    write_number(out, bytes.size + 1);
    buffer_append(out, bytes);
}

static void skip(struct span *rest, size_t size)
{
    rest->data += size;
    rest->size -= size;
}

/* In its shortest form only: a message has one spelling. */
static bool read_number(struct span *rest, uint64_t *value)
{
    uint64_t number = 0;

    for (unsigned shift = 0; shift < 64 && rest->size > 0; shift += 7) {
        uint8_t byte = rest->data[0];

        skip(rest, 1);
        if (shift == 63 && byte > 1)
            return false;
        number |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *value = number;
            return byte > 0 || shift == 0;
        }
    }
    return false;
}

static bool read_bytes(struct span *rest, struct span *bytes)
{
    uint64_t size;

    if (!read_number(rest, &size))
        return false;
    if (size == 0) {
        *bytes = SPAN_NONE;
        return true;
    }
    if (size - 1 > rest->size)
        return false;
    *bytes = span_of(rest->data, (size_t)size - 1);
    skip(rest, (size_t)size - 1);
    return true;
}

static bool read_session(struct span *rest, uint8_t session[NODE_SESSION_SIZE])
{
    if (rest->size < NODE_SESSION_SIZE)
        return false;
    memcpy(session, rest->data, NODE_SESSION_SIZE);
    skip(rest, NODE_SESSION_SIZE);
    return true;
}

/* ---- Which fields a kind has ---- */

/* A field is a number or bytes at a place of the struct. */
struct field {
    size_t at;
    bool is_bytes;
};

#define NUMBER(name)                                                                               \
    {                                                                                              \
        offsetof(struct node_message, name), false                                                 \
    }
#define BYTES(name)                                                                                \
    {                                                                                              \
        offsetof(struct node_message, name), true                                                  \
    }

static const struct field fields[] = {
    BYTES(document), BYTES(node),  NUMBER(start), NUMBER(attempt), NUMBER(epoch),   NUMBER(seq),
    NUMBER(serial),  NUMBER(base), NUMBER(code),  NUMBER(flags),   BYTES(user),     BYTES(to),
    BYTES(body),     BYTES(type),  BYTES(room),   BYTES(id),       NUMBER(version),
};

enum {
    DOCUMENT = 1 << 0,
    NODE = 1 << 1,
    START = 1 << 2,
    ATTEMPT = 1 << 3,
    EPOCH = 1 << 4,
    SEQ = 1 << 5,
    SERIAL = 1 << 6,
    BASE = 1 << 7,
    CODE = 1 << 8,
    FLAGS = 1 << 9,
    USER = 1 << 10,
    TO = 1 << 11,
    BODY = 1 << 12,
    TYPE = 1 << 13,
    ROOM = 1 << 14,
    ID = 1 << 15,
    VALUE_VERSION = 1 << 16,
    SESSION = 1 << 17 /* behind the others */
};

static const unsigned has[NODE_KIND_COUNT] = {
    [NODE_ENTRIES] = DOCUMENT | NODE | EPOCH | SEQ | FLAGS | BODY,
    [NODE_HEAD] = DOCUMENT | NODE | EPOCH | SEQ,
    [NODE_SUBMIT] = DOCUMENT | NODE | START | ATTEMPT | SERIAL | BASE | CODE | FLAGS | USER | BODY |
                    TYPE | SESSION,
    [NODE_ANSWER] = DOCUMENT | START | ATTEMPT | SEQ | SERIAL | CODE | BODY,
    [NODE_FLOOR] = DOCUMENT | SERIAL | BASE | SESSION,
    [NODE_FOLLOWS] = DOCUMENT | NODE,
    [NODE_TAKE] = DOCUMENT | NODE | EPOCH,
    [NODE_HERE] = DOCUMENT | NODE | START | SEQ | BODY | SESSION,
    [NODE_SAY] = DOCUMENT | NODE | START | TO | BODY | SESSION,
    [NODE_ASK] = DOCUMENT | NODE | START,
    [NODE_SHOW] = DOCUMENT | NODE | START | SEQ | BODY | ROOM | ID | VALUE_VERSION | SESSION,
    [NODE_LOOK] = NODE | START | ROOM,
};

enum { FIELD_COUNT = sizeof(fields) / sizeof(fields[0]) };

void node_message_write(struct buffer *out, const struct node_message *message)
{
    must(message->kind < NODE_KIND_COUNT);
    buffer_append_byte(out, VERSION);
    buffer_append_byte(out, (uint8_t)message->kind);
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        const void *place = (const char *)message + fields[i].at;

        if ((has[message->kind] & 1u << i) == 0)
            continue;
        if (fields[i].is_bytes)
            write_bytes(out, *(const struct span *)place);
        else
            write_number(out, *(const uint64_t *)place);
    }
    if (has[message->kind] & SESSION)
        buffer_append(out, span_of(message->session, NODE_SESSION_SIZE));
}

static bool read_fields(struct span *rest, struct node_message *message)
{
    unsigned mask = has[message->kind];

    for (size_t i = 0; i < FIELD_COUNT; i++) {
        void *place = (char *)message + fields[i].at;

        if ((mask & 1u << i) == 0)
            continue;
        if (fields[i].is_bytes ? !read_bytes(rest, place) : !read_number(rest, place))
            return false;
    }
    return (mask & SESSION) == 0 || read_session(rest, message->session);
}

enum status node_message_read(struct span bytes, struct node_message *message, struct fault *fault)
{
    struct node_message read = {0};

    if (bytes.size < 2 || bytes.data[0] != VERSION)
        return fault_set(fault, STATUS_MALFORMED_MESSAGE, "not a message of version %d", VERSION);
    if (bytes.data[1] >= NODE_KIND_COUNT)
        return fault_set(fault, STATUS_MALFORMED_MESSAGE, "no kind %u", bytes.data[1]);
    read.kind = (enum node_message_kind)bytes.data[1];
    skip(&bytes, 2);
    if (!read_fields(&bytes, &read))
        return fault_set(fault, STATUS_MALFORMED_MESSAGE, "a field is cut off or misspelled");
    if (bytes.size > 0)
        return fault_set(fault, STATUS_MALFORMED_MESSAGE, "there is more than its fields");
    if (has[read.kind] & ROOM ? read.room.size == 0 : read.document.size == 0)
        return fault_set(fault, STATUS_MALFORMED_MESSAGE, "it is about nothing");
    *message = read;
    return STATUS_OK;
}

/* ---- Entries ---- */

void node_entry_write(struct buffer *out, const struct node_entry *entry)
{
    write_number(out, entry->epoch);
    write_number(out, entry->serial);
    write_number(out, entry->base);
    write_number(out, entry->time_ms);
    write_number(out, entry->kind);
    write_number(out, entry->rule);
    write_bytes(out, entry->user);
    write_bytes(out, entry->arrived);
    write_bytes(out, entry->sequenced);
    buffer_append(out, span_of(entry->session, NODE_SESSION_SIZE));
}

bool node_entry_next(struct span *body, struct node_entry *entry)
{
    struct span rest = *body;
    struct node_entry read = {0};

    if (rest.size == 0)
        return false;
    if (!read_number(&rest, &read.epoch) || !read_number(&rest, &read.serial) ||
        !read_number(&rest, &read.base) || !read_number(&rest, &read.time_ms) ||
        !read_number(&rest, &read.kind) || !read_number(&rest, &read.rule) ||
        !read_bytes(&rest, &read.user) || !read_bytes(&rest, &read.arrived) ||
        !read_bytes(&rest, &read.sequenced) || !read_session(&rest, read.session))
        return false;
    *body = rest;
    *entry = read;
    return true;
}
