#include "tools/tutti/yjs.h"

enum { ABOUT_SYNC = 0, STEP_1 = 0, STEP_2 = 1, UPDATE = 2 };

/* What the first byte of a struct says. */
enum { IS_TEXT = 0x04, HAS_RIGHT = 0x40, HAS_LEFT = 0x80 };

enum { BITS = 7, LOW = 0x7F, MORE = 0x80, BITS_MAX = 53 };

static const struct span root = {(const uint8_t *)"text", 4};

/* ---- Writing ---- */

static void put_number(struct buffer *out, uint64_t number)
{
    for (; number > LOW; number >>= BITS)
        buffer_append_byte(out, (uint8_t)(MORE | (number & LOW)));
    buffer_append_byte(out, (uint8_t)number);
}

static void put_bytes(struct buffer *out, struct span bytes)
{
    put_number(out, bytes.size);
    buffer_append(out, bytes);
}

void yjs_ask(struct buffer *out)
{
    put_number(out, ABOUT_SYNC);
    put_number(out, STEP_1);
    put_bytes(out, SPAN("\0")); /* of no author anything */
}

/* Which text it stands in follows from what stands beside it; without that it has to be said. */
static void put_place(struct buffer *out, uint32_t author, struct yjs_place place)
{
    uint8_t left = place.left != YJS_NOTHING ? HAS_LEFT : 0;
    uint8_t right = place.right != YJS_NOTHING ? HAS_RIGHT : 0;

    buffer_append_byte(out, IS_TEXT | left | right);
    if (left) {
        put_number(out, author);
        put_number(out, place.left);
    }
    if (right) {
        put_number(out, author);
        put_number(out, place.right);
    }
    if (!left && !right) {
        put_number(out, 1); /* a root, by its name */
        put_bytes(out, root);
    }
}

void yjs_type(struct buffer *out, uint32_t author, uint64_t clock, struct yjs_place place,
              struct span characters)
{
    struct buffer update = {0};

    put_number(&update, 1); /* author, */
    put_number(&update, 1); /* struct */
    put_number(&update, author);
    put_number(&update, clock);
    put_place(&update, author, place);
    put_bytes(&update, characters);
    put_number(&update, 0); /* nothing is deleted */

    put_number(out, ABOUT_SYNC);
    put_number(out, UPDATE);
    put_bytes(out, buffer_span(&update));
    buffer_finish(&update);
}

/* ---- Reading ---- */

/* Take a number off the front; false when there is none. */
static bool take_number(struct span *rest, uint64_t *number)
{
    uint64_t value = 0;

    for (size_t i = 0; i < rest->size && i * BITS < BITS_MAX; i++) {
        value |= (uint64_t)(rest->data[i] & LOW) << i * BITS;
        if ((rest->data[i] & MORE) == 0) {
            *rest = span_of(rest->data + i + 1, rest->size - i - 1);
            *number = value;
            return true;
        }
    }
    return false;
}

static enum status read_update(struct span update, struct yjs_event *event, struct fault *fault)
{
    uint64_t authors;
    uint64_t structs;

    event->kind = YJS_UPDATE;
    if (take_number(&update, &authors) && authors == 1 && take_number(&update, &structs) &&
        structs == 1 && take_number(&update, &event->author) && take_number(&update, &event->clock))
        return STATUS_OK;
    return fault_set(fault, STATUS_PROTOCOL, "an update is not of one struct");
}

enum status yjs_read(struct span message, struct yjs_event *event, struct fault *fault)
{
    uint64_t about;
    uint64_t step;
    uint64_t size;

    *event = (struct yjs_event){.kind = YJS_OTHER};
    if (!take_number(&message, &about))
        return fault_set(fault, STATUS_PROTOCOL, "a message is about nothing");
    if (about != ABOUT_SYNC)
        return STATUS_OK;
    if (!take_number(&message, &step) || !take_number(&message, &size) || size != message.size)
        return fault_set(fault, STATUS_PROTOCOL, "a message of sync does not end where it says");
    switch (step) {
    case STEP_1:
        event->kind = YJS_HAS;
        return STATUS_OK;
    case STEP_2:
        event->kind = YJS_REST;
        return STATUS_OK;
    case UPDATE:
        return read_update(message, event, fault);
    default:
        return fault_set(fault, STATUS_PROTOCOL, "there is no such step of sync");
    }
}
