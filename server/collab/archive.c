#include "server/collab/archive.h"

#include <string.h>

#include "server/store/store.h"

enum { BITS = 7, MORE = 0x80 };

static uint8_t take_byte(struct archive *archive)
{
    if (archive->in.size == 0) {
        archive->failed = true;
        return 0;
    }
    uint8_t byte = *archive->in.data;

    archive->in = span_of(archive->in.data + 1, archive->in.size - 1);
    return byte;
}

static uint64_t read_number(struct archive *archive)
{
    uint64_t number = 0;

    for (unsigned i = 0; i < ARCHIVE_NUMBER_BYTES_MAX; i++) {
        uint8_t byte = take_byte(archive);

        number |= (uint64_t)(byte & ~MORE & 0xFF) << (BITS * i);
        if ((byte & MORE) == 0)
            return archive->failed ? 0 : number;
    }
    archive->failed = true;
    return 0;
}

size_t archive_write_number(uint8_t *at, uint64_t number)
{
    size_t size = 0;

    for (; number >= MORE; number >>= BITS)
        at[size++] = (uint8_t)(number | MORE);
    at[size++] = (uint8_t)number;
    return size;
}

static void write_number(struct buffer *out, uint64_t number)
{
    buffer_grow(out, archive_write_number(buffer_reserve(out, ARCHIVE_NUMBER_BYTES_MAX), number));
}

void archive_number(struct archive *archive, uint64_t *number)
{
    if (archive_reads(archive))
        *number = read_number(archive);
    else
        write_number(archive->out, *number);
}

void archive_signed(struct archive *archive, int64_t *number)
{
    /* 0, −1, 1, −2, 2 … as 0, 1, 2, 3, 4 … */
    uint64_t folded = ((uint64_t)*number << 1) ^ (*number < 0 ? UINT64_MAX : 0);

    archive_number(archive, &folded);
    *number = (int64_t)((folded >> 1) ^ ((folded & 1) ? UINT64_MAX : 0));
}

void archive_byte(struct archive *archive, uint8_t *byte)
{
    if (archive_reads(archive))
        *byte = take_byte(archive);
    else
        buffer_append_byte(archive->out, *byte);
}

static struct span take(struct archive *archive, uint64_t size)
{
    if (size > archive->in.size) {
        archive->failed = true;
        size = 0;
    }
    struct span taken = span_of(archive->in.data, (size_t)size);

    archive->in = span_of(archive->in.data + size, archive->in.size - (size_t)size);
    return taken;
}

void archive_bytes(struct archive *archive, struct span *bytes)
{
    if (!archive_reads(archive)) {
        write_number(archive->out, span_present(*bytes) ? (uint64_t)bytes->size + 1 : 0);
        buffer_append(archive->out, *bytes);
        return;
    }
    uint64_t size = read_number(archive);

    *bytes = size > 0 ? take(archive, size - 1) : SPAN_NONE;
}

void archive_block(struct archive *archive, void *block, size_t size)
{
    if (!archive_reads(archive)) {
        buffer_append(archive->out, span_of(block, size));
        return;
    }
    struct span taken = take(archive, size);

    if (archive->failed)
        memset(block, 0, size);
    else
        memcpy(block, taken.data, size);
}

void *archive_list(struct archive *archive, const void *list, size_t *count, size_t size)
{
    if (!archive_reads(archive)) {
        write_number(archive->out, *count);
        return (void *)(uintptr_t)list;
    }
    uint64_t announced = read_number(archive);

    if (announced > archive->in.size) { /* each thing has a byte at least */
        archive->failed = true;
        announced = 0;
    }
    *count = (size_t)announced;
    if (announced == 0)
        return NULL;
    void *made = store_arena_allocate(archive->arena, *count * size);

    return memset(made, 0, *count * size);
}
