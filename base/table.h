/* table - uthash and utlist, with our allocator. Include this, never the two themselves. */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include "base/memory.h"

#define uthash_malloc(size) memory_allocate(size)
#define uthash_free(pointer, size) memory_free(pointer)

#include <uthash.h>
#include <utlist.h>

#endif
