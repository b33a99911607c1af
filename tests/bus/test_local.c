#include "tests/bus/conformance.h"
#include "tests/runner.h"

static struct bus_exchange *exchange;
static uint64_t now_ms = 1000;

static uint64_t test_clock(void)
{
    return now_ms;
}

struct bus *conformance_create(void)
{
    if (exchange == NULL)
        exchange = bus_exchange_create(test_clock);
    return bus_local_create(exchange);
}

void conformance_turn(void)
{
    now_ms += 10;
}

int main(void)
{
    const TTest *tests[CONFORMANCE_TESTS_MAX];
    size_t count = conformance_tests(tests);

    return runner_run("bus local", tests, count);
}
