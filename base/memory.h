/* memory - allocation that never fails to its caller.
 *
 * Running out of memory aborts: a size that a peer chose has met its limit
 * (base/limits.h) before it meets the allocator, so what is left is ours. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/* `size` bytes with undefined content; `size` 0 gives a pointer that can be freed. */
void *memory_allocate(size_t size);

/* `count` zeroed elements of `size` bytes; aborts when the product overflows. */
void *memory_zeroed(size_t count, size_t size);

/* The block with its new size; `memory` may be NULL. The old pointer is dead. */
void *memory_resize(void *memory, size_t size);

/* A copy of `size` bytes. */
void *memory_copy(const void *source, size_t size);

/* NULL is allowed. */
void memory_free(void *memory);

/* The struct that embeds `member` at `pointer`. */
#define container_of(pointer, type, member)                                                        \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#endif
