/* buffer - bytes that grow at the end. The owner of a zeroed buffer has an empty one. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/must.h"
#include "base/span.h"

struct buffer {
    uint8_t *data;   /* NULL until the first byte */
    size_t size;     /* bytes in use */
    size_t capacity; /* bytes allocated */
};

/* Free the bytes; the buffer is empty and usable again. */
void buffer_finish(struct buffer *buffer);

/* Make room for `more` bytes behind the content; returns where they go. They count
 * only once buffer_grow() says so. */
uint8_t *buffer_reserve(struct buffer *buffer, size_t more);

/* Count `size` bytes that were written where buffer_reserve() pointed. */
void buffer_grow(struct buffer *buffer, size_t size);

void buffer_append(struct buffer *buffer, struct span bytes);
void buffer_append_byte(struct buffer *buffer, uint8_t byte);

/* Text without its final zero. */
void buffer_append_text(struct buffer *buffer, const char *text);
void buffer_append_format(struct buffer *buffer, const char *format, ...) PRINTF_LIKE(2, 3);
void buffer_append_values(struct buffer *buffer, const char *format, va_list values)
    PRINTF_LIKE(2, 0);

/* A decimal integer, without locale or printf. */
void buffer_append_unsigned(struct buffer *buffer, uint64_t value);
void buffer_append_signed(struct buffer *buffer, int64_t value);

/* Drop `size` bytes at the front; the rest moves down. */
void buffer_consume(struct buffer *buffer, size_t size);

/* Forget the content, keep the memory. */
void buffer_clear(struct buffer *buffer);

/* The content; borrowed until the buffer changes. Present even when empty. */
struct span buffer_span(const struct buffer *buffer);

/* Hand the content over: the caller frees the result with memory_free(). The buffer
 * is empty afterwards. An empty buffer gives a pointer that can be freed. */
uint8_t *buffer_release(struct buffer *buffer);

#endif
