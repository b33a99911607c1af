#include "server/collab/naming.h"

#include <string.h>

#include "base/json_scan.h"
#include "server/collab/hub_state.h"

struct naming {
    struct hub *hub;
    struct namer *namer; /* NULL when it is gone */
    struct store_since since;
    struct store_commit commit;
    struct batch_document part;
    struct version version;
    struct span name;
    uint8_t bytes[]; /* the document's name, the version's, the user's */
};

static void answer(struct naming *naming, enum status status)
{
    if (naming->namer != NULL)
        naming->namer->named(naming->namer, status, &naming->version);
    store_arena_destroy(naming->since.arena);
    memory_free(naming);
}

/* ---- Writing ---- */

static void committed(struct store_request *request)
{
    struct naming *naming = container_of(request, struct naming, commit.request);
    bool written = request->status == STATUS_OK && naming->part.outcome == STATUS_OK;

    hub_returned(naming->hub, request);
    answer(naming, written ? STATUS_OK : STATUS_AWAY);
}

static void write(struct naming *naming)
{
    naming->part = (struct batch_document){
        .name = naming->name,
        .epoch = naming->since.row.epoch,
        .head = naming->since.row.head,
        .versions = &naming->version,
        .version_count = 1,
    };
    naming->commit = (struct store_commit){
        .request = {.call = STORE_COMMIT, .done = committed},
        .documents = &naming->part,
        .count = 1,
    };
    naming->version.time_ms = naming->hub->now_ms;
    hub_submit(naming->hub, &naming->commit.request);
}

/* ---- Looking ---- */

static enum status status_of_look(const struct naming *naming)
{
    const struct store_since *since = &naming->since;

    switch (since->request.status) {
    case STATUS_OK:
        break;
    case STATUS_FOLDED:
        return STATUS_FOLDED;
    case STATUS_NOT_FOUND:
        return STATUS_NOT_CREATED;
    default:
        return STATUS_AWAY;
    }
    if (since->row.head == 0)
        return STATUS_NOT_CREATED;
    return naming->version.seq == UINT64_MAX || naming->version.seq <= since->row.head
               ? STATUS_OK
               : STATUS_BEYOND_HEAD;
}

static void looked(struct store_request *request)
{
    struct naming *naming = container_of(request, struct naming, since.request);
    enum status status = status_of_look(naming);

    hub_returned(naming->hub, request);
    if (naming->version.seq == UINT64_MAX && status == STATUS_OK)
        naming->version.seq = naming->since.row.head;
    if (status == STATUS_OK)
        write(naming);
    else
        answer(naming, status);
}

/* ---- Coming and going ---- */

static struct span copy(struct span bytes, uint8_t **to)
{
    struct span copied = span_of(*to, bytes.size);

    if (bytes.size > 0)
        memcpy(*to, bytes.data, bytes.size);
    *to += bytes.size;
    return copied;
}

struct naming *naming_create(struct hub *hub, struct span name, const struct version *version,
                             struct namer *namer)
{
    size_t size = name.size + version->name.size + version->user.size;
    struct naming *naming = memory_zeroed(1, sizeof(*naming) + size);
    bool any = version->seq == UINT64_MAX;
    uint8_t *to = naming->bytes;

    naming->hub = hub;
    naming->namer = namer;
    naming->name = copy(name, &to);
    naming->version = *version;
    naming->version.name = copy(version->name, &to);
    naming->version.user = copy(version->user, &to);
    naming->since = (struct store_since){
        .request = {.call = STORE_SINCE, .done = looked},
        .name = naming->name,
        .from = any ? JSON_INTEGER_MAX : version->seq, /* no entry is wanted, only the row */
        .to = any ? JSON_INTEGER_MAX : version->seq,
        .count_max = 1,
    };
    hub_submit(hub, &naming->since.request);
    return naming;
}

void naming_forget(struct naming *naming)
{
    naming->namer = NULL;
}
