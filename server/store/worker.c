/* One thread for each lane, which runs the lane's requests in the order of their submission.
 *
 *   loop's thread:  submit --> waiting --+                +--> finished --> poll --> done()
 *   the lane's:                          +-> store_run ->-+        \
 *                                                                   wake()
 *
 * A request belongs to its lane's thread from submit until it is in `finished`; the mutex hands
 * over its content both ways. */
#include <pthread.h>
#include <signal.h>

#include "base/memory.h"
#include "server/store/carrier.h"
#include "server/store/store.h"

struct lane {
    struct worker *worker;
    struct backend *backend; /* the thread's; NULL when the lane of the commits does its work */
    pthread_t thread;
    pthread_cond_t changed; /* `waiting`, or the worker's `leaving` */
    struct queue waiting;   /* under the worker's mutex */
};

struct worker {
    struct store store;
    struct lane lanes[STORE_LANES];
    void (*wake)(void *);
    void *context;
    size_t unreported; /* the loop's: submitted and not yet reported */
    pthread_mutex_t mutex;
    /* Under the mutex: */
    struct queue finished;
    struct fault fault; /* of a finished request */
    bool lost;          /* a back end has said so */
    bool leaving;
};

static struct worker *worker_of(struct store *store)
{
    return container_of(store, struct worker, store);
}

static void lock(struct worker *worker)
{
    must(pthread_mutex_lock(&worker->mutex) == 0);
}

static void unlock(struct worker *worker)
{
    must(pthread_mutex_unlock(&worker->mutex) == 0);
}

/* ---- A lane's thread ---- */

/* The next request; NULL when it is time to leave. */
static struct store_request *wait_for_request(struct lane *lane)
{
    struct worker *worker = lane->worker;

    lock(worker);
    while (queue_empty(&lane->waiting) && !worker->leaving)
        must(pthread_cond_wait(&lane->changed, &worker->mutex) == 0);
    struct store_request *request = queue_take(&lane->waiting);
    unlock(worker);
    return request;
}

/* One wake is enough until the loop has polled. */
static void finish(struct lane *lane, struct store_request *request)
{
    struct worker *worker = lane->worker;

    lock(worker);
    bool first = queue_empty(&worker->finished);
    queue_append(&worker->finished, request);
    fault_move(&worker->fault, &lane->backend->fault);
    worker->lost |= lane->backend->lost;
    unlock(worker);
    if (first)
        worker->wake(worker->context);
}

static void *run_lane(void *argument)
{
    struct lane *lane = argument;
    struct store_request *request;

    while ((request = wait_for_request(lane)) != NULL) {
        store_run(lane->backend, request);
        finish(lane, request);
    }
    return NULL;
}

/* ---- The loop's thread ---- */

static struct lane *lane_of(struct worker *worker, enum store_call call)
{
    static const enum store_lane lanes[] = {
        [STORE_CLAIM] = STORE_LANE_COMMIT,  [STORE_LOAD] = STORE_LANE_READ,
        [STORE_SINCE] = STORE_LANE_READ,    [STORE_SESSION] = STORE_LANE_READ,
        [STORE_VERSIONS] = STORE_LANE_READ, [STORE_COMMIT] = STORE_LANE_COMMIT,
        [STORE_BUILD] = STORE_LANE_BUILD,
    };
    struct lane *lane = &worker->lanes[lanes[call]];

    return lane->backend != NULL ? lane : &worker->lanes[STORE_LANE_COMMIT];
}

static void worker_submit(struct store *store, struct store_request *request)
{
    struct worker *worker = worker_of(store);
    struct lane *lane = lane_of(worker, request->call);

    worker->unreported++;
    lock(worker);
    queue_append(&lane->waiting, request);
    unlock(worker);
    must(pthread_cond_signal(&lane->changed) == 0);
}

static size_t worker_poll(struct store *store)
{
    struct worker *worker = worker_of(store);
    struct store_request *request;
    size_t count = 0;

    lock(worker);
    struct queue finished = queue_take_all(&worker->finished);
    fault_move(&store->fault, &worker->fault);
    store->lost = worker->lost;
    unlock(worker);

    while ((request = queue_take(&finished)) != NULL) {
        worker->unreported--; /* before `done`, which may submit again, or free the request */
        request->done(request);
        count++;
    }
    return count;
}

/* ---- Coming and going ---- */

/* Signals are the loop's: the thread starts with all of them blocked. */
static void start_lane(struct worker *worker, struct lane *lane, struct backend *backend)
{
    sigset_t all;
    sigset_t before;

    lane->worker = worker;
    lane->backend = backend;
    if (backend == NULL)
        return;
    must(pthread_cond_init(&lane->changed, NULL) == 0);
    sigfillset(&all);
    must(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
    must(pthread_create(&lane->thread, NULL, run_lane, lane) == 0);
    must(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
}

/* All lanes have been told to leave. */
static void end_lane(struct lane *lane)
{
    if (lane->backend == NULL)
        return;
    must(pthread_cond_signal(&lane->changed) == 0);
    must(pthread_join(lane->thread, NULL) == 0);
    must(pthread_cond_destroy(&lane->changed) == 0);
    lane->backend->ops->destroy(lane->backend);
}

static void worker_destroy(struct store *store)
{
    struct worker *worker = worker_of(store);

    must(worker->unreported == 0);
    lock(worker);
    worker->leaving = true;
    unlock(worker);
    for (size_t lane = 0; lane < STORE_LANES; lane++)
        end_lane(&worker->lanes[lane]);
    must(pthread_mutex_destroy(&worker->mutex) == 0);
    memory_free(worker);
}

static const struct store_ops worker_ops = {
    .submit = worker_submit,
    .poll = worker_poll,
    .destroy = worker_destroy,
};

struct store *store_worker_create_take(struct backend *const lanes[STORE_LANES],
                                       void (*wake)(void *), void *context)
{
    struct worker *worker = memory_zeroed(1, sizeof(*worker));

    must(lanes[STORE_LANE_COMMIT] != NULL);
    worker->store.ops = &worker_ops;
    worker->wake = wake;
    worker->context = context;
    must(pthread_mutex_init(&worker->mutex, NULL) == 0);
    for (size_t lane = 0; lane < STORE_LANES; lane++)
        start_lane(worker, &worker->lanes[lane], lanes[lane]);
    return &worker->store;
}
