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

/* Each load finds the next one below. */
enum status snapshots_list(struct snapshots *snapshots, struct backend *backend, struct span name,
                           struct fault *fault)
{
    uint64_t seq_max = UINT64_MAX;
    bool more = true;

    *snapshots = (struct snapshots){.backend = backend, .name = name};
    while (more) {
        struct store_load load = load_at(snapshots, seq_max);
        enum status status = load.request.status;
        uint64_t seq = load.snapshot.seq;

        store_arena_destroy(load.arena);
        if (status == STATUS_FOLDED)
            break;
        if (status != STATUS_OK)
            return fault_set(fault, status, "%.*s: %s", SPAN_PRINT(name),
                             backend->fault.text[0] != '\0' ? backend->fault.text
                                                            : status_text(status));
        snapshots->row = load.row;
        more = seq > 0;
        if (more) {
            add(snapshots, seq);
            seq_max = seq - 1;
        }
    }
    return STATUS_OK;
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

bool snapshots_at(struct snapshots *snapshots, uint64_t seq, struct snapshot *snapshot)
{
    while (snapshots->left > 0 && snapshots->seqs[snapshots->left - 1] < seq)
        snapshots->left--;
    if (snapshots->left == 0 || snapshots->seqs[snapshots->left - 1] != seq)
        return false;
    struct store_load load = load_at(snapshots, seq);

    store_arena_destroy(snapshots->arena);
    snapshots->arena = load.arena;
    if (load.request.status != STATUS_OK)
        return false;
    *snapshot = load.snapshot;
    return true;
}
