/* One thread that runs requests in the order of their submission.
 *
 *   loop's thread:  submit --> waiting --+                +--> finished --> poll --> done()
 *   the worker's:                        +-> store_run ->-+        \
 *                                                                   wake()
 *
 * A request belongs to the worker's thread from submit until it is in `finished`; the mutex hands
 * over its content both ways. */
#include <pthread.h>
#include <signal.h>

#include "base/memory.h"
#include "server/store/carrier.h"
#include "server/store/store.h"

struct worker {
    struct store store;
    struct backend *backend; /* the thread's */
    void (*wake)(void *);
    void *context;
    size_t unreported; /* the loop's: submitted and not yet reported */
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* `waiting` or `leaving` */
    /* Under the mutex: */
    struct queue waiting;
    struct queue finished;
    struct fault fault; /* of a finished request */
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

/* ---- The thread ---- */

/* The next request; NULL when it is time to leave. */
static struct store_request *wait_for_request(struct worker *worker)
{
    lock(worker);
    while (queue_empty(&worker->waiting) && !worker->leaving)
        must(pthread_cond_wait(&worker->changed, &worker->mutex) == 0);
    struct store_request *request = queue_take(&worker->waiting);
    unlock(worker);
    return request;
}

/* One wake is enough until the loop has polled. */
static void finish(struct worker *worker, struct store_request *request)
{
    lock(worker);
    bool first = queue_empty(&worker->finished);
    queue_append(&worker->finished, request);
    fault_move(&worker->fault, &worker->backend->fault);
    unlock(worker);
    if (first)
        worker->wake(worker->context);
}

static void *worker_thread(void *argument)
{
    struct worker *worker = argument;
    struct store_request *request;

    while ((request = wait_for_request(worker)) != NULL) {
        store_run(worker->backend, request);
        finish(worker, request);
    }
    return NULL;
}

/* ---- The loop's thread ---- */

static void worker_submit(struct store *store, struct store_request *request)
{
    struct worker *worker = worker_of(store);

    worker->unreported++;
    lock(worker);
    queue_append(&worker->waiting, request);
    unlock(worker);
    must(pthread_cond_signal(&worker->changed) == 0);
}

static size_t worker_poll(struct store *store)
{
    struct worker *worker = worker_of(store);
    struct store_request *request;
    size_t count = 0;

    lock(worker);
    struct queue finished = queue_take_all(&worker->finished);
    fault_move(&store->fault, &worker->fault);
    unlock(worker);

    while ((request = queue_take(&finished)) != NULL) {
        worker->unreported--; /* before `done`, which may submit again, or free the request */
        request->done(request);
        count++;
    }
    return count;
}

static void worker_destroy(struct store *store)
{
    struct worker *worker = worker_of(store);

    must(worker->unreported == 0);
    lock(worker);
    worker->leaving = true;
    unlock(worker);
    must(pthread_cond_signal(&worker->changed) == 0);
    must(pthread_join(worker->thread, NULL) == 0);
    must(pthread_cond_destroy(&worker->changed) == 0);
    must(pthread_mutex_destroy(&worker->mutex) == 0);
    worker->backend->ops->destroy(worker->backend);
    memory_free(worker);
}

static const struct store_ops worker_ops = {
    .submit = worker_submit,
    .poll = worker_poll,
    .destroy = worker_destroy,
};

/* Signals are the loop's: the thread starts with all of them blocked. */
static void start_thread(struct worker *worker)
{
    sigset_t all;
    sigset_t before;

    sigfillset(&all);
    must(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
    must(pthread_create(&worker->thread, NULL, worker_thread, worker) == 0);
    must(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
}

struct store *store_worker_create_take(struct backend *backend, void (*wake)(void *), void *context)
{
    struct worker *worker = memory_zeroed(1, sizeof(*worker));

    worker->store.ops = &worker_ops;
    worker->backend = backend;
    worker->wake = wake;
    worker->context = context;
    must(pthread_mutex_init(&worker->mutex, NULL) == 0);
    must(pthread_cond_init(&worker->changed, NULL) == 0);
    start_thread(worker);
    return &worker->store;
}
