/* recording - people's typing, recorded edit by edit, as a file.
 *
 *   sequential   {"startContent":…, "endContent":…, "txns":[{"patches":[[at, deleted, "inserted"],
 * …]}, …]} script       {"agents":2, "edits":…, "endContent":…}
 *                {"a":agent, "seen":k, "p":[[at, deleted, "inserted"], …]}        a line each
 *
 * In a script, agent `a` had seen the first k edits and its own when it made this one, and the
 * order of the lines is that of the server. A sequential recording is a script of one agent that
 * has seen everything. Edits are numbered from 1. */
#ifndef TOOLS_TUTTI_RECORDING_H
#define TOOLS_TUTTI_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/fault.h"

struct recording_patch {
    uint64_t at_points;
    uint64_t deleted_points;
    size_t inserted; /* where its text begins in `texts`, and how many bytes it has */
    size_t inserted_size;
};

struct recording_edit {
    size_t agent; /* from 0 */
    size_t seen;  /* number of the last edit of others that it was made after */
    size_t first; /* its patches, one made after the other */
    size_t count;
};

struct recording {
    size_t agents;
    struct buffer start;          /* the text that it begins with, UTF-8 */
    struct buffer end;            /* … and ends with */
    struct recording_edit *edits; /* number 1 is edits[0] */
    size_t count;
    struct recording_patch *patches;
    size_t patches_count;
    struct buffer texts;
};

/* Read a file of either form, gzipped or not. FAILED when it cannot be read, MALFORMED_DOCUMENT
 * when it is no recording. `recording` needs recording_finish() in every case. */
MUST_CHECK enum status recording_read(struct recording *recording, const char *path,
                                      struct fault *fault);

/* The same from the bytes of such a file. */
MUST_CHECK enum status recording_parse(struct recording *recording, struct span bytes,
                                       struct fault *fault);

void recording_finish(struct recording *recording);

/* Append a patch as an operation of `text`, JSON. */
void recording_write_operation(const struct recording *recording,
                               const struct recording_patch *patch, struct buffer *out);

#endif
