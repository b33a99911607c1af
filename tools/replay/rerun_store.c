/* The store of the first run: it answers what that one answered, when it did. */
#include "tools/replay/rerun_inner.h"

#include <inttypes.h>

static void rerun_submit(struct store *store, struct store_request *request)
{
    struct rerun *rerun = container_of(store, struct rerun, store);
    struct store_request **last = &rerun->pending;

    while (*last != NULL)
        last = &(*last)->next;
    request->next = NULL;
    *last = request;
}

static size_t rerun_poll(struct store *store)
{
    (void)store; /* the records say when something comes back */
    return 0;
}

static void rerun_destroy(struct store *store)
{
    (void)store;
}

const struct store_ops rerun_store_ops = {
    .submit = rerun_submit, .poll = rerun_poll, .destroy = rerun_destroy};

static struct store_request *take_pending(struct rerun *rerun, uint64_t number)
{
    struct store_request **at = &rerun->pending;

    while (*at != NULL && (*at)->number != number)
        at = &(*at)->next;
    struct store_request *request = *at;

    if (request != NULL)
        *at = request->next;
    return request;
}

static bool has_arena(const struct store_request *request)
{
    return request->status == STATUS_OK &&
           (request->call == STORE_LOAD || request->call == STORE_SINCE ||
            request->call == STORE_SESSION || request->call == STORE_VERSIONS);
}

void rerun_give_back(struct rerun *rerun, const struct capture_record *record)
{
    struct store_request *request = take_pending(rerun, record->number);
    struct archive archive = {.in = record->text};

    if (request == NULL) {
        rerun_stop(rerun, RERUN_DIFFERS,
                   "request %" PRIu64 " came back, and was not made in this run", record->number);
        return;
    }
    archive.arena = store_arena_create();
    capture_describe_outcome(&archive, request);
    if (!has_arena(request))
        store_arena_destroy(archive.arena);
    if (archive.failed || archive.in.size > 0)
        rerun_stop(rerun, RERUN_DIFFERS, "request %" PRIu64 " was another one in this run",
                   record->number);
    else if (rerun->returned != NULL && request->status == STATUS_OK)
        rerun->returned(rerun, request);
    request->done(request);
}
