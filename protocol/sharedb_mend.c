#include "protocol/sharedb_mend.h"

#include <string.h>

static bool is_surrogate(struct span text, size_t at)
{
    return at + 6 <= text.size && text.data[at] == '\\' && text.data[at + 1] == 'u' &&
           (text.data[at + 2] | 0x20) == 'd' && strchr("89abcdefABCDEF", text.data[at + 3]) != NULL;
}

struct span sharedb_mend(struct span text, struct buffer *out)
{
    for (size_t at = 0; at < text.size;) {
        if (is_surrogate(text, at)) {
            buffer_append_text(out, "\\ufffd");
            at += 6;
        } else if (text.data[at] == '\\' && at + 1 < text.size) {
            buffer_append(out, span_of(text.data + at, 2));
            at += 2;
        } else {
            buffer_append_byte(out, text.data[at++]);
        }
    }
    return buffer_span(out);
}

struct span sharedb_close(struct span beginning, struct buffer *out)
{
    bool in_string = false;
    size_t end = 0;
    int depth = 0;

    for (size_t at = 0; at < beginning.size; at++) {
        uint8_t byte = beginning.data[at];

        if (in_string && byte == '\\')
            at++;
        else if (byte == '"')
            in_string = !in_string;
        else if (in_string)
            continue;
        else if (byte == '{' || byte == '[')
            depth++;
        else if (byte == '}' || byte == ']')
            depth--;
        else if (byte == ',' && depth == 1)
            end = at;
    }
    buffer_append(out, span_of(beginning.data, end));
    buffer_append_byte(out, '}');
    return buffer_span(out);
}
