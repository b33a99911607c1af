#include "base/buffer.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"

enum { FIRST_CAPACITY = 64, DIGITS_MAX = 20 };

void buffer_finish(struct buffer *buffer)
{
    memory_free(buffer->data);
    *buffer = (struct buffer){0};
}

uint8_t *buffer_reserve(struct buffer *buffer, size_t more)
{
    must(more <= SIZE_MAX - buffer->size);
    size_t needed = buffer->size + more;

    if (needed > buffer->capacity || buffer->data == NULL) {
        size_t capacity = buffer->capacity ? buffer->capacity : FIRST_CAPACITY;

        while (capacity < needed)
            capacity = capacity > SIZE_MAX / 2 ? needed : capacity * 2;
        buffer->data = memory_resize(buffer->data, capacity);
        buffer->capacity = capacity;
    }
    return buffer->data + buffer->size;
}

void buffer_grow(struct buffer *buffer, size_t size)
{
    must(size <= buffer->capacity - buffer->size);
    buffer->size += size;
}

void buffer_append(struct buffer *buffer, struct span bytes)
{
    if (bytes.size == 0)
        return;
    memcpy(buffer_reserve(buffer, bytes.size), bytes.data, bytes.size);
    buffer->size += bytes.size;
}

void buffer_append_byte(struct buffer *buffer, uint8_t byte)
{
    *buffer_reserve(buffer, 1) = byte;
    buffer->size++;
}

void buffer_append_text(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, span_of_string(text));
}

void buffer_append_values(struct buffer *buffer, const char *format, va_list values)
{
    va_list again;

    must(format != NULL);
    va_copy(again, values);
    int size = vsnprintf(NULL, 0, format, values);
    must(size >= 0);
    uint8_t *end = buffer_reserve(buffer, (size_t)size + 1);
    vsnprintf((char *)end, (size_t)size + 1, format, again);
    buffer->size += (size_t)size;
    va_end(again);
}

void buffer_append_format(struct buffer *buffer, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    buffer_append_values(buffer, format, values);
    va_end(values);
}

void buffer_append_unsigned(struct buffer *buffer, uint64_t value)
{
    uint8_t digits[DIGITS_MAX];
    size_t at = DIGITS_MAX;

    do {
        digits[--at] = (uint8_t)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    buffer_append(buffer, span_of(digits + at, DIGITS_MAX - at));
}

void buffer_append_signed(struct buffer *buffer, int64_t value)
{
    if (value < 0)
        buffer_append_byte(buffer, '-');
    buffer_append_unsigned(buffer, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void buffer_consume(struct buffer *buffer, size_t size)
{
    must(size <= buffer->size);
    if (size == 0)
        return;
    buffer->size -= size;
    if (buffer->size > 0)
        memmove(buffer->data, buffer->data + size, buffer->size);
}

void buffer_clear(struct buffer *buffer)
{
    buffer->size = 0;
}

struct span buffer_span(const struct buffer *buffer)
{
    return span_of(buffer->data ? buffer->data : (const uint8_t *)"", buffer->size);
}

uint8_t *buffer_release(struct buffer *buffer)
{
    uint8_t *data = buffer->data ? buffer->data : memory_allocate(0);

    *buffer = (struct buffer){0};
    return data;
}
