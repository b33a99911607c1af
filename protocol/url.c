#include "protocol/url.h"

#include <string.h>

#include "base/json_scan.h"
#include "protocol/message.h"

struct span url_cut(struct span *text, uint8_t mark)
{
    const uint8_t *at = text->size > 0 ? memchr(text->data, mark, text->size) : NULL;
    struct span part = *text;

    if (at == NULL) {
        *text = SPAN_NONE;
        return part;
    }
    part.size = (size_t)(at - text->data);
    *text = span_of(at + 1, text->size - part.size - 1);
    return part;
}

bool url_read_number(struct span text, uint64_t *number)
{
    uint64_t value = 0;

    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' || value > JSON_INTEGER_MAX / 10)
            return false;
        value = value * 10 + (uint64_t)(text.data[i] - '0');
    }
    if (text.size == 0 || value > JSON_INTEGER_MAX)
        return false;
    *number = value;
    return true;
}

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if (byte >= 'A' && byte <= 'F')
        return byte - 'A' + 10;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static bool decode(struct span text, bool plus_is_space, struct buffer *out)
{
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.data[i];

        if (byte == '%') {
            int high = i + 2 < text.size ? hex_digit(text.data[i + 1]) : -1;
            int low = high >= 0 ? hex_digit(text.data[i + 2]) : -1;

            if (low < 0)
                return false;
            byte = (uint8_t)(high << 4 | low);
            i += 2;
        } else if (byte == '+' && plus_is_space) {
            byte = ' ';
        }
        buffer_append_byte(out, byte);
    }
    return true;
}

bool url_decode(struct span segment, struct buffer *out)
{
    return decode(segment, false, out);
}

bool url_decode_value(struct span value, struct buffer *out)
{
    return decode(value, true, out);
}

enum status url_decode_name(struct span collection, struct span id, struct buffer *out,
                            struct fault *fault)
{
    size_t mark = out->size;

    if (!url_decode(collection, out))
        return fault_set(fault, STATUS_MALFORMED_NAME, "the path has a broken percent-encoding");
    if (out->size > mark && memchr(out->data + mark, '/', out->size - mark) != NULL)
        return fault_set(fault, STATUS_MALFORMED_NAME, "a collection has no slash");
    buffer_append_byte(out, '/');
    if (!url_decode(id, out))
        return fault_set(fault, STATUS_MALFORMED_NAME, "the path has a broken percent-encoding");
    return message_check_name(span_of(out->data + mark, out->size - mark), fault);
}
