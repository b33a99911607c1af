#include "tests/sim/sim_store.h"

#include "base/memory.h"
#include "base/table.h"
#include "tests/sim/sim.h"
#include "tests/sim/sim_late.h"

/* What usual requests and stalled ones take, and how long an outage lasts. */
enum {
    RUN_MS = 4,
    STALL_MS = 3000,
    AWAY_MS = 4000,
    COPY_MS = 4000, /* until the copy is made, and again until it is taken */
    SALT_STORE = 2000
};

/* Back ends ask for the time without saying who they are. */
static const struct sim_store *clock_of;

/* It differs from the nodes' clocks and, with the trouble CLOCK, jumps about; not where the store
 * is set back: a clock that is set back with it can give an epoch twice. */
static uint64_t read_clock(void)
{
    const struct sim *sim = clock_of->sim;
    uint64_t now_ms = sim->clock.now_ms;

    if (sim->plan.has[SIM_CLOCK] && !sim->plan.has[SIM_RESTORE])
        now_ms += (now_ms / 1000 * UINT64_C(7919)) % 60000;
    return 1000000 + now_ms;
}

/* ---- The back end with a fate ---- */

static struct sim_store *store_of(struct backend *backend)
{
    return container_of(backend, struct sim_store, backend);
}

/* OK, or why the request has come to nothing. */
static enum status blocked(const struct sim_store *store)
{
    switch (store->fate) {
    case SIM_FATE_GOOD:
        return STATUS_OK;
    case SIM_FATE_AWAY:
        return STATUS_AWAY;
    case SIM_FATE_FAILED:
    case SIM_FATE_CULPRIT:
        return STATUS_FAILED;
    default:
        return STATUS_UNKNOWN;
    }
}

/* A living owner gives, nobody takes. */
static void check_claim(const struct sim_store *store, const struct store_claim *claim)
{
    const struct sim *sim = store->sim;
    struct store_load now = {.name = claim->name, .seq_max = UINT64_MAX, .time_ms_max = UINT64_MAX};

    if (store->memory->ops->load(store->memory, &now) != STATUS_OK)
        return;
    store_arena_destroy(now.arena);
    for (unsigned i = 0; i < SIM_NODES; i++) {
        const struct sim_node *owner = &sim->nodes[i];

        if (now.row.epoch == claim->seen_epoch && strcmp(owner->name, now.row.owner) == 0 &&
            strcmp(owner->name, claim->node) != 0 && sim_end_surely_lives(&owner->end))
            sim_fail(sim, "%s takes %.*s from %s, which lives", claim->node,
                     SPAN_PRINT(claim->name), owner->name);
    }
}

static bool is_copied(const struct sim_store *store)
{
    return store->copy != NULL && !store->copied;
}

enum status sim_store_claim(struct sim_store *store, struct store_claim *request)
{
    struct store_claim again = *request;

    if (is_copied(store))
        (void)store->copy->ops->claim(store->copy, &again);
    return store->memory->ops->claim(store->memory, request);
}

static enum status claim(struct backend *backend, struct store_claim *request)
{
    struct sim_store *store = store_of(backend);
    enum status status = blocked(store);
    struct store_claim untold = *request;

    if (store->sim->plan.cluster && status == STATUS_OK)
        check_claim(store, request);
    if (status == STATUS_OK)
        return sim_store_claim(store, request);
    if (store->fate == SIM_FATE_UNKNOWN_DONE)
        (void)sim_store_claim(store, &untold);
    else if (store->fate == SIM_FATE_UNKNOWN_LATE)
        sim_late_claim(store, request);
    return status;
}

#define READ(call)                                                                                 \
    static enum status call(struct backend *backend, struct store_##call *request)                 \
    {                                                                                              \
        struct sim_store *store = store_of(backend);                                               \
        enum status status = blocked(store);                                                       \
                                                                                                   \
        return status == STATUS_OK     ? store->memory->ops->call(store->memory, request)          \
               : status == STATUS_AWAY ? status                                                    \
                                       : STATUS_FAILED;                                            \
    }

READ(load)
READ(since)
READ(session)
READ(versions)

static struct sim_log *log_of(const struct sim *sim, struct span name)
{
    for (unsigned i = 0; i < sim->plan.documents; i++)
        if (span_equal(span_of_string(sim->logs[i]->name), name))
            return sim->logs[i];
    sim_fail(sim, "a batch has the document %.*s, which nobody opened", SPAN_PRINT(name));
}

static void land_in_copy(struct sim_store *store, const struct batch_document *documents,
                         size_t count)
{
    struct batch_document *again = memory_copy(documents, count * sizeof(*documents));

    (void)store->copy->ops->commit(store->copy, again, count);
    memory_free(again);
}

enum status sim_store_commit(struct sim_store *store, struct batch_document *documents,
                             size_t count)
{
    if (is_copied(store))
        land_in_copy(store, documents, count);
    enum status status = store->memory->ops->commit(store->memory, documents, count);

    for (size_t i = 0; i < count; i++) {
        sim_trace(store->sim, "store: %.*s: %zu entries on %llu in epoch %llu: %s",
                  SPAN_PRINT(documents[i].name), documents[i].count,
                  (unsigned long long)documents[i].head, (unsigned long long)documents[i].epoch,
                  status_text(documents[i].outcome));
        if (documents[i].outcome == STATUS_OK)
            sim_log_follow(log_of(store->sim, documents[i].name), store->memory);
        else if (documents[i].outcome == STATUS_FENCED)
            sim_tally(SIM_TALLY_FENCED);
    }
    return status;
}

static enum status commit(struct backend *backend, struct batch_document *documents, size_t count)
{
    struct sim_store *store = store_of(backend);

    switch (store->fate) {
    case SIM_FATE_GOOD:
        return sim_store_commit(store, documents, count);
    case SIM_FATE_AWAY:
        return STATUS_AWAY;
    case SIM_FATE_FAILED:
        store->fate = SIM_FATE_GOOD;
        return STATUS_FAILED;
    case SIM_FATE_CULPRIT:
        for (size_t i = 0; i < count; i++)
            if (span_equal(documents[i].name, store->culprit))
                return STATUS_FAILED;
        return sim_store_commit(store, documents, count);
    case SIM_FATE_UNKNOWN_LOST:
        return STATUS_UNKNOWN;
    case SIM_FATE_UNKNOWN_DONE:
        (void)sim_store_commit(store, documents, count);
        return STATUS_UNKNOWN;
    case SIM_FATE_UNKNOWN_LATE:
        sim_late_commit(store, documents, count);
        return STATUS_UNKNOWN;
    }
    return STATUS_FAILED;
}

static const struct backend_ops faulty_ops = {
    .claim = claim,
    .load = load,
    .since = since,
    .session = session,
    .versions = versions,
    .commit = commit,
};

/* All nodes stop, the store becomes what it was, the nodes start again. Nothing that they have sent
 * since arrives any more. */
static void set_back(struct sim_store *store)
{
    struct sim *sim = store->sim;

    sim_trace(sim, "the store is set back");
    sim_socket_cut_all(sim);
    for (unsigned i = 0; i < SIM_NODES; i++)
        sim_node_crash(&sim->nodes[i]);
    sim_late_finish(store);
    store->memory->ops->destroy(store->memory);
    store->memory = store->copy;
    store->copy = NULL;
    for (unsigned i = 0; i < sim->plan.documents; i++)
        sim_log_set_back(sim->logs[i], store->memory);
    for (unsigned i = 0; i < sim->plan.clients; i++)
        for (unsigned at = 0; at < sim->plan.documents; at++)
            sim_presence_begin_anew(&sim->clients[i]->editors[at]);
}

static void copy_or_restore(struct sim_timer *timer)
{
    struct sim_store *store = container_of(timer, struct sim_store, restore);

    if (store->sim->healed)
        return;
    if (store->copied) {
        set_back(store);
        return;
    }
    store->copied = true;
    sim_timer_set(&store->sim->clock, timer, prng_below(&store->prng, COPY_MS));
}

void sim_store_init(struct sim_store *store, struct sim *sim)
{
    *store = (struct sim_store){.sim = sim, .backend.ops = &faulty_ops};
    store->prng = sim_plan_prng(&sim->plan, SALT_STORE);
    clock_of = store;
    store->memory = backend_memory_create(read_clock);
    if (!sim->plan.has[SIM_RESTORE])
        return;
    store->copy = backend_memory_create(read_clock);
    store->restore.fire = copy_or_restore;
    sim_timer_set(&sim->clock, &store->restore, prng_below(&store->prng, COPY_MS));
}

void sim_store_finish(struct sim_store *store)
{
    sim_late_finish(store);
    sim_timer_stop(&store->sim->clock, &store->restore);
    if (store->copy != NULL)
        store->copy->ops->destroy(store->copy);
    store->memory->ops->destroy(store->memory);
}

bool sim_store_is_settled(const struct sim_store *store)
{
    return store->late == NULL;
}

/* ---- One node's front ---- */

static struct sim_front *front_of(struct store *store)
{
    return container_of(store, struct sim_front, store);
}

static struct sim_store *behind(const struct sim_front *front)
{
    return &front->node->sim->store;
}

static enum sim_fate draw_fate(struct sim_store *store)
{
    struct sim *sim = store->sim;
    struct prng *prng = &store->prng;

    if (sim->clock.now_ms < store->away_until_ms)
        return SIM_FATE_AWAY;
    if (sim_strikes(sim, SIM_AWAY, prng, 30)) {
        store->away_until_ms = sim->clock.now_ms + prng_below(prng, AWAY_MS);
        return SIM_FATE_AWAY;
    }
    if (sim_strikes(sim, SIM_FAIL, prng, 7))
        return SIM_FATE_FAILED + (enum sim_fate)prng_below(prng, 2);
    if (sim_strikes(sim, SIM_UNKNOWN, prng, 7))
        return SIM_FATE_UNKNOWN_LOST + (enum sim_fate)prng_below(prng, 3);
    return SIM_FATE_GOOD;
}

static void count(enum sim_fate fate)
{
    if (fate == SIM_FATE_AWAY)
        sim_tally(SIM_TALLY_AWAY);
    else if (fate == SIM_FATE_FAILED || fate == SIM_FATE_CULPRIT)
        sim_tally(SIM_TALLY_FAILED);
    else if (fate != SIM_FATE_GOOD)
        sim_tally(SIM_TALLY_UNKNOWN);
}

static void run(struct sim_store *store, struct store_request *request, enum sim_fate fate)
{
    store->fate = fate;
    store->culprit = SPAN_NONE;
    if (request->call == STORE_COMMIT) {
        struct store_commit *batch = container_of(request, struct store_commit, request);

        store->culprit = batch->documents[prng_below(&store->prng, batch->count)].name;
    }
    store_run(&store->backend, request);
}

static void run_next(struct sim_front *front)
{
    struct sim_store *store = behind(front);
    struct sim *sim = store->sim;
    uint64_t after_ms = sim_delay(&store->prng, RUN_MS);

    if (queue_empty(&front->waiting))
        return;
    if (sim_strikes(sim, SIM_STALL, &store->prng, 10))
        after_ms += prng_below(&store->prng, STALL_MS);
    sim_timer_set(&sim->clock, &front->timer, after_ms);
}

static void has_run(struct sim_timer *timer)
{
    struct sim_front *front = container_of(timer, struct sim_front, timer);
    struct sim_store *store = behind(front);
    struct store_request *request = queue_take(&front->waiting);

    enum sim_fate fate = draw_fate(store);

    count(fate);
    run(store, request, fate);
    sim_trace(store->sim, "store: call %d of %s: %s", request->call, front->node->name,
              status_text(request->status));
    queue_append(&front->done, request);
    sim_node_wake(front->node);
    run_next(front);
}

static void submit(struct store *store, struct store_request *request)
{
    struct sim_front *front = front_of(store);
    bool idle = queue_empty(&front->waiting);

    queue_append(&front->waiting, request);
    if (idle)
        run_next(front);
}

static size_t poll(struct store *store)
{
    struct queue due = queue_take_all(&front_of(store)->done);
    struct store_request *request;
    size_t count = 0;

    while ((request = queue_take(&due)) != NULL) {
        request->done(request);
        count++;
    }
    return count;
}

static const struct store_ops front_ops = {.submit = submit, .poll = poll};

void sim_front_init(struct sim_front *front, struct sim_node *node)
{
    *front = (struct sim_front){.store.ops = &front_ops, .node = node, .timer.fire = has_run};
}

void sim_front_abandon(struct sim_front *front)
{
    struct sim_store *store = behind(front);
    struct store_request *request;
    bool first = true;

    sim_timer_stop(&store->sim->clock, &front->timer);
    poll(&front->store);
    while ((request = queue_take(&front->waiting)) != NULL) {
        /* Only the one that was under way can still happen. */
        enum sim_fate fate = SIM_FATE_UNKNOWN_LOST;

        if (first)
            fate += (enum sim_fate)prng_below(&store->prng, 3);
        first = false;
        run(store, request, fate);
        request->done(request);
    }
    sim_timer_stop(&store->sim->clock, &front->timer);
}
