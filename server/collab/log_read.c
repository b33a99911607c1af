#include "server/collab/log_read.h"

#include "base/limits.h"
#include "base/must.h"
#include "server/collab/hub_state.h"
#include "server/collab/reader.h"

struct log_read {
    struct store_since since;
    struct document *document;
    struct reader *reader; /* NULL when it went away meanwhile */
    log_read_fn done;
};

static void came(struct store_request *request)
{
    struct log_read *read = container_of(request, struct log_read, since.request);
    struct reader *reader = read->reader;
    const struct log_entries entries = {
        .status = request->status,
        .epoch = read->since.row.epoch,
        .entries = read->since.entries,
        .count = request->status == STATUS_OK ? read->since.count : 0,
    };

    document_returned(read->document, request);
    if (reader != NULL) {
        reader->log_read = NULL;
        read->done(reader, &entries);
    }
    store_arena_destroy(read->since.arena);
    memory_free(read);
}

void log_read_start(struct reader *reader, uint64_t from, uint64_t to, log_read_fn done)
{
    struct log_read *read = memory_zeroed(1, sizeof(*read));

    must(reader->log_read == NULL && from < to);
    read->document = reader->document;
    read->reader = reader;
    read->done = done;
    read->since = (struct store_since){
        .request = {.call = STORE_SINCE, .done = came},
        .name = document_name(reader->document),
        .from = from,
        .to = to,
        .count_max = LIMIT_SINCE_ENTRIES,
    };
    reader->log_read = read;
    document_submit(reader->document, &read->since.request);
}

void log_read_forget(struct log_read *read)
{
    if (read != NULL)
        read->reader = NULL;
}
