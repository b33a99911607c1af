/* archive - values to bytes and back, described once for both ways.
 *
 *     archive_number(archive, &entry->seq);
 *     archive_bytes(archive, &entry->user);
 *
 * writes the two when the archive writes, and reads them when it reads, so the two ways cannot
 * drift apart. Numbers are LEB128; bytes are their size + 1 and themselves, 0 is an absent span.
 * Reading never fails where it is called: the archive remembers that it has failed, and gives zeros
 * from there on. */
#ifndef SERVER_COLLAB_ARCHIVE_H
#define SERVER_COLLAB_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/span.h"

struct store_arena;

enum { ARCHIVE_NUMBER_BYTES_MAX = 10 };

struct archive {
    struct buffer *out;        /* writing: where to; NULL while reading */
    struct span in;            /* reading: what is left */
    bool failed;               /* reading: it was not what was described */
    struct store_arena *arena; /* reading: what the lists live in */
};

static inline bool archive_reads(const struct archive *archive)
{
    return archive->out == NULL;
}

/* Write one number to where there is room for the largest; returns its size. */
size_t archive_write_number(uint8_t *at, uint64_t number);

void archive_number(struct archive *archive, uint64_t *number);

/* Near zero either way. */
void archive_signed(struct archive *archive, int64_t *number);

void archive_byte(struct archive *archive, uint8_t *byte);

/* Read bytes are borrowed from what is read. */
void archive_bytes(struct archive *archive, struct span *bytes);

/* So many bytes that lie in a struct. */
void archive_block(struct archive *archive, void *block, size_t size);

/* A number of things of `size` bytes each that follow: reading makes room for them in the arena,
 * zeroed. A count that the rest of the bytes cannot hold fails. */
void *archive_list(struct archive *archive, const void *list, size_t *count, size_t size);

#endif
