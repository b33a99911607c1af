/* span - bytes that somebody else owns. Passed by value; never freed. */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
    const uint8_t *data; /* NULL means "absent", which is not the same as empty */
    size_t size;         /* bytes */
};

#define SPAN_NONE ((struct span){0})

/* The bytes of a string literal, without its final zero. */
#define SPAN(literal) ((struct span){(const uint8_t *)(literal), sizeof(literal) - 1})

/* printf("%.*s", SPAN_PRINT(span)) */
#define SPAN_PRINT(span) (int)(span).size, (const char *)(span).data

static inline struct span span_of(const void *data, size_t size)
{
    return (struct span){(const uint8_t *)data, size};
}

static inline struct span span_of_string(const char *text)
{
    return span_of(text, text ? strlen(text) : 0);
}

static inline bool span_present(struct span span)
{
    return span.data != NULL;
}

/* Equal bytes; an absent span equals only an absent or empty one. */
static inline bool span_equal(struct span a, struct span b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/* The same bytes but for the case of ASCII letters. */
static inline bool span_equal_without_case(struct span a, struct span b)
{
    if (a.size != b.size)
        return false;
    for (size_t i = 0; i < a.size; i++) {
        uint8_t both = a.data[i] ^ b.data[i];
        uint8_t letter = a.data[i] | 0x20;

        if (both != 0 && (both != 0x20 || letter < 'a' || letter > 'z'))
            return false;
    }
    return true;
}

/* Order by bytes, a prefix first: below 0, 0, above 0. */
static inline int span_compare(struct span a, struct span b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common > 0 ? memcmp(a.data, b.data, common) : 0;

    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

#endif
