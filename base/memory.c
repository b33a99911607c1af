#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"

void *memory_allocate(size_t size)
{
    void *memory = malloc(size ? size : 1);
    must(memory != NULL);
    return memory;
}

void *memory_zeroed(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size ? size : 1);
    must(memory != NULL);
    return memory;
}

void *memory_resize(void *memory, size_t size)
{
    void *moved = realloc(memory, size ? size : 1);
    must(moved != NULL);
    return moved;
}

void *memory_copy(const void *source, size_t size)
{
    void *copy = memory_allocate(size);
    if (size > 0)
        memcpy(copy, source, size);
    return copy;
}

void memory_free(void *memory)
{
    free(memory);
}
