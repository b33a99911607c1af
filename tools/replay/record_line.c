#include "tools/replay/record_line.h"

#include <inttypes.h>
#include <string.h>

#include "server/bus/bus.h"

/* Bytes of a message or of a write that are shown. */
enum { SHOWN_BYTES = 400 };

static const char *const kinds[CAPTURE_KIND_COUNT] = {
    [CAPTURE_BEGIN] = "the server begins as",
    [CAPTURE_CONNECT] = "connects",
    [CAPTURE_RECEIVE] = "says",
    [CAPTURE_OVERSIZED] = "says too much, bytes:",
    [CAPTURE_HEARD] = "is alive",
    [CAPTURE_BREAK] = "breaks the protocol",
    [CAPTURE_DISCONNECT] = "is gone",
    [CAPTURE_NEXT] = "has something to read",
    [CAPTURE_WRITTEN] = "is written bytes:",
    [CAPTURE_CALL] = "a call is made",
    [CAPTURE_FORGET] = "nobody waits any more for call",
    [CAPTURE_TURN] = "turn",
    [CAPTURE_DELIVER] = "deliver",
    [CAPTURE_RETURNED] = "the store answers request",
    [CAPTURE_SEND_AWAY] = "everybody is sent away within ms:",
    [CAPTURE_SHUTDOWN] = "shutdown",
    [CAPTURE_GOODBYE] = "goodbye",
    [CAPTURE_DESTROY] = "the end",
    [CAPTURE_MEET] = "turn of the cluster",
    [CAPTURE_DRAIN] = "drain",
    [CAPTURE_DEPART] = "the node leaves",
    [CAPTURE_SUBSCRIBED] = "the bus now brings",
    [CAPTURE_MESSAGE] = "the bus brings by",
    [CAPTURE_MEMBERS] = "members:",
    [CAPTURE_LOST] = "the bus is lost",
    [CAPTURE_ANSWERED] = "  answered: call",
    [CAPTURE_PUBLISH] = "  published to",
    [CAPTURE_SUBSCRIBE] = "  subscribed to",
    [CAPTURE_UNSUBSCRIBE] = "  unsubscribed from",
    [CAPTURE_BEAT] = "  beat of",
    [CAPTURE_LEAVE] = "  left:",
};

static bool has_number(uint8_t kind)
{
    return kind == CAPTURE_OVERSIZED || kind == CAPTURE_WRITTEN || kind == CAPTURE_FORGET ||
           kind == CAPTURE_RETURNED || kind == CAPTURE_SEND_AWAY || kind == CAPTURE_ANSWERED;
}

void record_line_bytes(struct span bytes, struct buffer *out)
{
    for (size_t i = 0; i < bytes.size && i < SHOWN_BYTES; i++) {
        uint8_t byte = bytes.data[i];

        if (byte >= 0x20 && byte < 0x7F)
            buffer_append_byte(out, byte);
        else
            buffer_append_format(out, "\\x%02x", byte);
    }
    if (bytes.size > SHOWN_BYTES)
        buffer_append_text(out, " …");
}

static void append_members(struct span members, struct buffer *out)
{
    for (size_t at = 0; at + sizeof(struct bus_member) <= members.size;
         at += sizeof(struct bus_member)) {
        struct bus_member member;

        memcpy(&member, members.data + at, sizeof(member));
        buffer_append_format(out, " %.*s", (int)sizeof(member.name), member.name);
    }
}

static void append_spoken(struct span bytes, struct buffer *out)
{
    if (bytes.size == 0)
        return;
    buffer_append_byte(out, ' ');
    record_line_bytes(bytes, out);
}

void record_line(const struct capture_record *record, struct buffer *out)
{
    if (record->link > 0)
        buffer_append_format(out, "link %" PRIu64 " ", record->link);
    buffer_append_text(out, kinds[record->kind]);
    if (has_number(record->kind))
        buffer_append_format(out, " %" PRIu64, record->number);
    if (record->kind == CAPTURE_MEMBERS)
        append_members(record->text, out);
    else if (record->kind == CAPTURE_CALL)
        append_spoken(record->request.name, out);
    else if (record->kind != CAPTURE_RETURNED)
        append_spoken(record->text, out);
    append_spoken(record->bytes, out);
}
