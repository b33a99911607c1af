#include "tests/sim/sim_late.h"

#include <string.h>

#include "base/memory.h"
#include "base/table.h"
#include "tests/sim/sim.h"

enum { LATE_MS = 5000 };

struct sim_late {
    struct sim_late *prev, *next;
    struct sim_store *store;
    struct sim_timer timer;
    struct store_arena *arena;
    struct batch_document *documents; /* of a commit */
    size_t count;
    struct store_claim claim; /* if it is one */
};

static void destroy(struct sim_late *late)
{
    DL_DELETE(late->store->late, late);
    sim_timer_stop(&late->store->sim->clock, &late->timer);
    store_arena_destroy(late->arena);
    memory_free(late);
}

void sim_late_finish(struct sim_store *store)
{
    while (store->late != NULL)
        destroy(store->late);
}

static struct sim_late *create(struct sim_store *store, void (*lands)(struct sim_timer *timer))
{
    struct sim_late *late = memory_zeroed(1, sizeof(*late));

    late->store = store;
    late->timer.fire = lands;
    late->arena = store_arena_create();
    DL_APPEND(store->late, late);
    sim_timer_set(&store->sim->clock, &late->timer, prng_below(&store->prng, LATE_MS));
    return late;
}

/* ---- Commits ---- */

static void commit_lands(struct sim_timer *timer)
{
    struct sim_late *late = container_of(timer, struct sim_late, timer);

    sim_trace(late->store->sim, "store: a late batch arrives");
    for (size_t i = 0; i < late->count; i++)
        late->documents[i].outcome = STATUS_OK;
    (void)sim_store_commit(late->store, late->documents, late->count);
    for (size_t i = 0; i < late->count; i++)
        sim_tally(late->documents[i].outcome == STATUS_OK ? SIM_TALLY_LATE_DURABLE
                                                          : SIM_TALLY_LATE_FENCED);
    destroy(late);
}

static void *copy_of(struct store_arena *arena, const void *from, size_t size)
{
    void *copy = store_arena_allocate(arena, size);

    if (size > 0)
        memcpy(copy, from, size);
    return copy;
}

static struct version *copy_versions(struct store_arena *arena, const struct batch_document *from)
{
    struct version *copy = copy_of(arena, from->versions, from->version_count * sizeof(*copy));

    for (size_t i = 0; i < from->version_count; i++) {
        copy[i].name = store_arena_copy(arena, from->versions[i].name);
        copy[i].user = store_arena_copy(arena, from->versions[i].user);
    }
    return copy;
}

/* The hub frees what it submitted as soon as it has been told anything. */
static struct batch_document copy_document(struct store_arena *arena,
                                           const struct batch_document *from)
{
    struct batch_document copy = *from;
    struct entry *entries = copy_of(arena, from->entries, from->count * sizeof(*entries));
    struct session_row *rows = copy_of(arena, from->rows, from->row_count * sizeof(*rows));

    for (size_t i = 0; i < from->count; i++)
        entries[i] = store_arena_copy_entry(arena, &from->entries[i]);
    for (size_t i = 0; i < from->row_count; i++)
        rows[i].spent = copy_of(arena, from->rows[i].spent,
                                from->rows[i].spent_count * sizeof(*from->rows[i].spent));
    copy.name = store_arena_copy(arena, from->name);
    copy.entries = entries;
    copy.rows = rows;
    copy.versions = copy_versions(arena, from);
    if (from->snapshot != NULL) {
        struct snapshot *snapshot = copy_of(arena, from->snapshot, sizeof(*snapshot));

        snapshot->type = store_arena_copy(arena, from->snapshot->type);
        snapshot->content = store_arena_copy(arena, from->snapshot->content);
        copy.snapshot = snapshot;
    }
    return copy;
}

void sim_late_commit(struct sim_store *store, const struct batch_document *documents, size_t count)
{
    struct sim_late *late = create(store, commit_lands);

    late->documents = store_arena_allocate(late->arena, count * sizeof(*documents));
    late->count = count;
    for (size_t i = 0; i < count; i++)
        late->documents[i] = copy_document(late->arena, &documents[i]);
}

/* ---- Claims ---- */

static void claim_lands(struct sim_timer *timer)
{
    struct sim_late *late = container_of(timer, struct sim_late, timer);
    struct store_claim *claim = &late->claim;
    enum status status = sim_store_claim(late->store, claim);

    sim_trace(late->store->sim, "store: a late claim of %.*s by %s arrives: %s",
              SPAN_PRINT(claim->name), claim->node, status_text(status));
    sim_tally(status == STATUS_OK ? SIM_TALLY_LATE_CLAIMED : SIM_TALLY_LATE_FENCED);
    destroy(late);
}

void sim_late_claim(struct sim_store *store, const struct store_claim *claim)
{
    struct sim_late *late = create(store, claim_lands);
    size_t node_size = strlen(claim->node) + 1;

    late->claim = (struct store_claim){
        .name = store_arena_copy(late->arena, claim->name),
        .node = copy_of(late->arena, claim->node, node_size),
        .seen_epoch = claim->seen_epoch,
    };
}
