/* log_read - entries of a document's log that are not in memory, read from the store for a reader.
 *
 * The reader may go away while the store is busy: then nobody is told. */
#ifndef SERVER_COLLAB_LOG_READ_H
#define SERVER_COLLAB_LOG_READ_H

#include <stddef.h>
#include <stdint.h>

#include "server/store/store.h"

struct log_read;
struct reader;

/* What came: `status` as of store_since. The entries are borrowed for the call, in which the reader
 * may be destroyed. */
struct log_entries {
    enum status status;
    uint64_t epoch; /* of the document's latest claim, when it is OK */
    const struct entry *entries;
    size_t count;
};
typedef void (*log_read_fn)(struct reader *reader, const struct log_entries *read);

/* Read entries `from` + 1 … `to`, at most LIMIT_SINCE_ENTRIES of them; `done` is told, later. The
 * reader has no other read under way. */
void log_read_start(struct reader *reader, uint64_t from, uint64_t to, log_read_fn done);

/* The reader is gone. NULL allowed. */
void log_read_forget(struct log_read *read);

#endif
