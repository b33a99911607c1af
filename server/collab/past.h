/* past - what a reading has brought: a state, or a part of the log. */
#ifndef SERVER_COLLAB_PAST_H
#define SERVER_COLLAB_PAST_H

#include <stdbool.h>

#include "base/buffer.h"
#include "server/store/store.h"

struct text_blame;
struct type;

/* Borrowed for the call that brings it. */
struct past {
    /* OK, or NOT_CREATED: the store knows no such document. BEYOND_HEAD: it has not come so far.
     * FOLDED: that is not kept any more. NO_VERSION: nothing has this name. BROKEN: what is stored
     * cannot be read. AWAY: try again. */
    enum status status;
    struct span name; /* of the document */
    bool is_log;
    bool is_versions;

    /* A state: after the entry `seq`, which was written in `epoch` at `time_ms`. */
    uint64_t seq;
    uint64_t epoch;
    uint64_t time_ms;
    const struct type *type; /* NULL: the document did not exist */
    struct span content;     /* canonical JSON */

    /* Entries: as many as one answer holds; `next` is the first one left out, 0 when that was all.
     */
    const struct entry *entries;
    size_t count;
    uint64_t next;

    /* Of a text at `seq`: who wrote what; NULL unless that was asked. `content` is absent then. */
    const struct text_blame *blame;

    /* Named versions, by seq. */
    const struct version *versions;
    size_t version_count;
};

/* Append one entry as a JSON object: who did what, and when. */
void past_write_entry(const struct entry *entry, struct buffer *out);

/* Append the runs of the blame as elements of a JSON array, behind its bracket. */
void past_write_runs(const struct past *past, struct buffer *out);

/* Append the entries as elements of a JSON array, behind its bracket. */
void past_write_entries(const struct past *past, struct buffer *out);

#endif
