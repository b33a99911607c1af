/* Chunks in a list, filled from the front: what is handed out never moves, and everything goes at
 * once. */
#include <stdalign.h>

#include "base/memory.h"
#include "server/store/store.h"

/* Holds what a small read gives, a dozen entries, without a second chunk. */
enum { CHUNK_SIZE = 4096 };

struct chunk {
    struct chunk *next;
    size_t used;
    size_t capacity;
    alignas(max_align_t) uint8_t bytes[];
};

struct store_arena {
    struct chunk *chunks; /* the first one is being filled */
};

struct store_arena *store_arena_create(void)
{
    return memory_zeroed(1, sizeof(struct store_arena));
}

void store_arena_destroy(struct store_arena *arena)
{
    if (arena == NULL)
        return;
    for (struct chunk *chunk = arena->chunks; chunk != NULL;) {
        struct chunk *next = chunk->next;

        memory_free(chunk);
        chunk = next;
    }
    memory_free(arena);
}

static struct chunk *chunk_create(size_t size)
{
    size_t capacity = size > CHUNK_SIZE ? size : CHUNK_SIZE;

    must(capacity <= SIZE_MAX - sizeof(struct chunk));
    struct chunk *chunk = memory_allocate(sizeof(struct chunk) + capacity);
    *chunk = (struct chunk){.capacity = capacity};
    return chunk;
}

/* Large pieces get a chunk of their own behind the one that is being filled, so that its rest is
 * not lost. */
static struct chunk *chunk_for(struct store_arena *arena, size_t size)
{
    struct chunk *first = arena->chunks;

    if (first != NULL && size <= first->capacity - first->used)
        return first;

    struct chunk *chunk = chunk_create(size);
    if (first != NULL && size >= CHUNK_SIZE) {
        chunk->next = first->next;
        first->next = chunk;
    } else {
        chunk->next = first;
        arena->chunks = chunk;
    }
    return chunk;
}

void *store_arena_allocate(struct store_arena *arena, size_t size)
{
    enum { ALIGNMENT = alignof(max_align_t) };

    must(size <= SIZE_MAX - ALIGNMENT);
    size_t rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct chunk *chunk = chunk_for(arena, rounded);
    void *piece = chunk->bytes + chunk->used;

    chunk->used += rounded;
    return piece;
}

struct span store_arena_copy(struct store_arena *arena, struct span bytes)
{
    uint8_t *copy = store_arena_allocate(arena, bytes.size);

    if (bytes.size > 0)
        memcpy(copy, bytes.data, bytes.size);
    return span_of(copy, bytes.size);
}

struct entry store_arena_copy_entry(struct store_arena *arena, const struct entry *entry)
{
    struct entry copy = *entry;

    copy.user = store_arena_copy(arena, entry->user);
    copy.arrived = store_arena_copy(arena, entry->arrived);
    copy.sequenced =
        entry_is_as_it_arrived(entry) ? copy.arrived : store_arena_copy(arena, entry->sequenced);
    return copy;
}
