#include "tests/runner.h"

#include <pthread.h>
#include <semaphore.h>

#include "base/memory.h"
#include "base/prng.h"
#include "tests/store/flaky.h"
#include "tests/store/requests.h"

static uint64_t test_clock(void)
{
    return 1000;
}

/* The loop of a node, without the rest of it. */
struct loop {
    pthread_t thread;
    sem_t woken;
    struct store *store;
    struct flaky *flaky; /* the lane's while a request is submitted */
    size_t reports;
};

struct probe {
    struct store_claim claim;
    struct loop *loop;
    struct probe *then; /* submitted when this one is done */
    size_t reported_as; /* the how-manieth report it was, from 1 */
};

static void wake(void *context)
{
    struct loop *loop = context;

    ck_assert(!pthread_equal(pthread_self(), loop->thread));
    sem_post(&loop->woken);
}

static void setup(struct loop *loop)
{
    *loop = (struct loop){.thread = pthread_self()};
    sem_init(&loop->woken, 0, 0);
    loop->flaky = flaky_create_take(backend_memory_create(test_clock));
    loop->store = store_worker_create_take((struct backend *[STORE_LANES]){&loop->flaky->backend},
                                           wake, loop);
}

static void finish(struct loop *loop)
{
    loop->store->ops->destroy(loop->store);
    sem_destroy(&loop->woken);
}

static size_t poll(struct loop *loop)
{
    return loop->store->ops->poll(loop->store);
}

/* Poll as often as the worker wakes the loop, until so many reports came. */
static void run_until(struct loop *loop, size_t reports)
{
    while (loop->reports < reports) {
        sem_wait(&loop->woken);
        poll(loop);
    }
    ck_assert_uint_eq(loop->reports, reports);
}

static void submit(struct probe *probe)
{
    probe->loop->store->ops->submit(probe->loop->store, &probe->claim.request);
}

static void probe_done(struct store_request *request)
{
    struct probe *probe = container_of(request, struct probe, claim.request);

    ck_assert(pthread_equal(pthread_self(), probe->loop->thread));
    ck_assert_uint_eq(probe->reported_as, 0);
    probe->reported_as = ++probe->loop->reports;
    if (probe->then != NULL)
        submit(probe->then);
}

static void probe_init(struct probe *probe, struct loop *loop)
{
    *probe = (struct probe){
        .claim =
            {
                .request = {.call = STORE_CLAIM, .done = probe_done},
                .name = SPAN("n/1"),
                .node = "node-1",
                .seen_epoch = UINT64_MAX,
            },
        .loop = loop,
    };
}

START_TEST(a_request_is_reported_once_by_poll)
{
    struct loop loop;
    struct probe probe;

    setup(&loop);
    probe_init(&probe, &loop);
    ck_assert_uint_eq(poll(&loop), 0);
    submit(&probe);
    sem_wait(&loop.woken);
    ck_assert_uint_eq(loop.reports, 0);
    ck_assert_uint_eq(poll(&loop), 1);
    ck_assert_int_eq(probe.claim.request.status, STATUS_OK);
    ck_assert_uint_eq(poll(&loop), 0);
    finish(&loop);
}
END_TEST

START_TEST(what_is_submitted_while_reporting_runs_too)
{
    struct loop loop;
    struct probe first;
    struct probe second;

    setup(&loop);
    probe_init(&first, &loop);
    probe_init(&second, &loop);
    first.then = &second;
    submit(&first);
    run_until(&loop, 2);
    ck_assert_uint_eq(first.reported_as, 1);
    ck_assert_uint_eq(second.reported_as, 2);
    finish(&loop);
}
END_TEST

/* However submissions and polls fall together, the order of the first is that of the reports. */
START_TEST(requests_are_run_and_reported_in_the_order_of_submission)
{
    enum { COUNT = 20000 };
    static struct probe probes[COUNT];
    struct loop loop;
    struct prng prng;

    setup(&loop);
    prng_init(&prng, 1);
    for (size_t i = 0; i < COUNT; i++) {
        probe_init(&probes[i], &loop);
        submit(&probes[i]);
        if (prng_below(&prng, 8) == 0)
            poll(&loop);
    }
    run_until(&loop, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        ck_assert_uint_eq(probes[i].reported_as, i + 1);
        ck_assert_uint_eq(probes[i].claim.row.epoch, 1000 + i);
    }
    finish(&loop);
}
END_TEST

START_TEST(a_request_may_be_freed_when_it_is_done)
{
    struct loop loop;
    struct probe *probe = memory_allocate(sizeof(*probe));
    struct probe other;

    setup(&loop);
    probe_init(probe, &loop);
    probe_init(&other, &loop);
    submit(probe);
    run_until(&loop, 1);
    memory_free(probe);
    submit(&other);
    run_until(&loop, 2);
    finish(&loop);
}
END_TEST

START_TEST(the_reason_of_a_failure_is_in_the_store)
{
    struct loop loop;
    struct probe probe;

    setup(&loop);
    probe_init(&probe, &loop);
    loop.flaky->fail_at = 1;
    loop.flaky->status = STATUS_AWAY;
    submit(&probe);
    run_until(&loop, 1);
    ck_assert_int_eq(probe.claim.request.status, STATUS_AWAY);
    ck_assert_str_eq(loop.store->fault.text, "call 1 was told to fail");
    finish(&loop);
}
END_TEST

/* ---- Lanes ---- */

/* A back end whose claims wait at a gate. */
struct gated {
    struct backend backend;
    sem_t gate;
};

static enum status gated_claim(struct backend *backend, struct store_claim *claim)
{
    (void)claim;
    sem_wait(&container_of(backend, struct gated, backend)->gate);
    return STATUS_OK;
}

static void gated_destroy(struct backend *backend)
{
    sem_destroy(&container_of(backend, struct gated, backend)->gate);
}

static const struct backend_ops gated_ops = {.claim = gated_claim, .destroy = gated_destroy};

struct look {
    struct store_load load;
    struct loop *loop;
};

static void look_done(struct store_request *request)
{
    container_of(request, struct look, load.request)->loop->reports++;
}

START_TEST(a_read_does_not_wait_for_a_write)
{
    struct loop loop = {.thread = pthread_self()};
    struct gated gated = {.backend.ops = &gated_ops};
    struct backend *lanes[STORE_LANES] = {
        [STORE_LANE_COMMIT] = &gated.backend,
        [STORE_LANE_READ] = backend_memory_create(test_clock),
    };
    struct look look = {
        .load = {.request = {.call = STORE_LOAD, .done = look_done}, .name = SPAN("n/1")},
        .loop = &loop,
    };
    struct probe probe;

    sem_init(&loop.woken, 0, 0);
    sem_init(&gated.gate, 0, 0);
    loop.store = store_worker_create_take(lanes, wake, &loop);
    probe_init(&probe, &loop);
    submit(&probe);
    loop.store->ops->submit(loop.store, &look.load.request);
    run_until(&loop, 1);
    ck_assert_int_eq(look.load.request.status, STATUS_NOT_FOUND);
    ck_assert_uint_eq(probe.reported_as, 0);
    sem_post(&gated.gate);
    run_until(&loop, 2);
    finish(&loop);
}
END_TEST

START_TEST(what_one_lane_has_lost_is_lost_for_the_store)
{
    struct loop loop;
    struct probe probe;

    setup(&loop);
    probe_init(&probe, &loop);
    submit(&probe);
    run_until(&loop, 1);
    ck_assert(!loop.store->lost);
    loop.flaky->backend.lost = true;
    probe_init(&probe, &loop);
    submit(&probe);
    run_until(&loop, 2);
    ck_assert(loop.store->lost);
    finish(&loop);
}
END_TEST

START_TEST(a_worker_that_never_worked_leaves)
{
    struct loop loop;

    setup(&loop);
    finish(&loop);
}
END_TEST

TEST_MAIN("worker", a_request_is_reported_once_by_poll, what_is_submitted_while_reporting_runs_too,
          requests_are_run_and_reported_in_the_order_of_submission,
          a_request_may_be_freed_when_it_is_done, the_reason_of_a_failure_is_in_the_store,
          a_read_does_not_wait_for_a_write, what_one_lane_has_lost_is_lost_for_the_store,
          a_worker_that_never_worked_leaves)
