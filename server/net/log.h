/* log - what an operator should know, one line an event, to stderr.
 *
 *   log_write(LOG_WARN, "accepting is paused", log_fields(log_text("error", strerror(errno))));
 *
 *   2026-11-24T04:11:35.123Z warn "accepting is paused" error="Too many open files"
 *
 * The line is logfmt: a value with a space, a quote or a control in it is quoted and escaped, so
 * that no peer can forge a line. */
#ifndef SERVER_NET_LOG_H
#define SERVER_NET_LOG_H

#include <stdint.h>

#include "base/buffer.h"

enum log_level { LOG_INFO, LOG_WARN, LOG_ERROR };

struct log_field {
    const char *name; /* NULL ends a list */
    const char *text; /* NULL: it is a number */
    uint64_t number;
};

#define log_text(name, value) ((struct log_field){name, value, 0})
#define log_number(name, value) ((struct log_field){name, NULL, value})
#define log_fields(...) ((const struct log_field[]){__VA_ARGS__, {NULL, NULL, 0}})

/* Write one line at once. `fields` may be NULL. */
void log_write(enum log_level level, const char *message, const struct log_field *fields);

/* The line itself, with its newline, for a moment in milliseconds since 1970. */
void log_format(struct buffer *out, uint64_t now_ms, enum log_level level, const char *message,
                const struct log_field *fields);

#endif
