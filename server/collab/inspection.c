#include "server/collab/inspection.h"

#include "server/collab/hub_state.h"

static uint64_t inbox_of(const struct document *document)
{
    const struct submission *submission;
    uint64_t count = 0;

    DL_COUNT(document->inbox, submission, count);
    return count;
}

static void add_documents(const struct hub *hub, struct inspection_queues *queues)
{
    const struct document *document;

    for (document = hub->documents; document != NULL; document = document->hh.next) {
        queues->inbox += inbox_of(document);
        queues->tentative += document->history.head - document->committed;
    }
}

struct inspection inspection_of(const struct hub *hub)
{
    struct inspection inspection = {
        .counts = hub->counts,
        .sessions = HASH_COUNT(hub->sessions),
        .queues =
            {
                .batch_in_flight = hub->batch.in_flight,
                .requests = hub->requests,
                .behind = hub->readers[READER_LOG],
            },
    };
    const struct link *link;

    for (size_t state = 0; state < READER_CLOSED; state++)
        inspection.readers += hub->readers[state];
    DL_FOREACH (hub->links, link)
        inspection.queues.output_bytes += link_private_size(link);
    add_documents(hub, &inspection.queues);
    return inspection;
}
