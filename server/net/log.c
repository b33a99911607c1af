#include "server/net/log.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "server/net/clock.h"

static void append_time(struct buffer *out, uint64_t now_ms)
{
    time_t seconds = (time_t)(now_ms / 1000);
    struct tm parts;
    char text[sizeof("2026-11-24T04:11:35")];

    gmtime_r(&seconds, &parts);
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
    buffer_append_format(out, "%s.%03uZ", text, (unsigned)(now_ms % 1000));
}

static bool is_plain(const char *text)
{
    for (const char *at = text; *at != '\0'; at++)
        if (*at <= ' ' || *at == '"' || *at == '=' || *at == '\\' || *at == 0x7f)
            return false; /* bytes above 127 are below 0 or above '~': see append_value() */
    return *text != '\0';
}

static void append_value(struct buffer *out, const char *text)
{
    if (is_plain(text)) {
        buffer_append_text(out, text);
        return;
    }
    buffer_append_byte(out, '"');
    for (const char *at = text; *at != '\0'; at++) {
        uint8_t byte = (uint8_t)*at;

        if (byte == '"' || byte == '\\')
            buffer_append_format(out, "\\%c", byte);
        else if (byte < ' ' || byte == 0x7f)
            buffer_append_format(out, "\\x%02x", byte);
        else
            buffer_append_byte(out, byte);
    }
    buffer_append_byte(out, '"');
}

void log_format(struct buffer *out, uint64_t now_ms, enum log_level level, const char *message,
                const struct log_field *fields)
{
    static const char *const names[] = {"info", "warn", "error"};

    append_time(out, now_ms);
    buffer_append_format(out, " %s ", names[level]);
    append_value(out, message);
    for (; fields != NULL && fields->name != NULL; fields++) {
        buffer_append_format(out, " %s=", fields->name);
        if (fields->text != NULL)
            append_value(out, fields->text);
        else
            buffer_append_unsigned(out, fields->number);
    }
    buffer_append_byte(out, '\n');
}

void log_write(enum log_level level, const char *message, const struct log_field *fields)
{
    struct clock clock = {0};
    struct buffer line = {0};

    log_format(&line, clock_now_ms(&clock), level, message, fields);
    /* One write, so that lines of several processes do not mix; there is nobody to tell of a
     * failure. */
    ssize_t written = write(STDERR_FILENO, line.data, line.size);
    (void)written;
    buffer_finish(&line);
}
