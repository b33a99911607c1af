#include "tools/replay/snapshots.h"

#include "base/memory.h"

static struct store_load load_at(const struct snapshots *snapshots, uint64_t seq_max)
{
    struct store_load load = {
        .request.call = STORE_LOAD,
        .name = snapshots->name,
        .seq_max = seq_max,
        .time_ms_max = UINT64_MAX,
    };

    store_run(snapshots->backend, &load.request);
    return load;
}

static void add(struct snapshots *snapshots, uint64_t seq)
{
    size_t size = (snapshots->left + 1) * sizeof(*snapshots->seqs);

    snapshots->seqs = memory_resize(snapshots->seqs, size);
    snapshots->seqs[snapshots->left++] = seq;
}

/* The back end names the document where it has something to say. */
static enum status failed(const struct snapshots *snapshots, enum status status,
                          struct fault *fault)
{
    struct fault *reason = &snapshots->backend->fault;

    if (reason->text[0] != '\0')
        (void)fault_set(fault, status, "%s", reason->text);
    else
        (void)fault_set(fault, status, "%.*s: %s", SPAN_PRINT(snapshots->name),
                        status_text(status));
    reason->text[0] = '\0';
    return status;
}

enum status snapshots_begin(struct snapshots *snapshots, struct backend *backend, struct span name,
                            struct fault *fault)
{
    *snapshots = (struct snapshots){.backend = backend, .name = name};
    struct store_load load = load_at(snapshots, 0);

    store_arena_destroy(load.arena);
    if (load.request.status != STATUS_OK)
        return failed(snapshots, load.request.status, fault);
    snapshots->row = load.row;
    snapshots->seq_max = load.row.head;
    return STATUS_OK;
}

/* Farther down with every attempt: a log of any length is passed in a few. */
static bool step_down(struct snapshots *snapshots)
{
    snapshots->step = snapshots->step > 0 ? 2 * snapshots->step : 1;
    if (snapshots->seq_max <= snapshots->step)
        return false;
    snapshots->seq_max -= snapshots->step;
    return true;
}

/* Each load finds the next one below. */
enum status snapshots_find(struct snapshots *snapshots, bool *more, struct fault *fault)
{
    struct store_load load = load_at(snapshots, snapshots->seq_max);
    enum status status = load.request.status;
    uint64_t seq = load.snapshot.seq;

    store_arena_destroy(load.arena);
    *more = false;
    if (status == STATUS_FOLDED)
        return STATUS_OK;
    if (status == STATUS_CORRUPT)
        *more = step_down(snapshots);
    if (status != STATUS_OK)
        return failed(snapshots, status, fault);
    snapshots->step = 0;
    *more = seq > 0;
    if (*more) {
        add(snapshots, seq);
        snapshots->seq_max = seq - 1;
    }
    return STATUS_OK;
}

enum status snapshots_list(struct snapshots *snapshots, struct backend *backend, struct span name,
                           struct fault *fault)
{
    enum status status = snapshots_begin(snapshots, backend, name, fault);
    bool more = true;

    while (status == STATUS_OK && more)
        status = snapshots_find(snapshots, &more, fault);
    return status;
}

void snapshots_finish(struct snapshots *snapshots)
{
    memory_free(snapshots->seqs);
    store_arena_destroy(snapshots->arena);
}

uint64_t snapshots_log_begin(const struct snapshots *snapshots)
{
    uint64_t begin = 0;

    if (snapshots->row.folded > 0)
        for (size_t i = 0; i < snapshots->left && snapshots->seqs[i] >= snapshots->row.folded; i++)
            begin = snapshots->seqs[i];
    return begin;
}

enum status snapshots_at(struct snapshots *snapshots, uint64_t seq, struct snapshot *snapshot,
                         struct fault *fault)
{
    while (snapshots->left > 0 && snapshots->seqs[snapshots->left - 1] < seq)
        snapshots->left--;
    if (snapshots->left == 0 || snapshots->seqs[snapshots->left - 1] != seq)
        return STATUS_NOT_FOUND;
    struct store_load load = load_at(snapshots, seq);

    store_arena_destroy(snapshots->arena);
    snapshots->arena = load.arena;
    if (load.request.status != STATUS_OK)
        return failed(snapshots, load.request.status, fault);
    *snapshot = load.snapshot;
    return STATUS_OK;
}
