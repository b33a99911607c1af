#include "server/store/build.h"

#include "base/limits.h"
#include "base/memory.h"

static enum status commit(struct backend *backend, struct batch_document document)
{
    struct store_commit commit = {
        .request.call = STORE_COMMIT,
        .documents = &document,
        .count = 1,
    };

    store_run(backend, &commit.request);
    return commit.request.status == STATUS_OK ? document.outcome : commit.request.status;
}

static bool given_up(struct store_build *build)
{
    return atomic_load(&build->given_up);
}

/* What the document was, as a snapshot, and nothing else. */
static enum status write_snapshot(struct backend *backend, const struct store_build *build,
                                  const struct store_load *load)
{
    struct buffer content = {0};
    struct snapshot snapshot = {0};
    enum status status = build->build(load, &content, &snapshot, &backend->fault);

    if (status == STATUS_OK)
        status = commit(backend, (struct batch_document){
                                     .name = build->name,
                                     .epoch = build->epoch,
                                     .head = snapshot.seq,
                                     .snapshot = &snapshot,
                                 });
    buffer_finish(&content);
    return status;
}

/* Let there be a snapshot of the last entry within `seq_max` and `time_ms_max`, and tell its seq.
 */
static enum status ensure_snapshot(struct backend *backend, const struct store_build *build,
                                   uint64_t seq_max, uint64_t time_ms_max, uint64_t *seq)
{
    struct store_load load = {
        .request.call = STORE_LOAD,
        .name = build->name,
        .seq_max = seq_max,
        .time_ms_max = time_ms_max,
    };

    store_run(backend, &load.request);
    enum status status = load.request.status;
    if (status != STATUS_OK)
        return status;
    if (load.row.epoch != build->epoch)
        status = STATUS_FENCED;
    else if (load.count > 0)
        status = write_snapshot(backend, build, &load);
    if (status == STATUS_OK)
        *seq = load.snapshot.seq + load.count;
    store_arena_destroy(load.arena);
    return status;
}

/* Versions that will be folded over are read by their own snapshots from then on. */
static enum status keep_versions(struct backend *backend, struct store_build *build)
{
    struct store_versions versions = {.request.call = STORE_VERSIONS, .name = build->name};

    store_run(backend, &versions.request);
    enum status status = versions.request.status;
    for (size_t i = 0; i < versions.count && status == STATUS_OK; i++) {
        const struct version *version = &versions.versions[i];
        uint64_t seq;

        if (version->seq < build->seq)
            status = ensure_snapshot(backend, build, version->seq, UINT64_MAX, &seq);
        if (status == STATUS_FOLDED)
            status = STATUS_OK; /* it was named when it had been folded already */
        if (given_up(build))
            status = STATUS_LEAVING;
    }
    store_arena_destroy(versions.arena);
    return status;
}

/* Where the log begins: 0 when nothing was folded. */
static enum status find_folded(struct backend *backend, const struct store_build *build,
                               uint64_t *folded)
{
    struct store_since since = {
        .request.call = STORE_SINCE,
        .name = build->name,
        .from = build->seq,
        .to = build->seq,
    };

    store_run(backend, &since.request);
    if (since.request.status == STATUS_OK)
        *folded = since.row.folded;
    store_arena_destroy(since.arena);
    return since.request.status;
}

/* In steps, each a short transaction. */
static enum status fold(struct backend *backend, struct store_build *build)
{
    uint64_t folded = 0;
    enum status status = find_folded(backend, build, &folded);

    while (status == STATUS_OK && folded < build->seq) {
        uint64_t left = build->seq - folded;

        folded += left < LIMIT_FOLD_ENTRIES ? left : LIMIT_FOLD_ENTRIES;
        status = commit(backend, (struct batch_document){
                                     .name = build->name,
                                     .epoch = build->epoch,
                                     .head = build->seq,
                                     .fold = folded,
                                 });
        if (given_up(build))
            status = STATUS_LEAVING;
    }
    return status;
}

enum status build_run(struct backend *backend, struct store_build *build)
{
    build->seq = 0;
    if (given_up(build))
        return STATUS_LEAVING;
    enum status status =
        ensure_snapshot(backend, build, build->seq_max, build->time_ms_max, &build->seq);
    if (status == STATUS_OK && build->fold && build->seq > 0)
        status = keep_versions(backend, build);
    if (status == STATUS_OK && build->fold && build->seq > 0)
        status = fold(backend, build);
    return status;
}
