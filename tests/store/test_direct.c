#include "tests/runner.h"

#include "base/memory.h"
#include "tests/store/flaky.h"
#include "tests/store/requests.h"

static uint64_t test_clock(void)
{
    return 1000;
}

struct probe {
    struct store_claim claim;
    struct store *store;
    struct probe *then; /* submitted when this one is done */
    int reports;
};

static void probe_submit(struct probe *probe)
{
    probe->store->ops->submit(probe->store, &probe->claim.request);
}

static void probe_done(struct store_request *request)
{
    struct probe *probe = container_of(request, struct probe, claim.request);

    probe->reports++;
    if (probe->then != NULL)
        probe_submit(probe->then);
}

static struct probe probe_of(struct store *store, const char *name)
{
    return (struct probe){
        .claim =
            {
                .request = {.call = STORE_CLAIM, .done = probe_done},
                .name = span_of_string(name),
                .node = "node-1",
            },
        .store = store,
    };
}

START_TEST(a_request_is_reported_once_at_the_next_poll)
{
    struct store *store = store_direct_create_take(backend_memory_create(test_clock));
    struct probe probe = probe_of(store, "n/1");

    ck_assert_uint_eq(store->ops->poll(store), 0);
    probe_submit(&probe);
    ck_assert_int_eq(probe.reports, 0);
    ck_assert_uint_eq(store->ops->poll(store), 1);
    ck_assert_int_eq(probe.reports, 1);
    ck_assert_int_eq(probe.claim.request.status, STATUS_OK);
    ck_assert_uint_eq(store->ops->poll(store), 0);
    ck_assert_int_eq(probe.reports, 1);
    store->ops->destroy(store);
}
END_TEST

START_TEST(requests_run_in_the_order_of_their_submission)
{
    struct store *store = store_direct_create_take(backend_memory_create(test_clock));
    struct probe probes[3];

    for (size_t i = 0; i < 3; i++) {
        probes[i] = probe_of(store, "n/1");
        probes[i].claim.seen_epoch = UINT64_MAX;
        probe_submit(&probes[i]);
    }
    ck_assert_uint_eq(store->ops->poll(store), 3);
    for (size_t i = 0; i < 3; i++)
        ck_assert_uint_eq(probes[i].claim.row.epoch, 1000 + i);
    store->ops->destroy(store);
}
END_TEST

START_TEST(what_is_submitted_while_reporting_waits_for_the_next_poll)
{
    struct store *store = store_direct_create_take(backend_memory_create(test_clock));
    struct probe second = probe_of(store, "n/2");
    struct probe first = probe_of(store, "n/1");

    first.then = &second;
    probe_submit(&first);
    ck_assert_uint_eq(store->ops->poll(store), 1);
    ck_assert_int_eq(second.reports, 0);
    ck_assert_uint_eq(store->ops->poll(store), 1);
    ck_assert_int_eq(second.reports, 1);
    store->ops->destroy(store);
}
END_TEST

START_TEST(the_reason_of_a_failure_is_in_the_store)
{
    struct flaky *flaky = flaky_create_take(backend_memory_create(test_clock));
    struct store *store = store_direct_create_take(&flaky->backend);
    struct probe probe = probe_of(store, "n/1");

    flaky->fail_at = 1;
    flaky->status = STATUS_AWAY;
    probe_submit(&probe);
    ck_assert_str_eq(store->fault.text, "");
    ck_assert_uint_eq(store->ops->poll(store), 1);
    ck_assert_str_eq(store->fault.text, "call 1 was told to fail");
    store->fault.text[0] = '\0';
    ck_assert_uint_eq(store->ops->poll(store), 0);
    ck_assert_str_eq(store->fault.text, "");
    store->ops->destroy(store);
}
END_TEST

TEST_MAIN("direct", a_request_is_reported_once_at_the_next_poll,
          requests_run_in_the_order_of_their_submission,
          what_is_submitted_while_reporting_waits_for_the_next_poll,
          the_reason_of_a_failure_is_in_the_store)
