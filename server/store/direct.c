/* Requests run inside poll, in the order of their submission: no thread, so the same submissions
 * give the same outcomes at the same place, every time. */
#include "base/memory.h"
#include "server/store/carrier.h"
#include "server/store/store.h"

struct direct {
    struct store store;
    struct backend *backend;
    struct queue waiting;
};

static struct direct *direct_of(struct store *store)
{
    return container_of(store, struct direct, store);
}

static void direct_submit(struct store *store, struct store_request *request)
{
    queue_append(&direct_of(store)->waiting, request);
}

static size_t direct_poll(struct store *store)
{
    struct direct *direct = direct_of(store);
    struct queue due = queue_take_all(&direct->waiting); /* what `done` submits waits its turn */
    struct store_request *request;
    size_t count = 0;

    while ((request = queue_take(&due)) != NULL) {
        store_run(direct->backend, request);
        fault_move(&store->fault, &direct->backend->fault);
        store->lost |= direct->backend->lost;
        request->done(request);
        count++;
    }
    return count;
}

static void direct_destroy(struct store *store)
{
    struct direct *direct = direct_of(store);

    must(queue_empty(&direct->waiting));
    direct->backend->ops->destroy(direct->backend);
    memory_free(direct);
}

static const struct store_ops direct_ops = {
    .submit = direct_submit,
    .poll = direct_poll,
    .destroy = direct_destroy,
};

struct store *store_direct_create_take(struct backend *backend)
{
    struct direct *direct = memory_zeroed(1, sizeof(*direct));

    direct->store.ops = &direct_ops;
    direct->backend = backend;
    return &direct->store;
}
